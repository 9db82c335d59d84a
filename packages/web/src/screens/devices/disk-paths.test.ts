import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crumbsOf, isFolderName, joinPath, nameOfPath } from './disk-paths.ts'

test('a path falls into its folders, each with the way to it', () => {
  assert.deepEqual(crumbsOf('/home/ada/My photos'), [
    { name: '', path: '/' },
    { name: 'home', path: '/home' },
    { name: 'ada', path: '/home/ada' },
    { name: 'My photos', path: '/home/ada/My photos' },
  ])
  assert.deepEqual(crumbsOf('/'), [{ name: '', path: '/' }])
  assert.deepEqual(
    crumbsOf('C:\\Users\\ada').map(({ path }) => path),
    ['C:\\', 'C:\\Users', 'C:\\Users\\ada'],
  )
})

test('a name is put below a folder, and the last name is found again', () => {
  assert.equal(joinPath('/', 'a'), '/a')
  assert.equal(joinPath('/home/ada', 'a b'), '/home/ada/a b')
  assert.equal(joinPath('C:\\Users', 'a'), 'C:\\Users\\a')
  assert.equal(nameOfPath('/home/ada/'), 'ada')
  assert.equal(nameOfPath('/'), '/')
})

test('what leads elsewhere is no name of a folder', () => {
  for (const name of ['', '.', '..', 'a/b', 'a\\b', 'a\0', 'x'.repeat(256)]) assert.equal(isFolderName(name), false, name)
  for (const name of ['Shared', 'My photos', '...', '.hidden']) assert.equal(isFolderName(name), true, name)
})
