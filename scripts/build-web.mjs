// Builds the page into packages/hyper-store/web, from where a store serves it; each text file gets a .gz beside it. Wants the client built.
// Usage: node scripts/build-web.mjs [folder to put it in]
import { createHash } from 'node:crypto'
import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build } from 'vite'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../packages/web')
const outDir = path.resolve(process.argv[2] ?? path.join(root, '../hyper-store/web'))
const TEXTS = /\.(?:html|js|mjs|css|svg|webmanifest)$/
/** What the service worker fetches at once: code and looks of all screens, and the letters that most people read; the rest when it is seen. */
const AT_ONCE = /\.(?:js|css|svg|webmanifest)$|latin-wght-normal-[^/]*\.woff2$/
const AT_ONCE_BYTES = 300_000

await build({ root, logLevel: 'warn', build: { outDir, emptyOutDir: true } })
const entries = await readdir(outDir, { recursive: true, withFileTypes: true })
const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
await nameFiles(path.join(outDir, 'sw.js'))

const zip = promisify(gzip)
for (const file of files) {
  if (TEXTS.test(file)) await writeFile(`${file}.gz`, await zip(await readFile(file), { level: 9 }))
}

/** Tells the service worker which files there are, so that it is another one whenever one of them is. */
async function nameFiles(worker) {
  const hash = createHash('sha256')
  const names = []
  for (const file of files.filter((file) => file !== worker).sort()) {
    const name = `/${path.relative(outDir, file).split(path.sep).join('/')}`
    hash.update(`${name}\n`).update(await readFile(file))
    const isEntry = /\/index-[^/]*\.(?:js|css)$/.test(name)
    if (AT_ONCE.test(name) && (isEntry || (await stat(file)).size <= AT_ONCE_BYTES)) names.push(name)
  }
  const text = await readFile(worker, 'utf8')
  const told = text.replace("{ name: 'none', files: [] }", JSON.stringify({ name: hash.digest('hex').slice(0, 16), files: names }))
  if (told === text) throw new Error(`${worker} has no place for the names of the files`)
  await writeFile(worker, told)
}
