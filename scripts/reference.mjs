// Writes docs/reference/cli.md and the man page from the table of commands, and docs/reference/errors.md from the error table.
// Usage: node scripts/reference.mjs [--check]   (--check: write nothing, end with 1 when a file is stale)
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { marked } from 'marked'
import manPages from 'marked-man'
import { ERRORS } from '../packages/client/dist/index.js'
import { COMMANDS, GLOBAL_OPTIONS } from '../packages/hyper-store/dist/src/cli/command-table.js'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const made = 'Made by `node scripts/reference.mjs`; edit the tables in the code, not this file.'
const EXITS = [
  [0, 'done'],
  [1, 'failed'],
  [2, 'usage: unknown commands, options and malformed values too'],
  [3, 'service or provider not reachable'],
  [4, 'not allowed'],
  [5, 'timed out or not complete'],
  [6, 'not found'],
  [7, 'stopped for safety, a person must decide'],
  [70, 'a defect of hyper-store'],
]

const cell = (text) => text.replaceAll('|', '\\|')
const code = (text) => `\`${cell(text)}\``
const table = (head, rows) =>
  [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n')

function optionRow({ flags, text, choices, fallback }) {
  const more = [...(choices ? [choices.join(', ')] : []), ...(fallback ? [`default ${fallback}`] : [])]
  return [code(flags), cell(text) + (more.length > 0 ? ` (${more.join('; ')})` : '')]
}

function commandText(spec, parent = '') {
  const name = `${parent}${spec.name}`
  const words = (spec.arguments ?? []).map((argument) => argument.name)
  const options = (spec.options ?? []).filter((option) => !option.hidden)
  const parts = [
    `### ${name}`,
    `${spec.summary}.`,
    `\`\`\`\nhyper-store ${[name, ...words, ...(options.length > 0 ? ['[options]'] : [])].join(' ')}\n\`\`\``,
  ]
  const rows = (spec.arguments ?? []).map(({ name, text, choices }) => [
    code(name),
    cell(text) + (choices ? ` (${choices.join(', ')})` : ''),
  ])
  if (rows.length > 0) parts.push(table(['argument', 'meaning'], rows))
  if (options.length > 0) parts.push(table(['option', 'meaning'], options.map(optionRow)))
  parts.push(`Prints ${spec.prints}.`, `\`\`\`sh\n${spec.examples.join('\n')}\n\`\`\``)
  return [parts.join('\n\n'), ...(spec.subcommands ?? []).map((sub) => commandText(sub, `${name} `))].join('\n\n')
}

const cli =
  [
    '# The command line',
    made,
    'Data goes to stdout, talk to stderr. Options may stand before or after arguments. `<folder>` is a path, a link, or a title that is unique; ' +
      'a string with `hyper://`, 52 z-base-32 or 64 hex characters is a link, anything else a path.',
    '## Options of every command',
    table(
      ['option', 'meaning'],
      [
        ...GLOBAL_OPTIONS.map(optionRow),
        [code('-h, --help'), 'print help, of a command too'],
        [code('-V, --version'), 'print the version'],
      ],
    ),
    '## Environment',
    table(
      ['variable', 'meaning'],
      [
        [code('HYPER_STORE_HOME'), 'the same as `--home`'],
        [
          code('HYPER_STORE_SERVICE_OPTIONS'),
          'options of run-service, separated by spaces, for a service that a command starts in the background: `--lan-only --no-lan`',
        ],
        [code('NO_COLOR'), 'when set, no colours on a terminal'],
      ],
    ),
    '## Exit codes',
    table(['code', 'meaning'], EXITS),
    ...COMMANDS.flatMap(({ heading, commands }) => [`## ${heading}`, ...commands.map((spec) => commandText(spec))]),
  ].join('\n\n') + '\n'

const rows = Object.entries(ERRORS).map(([name, rule]) => [
  code(name),
  rule.status,
  rule.exit,
  rule.retry ? 'yes' : 'no',
  cell(rule.message),
])
const errors =
  [
    '# Errors',
    made,
    'Every failure of the API is `{"error":{"code","message","data"}}`; `--json` prints the same on stderr. `{name}` in a sentence is filled from `data`.',
    table(['code', 'HTTP', 'exit', 'try again', 'sentence'], rows),
  ].join('\n\n') + '\n'

// The manual that `npm install -g` brings: the same table as a page of section 1.
const manOption = ({ flags, text, choices, fallback }) =>
  `  * \`${flags}\`:\n    ${[text, ...(choices ? [`one of ${choices.join(', ')}`] : []), ...(fallback ? [`default ${fallback}`] : [])].join('; ')}`
function manCommand(spec, parent = '') {
  const name = `${parent}${spec.name}`
  const options = (spec.options ?? []).filter((option) => !option.hidden)
  const words = (spec.arguments ?? []).map((argument) => argument.name.replaceAll('<', '‹').replaceAll('>', '›'))
  const parts = [`### hyper-store ${[name, ...words].join(' ')}`, `${spec.summary}. Prints ${spec.prints}.`]
  if (options.length > 0) parts.push(options.map(manOption).join('\n'))
  parts.push(`\`\`\`\n${spec.examples.join('\n')}\n\`\`\``)
  return [parts.join('\n\n'), ...(spec.subcommands ?? []).map((sub) => manCommand(sub, `${name} `))].join('\n\n')
}
const manual = [
  '# hyper-store(1) -- folders of yours, in step between your devices',
  '## SYNOPSIS',
  '`hyper-store` command [arguments] [options]',
  '## OPTIONS OF EVERY COMMAND',
  GLOBAL_OPTIONS.map(manOption).join('\n'),
  ...COMMANDS.flatMap(({ heading, commands }) => [`## ${heading.toUpperCase()}`, ...commands.map((spec) => manCommand(spec))]),
  '## EXIT CODES',
  EXITS.map(([code, text]) => `  * \`${code}\`:\n    ${text}`).join('\n'),
].join('\n\n')
// Without a date: the page changes with the commands alone.
marked.use(manPages)
// An address in a sentence is text here, not a link to be looked up.
marked.use({ tokenizer: { url: () => undefined } })
const ENTITIES = { '&quot;': '"', '&#39;': "'", '&lt;': '<', '&gt;': '>', '&amp;': '&' }
const man =
  marked
    .parse(manual)
    .replace(/^\.TH .*$/m, '.TH "HYPER\\-STORE" "1"')
    .replace(/&(?:quot|#39|lt|gt|amp);/g, (entity) => ENTITIES[entity])
    .trim() + '\n'

let stale = 0
for (const folder of ['docs/reference', 'packages/hyper-store/man']) mkdirSync(path.join(root, folder), { recursive: true })
for (const [name, text] of [
  ['docs/reference/cli.md', cli],
  ['docs/reference/errors.md', errors],
  ['packages/hyper-store/man/hyper-store.1', man],
]) {
  const file = path.join(root, name)
  let there = ''
  try {
    there = readFileSync(file, 'utf8')
  } catch {
    /* made now */
  }
  if (there === text) continue
  if (process.argv.includes('--check')) {
    stale++
    console.error(`${name} is stale; run node scripts/reference.mjs`)
  } else writeFileSync(file, text)
}
process.exitCode = stale > 0 ? 1 : 0
