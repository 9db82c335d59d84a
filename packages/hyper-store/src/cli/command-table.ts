/** Every command of the program: arguments, options, examples, and where its code is. */
import type { ArgumentSpec, CommandGroup, OptionSpec } from './command-spec.ts'
import { ACCESS } from './command-table-access.ts'
import { HISTORY } from './command-table-history.ts'
import { PUBLISH } from './command-table-publish.ts'
import { BOARDS } from './command-table-boards.ts'
import { TABLES } from './command-table-tables.ts'
import { THINGS } from './command-table-things.ts'
import { TOOLS } from './command-table-tools.ts'

/** Options that every command takes, before or after its arguments. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '--home <dir>', text: 'configuration, state and cores of the store (or HYPER_STORE_HOME)' },
  { flags: '--json', text: 'one JSON object a line on stdout, errors as JSON on stderr' },
  { flags: '--quiet', text: 'nothing on stderr but errors' },
  { flags: '--verbose', text: 'more on stderr, with a stack trace for errors' },
  { flags: '--no-start', text: 'end with exit code 3 when no service runs, instead of starting one' },
]

const folder: ArgumentSpec = { name: '<folder>', text: 'path, link or unique title' }
const provider: ArgumentSpec = { name: '[provider]', text: 'name of a provider; default: this store' }

const RUN_SERVICE_OPTIONS: readonly OptionSpec[] = [
  { flags: '--port <number>', text: 'port to listen on; 0 takes a free one', fallback: '3472' },
  { flags: '--host <address>', text: 'address to listen on', fallback: '127.0.0.1' },
  { flags: '--expose-to-internet', text: 'listen on all interfaces, and want a right from every caller' },
  { flags: '--open', text: 'trust every caller (a classroom network); says so loudly' },
  { flags: '--name <name>', text: 'name of this device; default: the host name' },
  { flags: '--lan-only', text: 'never use the internet' },
  { flags: '--no-lan', text: 'neither look for nor tell devices of the local network' },
  { flags: '--bootstrap <host:port,...>', text: 'DHT nodes to start from instead of the public ones' },
  {
    flags: '--on-complete <command>',
    text: 'run in a shell when a device has become complete, with HYPER_STORE_LINK, _TITLE, _VERSION, _DEVICE set',
  },
  { flags: '--webhook <url>', text: 'send that moment to an address, as JSON' },
  { flags: '--notify', text: 'show that moment as a notice on the desktop' },
  { flags: '--led <name|dir>', text: 'blink an LED of /sys/class/leds while syncing, light it when complete' },
  { flags: '--storage-location <dir>', text: 'the same as --home' },
]

const STORE: CommandGroup = {
  heading: 'Store and providers',
  commands: [
    {
      name: 'run-service',
      summary: 'Run the store in the foreground',
      prints: 'with --json: `{"event":"ready","url","deviceKey","name","pid","home"}` first, then events',
      options: [
        ...RUN_SERVICE_OPTIONS,
        { flags: '--background', text: 'started by a command: talk goes to service.log', hidden: true },
        { flags: '--any-port', text: 'take a free port when the wanted one is taken', hidden: true },
      ],
      examples: ['hyper-store run-service', 'hyper-store run-service --expose-to-internet --name raspberry'],
      load: async () => (await import('./commands/run-service.ts')).runRunService,
    },
    {
      name: 'install-service',
      summary: 'Have the system run the store from now on (systemd, launchd)',
      prints: 'the unit, with --print',
      options: [
        { flags: '--user', text: 'for this user (default)' },
        { flags: '--system', text: 'for the machine, as its own user' },
        { flags: '--print', text: 'only print what would be installed' },
        ...RUN_SERVICE_OPTIONS,
      ],
      examples: ['hyper-store install-service', 'sudo hyper-store install-service --system --expose-to-internet --name raspberry'],
      load: async () => (await import('./commands/service-unit.ts')).runInstallService,
    },
    {
      name: 'uninstall-service',
      summary: 'Undo install-service; what the store keeps stays',
      prints: 'nothing',
      options: [
        { flags: '--user', text: 'of this user (default)' },
        { flags: '--system', text: 'of the machine' },
        { flags: '--print', text: 'only print what would be done' },
      ],
      examples: ['hyper-store uninstall-service'],
      load: async () => (await import('./commands/service-unit.ts')).runUninstallService,
    },
    {
      name: 'service',
      summary: 'Look at, start or stop the service of this home',
      prints: 'status: one line; logs: the log',
      arguments: [{ name: '<action>', text: 'what to do', choices: ['status', 'start', 'stop', 'logs'] }],
      examples: ['hyper-store service status', 'hyper-store service stop'],
      load: async () => (await import('./commands/service-unit.ts')).runService,
    },
    ...ACCESS,
    {
      name: 'doctor',
      summary: 'Check Node, libc, ports, network, clock and disk, each with its cure',
      prints: 'one line a check: ok, warning, wrong or unknown; exit code 1 when something is wrong',
      examples: ['hyper-store doctor'],
      load: async () => (await import('./commands/doctor.ts')).runDoctorCommand,
    },
    {
      name: 'backup',
      summary: 'Save the identity and the keys of this store in a file that a passphrase opens; files are not in it',
      prints: 'the file',
      arguments: [{ name: '<file>', text: 'new file; the passphrase is asked for, or taken from HYPER_STORE_PASSPHRASE' }],
      options: [{ flags: '--force', text: 'overwrite the file' }],
      examples: ['hyper-store backup ~/laptop.backup'],
      load: async () => (await import('./commands/backup.ts')).runBackup,
    },
    {
      name: 'restore-backup',
      summary: 'Make a new home from a backup: the same device and links, whose files come back from the devices that have them',
      prints: 'the home; with --json also name, device key and folders',
      arguments: [{ name: '<file>', text: 'file of backup; the passphrase is asked for, or taken from HYPER_STORE_PASSPHRASE' }],
      examples: ['hyper-store restore-backup ~/laptop.backup'],
      load: async () => (await import('./commands/restore-backup.ts')).runRestoreBackup,
    },
    {
      name: 'alias',
      summary: 'Make the old name dat-store start this program',
      prints: 'the path of the launcher',
      arguments: [{ name: '<name>', text: 'the name', choices: ['dat-store'] }],
      options: [{ flags: '--dir <dir>', text: 'folder of the launcher; default: beside hyper-store' }],
      examples: ['hyper-store alias dat-store', 'hyper-store alias dat-store --dir ~/.local/bin'],
      load: async () => (await import('./commands/alias.ts')).runAlias,
    },
  ],
}

const FOLDERS: CommandGroup = {
  heading: 'Folders',
  commands: [
    {
      name: 'add',
      summary: 'Share a folder, or keep what a link names; with a provider a folder is shared here and kept there',
      prints: 'the link; with --json the item',
      arguments: [{ name: '<path|link>', text: 'folder on this machine, or link' }, provider],
      options: [
        { flags: '--private', text: 'encrypt content and names; only holders of the link can read' },
        { flags: '--title <text>', text: 'title; default: the name of the folder' },
        { flags: '--blind', text: 'have the provider keep it without being able to read' },
      ],
      examples: ['hyper-store add ./photos', 'hyper-store add ./photos raspberry', 'hyper-store add --private ./letters raspberry --blind'],
      load: async () => (await import('./commands/add.ts')).runAdd,
    },
    {
      name: 'clone',
      summary: 'Make a live copy of a link in a new or empty folder',
      prints: 'link, path and state; with --json the item',
      arguments: [{ name: '<path>', text: 'new or empty folder' }, { name: '<link>', text: 'what to copy' }, provider],
      examples: ['hyper-store clone ./photos hyper://…', 'hyper-store wait ./photos'],
      load: async () => (await import('./commands/clone.ts')).runClone,
    },
    {
      name: 'list',
      summary: 'List everything that is kept',
      prints: 'one line each: link, title, state, size, peers; separated by tabs when piped',
      arguments: [provider],
      options: [{ flags: '--public', text: 'what the store offers to everybody instead: link and title' }],
      examples: ['hyper-store list', 'hyper-store list raspberry --json', 'hyper-store list --public'],
      load: async () => (await import('./commands/list.ts')).runList,
    },
    {
      name: 'remove',
      summary: 'Stop keeping; the files on disk stay',
      prints: 'nothing',
      arguments: [folder, provider],
      options: [{ flags: '--delete-data', text: 'also delete what the store holds of it; the files in your folder stay' }],
      examples: ['hyper-store remove ./photos', 'hyper-store remove photos raspberry'],
      load: async () => (await import('./commands/remove.ts')).runRemove,
    },
    {
      name: 'status',
      summary: 'Show state, progress, rate and time left, and what each device holds',
      prints: 'a block for each folder; with --json the items',
      arguments: [{ name: '[folder]', text: 'path, link or unique title; default: all' }, provider],
      examples: ['hyper-store status', 'hyper-store status ./photos'],
      load: async () => (await import('./commands/status.ts')).runStatus,
    },
    {
      name: 'wait',
      summary: 'End when the named devices hold the newest version; none named: this one and every provider that keeps it',
      prints: 'one receipt a line; exit code 5 after the timeout',
      arguments: [
        folder,
        { name: '[name...]', text: 'providers, devices or people to wait for; a person has what one of their devices has' },
      ],
      options: [
        { flags: '--timeout <time>', text: 'give up after this long: seconds, or 90s, 10m, 2h, 1d' },
        { flags: '--exec <command>', text: 'run in a shell afterwards, with HYPER_STORE_LINK, _TITLE, _VERSION and _DEVICES set' },
      ],
      examples: ['hyper-store wait ./photos raspberry', 'hyper-store wait ./photos raspberry --timeout 10m --exec "systemctl poweroff"'],
      load: async () => (await import('./commands/wait.ts')).runWait,
    },
    {
      name: 'watch',
      summary: 'Print events as they happen: changes, conflicts, receipts; rows of a table; blocks of a plain core',
      prints: 'one event a line; NDJSON with --json; with --exec what the command prints',
      arguments: [{ name: '[folder|link]', text: 'path, link or unique title; or link of a table or core; default: all folders' }],
      options: [
        {
          flags: '--since <number>',
          text: 'of a core the blocks from this number on, of a table the changes after this version, come first',
        },
        {
          flags: '--exec <command>',
          text: 'run in a shell for each event, one after another, with HYPER_STORE_LINK, _EVENT, _OP, _PATH, _KEY, _INDEX and _VALUE set, where it has them, and the event as JSON on stdin',
        },
      ],
      examples: [
        'hyper-store watch',
        'hyper-store watch ./photos --json',
        'hyper-store watch hyper://… --exec \'echo "$HYPER_STORE_VALUE"\'',
      ],
      load: async () => (await import('./commands/watch.ts')).runWatch,
    },
    {
      name: 'pause',
      summary: 'Stop syncing a folder until resumed',
      prints: 'nothing; with --json the item',
      arguments: [folder],
      examples: ['hyper-store pause ./photos'],
      load: async () => (await import('./commands/pause.ts')).runPause,
    },
    {
      name: 'resume',
      summary: 'Go on syncing a folder',
      prints: 'nothing; with --json the item',
      arguments: [folder],
      options: [
        { flags: '--confirm', text: 'go on although it was stopped for safety: what is gone from the disk is then deleted elsewhere too' },
        { flags: '--bring-back', text: 'go on after a stop for safety, and bring back what is gone from the disk' },
      ],
      examples: ['hyper-store resume ./photos'],
      load: async () => (await import('./commands/pause.ts')).runResume,
    },
    {
      name: 'rescan',
      summary: 'Compare the whole folder with what is stored, and end when that is done',
      prints: 'nothing; with --json the item',
      arguments: [folder],
      examples: ['hyper-store rescan ./photos'],
      load: async () => (await import('./commands/pause.ts')).runRescan,
    },
    {
      name: 'ignore',
      summary: 'Show which ignore rules apply (.hyperignore in gitignore syntax; .datignore is read too)',
      prints: 'one rule a line: file:line and pattern; with --test: ignored or kept, and by which rule',
      arguments: [folder],
      options: [{ flags: '--test <path>', text: 'say what the rules make of this path' }],
      examples: ['hyper-store ignore ./photos', 'hyper-store ignore ./photos --test raw/a.tmp'],
      load: async () => (await import('./commands/ignore.ts')).runIgnore,
    },
    {
      name: 'conflicts',
      summary: 'Show files of which several versions stand side by side, or settle one for all members',
      prints: 'one conflict a line: file, its version, the copy beside it, its version; after keep: what is left',
      arguments: [
        folder,
        { name: '[action]', text: 'settle a conflict; left out: list', choices: ['keep'] },
        { name: '[version]', text: 'the one that this device wrote, the other, or both as two files', choices: ['mine', 'theirs', 'both'] },
        { name: '[file]', text: 'the file or its copy' },
      ],
      examples: ['hyper-store conflicts ./photos', 'hyper-store conflicts ./photos keep mine notes.txt'],
      load: async () => (await import('./commands/conflicts.ts')).runConflicts,
    },
    {
      name: 'mode',
      summary: 'Show or change what this device does with a folder; changing it loses nothing',
      prints: 'the mode; with --json the item',
      arguments: [folder, { name: '[mode]', text: 'the new mode', choices: ['send-receive', 'receive-only', 'send-only', 'keep'] }],
      options: [
        { flags: '--listed', text: 'put its link on the public list of this store' },
        { flags: '--unlisted', text: 'take it off that list' },
      ],
      examples: ['hyper-store mode ./photos', 'hyper-store mode ./photos receive-only', 'hyper-store mode ./site --listed'],
      load: async () => (await import('./commands/mode.ts')).runMode,
    },
    {
      name: 'select',
      summary: "Leave sub-folders out of this device's disk, or bring them back; other devices notice nothing",
      prints: 'one sub-folder a line that is left out; with --json the item',
      arguments: [folder],
      options: [
        { flags: '--exclude <sub-folder>', text: 'leave it out; may be given several times', repeatable: true },
        { flags: '--include <sub-folder>', text: 'bring it back; may be given several times; . brings back all', repeatable: true },
      ],
      examples: ['hyper-store select ./photos --exclude raw --exclude video/2024', 'hyper-store select ./photos --include raw'],
      load: async () => (await import('./commands/select.ts')).runSelect,
    },
    {
      name: 'verify',
      summary: 'Re-read all that is stored and on disk; with --repair fetch again what is damaged',
      prints: 'one problem a line: repaired or damaged, kind, path, reason; exit code 1 when something stays damaged',
      arguments: [{ name: '[folder]', text: 'path, link or unique title; default: all' }],
      options: [{ flags: '--repair', text: 'fetch what is damaged from a device that has it' }],
      examples: ['hyper-store verify ./photos', 'hyper-store verify --repair'],
      load: async () => (await import('./commands/verify.ts')).runVerify,
    },
  ],
}

const memberFolder: OptionSpec = {
  flags: '--folder <folder>',
  text: 'the folder, when it is not the first argument and several are shared',
}

const SHARING: CommandGroup = {
  heading: 'Sharing',
  commands: [
    {
      name: 'invite',
      summary: 'Make a code with which another device joins a folder; a plain folder becomes a shared one',
      prints: 'the code; on a terminal also a QR code and the line to paste, on stderr; with --json the invite',
      arguments: [folder],
      options: [
        { flags: '--role <role>', text: 'what the guest may do', choices: ['reader', 'writer', 'admin', 'keeper'], fallback: 'writer' },
        { flags: '--uses <number>', text: 'how many devices may join with it', fallback: '1' },
        { flags: '--expires <time>', text: 'how long it is good: 90s, 10m, 24h, 7d; at most 30d', fallback: '24h' },
        { flags: '--approve', text: 'each guest waits until somebody here has compared four words' },
        { flags: '--mine', text: 'for another device of your own, with your role' },
        { flags: '--cancel <id>', text: 'take back an invite; members shows the ids' },
      ],
      examples: ['hyper-store invite ./photos', 'hyper-store invite ./photos --role reader --uses 5 --expires 7d --approve'],
      load: async () => (await import('./commands/invite.ts')).runInvite,
    },
    {
      name: 'join',
      summary: 'Join a folder with the code of an invite, and stay until this device is let in',
      prints: 'link, path and state; with --json the item; with --list one join a line: id, state, path, words or reason',
      arguments: [
        { name: '[code]', text: 'code of the invite' },
        { name: '[path]', text: 'new or empty folder' },
      ],
      options: [
        { flags: '--name <name>', text: 'your name for the other members; default: the name of this device' },
        { flags: '--title <text>', text: 'title of the folder here; default: the name of the path' },
        { flags: '--keep', text: 'keep the folder for others, with no path on this disk' },
        { flags: '--timeout <time>', text: 'stop watching after this long; the join goes on in the store', fallback: '5m' },
        { flags: '--list', text: 'list the joins under way' },
        { flags: '--cancel <id>', text: 'take a join back' },
      ],
      examples: ['hyper-store join yrb8…k3o ./photos', 'hyper-store join --list'],
      load: async () => (await import('./commands/join.ts')).runJoin,
    },
    {
      name: 'members',
      summary: 'Show who has a folder, who waits to be let in, and the open invites',
      prints: 'a block for each person with their devices, then guests with their four words, and invites; with --json the members',
      arguments: [folder],
      examples: ['hyper-store members ./photos', 'hyper-store members remove ./photos ben'],
      load: async () => (await import('./commands/members.ts')).runMembers,
      subcommands: [
        {
          name: 'approve',
          summary: 'Let a guest in, after comparing the four words; left out, the folder is the one that is shared',
          prints: 'the members',
          arguments: [
            { name: '<folder|request>', text: 'path, link or unique title; or the request, when it stands alone' },
            { name: '[request]', text: 'id or name of the guest' },
          ],
          options: [memberFolder, { flags: '--yes', text: 'do not ask whether the words are the same' }],
          examples: ['hyper-store members approve ./photos ben'],
          load: async () => (await import('./commands/members.ts')).runApprove,
        },
        {
          name: 'refuse',
          summary: 'Refuse a guest',
          prints: 'the members',
          arguments: [
            { name: '<folder|request>', text: 'path, link or unique title; or the request, when it stands alone' },
            { name: '[request]', text: 'id or name of the guest' },
          ],
          options: [memberFolder],
          examples: ['hyper-store members refuse ./photos ben'],
          load: async () => (await import('./commands/members.ts')).runRefuse,
        },
        {
          name: 'remove',
          summary: 'Remove a person, or one device of theirs; what they have stays with them, nothing new goes there',
          prints: 'the members',
          arguments: [
            { name: '<folder|member>', text: 'path, link or unique title; or the member, when it stands alone' },
            { name: '[member]', text: 'name or id of a person; name or key of a device' },
          ],
          options: [memberFolder, { flags: '--yes', text: 'do not ask' }],
          examples: ['hyper-store members remove ./photos ben', 'hyper-store members remove ben --yes'],
          load: async () => (await import('./commands/members.ts')).runRemoveMember,
        },
        {
          name: 'role',
          summary: 'Give a member another role: owner, admin, writer, reader or keeper',
          prints: 'the members',
          arguments: [
            { name: '<folder|member>', text: 'path, link or unique title; or the member, when two words follow' },
            { name: '<member|role>', text: 'name or id of a person; or the role' },
            { name: '[role]', text: 'owner, admin, writer, reader or keeper' },
          ],
          options: [memberFolder],
          examples: ['hyper-store members role ./photos ben reader'],
          load: async () => (await import('./commands/members.ts')).runMemberRole,
        },
      ],
    },
    {
      name: 'links',
      summary: 'Show, make or revoke addresses with which people without a device read a part of a private folder',
      prints: 'one link a line: id, path, state, until when, by whom, address; create: the address alone',
      arguments: [
        folder,
        { name: '[action]', text: 'what to do; left out: list', choices: ['create', 'revoke'] },
        { name: '[id]', text: 'the link to revoke' },
      ],
      options: [
        { flags: '--path <path>', text: 'file or folder inside; default: the whole folder' },
        { flags: '--expires <time>', text: 'how long it is good: 10m, 24h, 7d; at most 366d', fallback: '7d' },
      ],
      examples: ['hyper-store links ./letters create --path 2026/may.pdf --expires 24h', 'hyper-store links ./letters revoke 7f3a'],
      load: async () => (await import('./commands/links.ts')).runLinks,
    },
  ],
}

/** All commands, in the order of help and reference. */
export const COMMANDS: readonly CommandGroup[] = [STORE, FOLDERS, HISTORY, SHARING, THINGS, TABLES, BOARDS, PUBLISH, TOOLS].filter(
  ({ commands }) => commands.length > 0,
)
