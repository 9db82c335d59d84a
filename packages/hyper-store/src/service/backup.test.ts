/** The sealed backup: opens with its passphrase, and with nothing else; shows nothing of what is in it. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { folderRecord } from '../../test/fixtures/folder-record.ts'
import { encodeZ32 } from '../core/links.ts'
import { openBackup, sealBackup } from './backup.ts'
import type { BackupContent } from './backup.ts'

const PASSPHRASE = 'correct horse Äpfel'

function content(): BackupContent {
  const hex = () => randomBytes(32).toString('hex')
  const key = () => encodeZ32(randomBytes(32))
  return {
    format: 1,
    createdAt: new Date().toISOString(),
    name: 'laptop',
    seed: hex(),
    primaryKey: hex(),
    folders: [
      folderRecord({ key: key(), path: '/home/ana/letters', title: 'letters', encryptionKey: hex(), ownDrive: 'd1', rootIdentity: null }),
    ],
    providers: [{ name: 'raspberry', url: null, deviceKey: key(), role: 'owner', token: 'secret-token', addedAtMs: 1, lastSeenAtMs: null }],
    devices: [{ key: key(), name: 'phone', role: 'owner', tokenHash: hex(), addedAtMs: 1, lastSeenAtMs: null }],
    rosters: { [key()]: [{ v: 1, body: 'sealed' }] },
    invites: [{ id: key(), folder: key(), code: 'a code' }],
    settings: { 'gateway-links/x': [{ id: 'one' }] },
  }
}

test('what was sealed comes back whole, however the passphrase is composed', async () => {
  const sealed = content()
  const bytes = await sealBackup(sealed, PASSPHRASE)
  assert.deepEqual(await openBackup(bytes, PASSPHRASE), sealed)
  assert.deepEqual(await openBackup(bytes, PASSPHRASE.normalize('NFD')), sealed)
})

test('nothing that is in it can be read in the file, and no two files are alike', async () => {
  const sealed = content()
  const [one, other] = [await sealBackup(sealed, PASSPHRASE), await sealBackup(sealed, PASSPHRASE)]
  assert.notDeepEqual(one, other)
  const file = Buffer.from(one)
  for (const text of [sealed.seed, sealed.primaryKey, 'laptop', 'letters', 'secret-token', 'folders', PASSPHRASE]) {
    assert.equal(file.includes(text), false, text)
    if (/^[0-9a-f]{64}$/.test(text)) assert.equal(file.includes(Buffer.from(text, 'hex')), false)
  }
})

test('another passphrase, a changed byte anywhere, a cut and other files are no backup', async () => {
  const bytes = await sealBackup(content(), PASSPHRASE)
  const wrong: Uint8Array[] = [new Uint8Array(), Buffer.from('hello'), Buffer.from('hyper-store backup 1\n'), bytes.subarray(0, 60)]
  wrong.push(bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.of(0)]), Buffer.from('hyper-store backup 0\n' + 'x'.repeat(99)))
  for (const at of [0, 25, 40, 60, bytes.length - 1]) {
    const changed = Uint8Array.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    wrong.push(changed)
  }
  for (const file of wrong) await assert.rejects(openBackup(file, PASSPHRASE), { code: 'BAD_BACKUP' })
  await assert.rejects(openBackup(bytes, `${PASSPHRASE}!`), { code: 'BAD_BACKUP' })
})

test('a newer format says so before the passphrase is tried, and short passphrases do not seal', async () => {
  await assert.rejects(openBackup(Buffer.from('hyper-store backup 2\nanything'), 'x'), { code: 'NEWER_FORMAT', data: { found: 2 } })
  await assert.rejects(sealBackup(content(), '1234567'), { code: 'BAD_REQUEST' })
})
