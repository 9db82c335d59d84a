/** Words of what happened: the feed, the plot of transfer, and the map of who holds what. */
import type { ActivityEvent } from '@hyper-store/client'
import { countWords } from './format.ts'

const OPS = { add: 'added', change: 'changed', delete: 'deleted', rename: 'renamed', conflict: 'changed apart from others' } as const

export const ACTIVITY = {
  title: 'Activity',
  lead: 'What happened in your folders, what is moving, and which device holds what.',
  feed: 'What happened',
  nothing: 'Nothing happened yet',
  nothingText: 'Changes of files, devices that come and go and copies that become whole appear here as they happen.',
  nothingFits: 'Nothing of this kind happened lately.',
  folder: 'Folder',
  allFolders: 'All folders',
  kind: 'Kind',
  kinds: { all: 'All', files: 'Files', copies: 'Copies', people: 'People', devices: 'Devices' },
  today: 'Today',
  yesterday: 'Yesterday',
  goneFolder: 'A folder',
  otherDevice: 'Another device',
  here: 'this device',
  did: OPS,
  files: (count: number) => countWords(count, 'file'),
  to: 'to',
  in: 'in',
  and: ' and ',
  showFiles: 'Show the files',
  moreFiles: (count: number) => `and ${countWords(count, 'file')} more`,
  holdsAll: 'has everything of',
  members: 'People or devices changed in',
  removed: 'is no longer kept here',
  came: 'came online',
  went: 'went offline',
  transfer: 'Transfer',
  hour: 'Last hour',
  day: 'Last day',
  span: 'Span of time',
  received: 'Received',
  sent: 'Sent',
  now: 'Now',
  plotLabel: (span: string, received: string, sent: string) =>
    `Transfer over time, ${span}: at most ${received} received and ${sent} sent.`,
  asTable: 'Show as a table',
  time: 'Time',
  map: 'Who holds what',
  mapLead: 'Each row is a folder, each column a device.',
  mapEmpty: 'As soon as something is kept, this shows which device holds what.',
  mapLabel: 'Folders and the devices that hold them',
  nobody: 'not kept there',
  online: 'online',
  offline: 'offline',
  seen: (when: string) => `seen ${when}`,
  neverSeen: 'not seen yet',
  thisDevice: 'this device',
  allRows: (count: number) => `Show all ${countWords(count, 'folder')}`,
  totals: 'In all',
  copies: (count: number) => countWords(count, 'whole copy').replace('copys', 'copies'),
  wholeOf: (whole: number, all: number) => `${whole} of ${all} whole`,
  legendAll: 'everything',
  legendPart: 'a part',
  legendNone: 'nothing yet',
  problem: 'What happened before this page was opened can not be shown',
} as const

/** The name of the device of an event, as a person says it. */
export function deviceWords(name: string, event: ActivityEvent['event']): string {
  return name === '' ? (event === 'peer' ? 'A device' : ACTIVITY.otherDevice) : name
}
