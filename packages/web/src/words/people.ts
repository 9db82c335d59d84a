/** Words of the people of a folder. */
import { countWords } from './format.ts'

/** What a role is called, and what whoever has it may do. */
export const ROLES = {
  owner: { name: 'Owner', may: 'May do everything: change files, invite and remove anybody, and make others owner.' },
  admin: { name: 'Admin', may: 'May change files, and invite and remove people who write, read or keep.' },
  writer: { name: 'Writer', may: 'May look at all files and change them.' },
  reader: { name: 'Reader', may: 'May look at all files, but change none.' },
  keeper: { name: 'Keeper', may: 'Keeps a copy for the others and changes nothing, like a box that is always on.' },
} as const

export const PEOPLE = {
  title: 'People',
  intro: 'Everybody here has the folder, on each of their devices.',
  you: 'you',
  thisDevice: 'this device',
  invite: 'Invite',
  nobody: 'Only you have this folder so far',
  nobodyText:
    'Invite somebody, or another device of yours. They get a code, and from then on the folder is in step on all of your devices.',
  notAFolder: 'Only folders are shared with people. A table in a shared folder has many writers.',
  mayNot: 'This browser may look at the people of this folder, not change them.',
  notYours: 'Only whoever made this folder can share it with people.',
  devices: (name: string) => `Devices of ${name}`,
  people: 'People with this folder',
  role: (name: string) => `What ${name} may do`,
  blind: 'Sealed: can read nothing of it',
  holds: {
    all: 'has everything',
    behind: 'is behind',
    nothing: 'nothing was heard of it yet',
    online: 'online',
    seen: (when: string) => `seen ${when}`,
  },
  changed: (name: string, role: string) => `${name} is ${role} now`,
  remove: (name: string) => `Remove ${name}`,
  removeYes: 'Remove',
  removeTitle: (name: string, folder: string) => `Remove ${name} from ${folder}?`,
  removeText: (isPrivate: boolean) =>
    `What they have they keep: nothing is deleted from their devices. ${
      isPrivate
        ? 'Nothing new reaches them from now on: the folder gets a new key, which they do not have.'
        : 'Nobody sends them anything new from now on.'
    }`,
  removePublic: 'The folder is not private: whoever has its link can still read it.',
  removed: (name: string) => `${name} was removed`,
  removeDevice: (name: string) => `Remove the device ${name}`,
  removeDeviceTitle: (name: string) => `Remove ${name}?`,
  removeDeviceText:
    'What is on that device stays on it. Nothing new reaches it from now on; the other devices of this person are not touched.',
  leave: 'Leave this folder',
  leaveTitle: (folder: string) => `Leave ${folder}?`,
  leaveText:
    'What you have you keep: your files stay where they are, but nothing new comes and nothing of yours goes out. To come back you need a new invite.',
  leaveYes: 'Leave',
  left: (folder: string) => `You left ${folder}`,
  lastOwner: 'You are the only owner. Before you can leave, make somebody else owner.',
  problems: 'What was not accepted',
  problem: (about: string, reason: string) => `${about}: ${reason}`,
} as const

export const GUESTS = {
  title: 'Waits to be let in',
  wants: (role: string) => `wants to join as ${role}`,
  ask: (name: string) => `Ask ${name} to read their four words aloud. Let them in only if they are these:`,
  words: 'Four words',
  approve: 'They match: let in',
  refuse: 'Refuse',
  approved: (name: string) => `${name} was let in`,
  refused: (name: string) => `${name} was refused`,
  different: 'If they differ, somebody else stands between you: refuse.',
  cannot: 'An owner or admin of the folder lets them in.',
} as const

export const INVITES = {
  title: 'Open invites',
  as: (role: string) => `as ${role}`,
  mineOf: (name: string) => `for another device of ${name}`,
  uses: (used: number, uses: number) => (uses === 1 ? 'good once' : `${used} of ${uses} used`),
  until: (when: string) => `until ${when}`,
  approve: 'you let each guest in',
  by: (name: string) => `by ${name}`,
  show: 'Show the code',
  elsewhere: 'Its code is on the device that made it.',
  cancelOf: (what: string) => `Take back the invite ${what}`,
  cancelled: 'The invite was taken back: its code is of no use any more',

  dialog: 'Invite to this folder',
  for: 'For whom',
  forOthers: 'Somebody else',
  forMe: 'My other device',
  forMeText: 'The device gets all that you may do here.',
  role: 'What they may do',
  usesLabel: 'How many devices',
  usesHint: 'Each device that joins uses it once.',
  usesWrong: 'A number from 1 to 100',
  expiry: 'Good for',
  expiries: { 3600: 'An hour', 86400: 'A day', 604800: 'A week', 2592000: '30 days' },
  approveLabel: 'Let in each one myself',
  approveHint: 'You compare four words with every guest, so that nobody slips in who found the code.',
  make: 'Make the code',
  ready: 'Give this code to your guest',
  readyMine: 'Take this code to your other device',
  readyText:
    'There, in hyper-store, choose “Add a folder”, then “Join with an invite”. Whoever has the code can use it: send it by a way that you trust.',
  code: 'Invite code',
  scan: 'Invite code to scan',
  done: 'Done',
  goodFor: (uses: number, when: string) => `Good for ${countWords(uses, 'device')} until ${when}.`,
} as const
