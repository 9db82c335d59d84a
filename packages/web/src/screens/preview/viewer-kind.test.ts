import assert from 'node:assert/strict'
import { test } from 'node:test'
import { languageOf, viewerKind } from './viewer-kind.ts'

test('a file is shown as what its name says', () => {
  const kinds = { 'a.PNG': 'picture', 'a.svg': 'picture', 'a.wav': 'sound', 'a.webm': 'video', 'a.pdf': 'pdf', 'a.md': 'markdown' }
  for (const [name, kind] of Object.entries(kinds)) assert.equal(viewerKind(name), kind, name)
  for (const name of ['a.ts', 'a.py', 'a.json']) assert.equal(viewerKind(name), 'code', name)
  for (const name of ['a.txt', 'a.csv', 'README']) assert.equal(viewerKind(name), 'text', name)
  assert.equal(viewerKind('a.HTML'), 'html')
})

test('what no browser shows is no preview', () => {
  for (const name of ['a.docx', 'a.heic', 'a.zip', 'a', 'a.exe']) assert.equal(viewerKind(name), 'other', name)
})

test('languages have the names that the highlighter knows', () => {
  assert.equal(languageOf('a.tsx'), 'typescript')
  assert.equal(languageOf('a.css'), 'css')
  assert.equal(languageOf('Makefile'), '')
})
