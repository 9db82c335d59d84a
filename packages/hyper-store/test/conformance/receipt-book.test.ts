/** Conformance of the book of receipts: who stopped keeping a folder counts as holding no more, whatever old receipts come. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeZ32 } from '../../src/core/links.ts'
import { loadIdentity } from '../../src/hyper/transports/identity.ts'
import { ReceiptBook } from '../../src/service/receipt-book.ts'
import { openState } from '../../src/state/state.ts'

const FOLDER = encodeZ32(Buffer.alloc(32, 7))
const folderOf = () => FOLDER
const FACTS = { name: 'raspberry', files: 1, bytes: 3 }
const said = (version: number, at: number) => ({
  drive: 'a'.repeat(64),
  fork: 0,
  version,
  blobsFork: 0,
  blobs: 1,
  applied: false,
  at,
})

test('a dropped receipt stays dropped: old ones are ignored, also after opening again, and a newer one counts', async () => {
  const [here, there] = [await openState(null), await openState(null)]
  try {
    const box = new ReceiptBook(there, loadIdentity(Buffer.alloc(32, 1)))
    const old = await box.sign(FOLDER, said(5, 1000), FACTS)
    const unseen = await box.sign(FOLDER, said(6, 1500), FACTS)
    assert.ok(old !== null && unseen !== null)
    const { device } = old
    const identity = loadIdentity(Buffer.alloc(32, 2))
    let book = new ReceiptBook(here, identity)
    await book.load(FOLDER)
    assert.ok(await book.take(old.carried, folderOf))
    await book.drop(FOLDER, 2000, device)
    for (const isAgain of [false, true]) {
      if (isAgain) {
        book = new ReceiptBook(here, identity)
        await book.load(FOLDER)
      }
      assert.deepEqual(book.list(FOLDER), [])
      assert.equal(await book.take(old.carried, folderOf), null)
      assert.equal(await book.take(unseen.carried, folderOf), null)
    }
    assert.equal(await box.sign(FOLDER, said(6, 2500), FACTS), null)
    await box.drop(FOLDER, 2100)
    const again = await box.sign(FOLDER, said(6, 2500), FACTS)
    assert.ok(again)
    assert.ok(await book.take(again.carried, folderOf))
    assert.equal(book.of(FOLDER, device)?.receipt.version, 6)
    assert.equal(await book.take(unseen.carried, folderOf), null)
  } finally {
    await here.close()
    await there.close()
  }
})

test('what is dropped by a clock that is behind is dropped all the same, and the next receipt of its device counts', async () => {
  const [here, there] = [await openState(null), await openState(null)]
  try {
    const box = new ReceiptBook(there, loadIdentity(Buffer.alloc(32, 1)))
    const book = new ReceiptBook(here, loadIdentity(Buffer.alloc(32, 2)))
    const old = await box.sign(FOLDER, said(5, 1000), FACTS)
    assert.ok(old !== null && (await book.take(old.carried, folderOf)) !== null)
    await book.drop(FOLDER, 10, old.device)
    assert.equal(await book.take(old.carried, folderOf), null)
    await box.drop(FOLDER, 10)
    const again = await box.sign(FOLDER, said(5, 11), FACTS)
    assert.ok(again !== null && (await book.take(again.carried, folderOf)) !== null)
  } finally {
    await here.close()
    await there.close()
  }
})
