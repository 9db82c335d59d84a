/** A map of what folders take: the larger a field, the more bytes. */
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import type { FolderSpace } from '@hyper-store/client'
import { byteWords, visibleName } from '../../words/format.ts'
import { SETTINGS } from '../../words/settings.ts'
import css from './settings.module.css'
import { mapOf, takenBy } from './space-shares.ts'

const HEIGHT = 260
/** Pixels that a letter takes. */
const LETTER = 7

/** The map, as wide as its place. */
export function SpaceMap({ folders }: { readonly folders: readonly FolderSpace[] }): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(800)
  useLayoutEffect(() => {
    if (box.current === null) return
    const watch = new ResizeObserver(([entry]) => entry !== undefined && setWidth(Math.max(200, Math.round(entry.contentRect.width))))
    watch.observe(box.current)
    return () => watch.disconnect()
  }, [])
  const pieces = useMemo(() => mapOf(folders, width, HEIGHT), [folders, width])
  const total = folders.reduce((sum, folder) => sum + takenBy(folder), 0)
  return (
    <div ref={box}>
      <svg className={css['map']} role="img" aria-label={SETTINGS.map(byteWords(total))} viewBox={`0 0 ${width} ${HEIGHT}`}>
        {pieces.map((piece) => (
          <g key={`${piece.key} ${piece.kind}`}>
            <rect className={css[piece.kind]} x={piece.x} y={piece.y} width={piece.width} height={piece.height} rx="5">
              <title>{`${visibleName(piece.title)}, ${SETTINGS.kinds[piece.kind]}: ${byteWords(piece.bytes)}`}</title>
            </rect>
            {piece.isMain && piece.width > 60 && piece.height > 48 && (
              <text x={piece.x + 10} y={piece.y + 22}>
                {fitted(visibleName(piece.title), piece.width)}
                <tspan x={piece.x + 10} dy="1.35em" fontWeight="400">
                  {byteWords(piece.bytes)}
                </tspan>
              </text>
            )}
          </g>
        ))}
      </svg>
    </div>
  )
}

function fitted(text: string, width: number): string {
  const most = Math.floor((width - 20) / LETTER)
  return text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text
}
