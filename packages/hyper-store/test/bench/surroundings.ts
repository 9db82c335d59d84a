/** What the benchmark needs around it: a network of its own, the source tree of W6, Syncthing, a description of the machine. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { interfaces } from './measure.ts'
import { WORKSPACE } from './options.ts'

const INSIDE = 'HYPER_STORE_BENCH_INSIDE'
const LOCK_FOLDER = fileURLToPath(new URL('../../../test/bench/sourcetree/', import.meta.url))
const INSTALL_MS = 600_000

/** True when the loopback is ours alone, so that its bytes are the bytes of the measured programs. */
export function hasOwnNetwork(): boolean {
  return interfaces().join() === 'lo'
}

/**
 * Runs this program once more in a network namespace with loopback alone, when that is allowed and not done yet.
 * Returns the exit code of that run, or null when the caller has to do the work itself.
 */
export async function rerunInOwnNetwork(): Promise<number | null> {
  if (process.env[INSIDE] !== undefined) {
    const up = spawnSync('ip', ['link', 'set', 'lo', 'up'], { encoding: 'utf8' })
    if (up.status !== 0) throw new Error(`ip link set lo up: ${up.error?.message ?? up.stderr}`)
    return null
  }
  if (platform() !== 'linux') return null
  const flags = ['-n', '-rn'].find((flag) => spawnSync('unshare', [flag, 'ip', 'link', 'set', 'lo', 'up']).status === 0)
  if (flags === undefined) return null
  const env = { ...process.env, [INSIDE]: '1' }
  const child = spawn('unshare', [flags, process.execPath, ...process.argv.slice(1)], { env, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  const [status] = (await once(child, 'exit')) as [number | null]
  return status ?? 1
}

/** The real source tree that W6 moves, installed once from the pinned lock file. Needs the network the first time. */
export function sourceTree(): string {
  const folder = join(WORKSPACE, '.cache/bench/source-tree')
  const marker = join(folder, 'node_modules/.package-lock.json')
  if (existsSync(marker)) return join(folder, 'node_modules')
  mkdirSync(folder, { recursive: true })
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(LOCK_FOLDER, name), join(folder, name))
  console.log('installing the source tree of W6')
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--workspaces=false']
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit', timeout: INSTALL_MS })
  if (status !== 0 || !existsSync(marker)) throw new Error('npm ci failed: W6 needs the network once')
  return join(folder, 'node_modules')
}

/** Path of a Syncthing that answers, or null. As root it installs Debian's package where none is there. */
export function findSyncthing({ install }: { install: boolean }): string | null {
  const given = process.env['SYNCTHING_BIN']
  if (given !== undefined) {
    if (!runs(given)) throw new Error(`SYNCTHING_BIN=${given} does not run`)
    return given
  }
  if (runs('syncthing')) return 'syncthing'
  if (!install || process.getuid?.() !== 0) return null
  console.log('installing syncthing with apt-get')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', 'syncthing'],
  ]) {
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALL_MS })
  }
  return runs('syncthing') ? 'syncthing' : null
}

function runs(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0
}

/** One line on the machine: processors, memory, file system of the work folder, kernel, Node. */
export function describeMachine(workFolder: string): string {
  const [cpu] = cpus()
  const fileSystem =
    spawnSync('df', ['--output=fstype', workFolder], { encoding: 'utf8' }).stdout?.split('\n')[1]?.trim() || 'an unknown file system'
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB of memory`
  return `${cpus().length} × ${cpu?.model.trim() || 'unknown processor'}, ${memory}, ${fileSystem}, ${distribution()}, Linux ${release()}, Node ${process.version}`
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? platform()
  } catch {
    return platform()
  }
}
