/** One page of a PDF document: drawn, with its text above the drawing, so that it can be marked, copied and read out. */
import { TextLayer } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist'
import { useEffect, useRef, useState } from 'react'
import type { ReactNode, RefObject } from 'react'
import { PREVIEW } from '../../words/preview.ts'
import css from './preview.module.css'

/** No sharper than this: a canvas takes memory for each of its points. */
const MOST_SHARP = 2
const MOST_SIDE = 6000

/** The page; `shape`: height by width until its own is known; `zoom` 1: as wide as there is room. */
export function PdfPage({
  pdf,
  number,
  shape,
  zoom,
}: {
  readonly pdf: PDFDocumentProxy
  readonly number: number
  readonly shape: number
  readonly zoom: number
}): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const text = useRef<HTMLDivElement>(null)
  const isNear = useNear(box)
  const [own, setOwn] = useState(shape)
  useEffect(() => {
    if (!isNear || box.current === null) return
    const { clientWidth } = box.current
    const stopping = new AbortController()
    void draw({ pdf, number, width: clientWidth, signal: stopping.signal }, setOwn, canvas.current, text.current).catch(() => {
      // A page that is broken stays white; those beside it are shown.
    })
    return () => stopping.abort()
  }, [pdf, number, zoom, isNear])
  return (
    <div
      ref={box}
      className={css['pdfPage']}
      role="group"
      aria-label={PREVIEW.page(number, pdf.numPages)}
      style={{ aspectRatio: `1 / ${own}`, width: `${zoom * 100}%` }}
    >
      {isNear && (
        <>
          <canvas ref={canvas} aria-hidden />
          <div ref={text} className={css['pdfText']} />
        </>
      )}
    </div>
  )
}

interface Wish {
  readonly pdf: PDFDocumentProxy
  readonly number: number
  readonly width: number
  readonly signal: AbortSignal
}

async function draw(
  { pdf, number, width, signal }: Wish,
  onShape: (shape: number) => void,
  canvas: HTMLCanvasElement | null,
  text: HTMLDivElement | null,
): Promise<void> {
  const page: PDFPageProxy = await pdf.getPage(number)
  if (signal.aborted || canvas === null || text === null) return
  const plain = page.getViewport({ scale: 1 })
  onShape(plain.height / plain.width)
  const scale = width / plain.width
  const viewport = page.getViewport({ scale })
  const sharp = Math.min(devicePixelRatio, MOST_SHARP, MOST_SIDE / Math.max(viewport.width, viewport.height))
  canvas.width = Math.floor(viewport.width * sharp)
  canvas.height = Math.floor(viewport.height * sharp)
  const drawing = page.render({ canvas, viewport, transform: [sharp, 0, 0, sharp, 0, 0] })
  signal.addEventListener('abort', () => drawing.cancel())
  await drawing.promise
  if (signal.aborted) return
  text.replaceChildren()
  text.style.setProperty('--total-scale-factor', String(scale))
  const layer = new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport })
  signal.addEventListener('abort', () => layer.cancel())
  await layer.render()
}

/** Whether an element is in view or nearly. */
function useNear(ref: RefObject<HTMLElement | null>): boolean {
  const [isNear, setNear] = useState(false)
  useEffect(() => {
    const element = ref.current
    if (element === null) return
    const observer = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting ?? false), { rootMargin: '600px 0px' })
    observer.observe(element)
    return () => observer.disconnect()
  }, [ref])
  return isNear
}
