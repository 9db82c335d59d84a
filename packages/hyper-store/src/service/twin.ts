/** Guards against two lives of one store: a home that was copied, and a machine that stopped before its writes were safe. */
import { createHash } from 'node:crypto'
import { open, readFile, stat, statfs } from 'node:fs/promises'
import { uptime } from 'node:os'
import { AppError } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { flushTree, hasLogs, readText, writeSecret } from './home.ts'
import type { Home } from './home.ts'
import { runProgram } from './run-program.ts'

/** What tells this machine, and this run of it, from others. Null where the system does not say. */
export interface Machine {
  /** Lasts as long as the installation. */
  readonly machineId: string | null
  /** Serial number of the board: tells two machines apart whose disks were cloned. */
  readonly boardId: string | null
  /** Changes with every start of the machine. */
  readonly bootId: string
}

/** Environment variable that says: this home was moved here, its first place is gone. */
export const MOVED_VARIABLE = 'HYPER_STORE_MOVED'

/** How the run before this one ended. */
export type LastEnd = 'clean' | 'process-died' | 'machine-stopped'

/** Marks of the run, durable when a call returns. */
export interface RunMarks {
  /** How the last run ended; ask before `markStarted`. A home that never ran is clean. */
  wasUnclean(): Promise<LastEnd>
  markStarted(): Promise<void>
  /** Call when everything is closed: makes all files of the home safe first, then writes the mark. */
  markStopped(): Promise<void>
}

const MachineMark = v.object({ machine: v.nullable(v.string()), board: v.nullable(v.string()), ino: v.string() })
const RunMark = v.object({ bootId: v.string(), pid: v.number(), clean: v.boolean() })

/** Reads the machine's marks. */
export async function readMachine(): Promise<Machine> {
  if (process.platform === 'darwin') return readMac()
  const [etc, dbus, board, boot] = await Promise.all([
    firstLine('/etc/machine-id'),
    firstLine('/var/lib/dbus/machine-id'),
    firstLine('/sys/firmware/devicetree/base/serial-number'),
    firstLine('/proc/sys/kernel/random/boot_id'),
  ])
  return { machineId: etc ?? dbus, boardId: board, bootId: boot ?? bootFromClock() }
}

/**
 * Refuses a home that was copied from elsewhere; the first call binds the home to this machine.
 * `moved` lets it pass and binds it anew: writers must then open in recovery, since the other copy may have gone on.
 * @throws STORE_COPIED
 */
export async function refuseCopiedStore(
  home: Home,
  options: { readonly machine: Machine; readonly moved: boolean },
): Promise<{ readonly moved: boolean }> {
  const machine = hashed(options.machine.machineId)
  const board = hashed(options.machine.boardId)
  const mark = await readMark(home.machineFile, MachineMark)
  if (mark === null) {
    // The mark is older than the first log: logs without any mark were copied without it. (One that a crash cut short is there.)
    const partialCopy = (await readText(home.machineFile)) === null && (await hasLogs(home))
    if (partialCopy && !options.moved) throw new AppError('STORE_COPIED', { home: home.folder, override: `${MOVED_VARIABLE}=1` })
    await bind(home, { machine, board })
    return { moved: partialCopy }
  }
  const differs = (a: string | null, b: string | null) => a !== null && b !== null && a !== b
  // The device number is no part of it: it changes when disks are found in another order.
  const otherFile = (await hasStableInodes(home.folder)) && (await inodeOf(home.machineFile)) !== mark.ino
  if (!differs(mark.machine, machine) && !differs(mark.board, board) && !otherFile) return { moved: false }
  if (!options.moved) throw new AppError('STORE_COPIED', { home: home.folder, override: `${MOVED_VARIABLE}=1` })
  await bind(home, { machine, board })
  return { moved: true }
}

/** Makes the run marks of a home. */
export function createRunMarks(home: Home, machine: Machine): RunMarks {
  const write = (clean: boolean) => writeSecret(home.runFile, `${JSON.stringify({ bootId: machine.bootId, pid: process.pid, clean })}\n`)
  return {
    async wasUnclean() {
      const text = await readText(home.runFile)
      if (text === null) return 'clean'
      const mark = await readMark(home.runFile, RunMark)
      // A mark that can't be read was being written or was lost with the disk's cache: the careful answer.
      if (mark === null) return 'machine-stopped'
      if (mark.clean) return 'clean'
      return sameBoot(mark.bootId, machine.bootId) ? 'process-died' : 'machine-stopped'
    },
    markStarted: () => write(false),
    async markStopped() {
      await flushTree(home.folder)
      await write(true)
    },
  }
}

async function bind(home: Home, ids: { machine: string | null; board: string | null }): Promise<void> {
  // Written in place: a rename would change the number that the mark tells of.
  await using file = await open(home.machineFile, 'a', 0o600)
  const { ino } = await file.stat({ bigint: true })
  await file.truncate(0)
  await file.write(`${JSON.stringify({ ...ids, ino: String(ino) })}\n`)
  await file.sync()
}

async function inodeOf(path: string): Promise<string> {
  return String((await stat(path, { bigint: true })).ino)
}

/** FAT, exFAT, FUSE, SMB and 9p make inode numbers up anew: there a changed one says nothing. */
const MADE_UP_INODES = new Set([0x4d44, 0x2011bab0, 0x65735546, 0xff534d42, 0xfe534d42, 0x517b, 0x01021997])

async function hasStableInodes(folder: string): Promise<boolean> {
  if (process.platform === 'win32') return true
  return !MADE_UP_INODES.has((await statfs(folder)).type >>> 0)
}

async function readMark<Output>(path: string, schema: v.GenericSchema<unknown, Output>): Promise<Output | null> {
  try {
    const parsed = v.safeParse(schema, JSON.parse((await readText(path)) ?? ''))
    return parsed.success ? parsed.output : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Machine ids are not for the eyes of others: what is stored is a hash that is ours alone. */
function hashed(id: string | null): string | null {
  return id === null ? null : createHash('sha256').update(`hyper-store machine ${id}`).digest('hex')
}

async function firstLine(path: string): Promise<string | null> {
  try {
    // Device tree text ends with a NUL.
    const line = (await readFile(path, 'utf8')).split('\n', 1)[0]?.replaceAll('\0', '').trim() ?? ''
    return line === '' || line === 'uninitialized' ? null : line
  } catch {
    return null
  }
}

async function readMac(): Promise<Machine> {
  const options = { timeoutMs: 3000 }
  const [board, boot] = await Promise.all([
    runProgram('ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice'], options),
    runProgram('sysctl', ['-n', 'kern.bootsessionuuid'], options),
  ])
  const id = /"IOPlatformUUID" = "([^"]+)"/.exec(board.stdout)?.[1] ?? null
  return { machineId: id, boardId: null, bootId: boot.stdout.trim() === '' ? bootFromClock() : boot.stdout.trim() }
}

/** Where the system has no boot id: the minute of the start, as the clock now sees it. */
function bootFromClock(): string {
  return `clock ${Math.round(Date.now() / 1000 - uptime())}`
}

function sameBoot(a: string, b: string): boolean {
  if (a === b) return true
  const seconds = [a, b].map((id) => (id.startsWith('clock ') ? Number(id.slice(6)) : Number.NaN)) as [number, number]
  return Math.abs(seconds[0] - seconds[1]) <= 60
}
