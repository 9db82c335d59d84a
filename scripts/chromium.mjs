// Gets the browser tests their Chromium: Debian's own package, when it is missing and may be installed.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']
const INSTALL_MS = 10 * 60_000

const isThere = (name) => (process.env.PATH ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, name)))

/** Installs Chromium through apt where it is missing, apt is there and this is root; elsewhere says why not. The tests are then skipped. */
export function ensureChromium() {
  if (NAMES.some(isThere)) return
  const why = !isThere('apt-get') ? 'apt-get is not there to install it' : process.getuid?.() !== 0 ? 'only root may install it' : null
  if (why !== null) {
    console.log(`No Chromium is installed and ${why}: browser tests are skipped (Debian: sudo apt-get install chromium)`)
    return
  }
  console.log('Installing Chromium for the browser tests (apt-get install chromium) ...')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    const { status, stderr, error } = spawnSync('apt-get', ['--quiet', '--quiet', ...args], { env, encoding: 'utf8', timeout: INSTALL_MS })
    // An outdated list may still serve.
    if (status === 0 || args[0] === 'update') continue
    console.log(`Chromium could not be installed (${error?.message ?? stderr.trim().split('\n').at(-1)}): browser tests are skipped`)
  }
}
