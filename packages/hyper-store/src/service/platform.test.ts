/** Which machines are refused, in which words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPlatform, unsupportedReason } from './platform.ts'
import type { PlatformFacts } from './platform.ts'

const good: PlatformFacts = { platform: 'linux', arch: 'arm64', nodeVersion: '20.19.0', glibc: '2.34' }

test('this machine and all machines of the list are supported', () => {
  assert.equal(unsupportedReason(), null)
  assert.equal(unsupportedReason(readPlatform()), null)
  assert.equal(unsupportedReason(good), null)
  assert.equal(unsupportedReason({ ...good, nodeVersion: '24.1.0', glibc: '2.41' }), null)
  assert.equal(unsupportedReason({ platform: 'darwin', arch: 'arm64', nodeVersion: '22.0.0', glibc: null }), null)
  assert.equal(unsupportedReason({ platform: 'win32', arch: 'x64', nodeVersion: '22.0.0-nightly', glibc: null }), null)
})

test('old Node, 32 bits, musl, old glibc and foreign systems are each refused with a reason and a cure', () => {
  const cases: [Partial<PlatformFacts>, RegExp, RegExp][] = [
    [{ nodeVersion: '20.9.0' }, /Node 20\.9\.0/, /Update Node/],
    [{ nodeVersion: '18.20.4' }, /20\.19/, /Update Node/],
    [{ arch: 'arm' }, /32-bit system/, /64-bit Raspberry Pi OS/],
    [{ glibc: null }, /musl/, /Debian/],
    [{ glibc: '2.31' }, /glibc 2\.31.*2\.34/, /Debian 12/],
    [{ arch: 'riscv64' }, /linux riscv64/, /64-bit/],
    [{ platform: 'freebsd', arch: 'x64' }, /freebsd/, /Linux/],
  ]
  for (const [change, reason, cure] of cases) {
    const found = unsupportedReason({ ...good, ...change })
    assert.match(found?.reason ?? '', reason)
    assert.match(found?.cure ?? '', cure)
  }
})
