/** The program's version, from its package. */
import { readFileSync } from 'node:fs'

const file = new URL('../../../package.json', import.meta.url)
/** Version of hyper-store, like `0.1.0`. */
export const VERSION: string = (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
