/** The commands of time travel and space: arguments, options, examples, and where their code is. */
import type { ArgumentSpec, CommandGroup } from './command-spec.ts'
import { TREE_OPTIONS } from './command-table-things.ts'

const folder: ArgumentSpec = { name: '<folder>', text: 'path, link or unique title' }
const VERSION_OR_TIME = 'version number, or a time such as 2h, yesterday, "2026-11-03 10:32"'

/** Commands under their heading. */
export const HISTORY: CommandGroup = {
  heading: 'Time travel and space',
  commands: [
    {
      name: 'history',
      summary: 'List the versions of a folder or of a file, newest first',
      prints: 'a block for each version: number, time, device, and `+ - ~ >` lines of what changed; with --json one version a line',
      arguments: [folder, { name: '[file]', text: 'only versions that touched this file or sub-folder' }],
      options: [
        { flags: '--limit <number>', text: 'how many versions', fallback: '20' },
        { flags: '--before <version>', text: 'only older ones than this version' },
      ],
      examples: ['hyper-store history ./photos', 'hyper-store history ./photos letters/ana.txt --limit 100'],
      load: async () => (await import('./commands/history.ts')).runHistory,
    },
    {
      name: 'diff',
      summary: 'Show what differs between two versions of one folder, or what sync would do to make a second folder like the first',
      prints:
        'one `+ - ~ >` line for each path that was added, deleted, changed, renamed; their count at the end; with --json the differences',
      arguments: [
        { name: '<folder|link+version>', text: 'path, link or unique title; or a link with a version' },
        { name: '[link+version|folder]', text: 'another version of the same folder; or another folder, a path or a link' },
      ],
      options: [
        { flags: '--from <version|time>', text: `${VERSION_OR_TIME}; default: the one before the newest` },
        { flags: '--to <version|time>', text: 'the same; default: the newest' },
        { flags: '--path <path>', text: 'only this file or sub-folder' },
        { flags: '-c, --commit', text: 'make the second folder like the first, as sync does' },
        ...TREE_OPTIONS,
      ],
      examples: [
        'hyper-store diff ./photos --from 12 --to 20',
        'hyper-store diff ./photos --from yesterday',
        'hyper-store diff hyper://…+12 hyper://…+20',
        'hyper-store diff ./site hyper://… --commit',
      ],
      load: async () => (await import('./commands/diff.ts')).runDiff,
    },
    {
      name: 'restore',
      summary: 'Bring back a file, a sub-folder or the whole folder as of a version or a time; what it replaces goes to the trash',
      prints: 'one `+ - ~ >` line for each path that was brought back, and their count; with --json what was restored',
      arguments: [folder, { name: '[file]', text: 'file or sub-folder; left out: the whole folder' }],
      options: [
        { flags: '--version <number>', text: 'the version, as history shows it' },
        { flags: '--at <time>', text: 'the newest version of then: 2h, 3d, yesterday, "2026-11-03 10:32", 2026-11-03T10:32:00Z' },
        { flags: '--to <path>', text: 'write a copy there instead: a new or empty folder, or a free name for a file' },
        { flags: '--dry-run', text: 'only say what would be done' },
      ],
      examples: [
        'hyper-store restore ./photos letters/ana.txt --version 12',
        'hyper-store restore ./photos --at yesterday --dry-run',
        'hyper-store restore ./photos --at "2026-11-03 10:32" --to ./photos-then',
      ],
      load: async () => (await import('./commands/restore.ts')).runRestore,
    },
    {
      name: 'trash',
      summary: 'List what was replaced or removed on this disk, bring it back, or delete it for good (by itself after 30 days)',
      prints: 'one item a line: id, size, time, path; restore: where each came back to; empty: how much was deleted',
      arguments: [
        folder,
        { name: '[action]', text: 'restore or empty; left out: list' },
        { name: '[id|path...]', text: 'what to restore; of a path the newest' },
      ],
      options: [{ flags: '--older-than <time>', text: 'empty: only what has been there for so long, such as 30d' }],
      examples: [
        'hyper-store trash ./photos',
        'hyper-store trash ./photos restore letters/ana.txt',
        'hyper-store trash ./photos empty --older-than 7d',
      ],
      load: async () => (await import('./commands/trash.ts')).runTrash,
    },
    {
      name: 'space',
      summary: 'Show what the store and its folders occupy, and why',
      prints: 'a block for each folder, then the store; with --json the figures in bytes',
      arguments: [{ name: '[folder]', text: 'path, link or unique title; default: all' }],
      examples: ['hyper-store space', 'hyper-store space ./photos --json'],
      load: async () => (await import('./commands/space.ts')).runSpace,
    },
    {
      name: 'retain',
      summary: 'Say how many old versions this device keeps the content of, and let the rest go',
      prints: 'the policy and what it let go; with --json both in bytes',
      arguments: [folder],
      options: [
        { flags: '--all', text: 'keep all versions' },
        { flags: '--versions <number>', text: 'keep the newest so many' },
        { flags: '--days <number>', text: 'keep those of so many days' },
      ],
      examples: ['hyper-store retain ./photos --versions 10', 'hyper-store retain ./photos --all'],
      load: async () => (await import('./commands/retain.ts')).runRetain,
    },
  ],
}
