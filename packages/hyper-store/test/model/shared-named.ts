/** Histories of the shared model that once failed, by what went wrong. */
import type { SharedDeed } from './shared-deeds.ts'
import { WHOLE_PASS } from './shared-device.ts'
import type { DeviceSetup, SharedHistory, SharedStep } from './shared-world.ts'

function devices(...skewYears: number[]): DeviceSetup[] {
  return skewYears.map((skew) => ({ mode: 'send-receive', skewYears: skew, exclude: [], member: true }))
}
function user(who: number, deed: SharedDeed): SharedStep {
  return { do: 'deed', who, deed }
}
function pass(who: number, scope: readonly string[] | null = null): SharedStep {
  return { do: 'pass', who, shape: { ...WHOLE_PASS, scope }, meanwhile: [] }
}
function carry(from: number, to: number): SharedStep {
  return { do: 'carry', from, to, drive: null, versions: 1000 }
}
const MEET: SharedStep = { do: 'meet' }

/** By name. The seed only decides the order in which devices meet. */
export const NAMED: Readonly<Record<string, SharedHistory>> = {
  'the device whose version stands as a copy writes over the shown one, and its copy stays': {
    seed: 144,
    devices: devices(-9, 0),
    steps: [
      user(0, { deed: 'create', path: 'a', length: 0 }),
      MEET,
      user(0, { deed: 'edit', pick: 0, keepTime: false }),
      user(1, { deed: 'touch', pick: 0 }),
      MEET,
      user(0, { deed: 'folder-for-file', pick: 0 }),
    ],
  },
  'an empty folder that a file had taken the place of does not come back when the file is deleted': {
    seed: 284,
    devices: devices(10, -30),
    steps: [user(1, { deed: 'empty-file', path: 'a' }), user(0, { deed: 'folder', path: 'a' }), MEET, user(1, { deed: 'delete', pick: 0 })],
  },
  'a file that had to give way to a folder comes back when the folder is deleted elsewhere': {
    seed: 312,
    devices: devices(0, 10),
    steps: [
      user(1, { deed: 'empty-file', path: 'c/b' }),
      user(0, { deed: 'create', path: 'c', length: 1 }),
      pass(0),
      pass(1),
      user(1, { deed: 'delete', pick: 0 }),
    ],
  },
  'renaming the copy of one version keeps the other that gave way to a folder': {
    seed: 2246,
    devices: devices(-30, 3, 0),
    steps: [
      user(1, { deed: 'create', path: 'a', length: 1 }),
      user(2, { deed: 'link', path: 'a' }),
      MEET,
      user(0, { deed: 'folder-for-file', pick: 0.68 }),
      user(1, { deed: 'create', path: 'a', length: 0 }),
      pass(0),
      pass(1),
      user(1, { deed: 'rename', pick: 0.65, to: 'c/a' }),
    ],
  },
  'a device never counts a version as it counted another: settling the one must not hide the other': {
    seed: 3985,
    devices: devices(0, 0, 3),
    steps: [
      user(1, { deed: 'create', path: 'c', length: 0 }),
      user(2, { deed: 'empty-file', path: 'c' }),
      MEET,
      user(0, { deed: 'delete', pick: 0.93 }),
      user(1, { deed: 'edit', pick: 0.44, keepTime: false }),
    ],
  },
  'an own version that comes to be shown again is not taken for one that was just published': {
    seed: 3633,
    devices: devices(-9, -9, 0, 0, 0),
    steps: [
      user(1, { deed: 'link', path: 'c/\u00e9' }),
      user(1, { deed: 'create', path: 'a', length: 1 }),
      pass(1),
      user(2, { deed: 'create', path: 'a', length: 1 }),
      pass(2),
      carry(2, 1),
      pass(1, ['a', 'c']),
      carry(1, 4),
      user(1, { deed: 'folder-for-file', pick: 0.79 }),
      user(0, { deed: 'empty-file', path: 'b' }),
      carry(4, 0),
      { ...(pass(0) as Extract<SharedStep, { do: 'pass' }>), meanwhile: [{ after: 1, deed: { deed: 'create', path: 'a', length: 2 } }] },
      pass(0),
    ],
  },
  'a conflict copy that is deleted stays deleted, on all devices': {
    seed: 1,
    devices: devices(0, 3, 0),
    steps: [
      user(0, { deed: 'create', path: 'a', length: 0 }),
      user(1, { deed: 'create', path: 'a', length: 1 }),
      MEET,
      user(2, { deed: 'copy-of-conflict', pick: 0, how: 'delete' }),
      MEET,
      user(0, { deed: 'edit', pick: 0, keepTime: false }),
    ],
  },
}
