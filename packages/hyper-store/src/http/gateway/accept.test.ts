/** The choice between HTML and JSON. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAccept } from './accept.ts'

test('readAccept() gives browsers HTML and programs JSON', () => {
  assert.deepEqual(readAccept('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'), { wants: 'html', explicit: true })
  assert.deepEqual(readAccept(undefined), { wants: 'json', explicit: false })
  assert.deepEqual(readAccept('*/*'), { wants: 'json', explicit: false })
  assert.deepEqual(readAccept('application/json'), { wants: 'json', explicit: true })
  assert.deepEqual(readAccept('text/html;q=0.1, application/json'), { wants: 'json', explicit: true })
  assert.deepEqual(readAccept('text/html;q=x'), { wants: 'json', explicit: false })
})
