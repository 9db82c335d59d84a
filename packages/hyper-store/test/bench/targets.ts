/** The numbers that hyper-store has to reach: most against Syncthing in the same run, some on their own. */
import type { Row } from './program.ts'

/** One number with its limits. */
export interface Target {
  readonly what: string
  readonly workload: string
  readonly value: (row: Row) => number | null | undefined
  /** `ratio`: the limits are for ours divided by theirs; `own`: for ours. */
  readonly of: 'ratio' | 'own'
  readonly must: number
  readonly aim: number
  readonly show: (value: number) => string
}

const MIB_IN_MB = 1.048576

const wall = (row: Row) => row.wall_s
const wire = (row: Row) => row.wire_bytes
const memory = (row: Row) => (row.peak_rss_mb === undefined ? null : row.peak_rss_mb * MIB_IN_MB)
const resident = (row: Row) => Math.max(figure(row, 'rss_a_mb'), figure(row, 'rss_b_mb')) * MIB_IN_MB
const figure = (row: Row, name: string) => {
  const value = row[name]
  return typeof value === 'number' ? value : 0
}
const seconds = (value: number) =>
  `${value < 1 ? value.toFixed(3).replace(/0+$/, '').replace(/\.$/, '') : value < 10 ? Number(value.toFixed(2)) : value.toFixed(1)} s`
const megabytes = (value: number) => `${Math.round(value)} MB`
const wireSize = (value: number) =>
  value < 1024 * 1024 ? `${Number((value / 1024).toFixed(1))} KiB` : `${Number((value / 2 ** 20).toFixed(2))} MiB`
const times = (value: number) => `${Number(value.toFixed(3))} ×`

const MIB = 2 ** 20
const KIB = 2 ** 10

export const TARGETS: readonly Target[] = [
  { what: 'W1: 1 GiB, first sync', workload: 'W1', value: wall, of: 'ratio', must: 1.5, aim: 0.8, show: seconds },
  { what: 'W2: 10,000 small files', workload: 'W2', value: wall, of: 'ratio', must: 0.6, aim: 0.3, show: seconds },
  { what: 'W3: 1 MiB changed in 1 GiB, wire', workload: 'W3', value: wire, of: 'own', must: 4 * MIB, aim: 2 * MIB, show: wireSize },
  { what: 'W3b: 1 MiB inserted in 1 GiB, wire', workload: 'W3b', value: wire, of: 'own', must: 4 * MIB, aim: 2 * MIB, show: wireSize },
  { what: 'W3: 1 MiB changed in 1 GiB', workload: 'W3', value: wall, of: 'ratio', must: 0.8, aim: 0.3, show: seconds },
  { what: 'W3b: 1 MiB inserted in 1 GiB', workload: 'W3b', value: wall, of: 'ratio', must: 0.3, aim: 0.1, show: seconds },
  { what: 'W4: one saved file, defaults of each', workload: 'W4', value: wall, of: 'own', must: 0.3, aim: 0.1, show: seconds },
  { what: 'W5a: rename of 1 GiB, wire', workload: 'W5a', value: wire, of: 'own', must: 100 * KIB, aim: 20 * KIB, show: wireSize },
  { what: 'W5b: rename of 10,000 files', workload: 'W5b', value: wall, of: 'ratio', must: 0.5, aim: 0.15, show: seconds },
  { what: 'W6: a source tree of 14,000 files', workload: 'W6', value: wall, of: 'ratio', must: 0.5, aim: 0.25, show: seconds },
  { what: 'No-change rescan of 100,000 files', workload: 'RESCAN100K', value: wall, of: 'own', must: 3, aim: 1, show: seconds },
  {
    what: 'the same: bytes read, as a share of the files',
    workload: 'RESCAN100K',
    value: (row) => figure(row, 'read_bytes') / Math.max(1, figure(row, 'content_bytes')),
    of: 'own',
    must: 0.1,
    aim: 0.05,
    show: times,
  },
  { what: 'W1: peak memory of either side', workload: 'W1', value: memory, of: 'own', must: 300, aim: 180, show: megabytes },
  { what: 'Idle memory, 1 folder', workload: 'IDLE-1', value: resident, of: 'own', must: 95, aim: 75, show: megabytes },
  { what: 'Idle memory, 100 folders', workload: 'IDLE-100', value: resident, of: 'own', must: 130, aim: 90, show: megabytes },
  {
    what: 'Store after 200 MiB in 50 steps, of what was written',
    workload: 'GROWTH',
    value: (row) => Math.max(figure(row, 'growth_a'), figure(row, 'growth_b')),
    of: 'own',
    must: 1.2,
    aim: 1.05,
    show: times,
  },
  {
    what: 'the same while it runs',
    workload: 'GROWTH',
    value: (row) => Math.max(figure(row, 'growth_running_a'), figure(row, 'growth_running_b')),
    of: 'own',
    must: 1.2,
    aim: 1.05,
    show: times,
  },
]

const MEGABYTE_LIMITS = { must: 4 * MIB, aim: 2 * MIB } as const
const growth = (row: Row) => figure(row, 'writer_grew_bytes')

/** The same for folders that several devices write to. */
export const SHARED_TARGETS: readonly Target[] = [
  ...(['B-to-A', 'A-to-B'] as const).flatMap((way): Target[] => {
    const [writer = '', reader = ''] = way.split('-to-')
    const ratio = { value: wall, of: 'ratio', show: seconds } as const
    const row = (what: string, workload: string) => ({ what: `${what}, ${writer} to ${reader}`, workload: `${workload}-${way}` })
    return [
      { ...row('W2: 10,000 small files', 'W2S'), ...ratio, must: 0.6, aim: 0.3 },
      { ...row('W6: a source tree of 14,000 files', 'W6S'), ...ratio, must: 0.5, aim: 0.25 },
      { ...row(`W3: 1 MiB changed in 1 GiB that ${reader} wrote`, 'W3S'), ...ratio, must: 0.8, aim: 0.3 },
      { ...row('the same: wire', 'W3S'), value: wire, of: 'own', ...MEGABYTE_LIMITS, show: wireSize },
      { ...row(`the same: growth of ${writer}'s store`, 'W3S'), value: growth, of: 'own', ...MEGABYTE_LIMITS, show: wireSize },
      { ...row('W3b: 1 MiB inserted in it', 'W3bS'), ...ratio, must: 0.3, aim: 0.1 },
      { ...row('the same: wire', 'W3bS'), value: wire, of: 'own', ...MEGABYTE_LIMITS, show: wireSize },
    ]
  }),
  {
    what: 'C5: five devices after 1,000 edits each, apart',
    workload: 'C5',
    value: wall,
    of: 'ratio',
    must: 1 / 3,
    aim: 0.15,
    show: seconds,
  },
]
