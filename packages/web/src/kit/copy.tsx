/** Texts to be taken elsewhere: copied with one press, or scanned. */
import { Check, Copy } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import type { ReactNode } from 'react'
import { encode } from 'uqr'
import { KIT } from '../words/kit.ts'
import { Button } from './button.tsx'
import css from './kit.module.css'

/** Puts a text on the clipboard, also where the page has no secure context. Gives whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    area.className = 'visually-hidden'
    document.body.append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    return done
  }
}

/** A text with a button that copies it; `label` says what it is. */
export function CopyText({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <div className={css['copy']}>
      <code tabIndex={0} role="textbox" aria-readonly aria-label={label} dir="ltr">
        {text}
      </code>
      <Button
        aria-label={copied ? KIT.copied : `${KIT.copy}: ${label}`}
        onClick={() => {
          void copyText(text).then(setCopied)
        }}
      >
        {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
        {copied ? KIT.copied : KIT.copy}
      </Button>
    </div>
  )
}

/** A QR code of a text, black on white in any theme; `label` says what it is. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { size, path } = useMemo(() => {
    const { size, data } = encode(text, { border: 0 })
    const cells = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    return { size, path: cells.join('') }
  }, [text])
  return (
    <svg className={css['qr']} role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
      <path d={path} fill="#000000" />
    </svg>
  )
}
