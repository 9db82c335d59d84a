/** Import directions of ARCHITECTURE.md; each rule carries its reason. */
const path = require('node:path')

const TEST = '\\.test\\.ts$'
const room = (names) => `^packages/hyper-store/src/(${names})/`
const below = (name, from, forbidden, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: room(from), pathNot: TEST },
  to: { path: room(forbidden) },
})
const HYPERCORE =
  'hypercore|hypercore-storage|hyperdrive|corestore|hyperbee|hyperblobs|hyperswarm|hyperdht|dht-rpc|autobase|protomux|' +
  '@hyperswarm/[^/]+|sodium-universal|hypercore-crypto|compact-encoding|sub-encoder|multicast-dns|z32'

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'A cycle means two rooms that are really one.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-missing',
      severity: 'error',
      comment: 'What does not resolve is not checked by any other rule.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared',
      severity: 'error',
      comment: 'A package that is used is declared, so that an installed program has it.',
      from: { path: '^packages/[^/]+/src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-optional'] },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'core decides and never acts: no I/O, no clock, so that it is tested by properties and can be simulated.',
      from: { path: room('core'), pathNot: TEST },
      to: { dependencyTypes: ['core', 'npm'], pathNot: 'node_modules/ignore/' },
    },
    below('lib-has-no-domain', 'lib', 'core|disk|hyper|state|tables|board|sync|http|service|cli', 'lib is helpers without domain words.'),
    below(
      'core-knows-no-effects',
      'core',
      'disk|hyper|state|tables|board|sync|http|service|cli',
      'Decisions do not know who carries them out.',
    ),
    below(
      'disk-is-a-leaf',
      'disk',
      'hyper|state|tables|board|sync|http|service|cli',
      'Rooms side by side meet only in the interfaces of core.',
    ),
    below(
      'hyper-is-a-leaf',
      'hyper',
      'disk|state|tables|board|sync|http|service|cli',
      'Rooms side by side meet only in the interfaces of core.',
    ),
    below(
      'state-is-a-leaf',
      'state',
      'disk|hyper|tables|board|sync|http|service|cli',
      'Rooms side by side meet only in the interfaces of core.',
    ),
    below(
      'tables-is-a-leaf',
      'tables',
      'disk|hyper|state|sync|http|service|cli',
      'Rows come through core/table-source.ts, wherever they are stored.',
    ),
    below(
      'board-is-a-leaf',
      'board',
      'disk|hyper|state|tables|sync|http|service|cli',
      'Logs come as the interface of board/folder-boards.ts, wherever they are stored.',
    ),
    below(
      'sync-knows-no-effects',
      'sync',
      'disk|hyper|state|tables|board|http|service|cli',
      'The loop takes disk, drives, state and clock as parameters, so that it runs in a simulator.',
    ),
    below(
      'http-speaks-to-the-store-api',
      'http',
      'disk|hyper|state|tables|board|sync|service|cli',
      'HTTP is a border: it parses, asks the StoreApi of core, and answers.',
    ),
    below('service-knows-no-command-line', 'service', 'cli', 'The service runs without a terminal.'),
    {
      name: 'cli-speaks-through-the-client',
      severity: 'error',
      comment:
        'Commands use the API that every other program uses. Only what runs, installs, examines or restores the service on this machine, or is a store for one run, imports it.',
      from: {
        path: room('cli'),
        pathNot: '(tree-ignore|beam|run-service|service-unit|doctor|restore-backup|/publish)\\.ts$|\\.test\\.ts$',
      },
      to: { path: room('core|disk|hyper|state|tables|board|sync|http|service') },
    },
    {
      name: 'cli-beams-without-a-store',
      severity: 'error',
      comment: 'A beam is a pipe between two people: it needs the network and no store.',
      from: { path: room('cli') + 'commands/beam\\.ts$' },
      to: { path: room('core|disk|hyper|state|sync|tables|http|service'), pathNot: 'hyper/beam\\.ts$' },
    },
    {
      name: 'cli-ignores-as-the-core-does',
      severity: 'error',
      comment: 'A comparison of two folders leaves out what their sync would: one set of rules, which is pure.',
      from: { path: room('cli') + 'tree-ignore\\.ts$' },
      to: { path: room('core|disk|hyper|state|sync|tables|http|service'), pathNot: 'core/(ignore-rules|entries)\\.ts$' },
    },
    {
      name: 'hypercore-stays-in-hyper',
      severity: 'error',
      comment: 'The Hypercore packages have no types and undocumented edges; one room holds them.',
      from: { path: '^packages/', pathNot: room('hyper') + '|^packages/hyper-store/test/' },
      to: { path: `node_modules/(${HYPERCORE})/` },
    },
    {
      name: 'client-runs-everywhere',
      severity: 'error',
      comment: 'The client and the page run in browsers.',
      from: { path: '^packages/(client|web)/src', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'client-drags-nothing',
      severity: 'error',
      comment: 'The client must not drag the native addons of the program.',
      from: { path: '^packages/(client|web)/' },
      to: { path: '^packages/hyper-store/' },
    },
    {
      name: 'page-parts-know-no-screen',
      severity: 'error',
      comment: 'Parts, live answers and looks are used by screens, not the other way round.',
      from: { path: '^packages/web/src/(kit|live|theme|words)/', pathNot: TEST },
      to: { path: '^packages/web/src/(app|screens)/' },
    },
    {
      name: 'base-ui-stays-in-kit',
      severity: 'error',
      comment: 'One look and one behaviour of each control.',
      from: { path: '^packages/web/src/', pathNot: '^packages/web/src/(kit|app/app)' },
      to: { path: 'node_modules/@base-ui/' },
    },
    {
      name: 'program-imports-no-test',
      severity: 'error',
      comment: 'What is published stands without the tests.',
      from: { path: '^packages/[^/]+/src/', pathNot: TEST },
      to: { path: '^packages/[^/]+/test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/([^/]+/(dist|examples|test/dist)|hyper-store/web)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: path.join(__dirname, 'packages/hyper-store/tsconfig.json') },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
