/** Web streams from a drive's iterators: pulled by the reader, exact in length, stopped when the reader goes. */

/**
 * A stream over `open`, which gets a signal that stops it when the reader goes. Its first chunk is awaited before this
 * returns, so that what can't be read fails while there still is a status to choose. `length` is how many bytes were
 * promised: more are cut off, fewer break the stream; null promises nothing.
 */
export async function contentStream(
  open: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  requestSignal: AbortSignal,
  length: number | null,
): Promise<ReadableStream<Uint8Array>> {
  const stopped = new AbortController()
  const stop = (): void => stopped.abort()
  if (requestSignal.aborted) stop()
  requestSignal.addEventListener('abort', stop, { once: true })
  const end = (): void => requestSignal.removeEventListener('abort', stop)

  const iterator = open(stopped.signal)[Symbol.asyncIterator]()
  let left = length ?? Infinity
  let ahead: IteratorResult<Uint8Array, unknown> | null
  try {
    ahead = await iterator.next()
  } catch (error) {
    end()
    throw error
  }
  const release = async (): Promise<void> => {
    end()
    await iterator.return?.()
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = ahead ?? (await iterator.next())
          ahead = null
          if (done === true) {
            end()
            if (left > 0 && length !== null) throw new Error('the content ended before its length')
            controller.close()
            return
          }
          const chunk = value.byteLength > left ? value.subarray(0, left) : value
          // An empty chunk satisfies nobody: without another the stream would never be pulled again.
          if (chunk.byteLength === 0) continue
          left -= chunk.byteLength
          controller.enqueue(chunk)
          if (left > 0) return
          controller.close()
          await release()
          return
        }
      },
      cancel() {
        stop()
        // Not awaited: an iterator that waits for a peer ends when it sees the signal.
        release().catch(() => undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

/** The bytes of texts, in chunks large enough to be worth sending. */
export async function* encodeTexts(texts: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder()
  let waiting = ''
  for await (const text of texts) {
    waiting += text
    if (waiting.length < 16_384) continue
    yield encoder.encode(waiting)
    waiting = ''
  }
  if (waiting !== '') yield encoder.encode(waiting)
}
