/** Progress of anything that lasts over a second: a bar that is redrawn on a terminal, a line every two seconds elsewhere. */
import cliProgress from 'cli-progress'
import { formatBytes, formatSeconds, formatShare } from './format.ts'
import { plain } from './output.ts'
import type { Output } from './output.ts'

const QUIET_MS = 1000
const REDRAW_MS = 200
const LINE_MS = 2000

/** What is known of the work now. */
export interface ProgressState {
  /** 0..1; null when nobody knows. */
  readonly share: number | null
  readonly bytesPerSecond?: number
  readonly secondsLeft?: number | null
  /** A few words about the slowest part. */
  readonly note?: string
}

/** A progress display; also ends when disposed. */
export interface Progress extends Disposable {
  update(state: ProgressState): void
}

/** Starts a display on stderr. Shows nothing in the first second, nor with `--quiet`. */
export function startProgress(output: Output, label: string): Progress {
  let state: ProgressState = { share: null }
  if (output.quiet) return { update: () => {}, [Symbol.dispose]: () => {} }
  const draw = output.talkSink.isTTY === true ? drawBar(label) : drawLines(output, label)
  let timer: NodeJS.Timeout | undefined
  const start = setTimeout(() => {
    draw.draw(state)
    timer = setInterval(() => draw.draw(state), draw.everyMs)
    timer.unref()
  }, QUIET_MS)
  start.unref()
  return {
    update(next) {
      state = next
    },
    [Symbol.dispose]() {
      clearTimeout(start)
      clearInterval(timer)
      // A bar that was seen is left at what was true last.
      if (timer !== undefined) draw.end(state)
    },
  }
}

interface Drawing {
  readonly everyMs: number
  draw(state: ProgressState): void
  end(state: ProgressState): void
}

function words({ share, bytesPerSecond, secondsLeft, note }: ProgressState): string {
  const parts = [share === null ? '' : formatShare(share)]
  if (bytesPerSecond !== undefined && bytesPerSecond > 0) parts.push(`${formatBytes(bytesPerSecond)}/s`)
  if (secondsLeft !== undefined && secondsLeft !== null) parts.push(`${formatSeconds(secondsLeft)} left`)
  if (note !== undefined) parts.push(plain(note))
  return parts.filter((part) => part !== '').join(' · ')
}

function drawLines(output: Output, label: string): Drawing {
  const draw = (state: ProgressState) => output.talk(`${plain(label)} ${words(state)}`.trimEnd())
  return { everyMs: LINE_MS, draw, end: () => {} }
}

function drawBar(label: string): Drawing {
  const options = { format: '{label} {bar} {words}', hideCursor: true, stream: process.stderr, barsize: 30 }
  const bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic)
  let started = false
  const draw = (state: ProgressState) => {
    if (!started) bar.start(1000, 0, { label: plain(label), words: '' })
    started = true
    bar.update(Math.round((state.share ?? 0) * 1000), { words: words(state) })
  }
  return {
    everyMs: REDRAW_MS,
    draw,
    end(state) {
      draw(state)
      bar.stop()
    },
  }
}
