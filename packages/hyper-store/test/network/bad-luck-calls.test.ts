/** Wrong, expired, used or missing codes, links, providers, homes and ports: one sentence each, and the exit code of the contract. */
import assert from 'node:assert/strict'
import { cp, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { apiOf, itemOf, pairWith, runningStore, sentenceOf, share, whole } from '../fixtures/lab.ts'
import type { Ended, Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'

let stores: Stores
let a: TestStore
let pi: TestStore

before(async () => {
  stores = await createStores()
  a = await runningStore(stores, 'a')
  pi = await runningStore(stores, 'pi')
})
after(async () => stores[Symbol.asyncDispose]())

/** One sentence and the right exit code. */
function ends(ended: Ended, code: number, words: RegExp): void {
  assert.equal(ended.code, code, ended.stderr)
  assert.match(sentenceOf(ended), words)
  assert.equal(ended.stderr.trim().split('\n').length, 1, ended.stderr)
}

test('a second service on the same home ends with exit code 1 and names the process', async () => {
  ends(await a.run(['run-service', '--port', '0', '--lan-only', '--no-lan']), 1, /already runs on .*process \d+/)
  assert.equal((await a.run(['list'])).code, 0)
})

test('a taken port ends with exit code 1', async () => {
  const other = await stores.add('port')
  ends(await other.run(['run-service', '--port', new URL(a.url).port, '--lan-only', '--no-lan']), 1, /Port \d+ .* is taken/)
})

test('a wrong code, and one that is no code, end with exit code 4', async () => {
  await (await apiOf(pi)).createPair({})
  ends(await a.run(['set-provider', `${pi.url}#aaaa-bbbb-cccc`, 'wrong']), 4, /wrong or was used/)
  ends(await a.run(['set-provider', `${pi.url}#${'x'.repeat(190)}`, 'wrong']), 4, /wrong or was used/)
})

test('a used code ends with exit code 4', async () => {
  const { code } = await (await apiOf(pi)).createPair({})
  assert.equal((await a.run(['set-provider', `${pi.url}#${code}`, 'used'])).code, 0)
  ends(await a.run(['set-provider', `${pi.url}#${code}`, 'again']), 4, /wrong or was used/)
})

test('an expired code ends with exit code 4', async () => {
  const { code } = await (await apiOf(pi)).createPair({ expiresS: 1 })
  await sleep(1100)
  ends(await a.run(['set-provider', `${pi.url}#${code}`, 'late']), 4, /expired/)
})

test('a provider without a code ends with exit code 4', async () => {
  const stranger = await runningStore(stores, 'stranger')
  ends(await stranger.run(['set-provider', pi.url, 'raspberry']), 4, /pair/)
})

test('wrong links end with exit code 2', async () => {
  for (const link of ['hyper://short', `hyper://${'0'.repeat(52)}`, 'hyper://', `hyper://${'y'.repeat(53)}`]) {
    ends(await a.run(['add', link]), 2, /not a hyper/)
    ends(await a.run(['clone', './x', link]), 2, /not a hyper/)
  }
})

test('an unknown provider and an unknown folder end with exit code 6', async () => {
  ends(await a.run(['list', 'nobody']), 6, /no provider "nobody"/)
  await mkdir(path.join(a.dir, 'some'), { recursive: true })
  ends(await a.run(['add', './some', 'nobody']), 6, /no provider "nobody"/)
  ends(await a.run(['status', './never added']), 6, /not kept here/)
  ends(await a.run(['remove', `hyper://${'y'.repeat(52)}`]), 6, /not kept here/)
})

test('a Pi that is off ends with exit code 3, and wait with 5', async () => {
  const off = await runningStore(stores, 'off')
  await pairWith(a, off)
  await mkdir(path.join(a.dir, 'for off'))
  await writeFile(path.join(a.dir, 'for off', 'x'), 'x')
  const item = await share(a, 'for off', { provider: 'off' })
  await itemOf(a, item.key, (i) => i.devices.some((d) => d.role === 'provider' && d.complete))
  await off.stop()
  ends(await a.run(['list', 'off']), 3, /off at .* does not answer/)
  await writeFile(path.join(a.dir, 'for off', 'y'), 'y')
  ends(await a.run(['wait', './for off', 'off', '--timeout', '2', '--quiet']), 5, /Not complete after 2 seconds: off/)
})

test('an address where nobody is, and one where something else answers, end with exit code 3', async () => {
  ends(await a.run(['set-provider', 'http://127.0.0.1:9', 'nobody']), 3, /does not answer/)
  const server = createServer((_, response) => response.end('<html>a printer</html>')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  ends(await a.run(['set-provider', `http://127.0.0.1:${port}`, 'printer']), 3, /not a hyper-store/)
  await new Promise((resolve) => server.close(resolve))
})

test('no service and --no-start end with exit code 3', async () => {
  const none = await stores.add('none')
  ends(await none.run(['list', '--no-start']), 3, /No hyper-store service/)
})

test('a copied home refuses to start beside its twin and after it, with exit code 7', async () => {
  const twin = await stores.add('twin')
  await cp(a.home, twin.home, { recursive: true })
  const beside = await twin.run(['run-service', '--port', '0', '--lan-only', '--no-lan'])
  ends(beside, 7, /is a copy of another store/)
})

test('requests without a right get 401, with too small a one 403', async () => {
  for (const at of ['/api/v1/folders', '/api/v1/providers', '/api/v1/devices', '/metrics'])
    assert.equal((await fetch(pi.url + at)).status, 401, at)
  for (const at of ['/api/v1/folders', '/api/v1/stop', '/api/v1/pair'])
    assert.equal((await fetch(pi.url + at, { method: 'POST', body: '{}' })).status, 401, at)
  const stranger = await stores.add('small right')
  await stranger.serve(['--port', '0', '--lan-only', '--no-lan', '--name', 'small'])
  const { code } = await (await apiOf(pi)).createPair({ role: 'reader' })
  await (await apiOf(stranger)).setProvider('pi', { target: `${pi.url}#${code}` })
  ends(await stranger.run(['devices', 'pi']), 4, /Not allowed/)
  ends(await stranger.run(['add', `hyper://${'y'.repeat(52)}`, 'pi']), 4, /Not allowed/)
  assert.equal((await stranger.run(['list', 'pi'])).code, 0)
})

test('a page of another site can neither read nor change anything, even with a right', async () => {
  const token = (await readFile(path.join(a.home, 'token'), 'utf8')).trim()
  for (const method of ['GET', 'POST']) {
    const headers = { authorization: `Bearer ${token}`, origin: 'http://evil.example', 'content-type': 'application/json' }
    const reply = await fetch(`${a.url}/api/v1/folders`, { method, headers, ...(method === 'POST' ? { body: '{}' } : {}) })
    assert.equal(reply.status, 403)
    assert.equal(reply.headers.get('access-control-allow-origin'), null)
  }
})

test('nothing listens beyond loopback unless told', { skip: process.platform === 'linux' ? false : 'reads /proc' }, async () => {
  assert.deepEqual([...new Set(await listening(pidOf(a)))], ['127.0.0.1'])
  const open = await runningStore(stores, 'exposed', ['--expose-to-internet'])
  assert.deepEqual(await listening(pidOf(open)), ['::'])
})

test('no log holds the token, a code or a key that opens a folder', async () => {
  const quiet = await stores.add('logged')
  await mkdir(path.join(quiet.dir, 'private'))
  await writeFile(path.join(quiet.dir, 'private', 'x'), 'x')
  const link = await quiet.ok(['add', './private', '--private'])
  const { code } = (await quiet.json<{ code: string }>(['pair']))[0] ?? { code: '-' }
  await quiet.run(['set-provider', `${pi.url}#wrong-code-here`, 'pi'])
  await quiet.run(['service', 'stop'])
  const log = await readFile(path.join(quiet.home, 'service.log'), 'utf8')
  const token = (await readFile(path.join(quiet.home, 'token'), 'utf8')).trim()
  for (const secret of [link.split('#')[1] ?? 'no secret', code, token, 'wrong-code-here']) assert.equal(log.includes(secret), false)
  // What a service says on stdout ends up in a journal.
  const loud = await runningStore(stores, 'loud')
  await mkdir(path.join(loud.dir, 'private'))
  await writeFile(path.join(loud.dir, 'private', 'x'), 'x')
  const item = await share(loud, 'private', { private: true })
  await whole(loud, item.key)
  assert.equal(JSON.stringify(loud.events).includes(item.link.split('#')[1] ?? 'no secret'), false)
})

function pidOf(store: TestStore): number {
  const ready = store.events.findLast((e) => e.event === 'ready')
  if (ready?.event !== 'ready') throw new Error('never ready')
  return ready.pid
}

/** Addresses that a process listens on over TCP. */
async function listening(pid: number): Promise<string[]> {
  const sockets = new Set<string>()
  for (const fd of await readdir(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))?.[1]
    if (inode !== undefined) sockets.add(inode)
  }
  const found: string[] = []
  for (const [file, isLoopback] of [
    ['tcp', '0100007F'],
    ['tcp6', '00000000000000000000000001000000'],
  ] as const) {
    for (const line of (await readFile(`/proc/${pid}/net/${file}`, 'utf8')).split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      if (state !== '0A' || !sockets.has(inode)) continue
      const address = local.split(':')[0] ?? ''
      found.push(
        address === isLoopback
          ? file === 'tcp'
            ? '127.0.0.1'
            : '::1'
          : /^0+$/.test(address)
            ? file === 'tcp'
              ? '0.0.0.0'
              : '::'
            : address,
      )
    }
  }
  return found
}
