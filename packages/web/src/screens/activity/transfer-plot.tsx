/** The plot of transfer, drawn with uPlot; loaded only where it is seen. */
import type { TransferSample } from '@hyper-store/client'
import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useLook } from '../../theme/theme.ts'
import { ACTIVITY } from '../../words/activity.ts'
import { byteWords } from '../../words/format.ts'
import css from './activity.module.css'
import { plotDataOf } from './transfer.ts'

const HEIGHT = 190
/** So much at least is the top of the scale: a whisper shall not look like a storm. */
const LEAST_TOP = 1000

const SECONDS = { hour: 3600, day: 86_400 }

/** A plot of samples, as wide as its place; it shows the whole span, whatever is known of it. */
export function TransferPlot({
  samples,
  span,
}: {
  readonly samples: readonly TransferSample[]
  readonly span: keyof typeof SECONDS
}): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | null>(null)
  const data = useRef(samples)
  const look = useLook()
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const made = new UPlot(optionsOf(element, SECONDS[span]), plotDataOf(data.current), element)
    plot.current = made
    const size = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }))
    size.observe(element)
    // The colours follow the look, whoever changes it.
    const colours = new MutationObserver(() => made.redraw())
    colours.observe(document.documentElement, { attributeFilter: ['data-theme', 'data-contrast'] })
    return () => {
      size.disconnect()
      colours.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [look, span])
  useEffect(() => {
    data.current = samples
    plot.current?.setData(plotDataOf(samples))
  }, [samples])
  return <div ref={place} className={css['canvas']} />
}

/** Hours and minutes of a moment in seconds. */
function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}

function optionsOf(element: HTMLElement, seconds: number): UPlot.Options {
  const colour = (name: string) => getComputedStyle(element).getPropertyValue(name).trim()
  const axis = {
    stroke: () => colour('--ink-3'),
    grid: { stroke: () => colour('--line'), width: 1 },
    ticks: { show: false },
    font: '12px Inter Variable, system-ui',
  }
  const line = (name: string, label: string): UPlot.Series => ({
    label,
    width: 2,
    points: { show: false },
    stroke: () => colour(name),
    fill: () => `color-mix(in srgb, ${colour(name)} 16%, transparent)`,
    value: (_, value) => (value === null || value === undefined ? '' : `${byteWords(value)}/s`),
  })
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [12, 4, 0, 0],
    cursor: { drag: { x: false, y: false }, points: { size: 8 } },
    legend: { live: true },
    scales: {
      x: { range: () => [Date.now() / 1000 - seconds, Date.now() / 1000] },
      y: { range: (_, __, max) => [0, Math.max(LEAST_TOP, max * 1.1)] },
    },
    axes: [
      { ...axis, space: 80, values: (_, values) => values.map(clock) },
      { ...axis, size: 66, values: (_, values) => values.map((value) => (value === 0 ? '0' : `${byteWords(value)}/s`)) },
    ],
    series: [
      { label: ACTIVITY.time, value: (_, value) => (value === null || value === undefined ? '' : clock(value)) },
      line('--busy', ACTIVITY.received),
      line('--accent', ACTIVITY.sent),
    ],
  }
}
