/** Words of the overview. A function that is given a part of a page gives the pieces of a sentence around it. */
import { countWords } from './format.ts'

/** Pieces of a sentence: texts, and what stands for names between them. */
export type Pieces<T> = readonly (string | T)[]

const folders = (count: number) => countWords(count, 'folder')
const are = (count: number) => (count === 1 ? 'is' : 'are')

/** The sentence on top. `names` stands for devices, `when` for the time of their last word, `left` for the time left. */
export const HEADLINES = {
  safe: <T>(names: T, when: string | null): Pieces<T> => ['Everything is safe on ', names, when === null ? '' : `, ${when}`],
  whole: <T>(names: T, when: string | null): Pieces<T> => ['Everything is whole on ', names, when === null ? '' : `, ${when}`],
  going: <T>(count: number, names: T, left: string | null): Pieces<T> => [
    `${folders(count)} ${are(count)} still going to `,
    names,
    left === null ? '' : `, ${left}`,
  ],
  coming: (count: number, left: string | null): Pieces<never> => [
    `${folders(count)} ${are(count)} being brought up to date`,
    left === null ? '' : `, ${left}`,
  ],
  stuck: (count: number): Pieces<never> => [count === 1 ? '1 folder wants a decision' : `${folders(count)} want a decision`],
  alone: (count: number): Pieces<never> => [`Nobody else has ${folders(count)} yet`],
  off: <T>(count: number, names: T): Pieces<T> => [`${folders(count)} ${count === 1 ? 'waits' : 'wait'} for `, names, ', which is off'],
  waiting: (count: number): Pieces<never> => [`${folders(count)} ${count === 1 ? 'waits' : 'wait'} for a device that is off`],
  paused: (count: number): Pieces<never> => [`${folders(count)} ${are(count)} paused`],
} as const

/** The line below it. */
export const HEADLINE_HINTS = {
  safe: 'If this machine broke today, nothing would be lost.',
  whole: 'All of what is kept here is here in its newest state.',
  going: 'You can go on working. What is changed meanwhile follows by itself.',
  coming: 'What is changed meanwhile follows by itself.',
  stuck: 'Nothing is lost. Have a look below.',
  alone: 'Pair an always-on box, a small computer that is never switched off, and it keeps them too.',
  aloneWithBox: 'If this machine broke today, what is in there would be lost.',
  off: 'It goes on by itself as soon as it is back.',
  waiting: 'It goes on by itself as soon as that one is back.',
  paused: 'Changes are not passed on until you let them go on.',
} as const

/** Short words of how one folder stands. */
export const STANDINGS = {
  safe: 'Safe',
  whole: 'Whole',
  stuck: 'Needs you',
  going: <T>(names: T): Pieces<T> => ['Going to ', names],
  coming: 'Updating',
  alone: 'Only here',
  off: <T>(names: T): Pieces<T> => ['Waits for ', names],
  waiting: 'Waiting',
  paused: 'Paused',
} as const

/** Folders that stand otherwise than the sentence says. */
export const BESIDES = {
  stuck: (count: number) => `${count} ${count === 1 ? 'wants' : 'want'} a decision`,
  going: (count: number) => `${count} still going`,
  coming: (count: number) => `${count} being brought up to date`,
  alone: (count: number) => `${count} only here`,
  off: (count: number) => `${count} ${count === 1 ? 'waits' : 'wait'} for a device that is off`,
  waiting: (count: number) => `${count} waiting`,
  paused: (count: number) => `${count} paused`,
  safe: (count: number) => `${count} safe`,
} as const

export const OVERVIEW = {
  and: ' and ',
  more: (count: number) => `${count} more`,
  pairBox: 'Pair a box',
  addFolder: 'Add a folder',
  folders: 'Folders',
  filter: 'Find a folder',
  noneFits: 'No folder has this in its name or place.',
  devices: 'Devices',
  deviceShare: (share: string) => `has ${share}`,
  deviceAll: 'has everything',
  thisDevice: 'this device',
  recent: 'Lately',
  allActivity: 'All activity',
  nothingYet: 'What happens in your folders appears here.',
  emptyTitle: 'Nothing is kept here yet',
  emptyText: 'Choose a folder, and it is kept in step with all of your devices and safe on one that is always on.',
  begin: 'Begin',
  kinds: { folder: 'Folder', table: 'Table', core: 'Log', board: 'Board' },
  private: 'Private: only people and devices that you let in can read it',
  blind: 'Kept without being readable here',
  people: (count: number) => `Shared with ${countWords(count, 'person')}`.replace('persons', 'people'),
  progress: (title: string) => `How much of ${title} is done`,
  menu: (title: string) => `More about ${title}`,
  open: 'Open',
  share: 'Share',
  pause: 'Pause',
  resume: 'Go on',
  check: 'Check again',
  checked: (title: string) => `${title} was checked: everything is as it should be`,
  settings: 'Settings of the folder',
  history: 'Go back in time',
  keepOn: (box: string) => `Keep it on ${box} too`,
  keepAllOn: (box: string) => `Keep on ${box} too`,
  allKeptOn: (box: string) => `${box} keeps all of your folders from now on`,
  keptOn: (title: string, box: string) => `${box} keeps ${title} too from now on`,
  stop: 'Stop keeping',
  stopTitle: (title: string) => `Stop keeping ${title}?`,
  stopText: (path: string | null) =>
    path === null
      ? 'This store no longer follows it. Other devices keep what they have.'
      : `The files in ${path} stay where they are, but changes are no longer passed on. Other devices keep what they have.`,
  stopped: (title: string) => `${title} is no longer kept here`,
  paused: (title: string) => `${title} is paused`,
  chip: {
    complete: 'complete',
    behind: 'behind',
    seen: (when: string) => `seen ${when}`,
    never: 'not seen yet',
    nothing: 'nothing yet',
    online: 'online',
    offline: 'offline',
  },
} as const

export const DECISIONS = {
  title: 'Wants a decision',
  in: (folder: string) => `In ${folder}`,
  look: 'Look at the folder',
  tryAgain: 'Try again',
  stop: {
    missing: 'The folder is not where it was',
    missingText: 'Nothing was deleted anywhere. Connect its disk, or put the folder back, and it goes on by itself.',
    unreadable: 'The folder can not be read',
    unreadableText: 'Nothing was deleted anywhere. Once the program may read the folder again, it goes on by itself.',
    replaced: 'Another folder stands where this one was',
    replacedText:
      'Nothing was deleted anywhere. Is the right disk connected? If this really is the folder now, its content replaces the old one on all devices.',
    replacedYes: 'This is the folder now',
    replacedAsk:
      'What is not in the folder any more is deleted on all devices. They keep it in their history, so that it can be brought back.',
    goneHere: (gone: number | null, of: number | null) =>
      gone === null
        ? 'Many files are gone at once'
        : gone === of
          ? `All ${countWords(gone, 'file')} are gone`
          : `${gone} of ${countWords(of ?? 0, 'file')} are gone`,
    goneHereText: 'They vanished from this machine. So far they are deleted nowhere else. Did you delete them?',
    goneHereYes: 'Yes, delete them everywhere',
    goneHereAsk: 'They are deleted on all devices. The history keeps them, so that they can be brought back.',
    bringBack: 'No, bring them back',
    broughtBack: (title: string) => `The files of ${title} are back`,
    goneElsewhere: (gone: number | null, of: number | null) =>
      gone === null ? 'Another device deleted many files at once' : `Another device deleted ${gone} of ${countWords(of ?? 0, 'file')}`,
    goneElsewhereText: 'Here they are all still there. Shall they go here too?',
    goneElsewhereYes: 'Yes, delete them here too',
    goneElsewhereAsk: 'They go to the trash of this device and can be brought back from there.',
    goneElsewhereNo: 'No, keep them for all',
    other: 'The folder was stopped, to be safe',
    otherYes: 'Go on',
    otherAsk: 'What was held back is done then, on all devices. The history keeps what is deleted.',
  },
  conflict: {
    title: (count: number) => `${countWords(count, 'file')} ${count === 1 ? 'was' : 'were'} changed in two places`,
    text: 'Nothing is lost: both versions are there. Choose which one stays, or keep both.',
    choose: 'Choose',
    close: 'Close the list',
    listTitle: (folder: string) => `Changed in two places in ${folder}`,
    by: 'Changed by',
    thisDevice: 'this device',
    folderThere: 'a folder of that name',
    keep: 'Keep this one',
    keepOf: (file: string, device: string) => `Keep this one: ${file} of ${device}`,
    both: 'Keep both',
    bothOf: (file: string) => `Keep both: ${file}`,
    newer: 'newer',
    look: 'Look at it',
    settled: (file: string) => `${file} is settled`,
    allSettled: 'All settled.',
    samePlace: 'Both were written by devices of one name: look at the files to tell them apart.',
  },
  guest: {
    title: <T>(name: T): Pieces<T> => [name, ' wants to join'],
    text: (role: string) => `As ${role}. Ask them for their four words: they must be these.`,
    words: 'Four words',
    approve: 'They match: let in',
    approved: (name: string) => `${name} was let in`,
    refuse: 'Refuse',
    refused: (name: string) => `${name} was refused`,
    roles: {
      owner: 'an owner',
      admin: 'an admin',
      writer: 'somebody who may change files',
      reader: 'somebody who may read',
      keeper: 'a keeper',
    },
  },
  join: {
    waiting: 'You wait to be let in',
    waitingText: 'Tell these four words to whoever invited you. They see the same ones and let you in.',
    cancel: 'Join no more',
    refused: 'You were not let in',
    dismiss: 'All right',
  },
  problem: {
    DISK_FULL: 'The disk is full',
    DISK_FULL_TEXT: 'Free some space, and it goes on by itself.',
    READ_ONLY_DISK: 'The disk can not be written',
    READ_ONLY_DISK_TEXT: 'Make it writable, and it goes on by itself.',
    FOLDER_UNREADABLE: 'Something in the folder can not be read',
    REMOVED_MEMBER: 'You were removed from this folder',
    REMOVED_MEMBER_TEXT: 'What is here stays. Nothing new comes. Ask for a new invite, or stop keeping it.',
    FORKED_LOG: 'A device wrote in two ways',
    QUOTA_EXCEEDED: 'There is no room left for this folder',
    RECOVERING: 'The folder waits for the word of another device',
    RECOVERING_TEXT: 'This store came back from a backup. Before it writes, a device that has the newest state shall say so.',
    RECOVERING_YES: 'Go on without',
    RECOVERING_ASK: 'Changes that only the silent devices have may then stand beside yours as second versions.',
    other: 'The folder stands still',
    space: 'See what takes space',
    people: 'See the people',
    stopKeeping: 'Stop keeping',
  },
} as const
