/** A PDF document: pages below each other, each drawn when it comes near. */
import { Lock, ZoomIn, ZoomOut } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import type { PDFDocumentProxy } from 'pdfjs-dist'
import { IconButton } from '../../kit/button.tsx'
import { Empty, Skeleton } from '../../kit/layout.tsx'
import { contentUrl, useStore } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import { nameOf } from '../folder/rows.ts'
import { openPdf } from './pdf-document.ts'
import { PdfPage } from './pdf-page.tsx'
import type { ViewerProps } from './viewer.ts'
import css from './preview.module.css'

const STEP = 1.25
const MOST_ZOOM = 4
/** Pages of one document that are laid out. */
const MOST_PAGES = 2000
/** Height by width of most pages, until the first one is known. */
const A4 = 297 / 210

/** The viewer. */
export function PdfView({ file, onFail }: ViewerProps): ReactNode {
  const { target } = useStore()
  const url = contentUrl(target, file.folder, file)
  const [pdf, setPdf] = useState<PDFDocumentProxy | null>(null)
  const [shape, setShape] = useState(A4)
  const [isLocked, setLocked] = useState(false)
  const [zoom, setZoom] = useState(1)
  useEffect(() => {
    let isOver = false
    const task = openPdf(url)
    const open = async (): Promise<void> => {
      const document = await task.promise
      // Until a page came, it is taken to be like the first one.
      const { width, height } = (await document.getPage(1)).getViewport({ scale: 1 })
      if (isOver) return
      setShape(height / width)
      setPdf(document)
    }
    open().catch((error: unknown) => {
      if (isOver) return
      if (error instanceof Error && error.name === 'PasswordException') setLocked(true)
      else onFail()
    })
    return () => {
      isOver = true
      void task.destroy()
    }
    // onFail is a new function at each drawing; it always does the same.
  }, [url])
  if (isLocked)
    return (
      <Empty icon={<Lock size={26} />} title={PREVIEW.locked}>
        {PREVIEW.lockedText}
      </Empty>
    )
  if (pdf === null) return <Skeleton height="24rem" />
  return (
    <div className={css['pdf']} role="document" aria-label={PREVIEW.pdf(visibleName(nameOf(file.path)))}>
      <div className={css['pdfBar']}>
        <span role="status">{PREVIEW.pages(pdf.numPages)}</span>
        <IconButton small label={PREVIEW.zoomOut} disabled={zoom <= 0.5} onClick={() => setZoom(zoom / STEP)}>
          <ZoomOut size={17} aria-hidden />
        </IconButton>
        <span className="tabular">{PREVIEW.zoom(Math.round(zoom * 100))}</span>
        <IconButton small label={PREVIEW.zoomIn} disabled={zoom >= MOST_ZOOM} onClick={() => setZoom(zoom * STEP)}>
          <ZoomIn size={17} aria-hidden />
        </IconButton>
      </div>
      <div className={css['pdfPages']} tabIndex={0} role="region" aria-label={PREVIEW.pages(pdf.numPages)}>
        {Array.from({ length: Math.min(pdf.numPages, MOST_PAGES) }, (_, index) => (
          <PdfPage key={index} pdf={pdf} number={index + 1} shape={shape} zoom={zoom} />
        ))}
      </div>
    </div>
  )
}
