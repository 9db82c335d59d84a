/** `list`: everything that a store keeps. */
import type { Run } from '../command-spec.ts'
import { itemRow } from '../item-lines.ts'
import { plain } from '../output.ts'
import { openStore } from '../references.ts'

/** Prints one line an item. */
export const runList: Run = async (context, { args: [provider], options }) => {
  const { output, signal } = context
  const store = await openStore(context, provider)
  if (options['public'] === true) {
    const offered = await store.getPublicList({ signal })
    output.show(offered, ({ links }) => links.map(({ link, title }) => [link, plain(title)].join('\t')))
    if (offered.links.length === 0) output.talk('Nothing is on the public list; hyper-store mode <folder> --listed puts a folder there')
    return 0
  }
  const items = await store.listFolders({ signal })
  if (output.json) for (const item of items) output.show(item, () => [])
  else output.table(items.map((item) => itemRow(item, output)))
  if (items.length === 0) output.talk('Nothing is kept here yet; hyper-store add <folder> shares one')
  return 0
}
