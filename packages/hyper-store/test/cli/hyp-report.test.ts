/**
 * The section of the report about `hyp` (3.1, "Hypercore CLI tool"): folders and Bees by one program, on the Raspberry Pi too. The
 * commands are those of hyp's own guide, written as printed there; a shell function gives each the name that it has here.
 */
import assert from 'node:assert/strict'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { PROGRAM, createStores } from '../fixtures/stores.ts'
import { createTestnet } from '../fixtures/testnet.ts'

/** What `hyp` had two words for, and what is called otherwise here. */
const HYP = `
hyp() {
  case "$1 $2" in
    "drive rmdir") shift 2; hyper-store rm "$@" ;;
    "drive "*) shift; hyper-store "$@" ;;
    "daemon "*) shift; hyper-store service "$@" ;;
    *) hyper-store "$@" ;;
  esac
}
`

test('the hyp section of the report, as a script on a laptop and a Raspberry Pi', { timeout: 120_000 }, async () => {
  await using testnet = await createTestnet()
  await using stores = await createStores('hyper-store-hyp-')
  // npm install -g; export PATH=$PATH:$(npm bin -g)
  const bin = path.join(stores.dir, 'bin')
  await mkdir(bin)
  await writeFile(path.join(bin, 'hyper-store'), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`)
  await chmod(path.join(bin, 'hyper-store'), 0o755)
  const [laptop, pi] = [await stores.add('laptop', { path: bin }), await stores.add('pi', { path: bin })]
  const service = ['--port', '0', '--no-lan', '--bootstrap', testnet.bootstrap.join(',')]
  await Promise.all([laptop.serve([...service, '--name', 'laptop']), pi.serve([...service, '--name', 'pi'])])
  const at = async (store: typeof laptop, script: string) => (await store.shell(HYP + script)).trimEnd()

  // A Hyperdrive: a folder that is distributed.
  assert.match(await at(laptop, 'hyp daemon status'), /run/)
  const drive = await at(laptop, 'hyp create drive')
  assert.match(drive, /^hyper:\/\/[a-z0-9]{52}$/)
  await at(
    laptop,
    `
echo "Hello, world!" > hello.txt
hyp drive put ${drive}/hello.txt ./hello.txt
echo "from stdin" | hyp drive put ${drive}/docs/stdin.txt
hyp drive mkdir ${drive}/empty`,
  )
  assert.deepEqual((await at(laptop, `hyp drive ls ${drive}`)).split('\n').toSorted(), ['docs/', 'empty/', 'hello.txt'])
  assert.equal(await at(laptop, `hyp drive cat ${drive}/hello.txt`), 'Hello, world!')
  await at(laptop, `hyp drive rmdir ${drive}/empty`)
  await at(
    laptop,
    `
mkdir -p site/css
echo "<h1>Hi</h1>" > site/index.html
echo "h1 {}" > site/css/a.css`,
  )
  const site = (await at(laptop, 'hyp drive sync ./site')).split('\n')[0] ?? ''
  await at(laptop, 'echo "<h1>Hello</h1>" > site/index.html')
  assert.match(await at(laptop, `hyp drive diff ./site ${site}`), /^~ index\.html/)
  await at(laptop, `hyp drive sync ./site ${site} --yes`)

  // A Bee: a key-value table that is distributed.
  const bee = await at(laptop, 'hyp create bee')
  await at(
    laptop,
    `
hyp bee put ${bee} people/alice '{"age": 32}'
hyp bee put ${bee} greeting hello
hyp bee put ${bee} gone soon
hyp bee del ${bee} gone`,
  )
  assert.equal(await at(laptop, `hyp bee get ${bee} people/alice`), '{"age":32}')

  // On the Raspberry Pi: read without a copy, then keep it for others.
  assert.equal(await at(pi, `hyp drive cat ${drive}/docs/stdin.txt`), 'from stdin')
  assert.equal(await at(pi, `hyp bee get ${bee} greeting`), '"hello"')
  assert.match(await at(pi, `hyp info ${bee}`), /^kind\ttable/)
  for (const args of [
    ['put', `${drive}/hello.txt`, '/dev/null'],
    ['rm', `${drive}/hello.txt`],
    ['sync', pi.dir, drive],
  ])
    assert.equal((await pi.run(args)).code, 4, args.join(' '))
  await at(pi, `hyp seed ${drive} ${bee} ${site}`)
  for (const link of [drive, bee, site]) await pi.ok(['wait', link, '--timeout', '60'])
  assert.equal((await at(pi, 'hyp info')).split('\n').length, 3)
  await laptop.stop()
  assert.equal(await at(pi, `hyp drive cat ${drive}/hello.txt`), 'Hello, world!')
  assert.deepEqual(
    (await at(pi, `hyp bee ls ${bee}`))
      .split('\n')
      .map((line) => line.replace(/\t.*/, ''))
      .toSorted(),
    ['greeting', 'people/alice'],
  )
  await at(pi, `hyp drive sync ${site} ./mysite`)
  assert.equal(await readFile(path.join(pi.dir, 'mysite/index.html'), 'utf8'), '<h1>Hello</h1>\n')
  await at(pi, `hyp unseed ${drive}`)
  assert.equal((await at(pi, 'hyp info')).split('\n').length, 2)
})
