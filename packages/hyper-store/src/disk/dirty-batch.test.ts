/** How dirty paths are joined. */
import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import { DirtyBatch } from './dirty-batch.ts'

describe('DirtyBatch', () => {
  it('delivers what was marked together, once, and then begins anew', async () => {
    const delivered: string[][] = []
    let next = () => {}
    const batch = new DirtyBatch((paths) => {
      delivered.push([...paths])
      next()
    })
    const delivery = () => new Promise<void>((resolve) => (next = resolve))
    batch.mark('a')
    batch.mark('b')
    batch.mark('a')
    assert.deepEqual([batch.has('a'), batch.has('c')], [true, false])
    await delivery()
    batch.mark('c')
    await delivery()
    assert.deepEqual(delivered, [['a', 'b'], ['c']])
  })

  it('"anything" swallows single paths', async () => {
    const paths = await new Promise<ReadonlySet<string>>((resolve) => {
      const batch = new DirtyBatch(resolve)
      batch.mark('a')
      for (let count = 0; count < 8192; count += 1) batch.count()
      batch.mark('b')
      assert.ok(batch.has('c'))
    })
    assert.deepEqual([...paths], [''])
  })

  it('delivers nothing once closed', async () => {
    const batch = new DirtyBatch(() => assert.fail('delivered'))
    batch.mark('a')
    batch.close()
    batch.mark('b')
    await new Promise<void>((resolve) => {
      new DirtyBatch(() => resolve()).mark('later')
    })
  })
})
