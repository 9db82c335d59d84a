/** Asking a disk whether it ignores case; the disks of Linux do not. */
import assert from 'node:assert/strict'
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import type { FolderPath } from '../core/entries.ts'
import { ignoresCase, spellingOf } from './spelling.ts'

test(
  'ignoresCase() asks the disk, leaves nothing behind, and is not deceived by hard links',
  { skip: process.platform !== 'linux' },
  () => {
    const root = mkdtempSync(path.join(os.tmpdir(), 'hyper-store-case-'))
    try {
      assert.equal(ignoresCase(root, '.hyper-store'), false)
      assert.deepEqual(readdirSync(root), [])
      writeFileSync(path.join(root, '123'), '')
      assert.equal(ignoresCase(root, '.hyper-store'), false)
      writeFileSync(path.join(root, 'a'), '')
      linkSync(path.join(root, 'a'), path.join(root, 'A'))
      assert.equal(ignoresCase(root, '.hyper-store'), false)
      mkdirSync(path.join(root, 'Docs'))
      assert.equal(ignoresCase(root, '.hyper-store'), false)
      assert.deepEqual(readdirSync(root).sort(), ['123', 'A', 'Docs', 'a'])
      assert.equal(ignoresCase(path.join(root, 'not there'), '.hyper-store'), false)
    } finally {
      rmSync(root, { recursive: true })
    }
  },
)

test('spellingOf() gives the part of a path that is there, as the disk has it', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'hyper-store-case-'))
  try {
    mkdirSync(path.join(root, 'Docs/u\u0308ber'), { recursive: true })
    const spell = (text: string) => spellingOf(root, text as FolderPath)
    assert.equal(spell('docs/\u00dcber/x'), 'Docs/u\u0308ber')
    assert.equal(spell('Docs'), 'Docs')
    assert.equal(spell('other/x'), null)
  } finally {
    rmSync(root, { recursive: true })
  }
})
