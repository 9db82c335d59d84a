/** Tests of the cryptography of rosters, and of a whole join with it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import c from 'compact-encoding'
import Hypercore from 'hypercore'
import hypercoreCrypto from 'hypercore-crypto'
import { manifest as manifestEncoding } from 'hypercore/lib/messages.js'
import type { CommandBody, EpochKeys, SignedCommand } from '../core/roster/commands.ts'
import { foldRoster } from '../core/roster/fold.ts'
import { boxesFor, drivesOf, memberOf, roleOf } from '../core/roster/roster-state.ts'
import { encodeZ32 } from '../core/links.ts'
import {
  driveMessage,
  epochMark,
  fourWords,
  gateOfKey,
  gateOfRoot,
  inviteKeyPair,
  keysOfEpoch,
  makeCommand,
  newEpochKeys,
  newInviteSeed,
  openCommands,
  openGuestName,
  openKeyBox,
  openName,
  openSealed,
  requestBody,
  rootMessage,
  sealFor,
  sealKeyBox,
  sealName,
} from './roster-crypto.ts'
import { type Identity, loadIdentity } from './transports/identity.ts'

const NOW = 1000
const identity = (fill: number): Identity => loadIdentity(new Uint8Array(32).fill(fill))

/** The same text with another first character. */
const changed = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)

/** A log's key, and proofs by its writer, as `proveRoot` makes them. */
function log(fill: number): { key: string; prove: (message: Uint8Array) => string } {
  const pair = hypercoreCrypto.keyPair(Buffer.alloc(32, fill))
  const signers = [{ signature: 'ed25519', namespace: Buffer.alloc(32, 5), publicKey: pair.publicKey }]
  const manifest = { version: 1, hash: 'blake2b', allowPatch: false, quorum: 1, prologue: null, linked: null, userData: null, signers }
  const encoded = c.encode(manifestEncoding, manifest)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(encoded.byteLength)
  return {
    key: encodeZ32(Hypercore.key(manifest)),
    prove: (message) => Buffer.concat([length, encoded, hypercoreCrypto.sign(message, pair.secretKey)]).toString('hex'),
  }
}

test('gates, marks and keys of epochs follow from keys alone', () => {
  const root = log(1)
  assert.equal(gateOfRoot(root.key), gateOfRoot(root.key))
  assert.notEqual(gateOfRoot(root.key), gateOfRoot(log(2).key))
  const closed = newEpochKeys(2, { private: true })
  assert.equal(closed.gate, gateOfKey(closed.key ?? ''))
  const open = newEpochKeys(2, { private: false })
  assert.equal(open.key, null)
  assert.match(open.gate, /^[0-9a-f]{64}$/)
  const all = [closed, open]
  assert.equal(keysOfEpoch(all, { epoch: 2, mark: epochMark(open.gate) }), open)
  assert.equal(keysOfEpoch(all, { epoch: 2, mark: null }), null)
  assert.throws(() => gateOfRoot('short'), RangeError)
})

test('a sealed box opens for its device only, and damage or rubbish is null', () => {
  const [ana, ben] = [identity(1), identity(2)]
  const box = sealFor(ana.deviceKey, Buffer.from('seed'))
  assert.equal(Buffer.from(openSealed(ana, box) ?? []).toString(), 'seed')
  assert.equal(openSealed(ben, box), null)
  assert.equal(openSealed(ana, changed(box)), null)
  for (const rubbish of ['', 'AAAA', '!!!', 'A'.repeat(200)]) assert.equal(openSealed(ana, rubbish), null)
  assert.throws(() => sealFor('y'.repeat(52), Buffer.alloc(1)), RangeError)
  assert.throws(() => sealFor('nonsense', Buffer.alloc(1)), RangeError)
})

test('a box of keys gives them back, newest first, small enough for many epochs and many devices', () => {
  const ana = identity(1)
  const keys: EpochKeys[] = [
    { epoch: 1, key: 'ab'.repeat(32), gate: gateOfRoot(log(1).key) },
    newEpochKeys(2, { private: true }),
    newEpochKeys(3, { private: false }),
    { ...newEpochKeys(2, { private: true }), key: null },
  ]
  const opened = openKeyBox(ana, sealKeyBox(ana.deviceKey, keys)) ?? []
  assert.deepEqual(new Set(opened.map((one) => JSON.stringify(one))), new Set(keys.map((one) => JSON.stringify(one))))
  assert.equal(opened[0]?.epoch, 3)
  assert.ok(sealKeyBox(ana.deviceKey, [newEpochKeys(9, { private: true })]).length <= 120)
  assert.equal(openKeyBox(ana, sealFor(ana.deviceKey, Buffer.from('not keys at all'))), null)
  assert.equal(openKeyBox(ana, sealFor(ana.deviceKey, Buffer.alloc(0))), null)
  assert.equal(openKeyBox(identity(2), sealKeyBox(ana.deviceKey, keys)), null)
})

test('names open with the content key of their epoch, not with the gate', () => {
  const keys = newEpochKeys(2, { private: true })
  const name = sealName('Ana', keys)
  assert.equal(openName(name, [keys]), 'Ana')
  assert.equal(openName(name, [{ ...keys, key: null }]), null)
  assert.equal(openName(name, []), null)
  assert.deepEqual(sealName('Ana', newEpochKeys(2, { private: false })), { plain: 'Ana' })
  const first: EpochKeys = { epoch: 1, key: 'cd'.repeat(32), gate: gateOfRoot(log(1).key) }
  assert.equal(openName(sealName('Ben', first), [keys, first]), 'Ben')
})

test('four words are the same on both sides, and others for another request', () => {
  const [a, b] = [identity(1).deviceKey, identity(2).deviceKey]
  const words = fourWords(a, b, 'ab'.repeat(16))
  assert.equal(words, fourWords(b, a, 'ab'.repeat(16)))
  assert.match(words, /^([a-z]{3,8} ){3}[a-z]{3,8}$/)
  assert.notEqual(words, fourWords(a, b, 'cd'.repeat(16)))
})

test('a changed, foreign, oversized or malformed command is left out; the good ones are opened once', () => {
  const root = log(1)
  const ana = identity(1)
  const facts = { folder: root.key, prev: ['ab'.repeat(16)], epoch: 1, gate: gateOfRoot(root.key), at: NOW }
  const body: CommandBody = { op: 'refuse', request: 'cd'.repeat(16) }
  const { id, command } = makeCommand(ana, { ...facts, body })
  const context = { folder: root.key, gates: [] }
  const opened = openCommands([command, { ...command }], context)
  assert.deepEqual(
    opened.map((one) => [one.id, one.body, one.author]),
    [[id, body, ana.deviceKey]],
  )
  const changes: Partial<Record<keyof SignedCommand, unknown>>[] = [
    { at: NOW + 1 },
    { epoch: 2 },
    { prev: [] },
    { author: identity(2).deviceKey },
    { body: changed(command.body) },
    { signature: '00'.repeat(64) },
    { folder: log(2).key },
    { v: 2 },
    { prev: Array.from({ length: 17 }, () => 'ab'.repeat(16)) },
    { body: 'A'.repeat(17_000) },
    { at: Number.NaN },
  ]
  for (const change of changes)
    assert.deepEqual(openCommands([{ ...command, ...change }], context), [], JSON.stringify(change).slice(0, 80))
  for (const rubbish of [null, undefined, 1, 'x', [], {}, { toString: null }]) assert.deepEqual(openCommands([rubbish], context), [])
  assert.throws(
    () =>
      makeCommand(ana, {
        ...facts,
        body: { op: 'remove', people: Array.from({ length: 200 }, () => 'x'.repeat(64)), devices: [], frozen: {}, next: null },
      }),
    RangeError,
  )
  // What is signed well and says nothing that we know keeps its place.
  const strange = makeCommand(ana, { ...facts, body: { op: 'dance' } as unknown as CommandBody })
  assert.equal(openCommands([strange.command], context)[0]?.body, null)
})

test('only the writer of the root drive begins a roster, only the holder of a seed asks to join, only its writer lists a drive', () => {
  const [root, drive] = [log(1), log(3)]
  const [ana, ben] = [identity(1), identity(2)]
  const facts = { folder: root.key, prev: [], epoch: 1, gate: gateOfRoot(root.key), at: NOW }
  const context = { folder: root.key, gates: [] }
  const create = (proof: string): CommandBody => ({
    op: 'create',
    person: { id: 'ana', name: { plain: 'Ana' } },
    deviceName: { plain: 'laptop' },
    private: true,
    rootSignature: proof,
  })
  const proven = (who: Identity, body: CommandBody) => openCommands([makeCommand(who, { ...facts, body }).command], context)[0]?.proven
  const proof = root.prove(rootMessage(root.key, ana.deviceKey))
  assert.equal(proven(ana, create(proof)), true)
  assert.equal(proven(ben, create(proof)), false)
  assert.equal(proven(ana, create(drive.prove(rootMessage(root.key, ana.deviceKey)))), false)
  const seed = newInviteSeed()
  const driveProof = drive.prove(driveMessage(root.key, ben.deviceKey, drive.key))
  const guest = { folder: root.key, device: ben.deviceKey, drive: drive.key, driveProof, name: 'Ben', deviceName: 'phone' }
  const request = requestBody(seed, guest)
  assert.equal(proven(ben, request), true)
  assert.equal(proven(ana, request), false)
  assert.equal(proven(ben, { ...request, drive: null, driveProof: null }), false)
  assert.equal(proven(ben, { ...request, invite: inviteKeyPair(newInviteSeed()).id }), false)
  assert.equal(proven(ben, requestBody(seed, { ...guest, drive: root.key })), false)
  assert.equal(openGuestName(seed, request.name), 'Ben')
  assert.equal(openGuestName(newInviteSeed(), request.name), null)
  assert.equal(proven(ben, { op: 'drive', epoch: 1, mark: null, drive: drive.key, driveProof }), true)
  assert.equal(proven(ana, { op: 'drive', epoch: 1, mark: null, drive: drive.key, driveProof }), false)
})

test('a whole join and removal: the guest gets its keys, the removed one can’t read the next epoch, a blind keeper no names', () => {
  const [root, drive] = [log(1), log(3)]
  const [ana, ben, pi] = [identity(1), identity(2), identity(3)]
  const first: EpochKeys = { epoch: 1, key: 'ab'.repeat(32), gate: gateOfRoot(root.key) }
  const wire: SignedCommand[] = []
  const read = (gates: readonly EpochKeys[]) => foldRoster(openCommands(wire, { folder: root.key, gates }), NOW)
  const write = (who: Identity, body: CommandBody, keys: EpochKeys, gates: readonly EpochKeys[]) => {
    const made = makeCommand(who, { folder: root.key, prev: read(gates).heads, epoch: keys.epoch, gate: keys.gate, at: NOW, body })
    wire.push(JSON.parse(JSON.stringify(made.command)) as SignedCommand)
    return made.id
  }
  const person = (id: string) => ({ id, name: sealName(id, first) })
  const rootSignature = root.prove(rootMessage(root.key, ana.deviceKey))
  write(ana, { op: 'create', person: person('ana'), deviceName: sealName('laptop', first), private: true, rootSignature }, first, [])
  const keeper = {
    op: 'keeper' as const,
    device: pi.deviceKey,
    person: person('pi'),
    deviceName: sealName('pi', first),
    blind: true,
    epoch: 1,
    mark: null,
  }
  write(ana, { ...keeper, box: null }, first, [])
  const seed = newInviteSeed()
  const seeds = { [ana.deviceKey]: sealFor(ana.deviceKey, seed) }
  const invite = inviteKeyPair(seed).id
  write(ana, { op: 'invite', invite, role: 'writer', uses: 1, expiresAt: NOW + 9, approve: true, mine: null, seeds }, first, [])
  // The guest knows the link and the seed.
  const driveProof = drive.prove(driveMessage(root.key, ben.deviceKey, drive.key))
  const guest = { folder: root.key, device: ben.deviceKey, drive: drive.key, driveProof, name: 'Ben', deviceName: 'phone' }
  const request = write(ben, requestBody(seed, guest), first, [])
  const box = sealKeyBox(ben.deviceKey, [first])
  write(
    ana,
    { op: 'admit', request, person: person('ben'), deviceName: sealName('phone', first), role: 'writer', epoch: 1, mark: null, box },
    first,
    [],
  )
  const joined = read([])
  assert.equal(roleOf(joined, ben.deviceKey), 'writer')
  assert.deepEqual(
    drivesOf(joined)
      .map((one) => one.drive)
      .sort(),
    [root.key, drive.key].sort(),
  )
  const bens = boxesFor(joined, ben.deviceKey).flatMap((one) => openKeyBox(ben, one) ?? [])
  assert.deepEqual(bens, [first])
  assert.equal(openName(memberOf(joined, ana.deviceKey)?.person.name ?? { plain: '' }, bens), 'ana')
  // The blind keeper reads all of it but the names.
  assert.equal(openName(memberOf(joined, ana.deviceKey)?.person.name ?? { plain: '' }, [{ ...first, key: null }]), null)
  const second = newEpochKeys(2, { private: true })
  const mark = epochMark(second.gate)
  const blind = sealKeyBox(pi.deviceKey, [{ ...second, key: null }])
  const boxes = { [ana.deviceKey]: sealKeyBox(ana.deviceKey, [second]), [pi.deviceKey]: blind }
  write(ana, { op: 'remove', people: ['ben'], devices: [], frozen: { [drive.key]: 12 }, next: { epoch: 2, mark, boxes } }, first, [])
  write(ana, { op: 'cancel-invite', invite }, second, [second])
  assert.equal(memberOf(read([]), ben.deviceKey), null)
  assert.equal(boxesFor(read([]), ben.deviceKey).length, 1)
  const pis = boxesFor(read([]), pi.deviceKey).flatMap((one) => openKeyBox(pi, one) ?? [])
  assert.equal(pis[0]?.gate, second.gate)
  assert.equal(pis[0]?.key, null)
  const readable = (gates: readonly EpochKeys[]) =>
    openCommands(wire, { folder: root.key, gates }).filter((one) => one.body !== null).length
  assert.equal(readable(bens), wire.length - 1)
  assert.equal(readable(pis), wire.length)
})

test('60 boxes fit into a command, and opening 1,000 commands again costs little', () => {
  const root = log(1)
  const ana = identity(1)
  const next = newEpochKeys(2, { private: true })
  const devices = Array.from({ length: 60 }, (_, at) => identity(at + 10).deviceKey)
  const boxes = Object.fromEntries(devices.map((device) => [device, sealKeyBox(device, [next])]))
  const facts = { folder: root.key, prev: Array.from({ length: 16 }, () => 'ab'.repeat(16)), epoch: 1, gate: gateOfRoot(root.key), at: NOW }
  const body: CommandBody = {
    op: 'remove',
    people: ['x'.repeat(64)],
    devices: [],
    frozen: {},
    next: { epoch: 2, mark: epochMark(next.gate), boxes },
  }
  const { command } = makeCommand(ana, { ...facts, body })
  console.log(`60 boxes: ${JSON.stringify(command).length} bytes`)
  const many = Array.from(
    { length: 1000 },
    (_, at) => makeCommand(ana, { ...facts, at, body: { op: 'refuse', request: 'cd'.repeat(16) } }).command,
  )
  for (const turn of ['first', 'again']) {
    const began = performance.now()
    assert.equal(openCommands(many, { folder: root.key, gates: [] }).length, 1000)
    console.log(`1,000 commands opened, ${turn}: ${(performance.now() - began).toFixed(0)} ms`)
  }
})
