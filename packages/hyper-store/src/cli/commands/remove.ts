/** `remove`: stops keeping a folder. */
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { openFolder, required } from '../references.ts'

/** Removes it from this store or from the provider named; never touches the user's files. */
export const runRemove: Run = async (context, { args: [folder, provider], options }) => {
  const { output, signal } = context
  const { client, item } = await openFolder(context, required(folder), provider)
  const done = await client.removeFolder(item.key, { deleteData: options['deleteData'] === true }, { signal })
  output.show({ ...done, link: item.link }, () => [])
  const files = item.path === null ? '' : `; the files in ${plain(item.path)} stay`
  output.talk(`${plain(item.title)} is no longer kept ${provider === undefined ? 'here' : `by ${provider}`}${files}`)
  return 0
}
