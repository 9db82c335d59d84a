import { readdirSync } from 'node:fs'
import path from 'node:path'

/** Files below `root` whose path matches, sorted; node_modules is left out. */
export function globSync(root, pattern) {
  const found = []
  const walk = (dir) => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const full = path.join(dir, entry.name)
      if (entry.isDirectory()) { if (entry.name !== 'node_modules') walk(full) } else if (pattern.test(full)) found.push(full)
    }
  }
  walk(root)
  return found.sort()
}
