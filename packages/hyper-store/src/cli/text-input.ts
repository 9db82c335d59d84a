/** Text that is given as an argument, or comes on a pipe. */

/** The argument; `-` reads stdin to its end. */
export async function textOf(given: string): Promise<string> {
  if (given !== '-') return given
  const parts: Buffer[] = []
  for await (const part of process.stdin as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}
