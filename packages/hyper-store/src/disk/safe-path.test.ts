/** Which paths may be touched at all. */
import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import { looksLike, placeOf, safeNames } from './safe-path.ts'

const PRIVATE_DIR = '.hyper-store'

describe('safeNames()', () => {
  it('gives the names of a plain path', () => {
    assert.deepEqual(safeNames('a/b c/日本', PRIVATE_DIR), ['a', 'b c', '日本'])
    assert.deepEqual(safeNames('deep/.hyper-store/x', PRIVATE_DIR), ['deep', '.hyper-store', 'x'])
    assert.deepEqual(safeNames('...', PRIVATE_DIR), ['...'])
    assert.deepEqual(safeNames('x'.repeat(255), PRIVATE_DIR), ['x'.repeat(255)])
  })

  it('refuses what could lead out of the folder or stands for another path', () => {
    for (const path of ['', '/', '/a', 'a/', 'a//b', '.', '..', './a', 'a/..', 'a/../b', '../a', 'a\0b', '\ud83d', 'a/\udc00']) {
      assert.equal(safeNames(path, PRIVATE_DIR), null, JSON.stringify(path))
    }
  })

  it('refuses names that no file system can hold', () => {
    assert.equal(safeNames('x'.repeat(256), PRIVATE_DIR), null)
    assert.equal(safeNames('é'.repeat(128), PRIVATE_DIR), null)
    assert.equal(safeNames(`a/${'n'.repeat(300)}`, PRIVATE_DIR), null)
  })

  it('refuses our own folder, also as other systems spell it', () => {
    for (const name of ['.hyper-store', '.HYPER-store', '.hyper\u200c-store', '\ufeff.hyper-store', '.hyper-\uff53tore']) {
      assert.equal(safeNames(name, PRIVATE_DIR), null, JSON.stringify(name))
      assert.equal(safeNames(`${name}/staging/x`, PRIVATE_DIR), null)
    }
    assert.ok(!looksLike('.hyper-stores', PRIVATE_DIR))
    assert.ok(!looksLike('hyper-store', PRIVATE_DIR))
  })

  it('refuses device names and streams of Windows on Windows alone', () => {
    for (const path of ['con', 'NUL.txt', 'a/com1', 'a:b', 'back\\slash', 'dot.', 'space ', 'q?']) {
      assert.equal(safeNames(path, PRIVATE_DIR) === null, process.platform === 'win32', path)
    }
  })
})

describe('placeOf()', () => {
  it('gives places below the root only', () => {
    const base = { root: '/srv/files', privateDir: PRIVATE_DIR }
    assert.equal(placeOf(base, '../x'), null)
    if (process.platform !== 'win32') assert.equal(placeOf(base, 'a/b'), '/srv/files/a/b')
  })
})
