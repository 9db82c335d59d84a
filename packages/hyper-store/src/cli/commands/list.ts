/** `list`: everything that a store keeps. */
import type { Run } from '../command-spec.ts'
import { itemRow } from '../item-lines.ts'
import { openStore } from '../references.ts'

/** Prints one line an item. */
export const runList: Run = async (context, { args: [provider] }) => {
  const { output, signal } = context
  const items = await (await openStore(context, provider)).listFolders({ signal })
  if (output.json) for (const item of items) output.show(item, () => [])
  else output.table(items.map((item) => itemRow(item, output)))
  if (items.length === 0) output.talk('Nothing is kept here yet; hyper-store add <folder> shares one')
  return 0
}
