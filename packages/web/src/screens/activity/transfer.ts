/** Samples of transfer as the plot and its table want them. */
import type { TransferSample } from '@hyper-store/client'

/** Moments in seconds, then what was received and sent, in bytes per second. */
export type PlotData = [number[], number[], number[]]

/** Samples as columns. */
export function plotDataOf(samples: readonly TransferSample[]): PlotData {
  return [samples.map(({ at }) => Date.parse(at) / 1000), samples.map(({ received }) => received), samples.map(({ sent }) => sent)]
}

/** The most that was moved at once. */
export function peakOf(samples: readonly TransferSample[]): { readonly received: number; readonly sent: number } {
  return samples.reduce((most, { received, sent }) => ({ received: Math.max(most.received, received), sent: Math.max(most.sent, sent) }), {
    received: 0,
    sent: 0,
  })
}

/** Means of at most `count` spans, the newest first: a table that can be read. */
export function spansOf(samples: readonly TransferSample[], count: number): TransferSample[] {
  const each = Math.max(1, Math.ceil(samples.length / count))
  const spans: TransferSample[] = []
  for (let end = samples.length; end > 0; end -= each) {
    const some = samples.slice(Math.max(0, end - each), end)
    const last = some.at(-1)
    if (last === undefined) break
    const mean = (of: (sample: TransferSample) => number) => some.reduce((sum, sample) => sum + of(sample), 0) / some.length
    spans.push({ at: last.at, received: mean(({ received }) => received), sent: mean(({ sent }) => sent) })
  }
  return spans
}
