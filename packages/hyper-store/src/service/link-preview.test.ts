/** Tests of link previews: what is asked, what is refused, what is made of an answer. */
import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSocketServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { previewLink } from './link-preview.ts'

/** A site on loopback, of which the caller allows that it is asked. */
async function site(answer: RequestListener): Promise<AsyncDisposable & { url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
const page = (html: string, type = 'text/html'): RequestListener => {
  return (_, response) => response.setHeader('content-type', type).end(html)
}
const anywhere = { mayAsk: () => true }
const codeOf = async (asked: Promise<unknown>): Promise<string> =>
  await asked.then(
    () => 'none',
    (error: { code?: string }) => error.code ?? 'other',
  )

test('what a page says of itself is told as plain text, its words for others first', async () => {
  const html = `<!doctype html><title>Page <b>one</b></title><meta name=description content="A
    long   story"><meta property="og:title" content="&lt;script&gt;alert(1)&lt;/script&gt; Faro"><meta property="og:site_name" content="Trains">
    <body><svg><title>no</title></svg>`
  await using one = await site(page(html))
  const { title, description, site: name } = await previewLink(one.url, anywhere)
  assert.deepEqual([title, description, name], ['<script>alert(1)</script> Faro', 'A long story', 'Trains'])
  await using two = await site(page('<title> Only\u202E this </title>'))
  assert.deepEqual(await previewLink(`${two.url}/x`, anywhere), {
    url: `${two.url}/x`,
    title: 'Only this',
    description: '',
    site: '127.0.0.1',
  })
})

test('a page in another encoding is read in that', async () => {
  const listener: RequestListener = (_, response) =>
    response.setHeader('content-type', 'text/html').end(Buffer.from('<meta charset="iso-8859-1"><title>Caf\u00E9</title>', 'latin1'))
  await using one = await site(listener)
  assert.equal((await previewLink(one.url, anywhere)).title, 'Café')
})

test('private addresses are refused, before anything is sent, as numbers, as names, and after a redirect', async () => {
  await using inner = await site(page('<title>secret</title>'))
  assert.equal(await codeOf(previewLink(inner.url)), 'BAD_REQUEST')
  assert.equal(await codeOf(previewLink(inner.url.replace('127.0.0.1', 'localhost'))), 'BAD_REQUEST')
  assert.equal(await codeOf(previewLink(inner.url.replace('127.0.0.1', '0x7f.1'))), 'BAD_REQUEST')
  await using outer = await site((_, response) => response.writeHead(302, { location: `${inner.url}/inner` }).end())
  const outerPort = Number(new URL(outer.url).port)
  assert.equal(await codeOf(previewLink(outer.url, { mayAsk: (_, port) => port === outerPort })), 'BAD_REQUEST')
  assert.deepEqual([outer.asked, inner.asked], [['/'], []])
})

test('what is no address of the web, or bears a password, is refused', async () => {
  for (const text of ['', 'file:///etc/passwd', 'javascript:alert(1)', 'gopher://x', 'http://me:secret@example.org', 'hello'])
    assert.equal(await codeOf(previewLink(text, anywhere)), 'BAD_REQUEST', text)
})

test('redirects are followed to their end, and not for ever', async () => {
  await using short = await site((request, response) => {
    if (request.url === '/b') page('<title>there</title>')(request, response)
    else response.writeHead(301, { location: '/b' }).end()
  })
  assert.deepEqual(await previewLink(short.url, anywhere), { url: `${short.url}/b`, title: 'there', description: '', site: '127.0.0.1' })
  await using round = await site((_, response) => response.writeHead(302, { location: '/' }).end())
  assert.equal(await codeOf(previewLink(round.url, anywhere)), 'PREVIEW_FAILED')
  assert.equal(round.asked.length, 6)
})

test('what is no page, fails, or is refused at the other end is told so', async () => {
  await using binary = await site(page('x', 'application/octet-stream'))
  await using broken = await site((_, response) => response.writeHead(500).end())
  for (const url of [binary.url, broken.url, 'http://127.0.0.1:1']) assert.equal(await codeOf(previewLink(url, anywhere)), 'PREVIEW_FAILED')
})

test('of a page without an end the beginning is read', async () => {
  await using endless = await site((_, response) => {
    response.setHeader('content-type', 'text/html')
    response.write('<title>long</title>')
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, 'a'))) continue
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  })
  assert.equal((await previewLink(endless.url, anywhere)).title, 'long')
})

test('a name that leads elsewhere the next moment, or to a private address among others, leads nowhere', async () => {
  await using inner = await site(page('<title>there</title>'))
  const { port } = new URL(inner.url)
  const mayAsk = (address: string): boolean => address === '127.0.0.1'
  const four = (address: string) => ({ address, family: 4 })
  // What was looked up once is what is connected to, though the name leads to a private address by then.
  const answers = [[four('127.0.0.1')], [four('127.0.0.2')]]
  const turning = async () => answers.shift() ?? []
  assert.equal((await previewLink(`http://site.example:${port}/`, { mayAsk, addressesOf: turning })).title, 'there')
  assert.equal(answers.length, 1)
  const trap = async () => [four('127.0.0.1'), four('127.0.0.2')]
  assert.equal(await codeOf(previewLink(`http://site.example:${port}/`, { mayAsk, addressesOf: trap })), 'BAD_REQUEST')
  assert.equal(await codeOf(previewLink(`http://site.example:${port}/`, { mayAsk, addressesOf: async () => [] })), 'BAD_REQUEST')
  // A redirect asks for the name again.
  await using outer = await site((_, response) => response.writeHead(302, { location: 'http://site.example/' }).end())
  const again = [[four('127.0.0.1')], [four('10.0.0.1')]]
  const outerUrl = `http://site.example:${new URL(outer.url).port}/`
  assert.equal(await codeOf(previewLink(outerUrl, { mayAsk, addressesOf: async () => again.shift() ?? [] })), 'BAD_REQUEST')
  assert.deepEqual([inner.asked, outer.asked, again], [['/'], ['/'], []])
})

test('what takes too long is given up, whether it says nothing or a letter at a time', async () => {
  await using silent = await site(() => {})
  await using slow = await site((_, response) => {
    response.setHeader('content-type', 'text/html')
    const more = setInterval(() => response.write('a'), 10)
    response.on('close', () => clearInterval(more))
  })
  for (const { url } of [silent, slow])
    await assert.rejects(previewLink(url, { ...anywhere, timeoutMs: 200 }), { code: 'PREVIEW_FAILED', message: /took too long/ })
})

test('an answer that changes the protocol ends at once', async () => {
  const answer = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n'
  const server = createSocketServer((socket) =>
    socket
      .on('error', () => {})
      .resume()
      .end(answer),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await assert.rejects(previewLink(`http://127.0.0.1:${port}/`, anywhere), { code: 'PREVIEW_FAILED', message: /hung up/ })
  await new Promise((resolve) => server.close(resolve))
})

test('a connection whose answer is not read is closed', async () => {
  let isClosed: () => void = () => {}
  const closed = new Promise<void>((resolve) => (isClosed = resolve))
  await using endless = await site((_, response) => {
    response.on('close', isClosed).setHeader('content-type', 'application/zip')
    response.write(Buffer.alloc(64 * 1024))
  })
  assert.equal(await codeOf(previewLink(endless.url, anywhere)), 'PREVIEW_FAILED')
  await closed
})

test('of tags inside one another without an end some are read', async () => {
  // Each closed tag is looked for among all that are open: without a limit a mebibyte of these keeps the store busy for half a minute.
  const pile = '<i>'.repeat(150_000) + '</b>'.repeat(149_000)
  await using one = await site(page(`<title>pile</title>${pile}<meta property="og:title" content="after">`))
  assert.equal((await previewLink(one.url, anywhere)).title, 'pile')
})

test('the encoding is the one that a page has, not one that it only mentions', async () => {
  const titleOf = async (content: string | Buffer, type = 'text/html'): Promise<string> => {
    await using one = await site((_, response) => response.setHeader('content-type', type).end(content))
    return (await previewLink(one.url, anywhere)).title
  }
  assert.equal(await titleOf('<script charset="koi8-r" src=x></script><title>Caf\u00E9</title>'), 'Caf\u00E9')
  assert.equal(await titleOf('<meta charset=utf-16><title>Caf\u00E9</title>'), 'Caf\u00E9')
  assert.equal(await titleOf('<meta charset=nothing><title>Caf\u00E9</title>', 'text/html; charset=neither'), 'Caf\u00E9')
  assert.equal(await titleOf(Buffer.from('\uFEFF<title>Caf\u00E9</title>', 'utf16le')), 'Caf\u00E9')
  assert.equal(await titleOf(Buffer.from('<title>Caf\u00E9</title>', 'latin1'), 'text/html; charset="latin1"'), 'Caf\u00E9')
})

test('a long title is cut between letters, and letters that are joined stay so', async () => {
  const html = `<meta charset=utf-8><title>${'a'.repeat(298)}\u{1F600}\u{1F600}</title><meta name=description content="Donau\u00ADdampf \u{1F468}\u200D\u{1F469}">`
  await using one = await site(page(html))
  const { title, description } = await previewLink(one.url, anywhere)
  assert.deepEqual([title, description], [`${'a'.repeat(298)}\u2026`, 'Donaudampf \u{1F468}\u200D\u{1F469}'])
})

test('a page that comes packed is told so, and one whose last address is too long keeps the one it was asked by', async () => {
  await using packed = await site((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end('x'),
  )
  await assert.rejects(previewLink(packed.url, anywhere), { code: 'PREVIEW_FAILED', message: /packed/ })
  await using long = await site((request, response) => {
    if (request.url === '/') response.writeHead(302, { location: `/${'a'.repeat(1200)}` }).end()
    else page('<title>far</title>')(request, response)
  })
  assert.deepEqual(await previewLink(long.url, anywhere), { url: long.url, title: 'far', description: '', site: '127.0.0.1' })
})

test('of several addresses that all refuse it is said why', async () => {
  const addressesOf = async () => ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }))
  const asked = previewLink('http://site.example:1/', { ...anywhere, addressesOf })
  await assert.rejects(asked, { code: 'PREVIEW_FAILED', message: /ECONNREFUSED/ })
})
