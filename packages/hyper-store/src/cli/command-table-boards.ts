/** The commands under "Boards": arguments, options, examples, and where their code is. */
import type { ArgumentSpec, CommandGroup } from './command-spec.ts'

const folder: ArgumentSpec = { name: '<folder>', text: 'path, link or unique title of the folder' }
const board: ArgumentSpec = { name: '<board>', text: 'id or unique title of the board' }

/** Commands under their heading. */
export const BOARDS: CommandGroup = {
  heading: 'Boards',
  commands: [
    {
      name: 'board',
      summary: 'Make and read boards: notes, links and files on a surface that all who share the folder edit together',
      prints: 'nothing; its commands follow',
      examples: ['hyper-store board create ./trip "Where to go"', 'hyper-store board open ./trip "Where to go"'],
      load: async () => (await import('./commands/board.ts')).runBoard,
      subcommands: [
        {
          name: 'create',
          summary: 'Make a board in a folder',
          prints: 'the id of the board; with --json the board',
          arguments: [folder, { name: '[title]', text: 'default: Board' }],
          examples: ['hyper-store board create ./trip "Where to go"'],
          load: async () => (await import('./commands/board.ts')).runBoardCreate,
        },
        {
          name: 'ls',
          summary: 'List the boards of a folder',
          prints: 'id, number of cards and title, a line each; with --json the boards',
          arguments: [folder],
          examples: ['hyper-store board ls ./trip'],
          load: async () => (await import('./commands/board.ts')).runBoardList,
        },
        {
          name: 'show',
          summary: 'Print the cards of a board, and which devices hold it',
          prints: 'kind and text of each card; with --json the board',
          arguments: [folder, board],
          examples: ['hyper-store board show ./trip "Where to go"'],
          load: async () => (await import('./commands/board.ts')).runBoardShow,
        },
        {
          name: 'add',
          summary: 'Put a card on a board: a note, or a link when the text is an address; - reads a pipe',
          prints: 'the id of the card; with --json the card',
          arguments: [folder, board, { name: '<text|->', text: 'text of the note, or address of the link' }],
          examples: ['hyper-store board add ./trip "Where to go" "Book the train"', 'date | hyper-store board add ./trip log -'],
          load: async () => (await import('./commands/board.ts')).runBoardAdd,
        },
        {
          name: 'open',
          summary: 'Show a board in the browser of this machine',
          prints: 'its address, where there is no browser to open',
          arguments: [folder, board],
          options: [{ flags: '--print', text: 'print the address only' }],
          examples: ['hyper-store board open ./trip "Where to go"'],
          load: async () => (await import('./commands/board.ts')).runBoardOpen,
        },
        {
          name: 'export',
          summary: 'Write a board into a file: JSON, JSON Canvas or a page of HTML',
          prints: 'the file; with - the board itself',
          arguments: [folder, board, { name: '[file|->]', text: 'default: the title with the ending of the format, here' }],
          options: [
            { flags: '--format <format>', text: 'default: by the name of the file, else json', choices: ['json', 'canvas', 'html'] },
          ],
          examples: ['hyper-store board export ./trip "Where to go" trip.canvas'],
          load: async () => (await import('./commands/board-files.ts')).runBoardExport,
        },
        {
          name: 'import',
          summary: 'Put the cards of a JSON Canvas on a board',
          prints: 'the number of cards; with --json it too',
          arguments: [folder, board, { name: '<file|->', text: 'file of a JSON Canvas, or - for a pipe' }],
          examples: ['hyper-store board import ./trip "Where to go" old.canvas'],
          load: async () => (await import('./commands/board-files.ts')).runBoardImport,
        },
      ],
    },
  ],
}
