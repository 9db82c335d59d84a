/** A picture: fitted to the room there is, made larger, and moved about. */
import { Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { PointerEvent, ReactNode } from 'react'
import { IconButton } from '../../kit/button.tsx'
import { contentUrl, useStore } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import { nameOf } from '../folder/rows.ts'
import type { ViewerProps } from './viewer.ts'
import css from './preview.module.css'

const STEP = 1.5
const MOST = 16

/** The viewer. */
export function PictureView({ file, onFail }: ViewerProps): ReactNode {
  const { target } = useStore()
  const [zoom, setZoom] = useState(1)
  const [isDragged, setDragged] = useState(false)
  const room = useRef<HTMLDivElement>(null)
  const name = visibleName(nameOf(file.path))
  const change = (by: number): void => setZoom((old) => Math.min(MOST, Math.max(1, old * by)))
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return
      if (event.key === '+' || event.key === '=') change(STEP)
      else if (event.key === '-') change(1 / STEP)
      else if (event.key === '0') setZoom(1)
    }
    const element = room.current
    // React's own handler can't keep the page from scrolling.
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey) return
      event.preventDefault()
      change(event.deltaY < 0 ? 1.15 : 1 / 1.15)
    }
    addEventListener('keydown', onKey)
    element?.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      removeEventListener('keydown', onKey)
      element?.removeEventListener('wheel', onWheel)
    }
  }, [])
  const drag = (event: PointerEvent): void => {
    if (!isDragged || event.pointerType !== 'mouse') return
    room.current?.scrollBy(-event.movementX, -event.movementY)
  }
  return (
    <div className={css['pictureFrame']}>
      <div
        ref={room}
        className={css['picture']}
        data-zoomed={zoom > 1 || undefined}
        // A picture larger than its room is moved with the arrow keys too.
        tabIndex={zoom > 1 ? 0 : -1}
        role="group"
        aria-label={PREVIEW.picture(name)}
        aria-description={PREVIEW.pictureKeys}
        onDoubleClick={() => setZoom((old) => (old > 1 ? 1 : 2.5))}
        onPointerDown={(event) => {
          if (zoom === 1) return
          setDragged(true)
          if (event.pointerType === 'mouse') event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerUp={() => setDragged(false)}
        onPointerMove={drag}
      >
        <img
          src={contentUrl(target, file.folder, file)}
          alt={name}
          draggable={false}
          decoding="async"
          style={zoom === 1 ? {} : { width: `${zoom * 100}%`, height: `${zoom * 100}%` }}
          onError={onFail}
        />
      </div>
      <div className={css['zoom']}>
        <IconButton label={PREVIEW.zoomOut} disabled={zoom === 1} onClick={() => change(1 / STEP)}>
          <ZoomOut size={18} aria-hidden />
        </IconButton>
        <span className="tabular" role="status">
          {PREVIEW.zoom(Math.round(zoom * 100))}
        </span>
        <IconButton label={PREVIEW.zoomIn} disabled={zoom === MOST} onClick={() => change(STEP)}>
          <ZoomIn size={18} aria-hidden />
        </IconButton>
        <IconButton label={PREVIEW.fit} disabled={zoom === 1} onClick={() => setZoom(1)}>
          <Maximize size={18} aria-hidden />
        </IconButton>
      </div>
    </div>
  )
}
