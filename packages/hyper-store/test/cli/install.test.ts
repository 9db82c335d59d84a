/** Installing as a service: the units as systemd reads them, the plans, and their steps in a folder. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { access, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { quoteArgument } from '../../src/service/install-systemd.ts'
import { applyInstall, applyUninstall, planInstall, planUninstall, serviceCommands } from '../../src/service/install.ts'
import type { InstallRequest } from '../../src/service/install.ts'

const linux: InstallRequest = {
  scope: 'system',
  platform: 'linux',
  userFolder: '/home/ann',
  uid: 1000,
  args: ['--expose-to-internet'],
  execPath: process.execPath,
  binPath: '/usr/local/lib/node_modules/hyper-store/bin/hyper-store.js',
  home: null,
}
const unitOf = (request: InstallRequest) => planInstall(request).files.at(-1)?.text ?? ''
const noSystemd = spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'systemd-analyze is not installed'

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hyper-store-install-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('systemd accepts every unit without a word, also with odd names', { skip: noSystemd, timeout: 60_000 }, () =>
  inFolder(async (folder) => {
    // systemd looks for the program: it finds this one only if it reads the words as they were meant.
    const program = join(folder, '50% of $HOME; ünï', 'node')
    await mkdir(dirname(program))
    await writeFile(program, '', { mode: 0o755 })
    const odd = '/opt/50% of "it"/a\\b $HOME;x'
    const requests: [string, InstallRequest][] = [
      ['system', linux],
      ['system-led', { ...linux, args: ['--led', 'ACT', '--port', '80'], writable: ['/srv/photos', odd], home: '/data/store' }],
      ['system-odd', { ...linux, binPath: odd, args: ['--name', 'Ann’s 50% Pi; $PATH \\n "x"'] }],
      ['user', { ...linux, scope: 'user', home: '/home/ann/.local/share/hyper-store' }],
      ['system-program', { ...linux, execPath: program }],
      ['user-odd', { ...linux, scope: 'user', home: odd, args: ['--name', ';'] }],
    ]
    for (const [name, request] of requests) {
      const path = join(folder, `${name}.service`)
      // The service's user is made by the installation; here the check must not miss it.
      await writeFile(path, unitOf(request).replaceAll(/^(User|Group)=.*$/gm, '$1=root'))
      const flags = request.scope === 'user' ? ['--user'] : []
      const checked = spawnSync('systemd-analyze', [...flags, '--man=no', 'verify', path], {
        encoding: 'utf8',
        env: { ...process.env, XDG_RUNTIME_DIR: folder },
      })
      const said = checked.stderr.split('\n').filter((line) => line.includes(`${name}.service`))
      assert.deepEqual(said, [], name)
      assert.equal(checked.status, 0, `${name}: ${checked.stderr}`)
    }
  }),
)

test('the system unit’s exposure is low in systemd’s own judgement', { skip: noSystemd, timeout: 60_000 }, (t) =>
  inFolder(async (folder) => {
    const path = join(folder, 'hyper-store.service')
    await writeFile(path, unitOf(linux))
    const judged = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', path], { encoding: 'utf8' })
    const level = /exposure level[^:]*: ([\d.]+)/.exec(judged.stdout)?.[1]
    if (level === undefined) {
      t.skip(`this systemd-analyze does not judge files: ${judged.stderr.trim()}`)
      return
    }
    t.diagnostic(`exposure level ${level} of 10`)
    assert.ok(Number(level) < 3, `exposure ${level}`)
  }),
)

test('words of a command come through systemd’s reading unchanged', () => {
  assert.equal(quoteArgument('/usr/bin/node'), '/usr/bin/node')
  assert.equal(quoteArgument('50%'), '50%%')
  assert.equal(quoteArgument('a b'), '"a b"')
  assert.equal(quoteArgument('say "x\\y"'), '"say \\"x\\\\y\\""')
  assert.equal(quoteArgument(''), '""')
  assert.equal(quoteArgument(';'), '";"')
  for (const bad of ['a\nExecStartPre=/bin/evil', 'a\0b']) assert.throws(() => quoteArgument(bad), { code: 'USAGE' })
})

test('the system unit keeps to its own folder and user, the user unit reaches that user’s folders', () => {
  const system = unitOf(linux)
  for (const line of [
    'Type=notify',
    'NotifyAccess=all',
    'WatchdogSec=60',
    'Restart=always',
    'RestartPreventExitStatus=2 7',
    'User=hyper-store',
    'StateDirectory=hyper-store',
    'Environment=HYPER_STORE_HOME=%S/hyper-store',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'UMask=0077',
    'CapabilityBoundingSet=',
    `ExecStart=:${process.execPath} ${linux.binPath} run-service --expose-to-internet`,
  ]) {
    assert.ok(system.split('\n').includes(line), line)
  }
  assert.ok(!system.includes('MemoryDenyWriteExecute'))
  const user = unitOf({ ...linux, scope: 'user', home: '/home/ann/my store' })
  assert.match(user, /^Environment="HYPER_STORE_HOME=\/home\/ann\/my store"$/m)
  assert.match(user, /^NoNewPrivileges=yes$/m)
  assert.doesNotMatch(user, /ProtectHome|ProtectSystem|PrivateTmp|User=|UMask/)
  assert.match(unitOf({ ...linux, args: ['--port=443'] }), /^AmbientCapabilities=CAP_NET_BIND_SERVICE$/m)
  assert.match(unitOf({ ...linux, args: ['--led', 'ACT'] }), /^ExecStartPre=-\+:\/bin\/chgrp hyper-store \/sys\/class\/leds\/ACT\/trigger/m)
  assert.match(unitOf({ ...linux, home: '/home/ann/store' }), /^ProtectHome=no$/m)
})

test('plans say which files and commands, for both scopes and systems', () => {
  const system = planInstall(linux)
  assert.deepEqual(
    system.files.map(({ path }) => path),
    ['/etc/sysusers.d/hyper-store.conf', '/etc/systemd/system/hyper-store.service'],
  )
  assert.deepEqual(system.commands.at(-1), ['systemctl', 'restart', 'hyper-store.service'])
  assert.deepEqual(planInstall({ ...linux, home: '/var/lib/hyper-store' }).files, system.files)
  assert.ok(planInstall({ ...linux, home: '/data/x' }).commands.some(([program]) => program === 'install'))
  const user = planInstall({ ...linux, scope: 'user', home: '/home/ann/store' })
  assert.equal(user.files[0]?.path, '/home/ann/.config/systemd/user/hyper-store.service')
  assert.deepEqual(user.commands[0], ['systemctl', '--user', 'daemon-reload'])
  assert.match(user.notes.join(), /enable-linger/)
  assert.deepEqual(planUninstall(linux).removes, ['/etc/systemd/system/hyper-store.service', '/etc/sysusers.d/hyper-store.conf'])

  const mac = planInstall({ ...linux, platform: 'darwin', scope: 'user', home: '/Users/ann/a & b', args: ['--name', '<Pi>'] })
  assert.equal(mac.files[0]?.path, '/home/ann/Library/LaunchAgents/org.hyper-store.service.plist')
  assert.match(mac.files[0]?.text ?? '', /<string>\/Users\/ann\/a &amp; b<\/string>[\s\S]*<key>KeepAlive<\/key>\s*<true\/>/)
  assert.match(mac.files[0]?.text ?? '', /<string>&lt;Pi&gt;<\/string>/)
  assert.deepEqual(mac.commands[0]?.slice(0, 3), ['launchctl', 'bootstrap', 'gui/1000'])

  assert.throws(() => planInstall({ ...linux, platform: 'win32' }), { code: 'UNSUPPORTED_PLATFORM' })
  assert.throws(() => planInstall({ ...linux, binPath: 'bin.js' }), { code: 'USAGE' })
  assert.throws(() => planInstall({ ...linux, args: ['--led', '../x'] }), { code: 'USAGE' })
})

test('status, start, stop and logs name the unit of the scope', () => {
  assert.deepEqual(serviceCommands({ ...linux, home: '/h' }, 'status'), [['systemctl', '--no-pager', 'status', 'hyper-store.service']])
  const user = { ...linux, scope: 'user', home: '/h' } as const
  assert.deepEqual(serviceCommands(user, 'stop'), [['systemctl', '--user', 'stop', 'hyper-store.service']])
  assert.match(serviceCommands(user, 'logs')[0]?.join(' ') ?? '', /^journalctl --user-unit=hyper-store\.service/)
  assert.deepEqual(serviceCommands({ ...user, platform: 'darwin' }, 'stop'), [['launchctl', 'bootout', 'gui/1000/org.hyper-store.service']])
})

test('an installation writes its files and runs its commands, and can be taken back', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'systemd/user/hyper-store.service')
    const mark = join(folder, 'ran')
    const touch = [process.execPath, '-e', `require('fs').writeFileSync(${JSON.stringify(mark)}, '')`]
    await applyInstall({ files: [{ path, text: 'unit', mode: 0o644 }], commands: [touch], notes: [] })
    assert.equal(await readFile(path, 'utf8'), 'unit')
    assert.ok(await stat(mark))
    const fails = [process.execPath, '-e', 'console.error("no bus"); process.exit(4)']
    await assert.rejects(applyInstall({ files: [], commands: [fails], notes: [] }), (error: { code?: string; message?: string }) => {
      assert.equal(error.code, 'COMMAND_FAILED')
      assert.match(error.message ?? '', /ended with code 4: no bus/)
      return true
    })
    // A service that is not there any more can't be stopped; its files go all the same.
    await applyUninstall({ stop: [fails], removes: [path, join(folder, 'never was')], commands: [touch], notes: [] })
    await assert.rejects(access(path))
  }))
