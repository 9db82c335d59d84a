/** Turns stored blocks of an encrypted log into their content: many at once, which the log's own `get` reads one by one. */
import type { Session } from 'hypercore'

/** Contents of stored blocks; `indices` are theirs in the log. The stored bytes are left as they are: others may share them. */
export async function decryptBlocks(session: Session, indices: readonly number[], stored: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const { encryption, core } = session
  if (encryption == null) return [...stored]
  const contents: Uint8Array[] = []
  for (const [i, block] of stored.entries()) {
    const index = indices[i] ?? 0
    const content = Buffer.from(block)
    const padding = encryption.padding(core, index)
    await encryption.decrypt(index, content, core)
    contents.push(content.subarray(padding))
  }
  return contents
}
