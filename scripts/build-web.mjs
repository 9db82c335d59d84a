// Bundles the page with the client into packages/hyper-store/web, from where a store serves it. Wants the client built.
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const packages = path.join(path.dirname(fileURLToPath(import.meta.url)), '../packages')
const staticDir = path.join(packages, 'web/static')
const out = path.join(packages, 'hyper-store/web')

await mkdir(out, { recursive: true })
for (const name of await readdir(staticDir)) await copyFile(path.join(staticDir, name), path.join(out, name))
await build({
  entryPoints: [path.join(packages, 'web/src/page.ts')],
  outfile: path.join(out, 'page.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome111', 'firefox113', 'safari16.4'],
  // Licences of what is bundled stay with it.
  legalComments: 'eof',
  logLevel: 'warning',
})
