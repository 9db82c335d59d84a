/** Writes a web response to a Node connection; a body that breaks off breaks the connection, and says nothing. */
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'

/** Sends a response; ends when it is sent or the connection is gone. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  for (const [name, value] of response.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)
  outgoing.statusCode = response.status
  const body = response.body
  if (body === null) {
    outgoing.end()
    return
  }
  if (outgoing.req.method === 'HEAD') {
    outgoing.end()
    await body.cancel()
    return
  }
  outgoing.flushHeaders()
  try {
    await pipeline(Readable.fromWeb(body as NodeReadableStream<Uint8Array>), outgoing)
  } catch {
    // Headers are gone: the only honest sign of a body that is not whole is a connection that breaks.
    outgoing.destroy()
  }
}
