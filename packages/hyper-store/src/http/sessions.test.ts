/** Browser sessions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSessions, sessionCookie } from './sessions.ts'

test('a session names its token until it is closed or its week is over', () => {
  let now = 0
  const sessions = createSessions(() => now)
  const first = sessions.open('token-a', undefined)
  assert.equal(sessions.tokenOf(first), 'token-a')
  assert.ok(!first.includes('token-a'))
  now = 7 * 86_400_000
  assert.equal(sessions.tokenOf(first), null)
  const second = sessions.open('token-b', first)
  assert.equal(sessions.close(second), first)
  assert.equal(sessions.tokenOf(second), null)
  for (const cookie of [undefined, '', 'x', 'y'.repeat(43)]) assert.equal(sessions.tokenOf(cookie), null)
})

test('stores on one machine share the cookie without ending each other’s sessions', () => {
  const a = createSessions(() => 0)
  const b = createSessions(() => 0)
  const both = b.open('of-b', a.open('of-a', undefined))
  assert.equal(a.tokenOf(both), 'of-a')
  assert.equal(b.tokenOf(both), 'of-b')
  const left = a.close(both)
  assert.equal(a.tokenOf(left), null)
  assert.equal(b.tokenOf(left), 'of-b')
})

test('logging in again ends the session before, and no more than 256 are open', () => {
  const sessions = createSessions(() => 0)
  const first = sessions.open('t', undefined)
  assert.equal(sessions.open('t', first).split('.').length, 1)
  const oldest = sessions.open('t', undefined)
  for (let i = 0; i < 256; i++) sessions.open('t', undefined)
  assert.equal(sessions.tokenOf(oldest), null)
})

test('sessions outlive the process; what is written down opens nothing by itself, and a damaged note is none', () => {
  let written: string | null = null
  const memory = { read: () => written, write: (text: string) => void (written = text) }
  const cookie = createSessions(() => 0, memory).open('the-token', undefined)
  assert.ok(written !== null)
  for (const secret of ['the-token', cookie]) assert.ok(!(written as string).includes(secret))
  assert.equal(createSessions(() => 1, memory).tokenOf(cookie), 'the-token')
  assert.equal(createSessions(() => 7 * 86_400_000, memory).tokenOf(cookie), null)

  const good = written as string
  for (const bad of [
    '',
    '{',
    '{"sessions":[{}]}',
    good.replace(/"sealed":"[^"]*"/, '"sealed":"AAAA"'),
    good.replace(/"iv":"[^"]*"/, '"iv":""'),
  ]) {
    written = bad
    assert.equal(createSessions(() => 1, memory).tokenOf(cookie), null)
  }
  written = good
  assert.equal(createSessions(() => 1, memory).close(cookie), '')
  assert.equal(createSessions(() => 1, memory).tokenOf(cookie), null)
})

test('a memory that fails ends no session that is open', () => {
  const fails = () => {
    throw new Error('the disk is full')
  }
  const sessions = createSessions(() => 0, { read: fails, write: fails })
  assert.equal(sessions.tokenOf(sessions.open('token', undefined)), 'token')
})

test('sessionCookie() keeps scripts and other sites away from it', () => {
  assert.equal(sessionCookie('x', false), 'hyper-store-session=x; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict')
  assert.match(sessionCookie('', true), /Max-Age=0; HttpOnly; SameSite=Strict; Secure$/)
})
