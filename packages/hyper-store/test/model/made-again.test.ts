/** A path that is deleted and made again while a reader is away: its new version outranks all that the reader has. */
import { after, test } from 'node:test'
import { openState } from '../../src/state/state.ts'
import { LoopWorld, type LoopAct } from './loop-world.ts'
import type { LoopDeed } from './loop-user.ts'

const state = await openState(null)
after(async () => state.close())

const writer = (deed: LoopDeed): LoopAct[] => [
  { act: 'user', who: 'writer', deed, told: true },
  { act: 'run', ms: 5000 },
]
const writeTo = (path: string) => writer({ do: 'write', path, length: 1, replace: false, keepTime: false })
const write = writeTo('a')
// Enough files that one deletion is no reason to stop for safety.
const others = ['b', 'c', 'b2', 'c2'].flatMap(writeTo)
const append = writer({ do: 'append', path: 'a', large: false })
const meet: LoopAct[] = [
  { act: 'deliver', who: 'reader1', versions: 1000 },
  { act: 'run', ms: 5000 },
]

test('a file edited often, deleted and made again reaches a reader that knows the old one only', async () => {
  await new LoopWorld(state).play([
    ...others,
    ...write,
    ...append,
    ...append,
    ...meet,
    ...writer({ do: 'delete', path: 'a' }),
    ...write,
    ...meet,
  ])
})

test('a file moved away from a path, with another made there, reaches such a reader', async () => {
  await new LoopWorld(state).play([
    ...others,
    ...write,
    ...append,
    ...meet,
    ...writer({ do: 'rename', path: 'a', to: 'd' }),
    ...write,
    ...meet,
  ])
})
