/** The commands under "Publishing and lists": arguments, options, examples, and where their code is. */
import type { CommandGroup } from './command-spec.ts'

/** Commands under their heading. */
export const PUBLISH: CommandGroup = {
  heading: 'Publishing and lists',
  commands: [
    {
      name: 'publish',
      summary: 'Publish a folder from a machine that keeps nothing, such as a CI; ends when the named providers hold it',
      prints: 'link and version; with --json an object with the receipts',
      arguments: [{ name: '<path>', text: 'folder to publish' }],
      options: [
        { flags: '--to <provider>', text: 'a provider by name, or http://host:port#code; may be given several times', repeatable: true },
        {
          flags: '--key-env <name>',
          text: 'environment variable with the secret, at least 32 characters',
          fallback: 'HYPER_STORE_PUBLISH_KEY',
        },
        { flags: '--timeout <time>', text: 'give up after this, such as 90s or 10m', fallback: '600s' },
        { flags: '--title <text>', text: "title; default: the folder's name" },
        { flags: '--private', text: 'encrypt it; the link carries the key' },
      ],
      examples: [
        'hyper-store publish ./dist --to raspberry',
        'hyper-store publish ./dist --to http://store.example:3472#oak-7-river --timeout 5m',
      ],
      load: async () => (await import('./commands/publish.ts')).runPublish,
    },
    {
      name: 'lists',
      summary: 'Show the lists of links that are followed: what is on them is kept',
      prints: 'one list a line: id, links, source, problem; with --json the list',
      arguments: [{ name: '[provider]', text: 'a provider to ask instead of this store' }],
      examples: ['hyper-store lists', 'hyper-store lists raspberry'],
      load: async () => (await import('./commands/lists.ts')).runLists,
      subcommands: [
        {
          name: 'follow',
          summary: 'Keep all links of a list, and follow it as it changes',
          prints: 'id, links, source, problem; with --json the list',
          arguments: [
            { name: '<source>', text: 'link of a table, a file with one link a line, a provider, or http://store' },
            { name: '[provider]', text: 'have this provider follow it instead' },
          ],
          examples: ['hyper-store lists follow ./links.txt', 'hyper-store lists follow hyper://… raspberry'],
          load: async () => (await import('./commands/lists.ts')).runListsFollow,
        },
        {
          name: 'unfollow',
          summary: 'Follow a list no more; what is kept stays',
          prints: 'nothing',
          arguments: [
            { name: '<list>', text: 'id or source' },
            { name: '[provider]', text: 'a provider that follows it' },
          ],
          examples: ['hyper-store lists unfollow ./links.txt'],
          load: async () => (await import('./commands/lists.ts')).runListsUnfollow,
        },
      ],
    },
  ],
}
