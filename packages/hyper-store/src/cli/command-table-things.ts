/** The commands under "By link, without a copy": arguments, options, examples, and where their code is. */
import type { ArgumentSpec, CommandGroup, OptionSpec } from './command-spec.ts'

const inside: ArgumentSpec = { name: '<link/path>', text: 'link, path of a kept folder, or title, with the path inside' }
const version: OptionSpec = { flags: '--version <number>', text: 'as of a version; the same as +N in the link' }
const recursive: OptionSpec = { flags: '-r, --recursive', text: 'with all that is below' }
const links: ArgumentSpec = { name: '<link...>', text: 'what to keep' }
const provider: OptionSpec = { flags: '--provider <name>', text: 'have this provider do it; default: this store' }
const isPrivate: OptionSpec = { flags: '--private', text: 'encrypt it; only holders of the link can read' }

/** Options of everything that compares two trees. */
export const TREE_OPTIONS: readonly OptionSpec[] = [
  { flags: '-y, --yes', text: 'do not ask before something is deleted or overwritten' },
  { flags: '--no-add', text: 'leave out what is new' },
  { flags: '--no-overwrite', text: 'leave what differs as it is' },
  { flags: '--no-delete', text: 'leave what only the second one has' },
  { flags: '--prefix <path>', text: 'only this path, with what is in it' },
  { flags: '--filter <pattern>', text: 'leave out what matches, in gitignore syntax; may be given several times', repeatable: true },
]

/** Commands under their heading. */
export const THINGS: CommandGroup = {
  heading: 'By link, without a copy',
  commands: [
    {
      name: 'ls',
      summary: 'List a folder, a table or the blocks of a core, kept here or not',
      prints:
        'one name a line, folders with a slash; -l: kind, size, time, name; of a table sub-databases, keys and values; of a core index and size',
      arguments: [inside],
      options: [
        recursive,
        { flags: '-l, --long', text: 'with kind, size and time' },
        { flags: '--match <text>', text: 'at any depth, only names with this text in any case; of a table rows with it in key or value' },
        version,
      ],
      examples: [
        'hyper-store ls hyper://…/letters',
        'hyper-store ls -r -l hyper://…',
        'hyper-store ls hyper://…+12',
        'hyper-store ls hyper://… --match holiday',
      ],
      load: async () => (await import('./commands/ls.ts')).runLs,
    },
    {
      name: 'cat',
      summary: 'Print a file, the value of a row, or all blocks of a core, as they come',
      prints: 'the bytes; with --json pieces of them in base 64, with their offset; exit code 5 when nobody gives the rest any more',
      arguments: [inside],
      options: [version],
      examples: ['hyper-store cat hyper://…/letters/ana.txt', 'hyper-store cat hyper://…/video.mp4 | mpv -'],
      load: async () => (await import('./commands/cat.ts')).runCat,
    },
    {
      name: 'get',
      summary: 'Fetch a file, or a folder with -r, to this disk; goes on with what an aborted run left in a .part file',
      prints: 'where it is; of a folder the lines of sync',
      arguments: [inside, { name: '[file]', text: 'new file, or folder for it; default: here, under its own name' }],
      options: [recursive, { flags: '--force', text: 'overwrite the file' }, version],
      examples: ['hyper-store get hyper://…/video.mp4', 'hyper-store get -r hyper://…/letters ./letters'],
      load: async () => (await import('./commands/get.ts')).runGet,
    },
    {
      name: 'put',
      summary: 'Write a file or a row, from a file of this disk or from stdin',
      prints: 'its path or key; with --json the entry or row',
      arguments: [inside, { name: '[file|-]', text: 'what to put; - or nothing: stdin' }],
      examples: ['hyper-store put hyper://…/letters/ana.txt ./ana.txt', 'date | hyper-store put hyper://…/now.txt'],
      load: async () => (await import('./commands/put.ts')).runPut,
    },
    {
      name: 'rm',
      summary: 'Remove a file or a row; with -r a folder, or all rows of a sub-database',
      prints: 'what was removed, and how much when it is more than one',
      arguments: [inside],
      options: [recursive],
      examples: ['hyper-store rm hyper://…/letters/ana.txt', 'hyper-store rm -r hyper://…/letters'],
      load: async () => (await import('./commands/rm.ts')).runRm,
    },
    {
      name: 'mkdir',
      summary: 'Make an empty folder, with those above it',
      prints: 'its path',
      arguments: [inside],
      examples: ['hyper-store mkdir hyper://…/letters/2026'],
      load: async () => (await import('./commands/mkdir.ts')).runMkdir,
    },
    {
      name: 'mv',
      summary: 'Give a file or folder inside of a folder another name or place; its history stays with it',
      prints: 'the new path; with --json the entry',
      arguments: [
        { name: '<thing>', text: 'link, path of a kept folder, or title; with a path inside, the others start there' },
        { name: '<from>', text: 'path inside' },
        { name: '<to>', text: 'new path inside, that nothing has yet' },
      ],
      examples: ['hyper-store mv letters ana.txt 2026/ana.txt'],
      load: async () => (await import('./commands/mv.ts')).runMv,
    },
    {
      name: 'stat',
      summary: 'Show all facts of a file, folder or row, or of the whole thing',
      prints: 'one fact a line, name and value; with --json the entry, row or thing',
      arguments: [inside],
      options: [version],
      examples: ['hyper-store stat hyper://…/letters/ana.txt', 'hyper-store stat hyper://… --json'],
      load: async () => (await import('./commands/stat.ts')).runStat,
    },
    {
      name: 'info',
      summary: 'Tell what a link is: folder, table or core, how much of it is here, who is connected; without a link all that is kept',
      prints: 'one fact a line; without a link one line each: link, kind, title, peers, held of known, state',
      arguments: [{ name: '[link]', text: 'link, path or unique title; default: everything kept' }],
      options: [
        { flags: '-l, --long', text: 'whole keys, and the logs that it is made of' },
        { flags: '-w, --live', text: 'again whenever something changed, until Ctrl-C' },
      ],
      examples: ['hyper-store info', 'hyper-store info hyper://… --long', 'hyper-store info --live'],
      load: async () => (await import('./commands/info.ts')).runInfo,
    },
    {
      name: 'seed',
      summary: 'Keep what links name, and offer it to others (add, of links)',
      prints: 'each link; with --json the items',
      arguments: [links],
      options: [provider],
      examples: ['hyper-store seed hyper://…', 'hyper-store seed hyper://… --provider raspberry'],
      load: async () => (await import('./commands/seed.ts')).runSeed,
    },
    {
      name: 'unseed',
      summary: 'Keep what links name no more (remove, of links)',
      prints: 'nothing',
      arguments: [{ ...links, text: 'what to keep no more' }],
      options: [provider],
      examples: ['hyper-store unseed hyper://…'],
      load: async () => (await import('./commands/seed.ts')).runUnseed,
    },
    {
      name: 'create',
      summary: 'Make a folder (drive) or a table (bee) that lies in the store alone',
      prints: 'the link; with --json what it is',
      arguments: [
        { name: '<kind>', text: 'what to make', choices: ['drive', 'bee'] },
        { name: '[title]', text: 'title; default: made up' },
      ],
      options: [isPrivate],
      examples: ['hyper-store create drive letters', 'hyper-store create bee addresses --private'],
      load: async () => (await import('./commands/create.ts')).runCreate,
    },
    {
      name: 'touch',
      summary: 'Make a folder that lies in the store alone (create drive)',
      prints: 'the link; with --json what it is',
      arguments: [{ name: '[title]', text: 'title; default: made up' }],
      options: [isPrivate],
      examples: ['hyper-store touch'],
      load: async () => (await import('./commands/create.ts')).runTouch,
    },
    {
      name: 'sync',
      summary: 'Make the second folder like the first, one way; either is a path or a link, and without a second one it is made',
      prints:
        'first the link of a folder that was made; one `+ - ~ >` line for each path that was added, deleted, changed, renamed; their count at the end',
      arguments: [
        { name: '<path|link>', text: 'the folder to follow' },
        { name: '[path|link]', text: 'the folder to make like it; default: a new link for a path, a folder named by its key for a link' },
      ],
      options: [
        { flags: '-w, --live', text: 'go on with each change, until Ctrl-C' },
        { flags: '--dry-run', text: 'only say what would be done' },
        ...TREE_OPTIONS,
        { flags: '--version <number>', text: 'the first one as of a version; the same as +N in the link' },
      ],
      examples: [
        'hyper-store sync ./site hyper://… --dry-run',
        'hyper-store sync hyper://…+12 ./site-then',
        'hyper-store sync ./site --live --yes',
      ],
      load: async () => (await import('./commands/sync.ts')).runSync,
    },
  ],
}
