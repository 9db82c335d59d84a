/** `board export`, `board import`: boards in the forms of other programs. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { BoardFormat } from '@hyper-store/client/contract'
import writeFileAtomic from 'write-file-atomic'
import type { Run } from '../command-spec.ts'
import { absolutePath, openFolder, required } from '../references.ts'
import { textOf } from '../text-input.ts'

const FORMATS: Readonly<Record<string, BoardFormat>> = { '.json': 'json', '.canvas': 'canvas', '.html': 'html', '.htm': 'html' }

/** Writes a board into a file, whole or not at all, or to stdout. */
export const runBoardExport: Run = async (context, { args: [folder, board, file], options }) => {
  const { output, signal } = context
  const format = (options['format'] as BoardFormat | undefined) ?? FORMATS[path.extname(file ?? '').toLowerCase()] ?? 'json'
  const { client, item } = await openFolder(context, required(folder))
  const { fileName, text } = await client.exportBoard(item.key, required(board), { format }, { signal })
  if (file === '-') {
    process.stdout.write(text)
    return 0
  }
  const target = absolutePath(file ?? fileName)
  await writeFileAtomic(target, text)
  output.show({ file: target, format }, () => [target])
  return 0
}

/** Puts the cards of a JSON Canvas on a board. */
export const runBoardImport: Run = async (context, { args: [folder, board, file] }) => {
  const { output, signal } = context
  const name = required(file)
  const canvas = name === '-' ? await textOf(name) : await readFile(absolutePath(name), 'utf8')
  const { client, item } = await openFolder(context, required(folder))
  const put = await client.importBoard(item.key, required(board), { canvas }, { signal })
  output.show(put, ({ cards }) => [String(cards)])
  output.talk(`${put.cards} ${put.cards === 1 ? 'card' : 'cards'} put on the board`)
  return 0
}
