/** One Syncthing on loopback: configured over REST on a UNIX socket, so that only its own protocol is on the wire. */
import { execFileSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChild, stopChild } from './children.ts'
import { now } from './measure.ts'
import type { Side } from './program.ts'

const API_KEY = 'bench'
const FIRST_PORT = 22_300
const START_S = 30
const SETTLE_S = 300

/** Nothing leaves the machine, and it runs at the priority of everything else. */
const SETTINGS = {
  globalAnnounceEnabled: 'false',
  localAnnounceEnabled: 'false',
  relaysEnabled: 'false',
  natEnabled: 'false',
  urAccepted: '-1',
  autoUpgradeIntervalH: '0',
  crashReportingEnabled: 'false',
  startBrowser: 'false',
  stunKeepaliveStartS: '0',
  setLowPriority: 'false',
  reconnectionIntervalS: '5',
}

let ports = FIRST_PORT

/** How a folder is shared. */
export interface FolderOptions {
  readonly id: string
  readonly peers: readonly SyncthingInstance[]
  /** Its watcher waits this many seconds; null switches the watcher off. */
  readonly watchDelayS: number | null
  readonly type?: 'sendreceive' | 'receiveencrypted'
  /** Peers with these labels only get it encrypted. */
  readonly untrusted?: readonly Side['label'][]
}

/** What Syncthing says of a folder; only the parts used here. */
export interface FolderStatus {
  readonly state: string
  readonly needTotalItems: number
  readonly inSyncFiles: number
}

export class SyncthingInstance implements Side {
  readonly label: Side['label']
  readonly store: string
  readonly id: string
  readonly port: number
  readonly #root: string
  readonly #program: string
  readonly #socket: string
  #process: ChildProcess | null = null

  constructor(program: string, root: string, label: Side['label']) {
    this.label = label
    this.#program = program
    this.#root = join(root, label)
    this.store = join(this.#root, 'home')
    this.#socket = join(socketFolder(), `${ports}`)
    this.port = ports++
    mkdirSync(this.store, { recursive: true })
    this.#call(['generate', `--home=${this.store}`, '--no-default-folder', '--skip-port-probing'])
    const file = join(this.store, 'config.xml')
    writeFileSync(file, withSettings(readFileSync(file, 'utf8'), { ...SETTINGS, listenAddress: `tcp://127.0.0.1:${this.port}` }))
    this.id = this.#call(['serve', `--home=${this.store}`, '--device-id']).trim()
  }

  get folder(): string {
    return this.folderOf('f')
  }

  get pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error(`syncthing ${this.label} does not run`)
    return pid
  }

  /** Where the folder with this id lies. */
  folderOf(id: string): string {
    return join(this.#root, id)
  }

  async start(): Promise<void> {
    rmSync(this.#socket, { force: true })
    const gui = [`--gui-address=unix://${this.#socket}`, `--gui-apikey=${API_KEY}`]
    const args = ['serve', `--home=${this.store}`, '--no-browser', '--no-upgrade', '--no-restart', ...gui]
    this.#process = startChild(this.#program, args, { log: join(this.#root, 'log'), env: environment() })
    for (const deadline = now() + START_S; now() < deadline; await sleep(25)) {
      const answers = await this.#get('/rest/system/ping').then(
        () => true,
        () => false,
      )
      if (answers) return
    }
    throw new Error(`syncthing ${this.label} does not answer; see ${join(this.#root, 'log')}`)
  }

  async stop(): Promise<void> {
    const child = this.#process
    if (child === null) return
    this.#process = null
    await stopChild(child, () => this.#send('POST', '/rest/system/shutdown'))
    rmSync(this.#socket, { force: true })
  }

  /** Makes another one known, by address. */
  async addDevice(other: SyncthingInstance): Promise<void> {
    const addresses = [`tcp://127.0.0.1:${other.port}`]
    await this.#send('PUT', `/rest/config/devices/${other.id}`, {
      deviceID: other.id,
      name: other.label,
      addresses,
      compression: 'metadata',
    })
  }

  /** Adds a folder or changes its settings. */
  async setFolder({ id, peers, watchDelayS, type = 'sendreceive', untrusted = [] }: FolderOptions): Promise<void> {
    mkdirSync(this.folderOf(id), { recursive: true })
    const devices = [this, ...peers].map((peer) => ({
      deviceID: peer.id,
      encryptionPassword: untrusted.includes(peer.label) ? 'a password of the benchmark' : '',
    }))
    const watcher = { fsWatcherEnabled: watchDelayS !== null, fsWatcherDelayS: watchDelayS ?? 10 }
    const folder = { id, label: id, path: this.folderOf(id), type, ...watcher, rescanIntervalS: 3600, devices }
    await this.#send('PUT', `/rest/config/folders/${id}`, folder)
  }

  /** Ends when the folder was looked through. */
  async scan(): Promise<void> {
    await this.#send('POST', '/rest/db/scan?folder=f')
  }

  async status(id = 'f'): Promise<FolderStatus> {
    return (await this.#get(`/rest/db/status?folder=${id}`)) as FolderStatus
  }

  /** Resolves when a folder has nothing to do. */
  async settle(id = 'f'): Promise<void> {
    for (const deadline = now() + SETTLE_S; now() < deadline; await sleep(100)) {
      // A folder that was just added is not known for a moment.
      const status = await this.status(id).catch(() => null)
      if (status?.state === 'idle' && status.needTotalItems === 0) return
    }
    throw new Error(`syncthing ${this.label} does not come to rest`)
  }

  /** Resolves when it is linked to another one. */
  async linkedTo(other: SyncthingInstance): Promise<void> {
    for (const deadline = now() + START_S; now() < deadline; await sleep(50)) {
      const { connections } = (await this.#get('/rest/system/connections')) as { connections: Record<string, { connected: boolean }> }
      if (connections[other.id]?.connected === true) return
    }
    throw new Error(`syncthing ${this.label} does not link to ${other.label}`)
  }

  #call(args: readonly string[]): string {
    return execFileSync(this.#program, args, { env: environment(), encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  #get(path: string): Promise<unknown> {
    return this.#send('GET', path)
  }

  async #send(method: string, path: string, body?: object): Promise<unknown> {
    const headers = { 'X-API-Key': API_KEY, 'Content-Type': 'application/json' }
    const sent = request({ socketPath: this.#socket, path, method, headers, agent: false })
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    let text = ''
    for await (const part of response.setEncoding('utf8')) text += String(part)
    if ((response.statusCode ?? 500) >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`)
    return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text
  }
}

let sockets: string | null = null

/** Names of sockets have to be short, and those of work folders need not be. */
function socketFolder(): string {
  if (sockets !== null) return sockets
  const made = mkdtempSync(join(tmpdir(), 'hs-bench-s-'))
  process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  return (sockets = made)
}

/** The program's version, like `1.19.2`. */
export function syncthingVersion(program: string): string {
  return /v(\d+\.\d+\.\d+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown'
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, STNOUPGRADE: '1', STNODEFAULTFOLDER: '1' }
}

function withSettings(xml: string, settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings).reduce((text, [name, value]) => {
    const element = `<${name}>${value}</${name}>`
    const found = new RegExp(`<${name}>[^<]*</${name}>`, 'g')
    return found.test(text) ? text.replace(found, element) : text.replace('</options>', `${element}</options>`)
  }, xml)
}
