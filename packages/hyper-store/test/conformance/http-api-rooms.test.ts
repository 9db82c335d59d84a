/** The API of shared folders over a store in memory: what reaches the store, rights, bad input, errors. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError, FOLDER_ROUTES } from '@hyper-store/client/contract'
import type { Route } from '@hyper-store/client/contract'
import { codeOf, httpWorld } from '../fixtures/http-world.ts'
import { memoryItem } from '../fixtures/memory-store-api.ts'
import { ROOM_ANSWERS, ROOM_BODIES } from '../fixtures/room-answers.ts'

const owner = { token: 'owner-token' }

function roomWorld() {
  const world = httpWorld()
  world.store.items.push(memoryItem())
  for (const [call, value] of ROOM_ANSWERS) world.store.answers.set(call, value)
  return world
}

test('parameters, bodies and defaults reach the store parsed', async () => {
  const { ask, store } = roomWorld()
  const folder = '/api/v1/folders/my%20docs'
  const calls: [path: string, init: { method?: string; json?: unknown }, call: string, args: unknown[]][] = [
    [`${folder}/members`, {}, 'sharing.members', ['my docs']],
    [
      `${folder}/members/Ana%20%2F%20x`,
      { method: 'PATCH', json: { role: 'admin' } },
      'sharing.changeMember',
      ['my docs', 'Ana / x', 'admin'],
    ],
    [`${folder}/members/p1`, { method: 'DELETE' }, 'sharing.removeMember', ['my docs', 'p1']],
    [
      `${folder}/invites`,
      { json: {} },
      'sharing.createInvite',
      ['my docs', { role: 'writer', uses: 1, expiresS: 86_400, approve: false, mine: false }],
    ],
    [`${folder}/invites/i1`, { method: 'DELETE' }, 'sharing.cancelInvite', ['my docs', 'i1']],
    [`${folder}/requests/r1`, { method: 'POST' }, 'sharing.approve', ['my docs', 'r1']],
    [`${folder}/requests/r1`, { method: 'DELETE' }, 'sharing.refuse', ['my docs', 'r1']],
    ['/api/v1/joins', { json: { code: 'c', name: 'Ben' } }, 'sharing.join', [{ code: 'c', name: 'Ben' }]],
    ['/api/v1/joins/j1', {}, 'sharing.getJoin', ['j1']],
    ['/api/v1/joins/j1', { method: 'DELETE' }, 'sharing.cancelJoin', ['j1']],
    [`${folder}/conflicts`, { json: { path: 'a b', keep: 'both' } }, 'conflicts.settle', ['my docs', 'a b', 'both']],
    [`${folder}/links`, { json: { path: 'x' } }, 'links.create', ['my docs', { path: 'x', expiresS: 604_800 }]],
    [`${folder}/links/l1`, { method: 'DELETE' }, 'links.revoke', ['my docs', 'l1']],
    [`${folder}/history?limit=9999999`, {}, 'history.history', ['my docs', { path: null, limit: 1000, before: null }]],
    [`${folder}/diff?from=3`, {}, 'history.diff', ['my docs', { from: '3', to: null, path: null }]],
    [`${folder}/restore`, { json: { path: 'a', version: 3 } }, 'history.restore', ['my docs', { path: 'a', version: 3, dryRun: false }]],
    [`${folder}/trash?olderThanDays=7`, { method: 'DELETE' }, 'history.emptyTrash', ['my docs', { olderThanDays: 7 }]],
    [`${folder}/verify`, { json: {} }, 'space.verify', ['my docs', { repair: false }]],
  ]
  for (const [path, init, name, args] of calls) {
    const response = await ask(path, { ...owner, ...init })
    assert.equal(response.status, 200, path)
    assert.deepEqual(store.calls.at(-1), { name, args })
  }
})

test('what changes a folder wants the owner, what shows it a reader, and a stranger gets nothing', async () => {
  for (const [operation, row] of Object.entries(FOLDER_ROUTES)) {
    const route: Route = row
    const { ask, store } = roomWorld()
    const path = route.path.replace(':folder', 'photos').replace(/:\w+/, 'one') + (operation === 'getDiff' ? '?from=1' : '')
    const json = ROOM_BODIES[operation]
    const init = { method: route.method, ...(json === undefined ? {} : { json }) }
    assert.equal((await ask(path, init)).status, 401, operation)
    assert.equal((await ask(path, { ...init, token: 'reader-token' })).status, route.right === 'reader' ? 200 : 403, operation)
    assert.equal((await ask(path, { ...init, token: 'member-token' })).status, route.right === 'owner' ? 403 : 200, operation)
    const seen = store.calls.length
    assert.equal((await ask(path, { ...init, ...owner })).status, 200, operation)
    assert.equal(store.calls.length, seen + 1)
  }
})

test('bad input is answered 400 and never reaches the store', async () => {
  const { ask, store } = roomWorld()
  const folder = '/api/v1/folders/photos'
  const bad: [path: string, init: { method?: string; json?: unknown }][] = [
    [folder, { method: 'PATCH', json: { mode: 'both' } }],
    [folder, { method: 'PATCH', json: { exclude: ['x'.repeat(5000)] } }],
    [folder, { method: 'PATCH', json: { exclude: Array.from({ length: 1001 }, () => 'a') } }],
    [folder, { method: 'PATCH', json: { exclude: 'raw' } }],
    [folder, { method: 'PATCH', json: { colour: 'red' } }],
    [`${folder}/invites`, { json: { role: 'owner' } }],
    [`${folder}/invites`, { json: { uses: 0 } }],
    [`${folder}/invites`, { json: { uses: 101 } }],
    [`${folder}/invites`, { json: { uses: 1.5 } }],
    [`${folder}/invites`, { json: { expiresS: 31 * 86_400 } }],
    [`${folder}/members/p1`, { method: 'PATCH', json: { role: 'king' } }],
    ['/api/v1/joins', { json: {} }],
    ['/api/v1/joins', { json: { code: 'x'.repeat(1001) } }],
    [`${folder}/conflicts`, { json: { path: '', keep: 'mine' } }],
    [`${folder}/conflicts`, { json: { path: 'a', keep: 'yours' } }],
    [`${folder}/links`, { json: { expiresS: 400 * 86_400 } }],
    [`${folder}/history?limit=-1`, {}],
    [`${folder}/diff`, {}],
    [`${folder}/restore`, { json: { version: -1 } }],
    [`${folder}/retention`, { method: 'PUT', json: { keep: 'some' } }],
  ]
  for (const [path, init] of bad) {
    const response = await ask(path, { ...owner, ...init })
    assert.equal(response.status, 400, `${path} ${JSON.stringify(init.json)?.slice(0, 60)}`)
    assert.equal(await codeOf(response), 'BAD_REQUEST')
  }
  assert.deepEqual(store.calls, [])
})

test('errors of a room keep their code and status', async () => {
  const codes = { INVITE_USED: 403, UNKNOWN_MEMBER: 404, LAST_OWNER: 409, BAD_INVITE: 400, VERSION_GONE: 410 } as const
  for (const [code, status] of Object.entries(codes)) {
    const { ask, store } = roomWorld()
    store.failure = new AppError(code as keyof typeof codes, {})
    const response = await ask('/api/v1/folders/photos/members', owner)
    assert.deepEqual([response.status, await codeOf(response)], [status, code])
  }
})
