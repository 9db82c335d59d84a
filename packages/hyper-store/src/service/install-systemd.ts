/** Writes the systemd units of the service: hardened, restarted always, supervised by notify and watchdog. */
import { AppError } from '@hyper-store/client/contract'

/** What a unit depends on. */
export interface UnitRequest {
  readonly scope: 'user' | 'system'
  /** Program and arguments, the program absolute. */
  readonly command: readonly string[]
  /** Home of the store; null lets systemd choose (/var/lib/hyper-store), for the system unit. */
  readonly home: string | null
  /** Folders outside the home that a system service must write. */
  readonly writable: readonly string[]
  /** Folder of an LED that a system service shall set; null for none. */
  readonly led: string | null
  /** True when it listens on a port below 1024. */
  readonly lowPort: boolean
}

/** Name of the unit, of the system's user and of the state folder. */
export const UNIT_NAME = 'hyper-store.service'
export const SYSTEM_USER = 'hyper-store'

/** The file for systemd-sysusers that makes the service's own user. */
export function sysusersText(): string {
  return `# The user that hyper-store runs as.\nu ${SYSTEM_USER} - "hyper-store, a Dropbox that you own" /var/lib/hyper-store\n`
}

/** The text of a unit. @throws USAGE for an argument that no unit can hold */
export function unitText(request: UnitRequest): string {
  const system = request.scope === 'system'
  const lines = [
    '# Written by hyper-store install-service; uninstall-service removes it.',
    '[Unit]',
    'Description=hyper-store, keeps folders in step between your devices',
    ...(system ? ['Wants=network-online.target', 'After=network-online.target'] : []),
    // Restart for ever: a box in a cupboard has nobody to start it again.
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=notify',
    // The messages come from systemd-notify, a child of the service.
    'NotifyAccess=all',
    // The colon: no variables in the command, so that a dollar is a dollar.
    `ExecStart=:${request.command.map(quoteArgument).join(' ')}`,
    // Of glibc's: with an arena for each thread a store that moved much keeps a fifth more memory.
    'Environment=MALLOC_ARENA_MAX=2',
    `Environment=${request.home === null ? 'HYPER_STORE_HOME=%S/hyper-store' : quoteArgument(`HYPER_STORE_HOME=${request.home}`)}`,
    'Restart=always',
    'RestartSec=5',
    // Wrong options, and what a person must decide, do not get better by trying again.
    'RestartPreventExitStatus=2 7',
    'WatchdogSec=60',
    // Opening large logs after a power cut, and closing them, take their time on an SD card.
    'TimeoutStartSec=300',
    'TimeoutStopSec=90',
    'KillMode=mixed',
    ...(system ? systemOwnLines(request) : []),
    ...sharedHardening(),
    ...(system ? systemHardening(request) : []),
    '',
    '[Install]',
    `WantedBy=${system ? 'multi-user.target' : 'default.target'}`,
    '',
  ]
  return lines.join('\n')
}

/** One word of a command or assignment as systemd reads it back: quoted, without specifiers. @throws USAGE */
export function quoteArgument(text: string): string {
  if (/[\0\n\r]/.test(text)) throw new AppError('USAGE', { reason: 'An argument of a service cannot hold a line break' })
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('\t', '\\t')
  // Plain words stay readable; all others, and a lone semicolon, go in quotes.
  return /^[\w@%+=:,./-]+$/.test(text) ? escaped : `"${escaped}"`
}

function systemOwnLines(request: UnitRequest): string[] {
  const ledLines =
    request.led === null
      ? []
      : // With full rights (+), and ignored when there is no such LED (-): the service's group may set it.
        [`ExecStartPre=-+:/bin/chgrp ${SYSTEM_USER} ${ledFiles(request.led)}`, `ExecStartPre=-+:/bin/chmod g+w ${ledFiles(request.led)}`]
  return [
    `User=${SYSTEM_USER}`,
    `Group=${SYSTEM_USER}`,
    'StateDirectory=hyper-store',
    'StateDirectoryMode=0700',
    // Everything it writes is for its user alone.
    'UMask=0077',
    ...ledLines,
  ]
}

function ledFiles(led: string): string {
  return [`${led}/trigger`, `${led}/brightness`].map(quoteArgument).join(' ')
}

/** What holds for every unit: filters of system calls, which a user's own systemd may set as well. */
function sharedHardening(): string[] {
  return [
    'NoNewPrivileges=yes',
    'LockPersonality=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service @pkey',
    // A call that is not allowed fails; it does not kill the service.
    'SystemCallErrorNumber=EPERM',
    // No MemoryDenyWriteExecute: the compiler inside Node writes code.
  ]
}

/**
 * What only the system's own systemd can do: it changes what the service sees. A user's service gets none of it, since it must
 * reach that user's folders and keep their owners.
 */
function systemHardening(request: UnitRequest): string[] {
  const reachesHome = [...request.command, ...request.writable, request.home ?? ''].some((path) =>
    /^\/(home|root|run\/user)(\/|$)/.test(path),
  )
  const writable = [...(request.home === null ? [] : [request.home]), ...request.writable]
  return [
    'ProtectSystem=strict',
    ...(writable.length > 0 ? [`ReadWritePaths=${writable.map(quoteArgument).join(' ')}`] : []),
    `ProtectHome=${reachesHome ? 'no' : 'yes'}`,
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectControlGroups=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    // An LED is set below /sys, which this would make read-only.
    `ProtectKernelTunables=${request.led === null ? 'yes' : 'no'}`,
    'ProtectProc=invisible',
    'RestrictNamespaces=yes',
    'RemoveIPC=yes',
    ...(request.lowPort
      ? ['CapabilityBoundingSet=CAP_NET_BIND_SERVICE', 'AmbientCapabilities=CAP_NET_BIND_SERVICE']
      : ['CapabilityBoundingSet=', 'AmbientCapabilities=']),
  ]
}
