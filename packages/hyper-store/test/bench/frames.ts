/** Times between the frames of a page. */
import type { Page } from 'playwright-core'

/** Times between frames in milliseconds; `late` is the share of those above 20. */
export interface Frames {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly worst: number
  readonly late: number
}

/** Times the frames while something is done. */
export async function timeFrames(page: Page, done: () => Promise<unknown>): Promise<Frames> {
  await page.evaluate(`
    globalThis.frames_ = []
    globalThis.isTiming_ = true
    let last = performance.now()
    const step = (now) => {
      globalThis.frames_.push(now - last)
      last = now
      if (globalThis.isTiming_) requestAnimationFrame(step)
    }
    requestAnimationFrame((now) => { last = now; requestAnimationFrame(step) })
  `)
  await done()
  const times = (await page.evaluate('globalThis.isTiming_ = false, globalThis.frames_')) as number[]
  const late = times.filter((ms) => ms > 20).length / Math.max(1, times.length)
  return { count: times.length, ...percentiles(times), late: Math.round(late * 1000) / 1000 }
}

/** Middle, 95th hundredth and worst, to a tenth. */
export function percentiles(times: readonly number[]): { readonly p50: number; readonly p95: number; readonly worst: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 10) / 10
  return { p50: at(0.5), p95: at(0.95), worst: at(1) }
}
