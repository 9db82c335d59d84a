/** Tells whether this machine can run the program at all; imports nothing native, so that it can be asked first. */

/** What the answer depends on. */
export interface PlatformFacts {
  readonly platform: string
  readonly arch: string
  /** `20.19.1`, without the leading v. */
  readonly nodeVersion: string
  /** Version of glibc; null on other systems and with another C library. */
  readonly glibc: string | null
}

/** Oldest versions that work. */
const NODE_NEEDED = '20.19.0'
const GLIBC_NEEDED = '2.34'

/** A sentence without its full stop, and what to do. */
export interface Unsupported {
  readonly reason: string
  readonly cure: string
}

/** Reads the facts of this process. */
export function readPlatform(): PlatformFacts {
  return { platform: process.platform, arch: process.arch, nodeVersion: process.versions.node, glibc: readGlibc() }
}

/** Null when this machine can run the program; fills the places of UNSUPPORTED_PLATFORM otherwise. */
export function unsupportedReason(facts: PlatformFacts = readPlatform()): Unsupported | null {
  return unsupportedNode(facts) ?? unsupportedArchitecture(facts) ?? unsupportedLibc(facts)
}

/** The part of the answer about Node. */
export function unsupportedNode(facts: PlatformFacts): Unsupported | null {
  if (!isOlder(facts.nodeVersion, NODE_NEEDED)) return null
  return {
    reason: `This is Node ${facts.nodeVersion}, and hyper-store needs ${NODE_NEEDED.replace(/\.0$/, '')} or newer`,
    cure: 'Update Node: Debian 13, the present Raspberry Pi OS and nodejs.org have it',
  }
}

/** The part of the answer about processor and system. */
export function unsupportedArchitecture(facts: PlatformFacts): Unsupported | null {
  const systems = ['linux', 'darwin', 'win32']
  if (systems.includes(facts.platform) && (facts.arch === 'x64' || facts.arch === 'arm64')) return null
  if (facts.arch === 'arm' || facts.arch === 'ia32') {
    return {
      reason: `This is a 32-bit system (${facts.arch}), and the storage under hyper-store exists for 64-bit systems only`,
      cure: 'On a Raspberry Pi 3, 4, 5 or Zero 2 install the 64-bit Raspberry Pi OS; a Pi 1, 2 or first Zero cannot run it',
    }
  }
  return {
    reason: `hyper-store does not run on ${facts.platform} ${facts.arch}`,
    cure: 'Use Linux, macOS or Windows on a 64-bit Intel, AMD or ARM processor',
  }
}

/** The part of the answer about the C library. */
export function unsupportedLibc(facts: PlatformFacts): Unsupported | null {
  if (facts.platform !== 'linux') return null
  if (facts.glibc === null) {
    return {
      reason: 'This system has no glibc (Alpine and its like have musl), and the storage under hyper-store needs it',
      cure: 'Use Debian, Ubuntu, Fedora or Raspberry Pi OS, or a container image made of one of them (node:22-slim)',
    }
  }
  if (!isOlder(facts.glibc, GLIBC_NEEDED)) return null
  return {
    reason: `This system has glibc ${facts.glibc}, and hyper-store needs ${GLIBC_NEEDED} or newer`,
    cure: 'Update the system: Debian 12, Ubuntu 22.04 and the Raspberry Pi OS of their age or newer have it',
  }
}

function readGlibc(): string | null {
  if (process.platform !== 'linux') return null
  // Without this the report looks up the names of all connections, which takes seconds.
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean }
  report.excludeNetwork = true
  const header = (report.getReport() as { header?: { glibcVersionRuntime?: unknown } }).header
  return typeof header?.glibcVersionRuntime === 'string' ? header.glibcVersionRuntime : null
}

/** Compares dotted numbers. */
function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0)) as [number[], number[]]
  for (let place = 0; place < 3; place++) {
    const difference = (a[place] ?? 0) - (b[place] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
