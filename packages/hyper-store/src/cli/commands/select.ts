/** `select`: sub-folders that are left out on this device's disk. */
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { openFolder, pathInFolder, required } from '../references.ts'

/** Leaves sub-folders out, brings them back, or lists what is left out. Other devices notice nothing. */
export const runSelect: Run = async (context, { args: [folder], lists }) => {
  const { output, signal } = context
  const { client, item } = await openFolder(context, required(folder))
  const inside = (name: string) => (lists[name] ?? []).map((text) => relative(text, item.path))
  const [exclude, include] = [inside('exclude'), inside('include')]
  if (exclude.includes(''))
    throw new AppError('USAGE', { reason: 'The whole folder cannot be left out; hyper-store mode <folder> keep does that' })
  const before = item.exclude ?? []
  const asked = exclude.length + include.length > 0
  const after = without([...before, ...exclude], include)
  const now = asked ? await client.changeFolder(item.key, { exclude: after }, { signal }) : item
  const left = now.exclude ?? []
  output.show(now, () => left.map((path) => plain(path)))
  if (left.length === 0) output.talk(`Nothing of ${plain(item.title)} is left out on this device`)
  else if (asked) output.talk('What is left out goes from this disk as soon as another device holds it; the other devices keep it')
  return 0
}

/** The path inside the folder, '' for the whole of it. */
function relative(text: string, root: string | null): string {
  const path = pathInFolder(text, root)
  return path === '.' || path === root ? '' : path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')
}

/** The list without what is included again. Throws USAGE for a part of a sub-folder that is left out as a whole. */
function without(excluded: readonly string[], included: readonly string[]): string[] {
  for (const path of included) {
    const above = excluded.find((one) => path.startsWith(`${one}/`))
    if (above !== undefined && !included.includes(above)) {
      throw new AppError('USAGE', { reason: `${above} is left out as a whole; include it, and exclude what shall stay away` })
    }
  }
  const isIn = (path: string) => included.some((one) => one === '' || path === one || path.startsWith(`${one}/`))
  return [...new Set(excluded.filter((path) => !isIn(path)))]
}
