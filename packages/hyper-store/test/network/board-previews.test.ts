/** Previews of links over the real API: what a store refuses to ask; no outside call is made. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { apiOf, share } from '../fixtures/lab.ts'
import { put, storesOnPorts } from '../fixtures/sharing.ts'
import { createStores } from '../fixtures/stores.ts'

test('a store that is asked for a preview of a private address refuses, and asks nothing', { timeout: 60_000 }, async () => {
  let asked = 0
  const router = createServer((_, response) => {
    asked++
    response.setHeader('content-type', 'text/html').end('<title>secret</title>')
  })
  await new Promise<void>((resolve) => router.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = router.address() as AddressInfo
    await using stores = await createStores('hyper-store-preview-')
    const { laptop } = await storesOnPorts(stores, ['laptop'])
    await put(laptop, 'plans/one.txt', 'x')
    const { key } = await share(laptop, 'plans')
    const api = await apiOf(laptop)
    const { id } = await api.createBoard(key, { title: 'Trip' })
    const preview = async (url: string): Promise<unknown> => await api.previewLink(key, id, { url })
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '0.0.0.0'])
      await assert.rejects(preview(`http://${host}:${port}/`), { code: 'BAD_REQUEST', message: /only public addresses/ }, host)
    await assert.rejects(preview('http://169.254.169.254/latest/meta-data/'), { code: 'BAD_REQUEST' })
    await assert.rejects(preview('file:///etc/passwd'), { code: 'BAD_REQUEST', message: /address of the web/ })
    await assert.rejects(preview('x'.repeat(1001)), { code: 'BAD_REQUEST' })
    await assert.rejects(api.previewLink(key, 'ab'.repeat(8), { url: 'http://127.0.0.1/' }), { code: 'NOT_FOUND' })
    assert.equal(asked, 0)
  } finally {
    router.closeAllConnections()
    await new Promise((resolve) => router.close(resolve))
  }
})
