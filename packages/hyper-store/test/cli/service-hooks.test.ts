/** Hooks on completion, the LED, and the words to systemd: with real commands, servers and folders. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as v from 'valibot'
import { HookSettings, hookEnvironment, noticeCommand, runHooks } from '../../src/service/hooks.ts'
import type { Completion } from '../../src/service/hooks.ts'
import { openLed } from '../../src/service/led.ts'
import { createNotifier, watchdogIntervalMs } from '../../src/service/notify.ts'
import { runProgram } from '../../src/service/run-program.ts'

const event: Completion = {
  link: 'hyper://key',
  title: 'my "photos"; rm -rf $HOME\u0000\n',
  version: 812,
  device: 'raspberry',
  devices: ['raspberry', 'laptop'],
  at: '2026-11-03T10:32:00.000Z',
}
const posixOnly = { skip: process.platform === 'win32' ? 'uses a POSIX shell' : false, timeout: 30_000 }

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hyper-store-hooks-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A server that answers with one status after the other and tells what it was sent. */
async function webhookServer(statuses: number[]) {
  const bodies: unknown[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      bodies.push(JSON.parse(text))
      const status = statuses.shift() ?? 200
      if (status !== 0) response.writeHead(status).end('thanks')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/done`,
    bodies,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('hook settings refuse what is no address and what is unknown', () => {
  assert.ok(v.is(HookSettings, { exec: 'true', webhook: 'https://example.org/x', notify: true, led: 'ACT' }))
  for (const bad of [{ webhook: 'file:///etc/passwd' }, { webhook: 'x' }, { exec: '' }, { other: 1 }])
    assert.equal(v.is(HookSettings, bad), false)
})

test('the command gets the event in its environment, never in its words', posixOnly, () =>
  inFolder(async (folder) => {
    const file = join(folder, 'out')
    const exec = `printf '%s|' "$HYPER_STORE_EVENT" "$HYPER_STORE_LINK" "$HYPER_STORE_TITLE" "$HYPER_STORE_VERSION" "$HYPER_STORE_DEVICE" "$HYPER_STORE_DEVICES" > '${file}'`
    assert.deepEqual(await runHooks({ exec }, event), [{ hook: 'exec', problem: null }])
    assert.equal(await readFile(file, 'utf8'), 'complete|hyper://key|my "photos"; rm -rf $HOME |812|raspberry|raspberry,laptop|')
    assert.equal(Object.keys(hookEnvironment(event)).length, 6)
  }),
)

test('a command that fails, hangs or is cancelled is told and never thrown', posixOnly, async () => {
  assert.deepEqual(await runHooks({ exec: 'echo no room >&2; exit 3' }, event), [
    { hook: 'exec', problem: 'it ended with code 3: no room' },
  ])
  const [slow] = await runHooks({ exec: 'sleep 60 & sleep 60' }, event, { execTimeoutMs: 200 })
  assert.match(slow?.problem ?? '', /longer than 0\.2 s/)
  const abort = new AbortController()
  const running = runHooks({ exec: 'sleep 60', webhook: 'http://127.0.0.1:9/' }, event, {
    signal: abort.signal,
    retryAfterMs: [60_000, 60_000],
  })
  setImmediate(() => abort.abort())
  assert.deepEqual(
    (await running).map(({ problem }) => problem),
    ['cancelled', 'cancelled'],
  )
})

test('a program that is not installed is a problem in words', async () => {
  assert.equal((await runProgram('hyper-store-no-such-program', [], { timeoutMs: 1000 })).problem, 'it is not installed')
})

test(
  'the webhook gets the event as JSON, is tried again after failures of the server, and not after refusals',
  { timeout: 30_000 },
  async () => {
    await using server = await webhookServer([503, 0, 204])
    const options = { retryAfterMs: [1, 1] as const, webhookTimeoutMs: 300 }
    assert.deepEqual(await runHooks({ webhook: server.url }, event, options), [{ hook: 'webhook', problem: null }])
    assert.equal(server.bodies.length, 3)
    assert.deepEqual(server.bodies[0], { event: 'complete', ...event })

    await using refusing = await webhookServer([404])
    assert.equal((await runHooks({ webhook: refusing.url }, event, options))[0]?.problem, 'it answered 404')
    assert.equal(refusing.bodies.length, 1)
    await using broken = await webhookServer([500, 500, 500])
    assert.equal((await runHooks({ webhook: broken.url }, event, options))[0]?.problem, 'it answered 500')
    assert.equal(broken.bodies.length, 3)
  },
)

test('a notice holds names as text: no markup, no options, no script', () => {
  assert.deepEqual(noticeCommand('linux', '-x', '<b>&'), ['notify-send', ['--app-name=hyper-store', '--', '-x', '&lt;b&gt;&amp;']])
  const mac = noticeCommand('darwin', 'title', '" & do shell script "id')
  assert.deepEqual(mac?.[1].slice(-2), ['" & do shell script "id', 'title'])
  assert.equal(noticeCommand('win32', 'a', 'b'), null)
})

test('the LED blinks, is lit, is dark, and is given back', () =>
  inFolder(async (folder) => {
    const led = join(folder, 'led0')
    const at = async (name: string) => (await readFile(join(led, name), 'utf8')).trim()
    await assert.rejects(openLed(led, assert.fail), { code: 'NOT_FOUND' })
    await assert.rejects(openLed('../led0', assert.fail), { code: 'USAGE' })
    await mkdir(led)
    await writeFile(join(led, 'trigger'), 'none timer [mmc0] heartbeat\n')
    await writeFile(join(led, 'brightness'), '0\n')
    await writeFile(join(led, 'max_brightness'), '255\n')
    const problems: string[] = []
    const light = await openLed(led, (message) => problems.push(message))
    await light.show('syncing')
    assert.equal(await at('trigger'), 'timer')
    await light.show('complete')
    assert.deepEqual([await at('trigger'), await at('brightness')], ['none', '255'])
    await light.show('off')
    assert.equal(await at('brightness'), '0')
    await Promise.all([light.show('complete'), light.show('off'), light.show('syncing')])
    assert.equal(await at('trigger'), 'timer')
    await light.close()
    assert.equal(await at('trigger'), 'mmc0')
    assert.deepEqual((await readdir(led)).sort(), ['brightness', 'max_brightness', 'trigger'])

    await rm(led, { recursive: true })
    await light.show('complete')
    await light.show('off')
    assert.equal(problems.length, 1)
  }))

test('signs of life are asked for by the environment', () => {
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: '60000000' }, 1), 30_000)
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '1' }, 1), 30_000)
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '2' }, 1), null)
  for (const bad of [undefined, '', '0', 'x']) assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: bad }, 1), null)
})

test('without a supervisor nothing is sent', async () => {
  const notifier = createNotifier({}, assert.fail)
  await notifier.ready('x')
  await notifier.close()
})

const has = (program: string) => spawnSync(program, ['--version']).status === 0
const noSocket = !has('systemd-notify')
  ? 'systemd-notify is not installed'
  : !has('python3')
    ? 'python3, which hears the messages, is not installed'
    : false

test('systemd hears ready, status, signs of life and stopping', { skip: noSocket, timeout: 30_000 }, () =>
  inFolder(async (folder) => {
    const path = join(folder, 'notify')
    const listen = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); print('bound', flush=True)
while True: print(s.recv(4096).decode().replace('\\n', ' '), flush=True)`
    const ears = spawn('python3', ['-c', listen, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      let heard = ''
      ears.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text))
      const hears = async (wanted: RegExp) => {
        while (!wanted.test(heard)) await once(ears.stdout, 'data')
      }
      await hears(/bound/)
      const notifier = createNotifier({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' }, assert.fail)
      await notifier.ready('2 folders')
      await hears(/READY=1.*STATUS=2 folders|STATUS=2 folders.*READY=1/)
      await hears(/WATCHDOG=1[\s\S]*WATCHDOG=1/)
      await notifier.status('up to date')
      await hears(/STATUS=up to date/)
      await notifier.stopping()
      await hears(/STOPPING=1/)
      await notifier.close()
    } finally {
      ears.kill()
      await once(ears, 'exit')
    }
  }),
)
