/** `status`: how each folder stands, and what each device holds of it. */
import type { Run } from '../command-spec.ts'
import { statusLines } from '../item-lines.ts'
import { openFolder } from '../references.ts'

/** Prints a block for the folder named, or for each. */
export const runStatus: Run = async (context, { args: [folder, provider] }) => {
  const { output, signal } = context
  const items =
    folder === undefined ? await (await context.connect()).listFolders({ signal }) : [(await openFolder(context, folder, provider)).item]
  for (const [i, item] of items.entries()) {
    output.show(item, () => [...(i > 0 ? [''] : []), ...statusLines(item, output)])
  }
  if (items.length === 0) output.talk('Nothing is kept here yet; hyper-store add <folder> shares one')
  return 0
}
