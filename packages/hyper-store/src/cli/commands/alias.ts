/** `alias`: a launcher under the old name of the program. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { absolutePath, required } from '../references.ts'
import { PROGRAM } from '../start-service.ts'

const MARK = 'Starts hyper-store under an old name.'

/** Writes the launcher and prints its path. Never replaces a program that is not such a launcher. */
export const runAlias: Run = async ({ output }, { args: [name], options }) => {
  const windows = process.platform === 'win32'
  const dir = typeof options['dir'] === 'string' ? absolutePath(options['dir']) : path.dirname(process.argv[1] ?? PROGRAM)
  const file = path.join(dir, required(name) + (windows ? '.cmd' : ''))
  const text = windows
    ? `@rem ${MARK}\r\n@"${process.execPath}" "${PROGRAM}" %*\r\n`
    : `#!/bin/sh\n# ${MARK}\nexec ${quote(process.execPath)} ${quote(PROGRAM)} "$@"\n`
  const there = await readFile(file, 'utf8').catch(() => null)
  if (there !== null && !there.includes(MARK)) {
    throw new AppError('USAGE', { reason: `${file} is another program; remove it first, or choose a folder with --dir` })
  }
  try {
    await mkdir(dir, { recursive: true })
    await writeFile(file, text)
    await chmod(file, 0o755)
  } catch (error) {
    throw new AppError('USAGE', { reason: `${dir} can't be written; choose a folder of your PATH with --dir` }, { cause: error })
  }
  output.show({ name, path: file }, () => [file])
  if (!(process.env['PATH'] ?? '').split(path.delimiter).includes(dir)) output.talk(`${dir} is not in PATH`)
  return 0
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
