import { readdirSync } from 'node:fs'
import path from 'node:path'

/** Files below `root` whose path matches, sorted; node_modules is left out. */
export function globSync(root, pattern) {
  const found = []
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const full = path.join(folder, entry.name)
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules') walk(full)
      } else if (pattern.test(full)) found.push(full)
    }
  }
  walk(root)
  return found.sort((a, b) => (a < b ? -1 : 1))
}
