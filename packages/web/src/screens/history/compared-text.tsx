/** A text at two moments: lines that went and came, one below the other or side by side. */
import { useState, useSyncExternalStore } from 'react'
import type { ReactNode } from 'react'
import { Segmented } from '../../kit/form.tsx'
import { HISTORY } from '../../words/history.ts'
import { pairsOf } from './text-diff.ts'
import type { TextLine, TextPiece } from './text-diff.ts'
import css from './versions.module.css'

type Way = 'below' | 'beside'

/** Lines that are drawn at most. */
const MOST_LINES = 2000
const WIDE = '(min-width: 60rem)'

/** The text; side by side where there is room. */
export function ComparedText({ pieces }: { readonly pieces: readonly TextPiece[] }): ReactNode {
  const isWide = useSyncExternalStore(
    (listener) => {
      const query = matchMedia(WIDE)
      query.addEventListener('change', listener)
      return () => query.removeEventListener('change', listener)
    },
    () => matchMedia(WIDE).matches,
  )
  const [chosen, setChosen] = useState<Way>('beside')
  const way = isWide ? chosen : 'below'
  let left = MOST_LINES
  const shown = pieces.map(({ skipped, lines }) => {
    const cut = lines.slice(0, Math.max(0, left))
    left -= lines.length
    return { skipped, lines: cut }
  })
  return (
    <>
      {isWide && (
        <div className={css['ways']}>
          <Segmented
            label={HISTORY.ways}
            value={way}
            options={[
              { value: 'beside', label: HISTORY.beside },
              { value: 'below', label: HISTORY.below },
            ]}
            onChange={setChosen}
          />
        </div>
      )}
      {/* It scrolls sideways: the keyboard must get to it. */}
      <div className={css['text']} role="region" aria-label={HISTORY.text} tabIndex={0}>
        <table data-way={way}>
          <thead className="visually-hidden">
            <tr>
              <th>{HISTORY.lineBefore}</th>
              {way === 'beside' && <th>{HISTORY.before}</th>}
              <th>{HISTORY.lineAfter}</th>
              <th>{way === 'beside' ? HISTORY.after : HISTORY.textLine}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ skipped, lines }, index) => (
              <Piece key={index} skipped={skipped} lines={lines} way={way} />
            ))}
          </tbody>
        </table>
      </div>
      {left < 0 && <p className={css['soft']}>{HISTORY.more(-left)}</p>}
    </>
  )
}

function Piece({ skipped, lines, way }: { readonly skipped: number; readonly lines: readonly TextLine[]; readonly way: Way }): ReactNode {
  return (
    <>
      {skipped > 0 && (
        <tr className={css['skipped']}>
          <td colSpan={4}>{HISTORY.skipped(skipped)}</td>
        </tr>
      )}
      {way === 'below'
        ? lines.map((line, index) => (
            <tr key={index}>
              <td className={css['lineNumber']}>{line.before}</td>
              <td className={css['lineNumber']}>{line.after}</td>
              <Half line={line} />
            </tr>
          ))
        : pairsOf(lines).map(({ left, right }, index) => (
            <tr key={index}>
              <td className={css['lineNumber']}>{left?.before}</td>
              <Half line={left} />
              <td className={css['lineNumber']}>{right?.after}</td>
              <Half line={right} />
            </tr>
          ))}
    </>
  )
}

const SIGNS = { same: ' ', add: '+', delete: '−' } as const

function Half({ line }: { readonly line: TextLine | null }): ReactNode {
  if (line === null) return <td data-op="none" />
  return (
    <td data-op={line.op}>
      <span className={css['sign']} aria-hidden>
        {SIGNS[line.op]}
      </span>
      {line.op !== 'same' && <span className="visually-hidden">{HISTORY.lineOps[line.op]} </span>}
      <bdi>{line.text}</bdi>
    </td>
  )
}
