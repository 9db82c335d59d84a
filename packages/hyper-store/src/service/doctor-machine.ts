/** The doctor's checks of the machine: Node, processor, C library, and whether the native parts load. */
import { access } from 'node:fs/promises'
import type { Check } from '@hyper-store/client/contract'
import { readPlatform, unsupportedArchitecture, unsupportedLibc, unsupportedNode } from './platform.ts'
import type { PlatformFacts, Unsupported } from './platform.ts'
import { runProgram } from './run-program.ts'

/** A native package and the packages through which ours reach it: it may lie beside any of them. */
export interface Addon {
  readonly name: string
  readonly through: readonly string[]
}

/** Native packages that a store can't do without. */
const ADDONS: readonly Addon[] = [
  { name: 'rocksdb-native', through: ['corestore', 'hypercore', 'hypercore-storage'] },
  { name: 'sodium-native', through: ['sodium-universal'] },
  { name: 'udx-native', through: ['hyperdht', 'dht-rpc'] },
  { name: 'fs-native-extensions', through: [] },
  { name: 'classic-level', through: [] },
]

/** Node, architecture and C library, each with its cure. */
export function checkPlatform(facts: PlatformFacts = readPlatform()): Check[] {
  const checks = [
    checkOf('node', unsupportedNode(facts), `Node ${facts.nodeVersion}`),
    checkOf('architecture', unsupportedArchitecture(facts), `${facts.platform} ${facts.arch}`),
  ]
  if (facts.platform === 'linux') checks.push(checkOf('libc', unsupportedLibc(facts), `glibc ${facts.glibc ?? ''}`))
  return checks
}

/** Whether libatomic is there, which some native parts want and small systems lack. */
export async function checkLibatomic(folders: readonly string[] = libraryFolders()): Promise<Check> {
  const name = 'libatomic'
  if (process.platform !== 'linux') return { name, state: 'ok', message: 'Not needed on this system', cure: null }
  for (const folder of folders) {
    try {
      await access(`${folder}/libatomic.so.1`)
      return { name, state: 'ok', message: `${folder}/libatomic.so.1`, cure: null }
    } catch {
      // The next folder.
    }
  }
  return {
    name,
    state: 'warning',
    message: 'libatomic.so.1 was not found',
    cure: 'If native parts do not load: sudo apt install libatomic1',
  }
}

/** Loads each native part in a process of its own, where it may crash without harm. */
export async function checkAddons(addons: readonly Addon[] = ADDONS): Promise<Check> {
  const name = 'addons'
  const failed: string[] = []
  for (const addon of addons) {
    const problem = await loadProblem(addon)
    if (problem !== null) failed.push(`${addon.name} (${problem})`)
  }
  if (failed.length === 0) return { name, state: 'ok', message: 'All native parts load', cure: null }
  return {
    name,
    state: 'wrong',
    message: `Native parts that do not load: ${failed.join(', ')}`,
    cure: 'Install hyper-store again on this machine (npm install -g hyper-store); folders of modules cannot be copied between machines',
  }
}

async function loadProblem(addon: Addon): Promise<string | null> {
  const [through, name, start] = [addon.through, addon.name, import.meta.url].map((value) => JSON.stringify(value))
  const script = `const { createRequire } = require('node:module')
    let from = createRequire(${start})
    try {
      for (const step of ${through}) from = createRequire(from.resolve(step))
      from(${name})
      process.exit(0)
    } catch (error) {
      console.error(error.message)
      process.exit(1)
    }`
  const result = await runProgram(process.execPath, ['--input-type=commonjs', '--eval', script], { timeoutMs: 20_000 })
  if (result.problem === null) return null
  const said = result.stderr.trim().split('\n')[0] ?? ''
  return said === '' ? result.problem : said.slice(0, 160)
}

function checkOf(name: string, unsupported: Unsupported | null, message: string): Check {
  if (unsupported === null) return { name, state: 'ok', message, cure: null }
  return { name, state: 'wrong', message: unsupported.reason, cure: unsupported.cure }
}

function libraryFolders(): string[] {
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
  return [`/usr/lib/${triplet}`, `/lib/${triplet}`, '/usr/lib64', '/lib64', '/usr/lib', '/lib']
}
