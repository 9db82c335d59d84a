/** The commands under "Tables": arguments, options, examples, and where their code is. */
import type { ArgumentSpec, CommandGroup, OptionSpec } from './command-spec.ts'

const table: ArgumentSpec = {
  name: '<link>',
  text: 'link of a table, with the name of the table as path in a shared folder; or its unique title',
}
const key: ArgumentSpec = { name: '<key>', text: 'key; a slash stands between a sub-database and what is in it' }
const file: ArgumentSpec = { name: '<file|->', text: 'file, or - for a pipe' }
const version: OptionSpec = { flags: '--version <number>', text: 'the table as it was then; a link with +version says the same' }
const format: OptionSpec = {
  flags: '--format <format>',
  text: 'default: by the name of the file; ndjson for a pipe',
  choices: ['json', 'ndjson', 'csv'],
}

/** Commands under their heading. */
export const TABLES: CommandGroup = {
  heading: 'Tables',
  commands: [
    {
      name: 'bee',
      summary: 'Make, read and write tables: rows with a key, kept and shared as folders are',
      prints: 'nothing; its commands follow',
      examples: [
        'hyper-store bee create contacts',
        'hyper-store bee put contacts people/ana \'{"city":"Lisbon"}\'',
        'hyper-store bee ls contacts',
      ],
      load: async () => (await import('./commands/bee-table.ts')).runBee,
      subcommands: [
        {
          name: 'create',
          summary: 'Make a table, alone or in a shared folder whose writers all write it',
          prints: 'the link; with --json the table',
          arguments: [{ name: '[title]', text: 'title; the name of the table in a shared folder' }],
          options: [
            { flags: '--private', text: 'encrypt keys and values; only holders of the link can read' },
            { flags: '--in <folder>', text: 'make it in this shared folder: path, link or unique title' },
            { flags: '--provider <name>', text: 'have this provider keep it too' },
            { flags: '--blind', text: 'have the provider keep it without being able to read' },
          ],
          examples: [
            'hyper-store bee create contacts',
            'hyper-store bee create contacts --private --provider raspberry --blind',
            'hyper-store bee create todo --in ./club',
          ],
          load: async () => (await import('./commands/bee-table.ts')).runBeeCreate,
        },
        {
          name: 'info',
          summary: 'Show what a table is: rows, bytes, version, who writes it',
          prints: 'a block; with --json the table',
          arguments: [table],
          examples: ['hyper-store bee info contacts'],
          load: async () => (await import('./commands/bee-table.ts')).runBeeInfo,
        },
        {
          name: 'get',
          summary: 'Print the value of a row; exit code 6 when there is none',
          prints: 'JSON on a line, text, or bytes as they are; with --json the row',
          arguments: [table, key],
          options: [
            { flags: '--as <type>', text: 'print it as this; default: as what it is', choices: ['json', 'text', 'bytes'] },
            version,
          ],
          examples: ['hyper-store bee get contacts people/ana', 'hyper-store bee get contacts photo --as bytes > ana.jpg'],
          load: async () => (await import('./commands/bee-row.ts')).runBeeGet,
        },
        {
          name: 'put',
          summary: 'Put a row; what is no JSON is put as a JSON string',
          prints: 'nothing; with --json the row',
          arguments: [table, key, { name: '[value|-]', text: 'value; - or left out: from stdin' }],
          options: [
            { flags: '--as <type>', text: 'store it as JSON and nothing else, as text, or as bytes', choices: ['json', 'text', 'bytes'] },
          ],
          examples: [
            'hyper-store bee put contacts people/ana \'{"city":"Lisbon"}\'',
            'hyper-store bee put contacts motto "plain words" --as text',
            'hyper-store bee put contacts photo --as bytes < ana.jpg',
          ],
          load: async () => (await import('./commands/bee-row.ts')).runBeePut,
        },
        {
          name: 'del',
          summary: 'Delete a row; exit code 6 when there is none',
          prints: 'nothing',
          arguments: [table, key],
          examples: ['hyper-store bee del contacts people/ana'],
          load: async () => (await import('./commands/bee-row.ts')).runBeeDel,
        },
        {
          name: 'ls',
          summary: 'List the rows in the order of their keys',
          prints: 'key and value, separated by a tab when piped; bytes in base 64; with --json one row a line',
          arguments: [
            table,
            { name: '[prefix]', text: 'only keys that begin so: posts/ is a sub-database, posts/2026 the keys in it that begin with 2026' },
          ],
          options: [
            { flags: '--gt <key>', text: 'only keys after this one' },
            { flags: '--gte <key>', text: 'only this key and those after it' },
            { flags: '--lt <key>', text: 'only keys before this one' },
            { flags: '--lte <key>', text: 'only this key and those before it' },
            { flags: '--match <text>', text: 'only rows with this text in key or value, in any case; bytes are not searched' },
            { flags: '--limit <number>', text: 'at most so many; default: all' },
            { flags: '--reverse', text: 'the last key first' },
            { flags: '--shallow', text: 'each sub-database once, by its name with a slash, in place of what is in it' },
            version,
          ],
          examples: [
            'hyper-store bee ls contacts',
            'hyper-store bee ls contacts people/ --gte people/b --lt people/d',
            'hyper-store bee ls contacts --match lisbon',
            'hyper-store bee ls contacts --shallow --json',
          ],
          load: async () => (await import('./commands/bee-list.ts')).runBeeList,
        },
        {
          name: 'watch',
          summary: 'Print rows as they change, or run a command for each',
          prints: 'version, time, device, put or delete, key and value, separated by tabs when piped; NDJSON with --json',
          arguments: [table, { name: '[prefix]', text: 'only keys that begin so' }],
          options: [
            { flags: '--since <version>', text: 'what changed after this version first' },
            {
              flags: '--exec <command>',
              text: 'run in a shell for each change, one after another, with HYPER_STORE_LINK, _KEY, _OP and _VALUE set and the change as JSON on stdin',
            },
          ],
          examples: ['hyper-store bee watch contacts', 'hyper-store bee watch contacts people/ --exec \'notify-send "$HYPER_STORE_KEY"\''],
          load: async () => (await import('./commands/bee-watch.ts')).runBeeWatch,
        },
        {
          name: 'history',
          summary: 'List the changes of a table or of one row, newest first',
          prints: 'version, time, device, put or delete, key and value, separated by tabs when piped; with --json one change a line',
          arguments: [table, { name: '[key]', text: 'only changes of this row' }],
          options: [
            { flags: '--limit <number>', text: 'how many changes', fallback: '20' },
            { flags: '--before <version>', text: 'only older ones than this version' },
          ],
          examples: ['hyper-store bee history contacts', 'hyper-store bee history contacts people/ana --limit 100'],
          load: async () => (await import('./commands/bee-list.ts')).runBeeHistory,
        },
        {
          name: 'import',
          summary: 'Put many rows out of a file: all, or none when a line is wrong',
          prints: 'how many rows were put; with --json also the version',
          arguments: [table, file],
          options: [format, { flags: '--key <column>', text: 'CSV: the column with the keys', fallback: 'key' }],
          examples: [
            'hyper-store bee import contacts people.csv --key email',
            'hyper-store bee import contacts rows.ndjson',
            'cat rows.json | hyper-store bee import contacts - --format json',
          ],
          load: async () => (await import('./commands/bee-import.ts')).runBeeImport,
        },
        {
          name: 'export',
          summary: 'Write all rows of one version into a file; import reads it again',
          prints: 'the file, or the rows for -; with --json also rows and version',
          arguments: [table, file],
          options: [format, version],
          examples: ['hyper-store bee export contacts people.csv', 'hyper-store bee export contacts - | wc -l'],
          load: async () => (await import('./commands/bee-export.ts')).runBeeExport,
        },
      ],
    },
  ],
}
