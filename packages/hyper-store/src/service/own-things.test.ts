/** Whose things are whose. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Caller } from '../core/store-api.ts'
import { askersOf, askersWith, askersWithout, refuseForeign, refuseMembers } from './own-things.ts'

const local: Caller = { role: 'owner', deviceKey: null, local: true }
const owner: Caller = { role: 'owner', deviceKey: 'desk', local: false }
const ana: Caller = { role: 'member', deviceKey: 'ana', local: false }
const ben: Caller = { role: 'member', deviceKey: 'ben', local: false }
const open: Caller = { role: 'member', deviceKey: null, local: false }
const FORBIDDEN = { code: 'FORBIDDEN' }

test('the devices that ask for a thing are known, and what the machine itself keeps is nobody else’s', () => {
  assert.deepEqual([local, owner, ana, open, null].map(askersOf), [[], ['desk'], ['ana'], ['open'], []])
  assert.deepEqual(askersWith({ askedBy: ['ana'] }, ben), ['ana', 'ben'])
  assert.deepEqual(askersWith({ askedBy: ['ana'] }, ana), ['ana'])
  assert.deepEqual(askersWith({ askedBy: ['ana'] }, local), [])
  assert.deepEqual(askersWith({}, ben), [])
})

test('what others ask for too stays when a member leaves it, and goes when an owner removes it', () => {
  assert.deepEqual(askersWithout({ askedBy: ['ana', 'ben'] }, ana), ['ben'])
  assert.equal(askersWithout({ askedBy: ['ana'] }, ana), null)
  assert.equal(askersWithout({ askedBy: ['ana', 'desk'] }, owner), null)
})

test('a member changes only what it asked for, an owner everything', () => {
  const thing = { askedBy: ['ana', 'open'], title: 'photos' }
  for (const caller of [local, owner, ana, open]) assert.doesNotThrow(() => refuseForeign(caller, thing))
  assert.throws(() => refuseForeign(ben, thing), FORBIDDEN)
  for (const caller of [ana, open]) {
    assert.throws(() => refuseForeign(caller, { title: 'photos' }), FORBIDDEN)
    assert.throws(() => refuseForeign(caller, { askedBy: [], title: 'photos' }), FORBIDDEN)
    assert.throws(() => refuseMembers(caller, 'do this'), FORBIDDEN)
  }
  for (const caller of [local, owner]) assert.doesNotThrow(() => refuseMembers(caller, 'do this'))
})
