/** The commands by which devices, browsers and providers come to use each other: arguments, options, examples, and where their code is. */
import type { ArgumentSpec, CommandSpec } from './command-spec.ts'

const provider: ArgumentSpec = { name: '[provider]', text: 'name of a provider; default: this store' }

/** Part of the commands under "Store and providers". */
export const ACCESS: readonly CommandSpec[] = [
  {
    name: 'open',
    summary: 'Open the page of this store in the browser, logged in',
    prints: 'the address with a code for one login within a minute, with --print or where no browser can be opened',
    options: [{ flags: '--print', text: 'only print the address; default without a display' }],
    examples: ['hyper-store open', 'hyper-store open --print'],
    load: async () => (await import('./commands/open.ts')).runOpen,
  },
  {
    name: 'pair',
    summary: 'Make a one-time code that lets another device use this store',
    prints: 'the set-provider line to paste on the other device; with --browser the address to open',
    options: [
      { flags: '--role <role>', text: 'what the other device may do', choices: ['owner', 'member', 'reader'], fallback: 'owner' },
      { flags: '--expires <time>', text: 'how long the code is good: 90s, 10m, 2h, 1d', fallback: '10m' },
      { flags: '--browser', text: 'for the page in a browser, such as that of a phone: an address, and on a terminal a QR code' },
    ],
    examples: ['hyper-store pair', 'hyper-store pair --role reader --expires 1h', 'hyper-store pair --browser'],
    load: async () => (await import('./commands/pair.ts')).runPair,
  },
  {
    name: 'set-provider',
    summary: 'Name a store that you control, after checking that it answers',
    prints: 'name, address and role, separated by tabs when piped',
    arguments: [
      { name: '<target>', text: 'http://host:port or device key, with #code when you have one' },
      { name: '[name]', text: 'name of the provider; left out: default' },
    ],
    examples: ['hyper-store set-provider http://raspberrypi.local:3472#k7wd-93hf raspberry'],
    load: async () => (await import('./commands/providers.ts')).runSetProvider,
  },
  {
    name: 'get-provider',
    summary: 'Show the address of a provider',
    prints: 'the address',
    arguments: [{ name: '[name]', text: 'name of the provider; left out: default' }],
    examples: ['hyper-store get-provider raspberry'],
    load: async () => (await import('./commands/providers.ts')).runGetProvider,
  },
  {
    name: 'list-providers',
    summary: 'List the providers by name',
    prints: 'one line each: name, address, role, reachable or not',
    examples: ['hyper-store list-providers'],
    load: async () => (await import('./commands/providers.ts')).runListProviders,
  },
  {
    name: 'unset-provider',
    summary: 'Forget a provider; what it keeps stays there',
    prints: 'nothing',
    arguments: [{ name: '[name]', text: 'name of the provider; left out: default' }],
    examples: ['hyper-store unset-provider raspberry'],
    load: async () => (await import('./commands/providers.ts')).runUnsetProvider,
  },
  {
    name: 'devices',
    summary: 'List who may use the store',
    prints: 'one line each: name, role, key, last seen, bytes kept for it and their limit',
    arguments: [provider],
    examples: ['hyper-store devices', 'hyper-store devices raspberry'],
    load: async () => (await import('./commands/devices.ts')).runDevices,
    subcommands: [
      {
        name: 'rename',
        summary: 'Give a device another name',
        prints: 'the device',
        arguments: [
          { name: '<device>', text: 'name or key' },
          { name: '<name>', text: 'the new name' },
        ],
        examples: ['hyper-store devices rename laptop "Ana\'s laptop"'],
        load: async () => (await import('./commands/devices.ts')).runRenameDevice,
      },
      {
        name: 'limit',
        summary: 'Say how much the store keeps for a device at most; what is beyond waits, and nothing is deleted',
        prints: 'the device',
        arguments: [
          { name: '<device>', text: 'name or key' },
          { name: '<size|none>', text: 'such as 500MB, 10GB or 1.5TiB; none: no limit' },
          provider,
        ],
        examples: ['hyper-store devices limit laptop 10GB', 'hyper-store devices limit laptop none raspberry'],
        load: async () => (await import('./commands/devices.ts')).runLimitDevice,
      },
      {
        name: 'revoke',
        summary: 'Take a device its right to use the store',
        prints: 'nothing',
        arguments: [{ name: '<device>', text: 'name or key' }],
        examples: ['hyper-store devices revoke laptop'],
        load: async () => (await import('./commands/devices.ts')).runRevokeDevice,
      },
    ],
  },
]
