/** What the service said: filtered, followed and copied. */
import { Copy, ScrollText } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import type { LogLine } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { copyText } from '../../kit/copy.tsx'
import { Segmented, TextField } from '../../kit/form.tsx'
import { Card, Empty, Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { visibleName } from '../../words/format.ts'
import { SETTINGS } from '../../words/settings.ts'
import css from './settings.module.css'
import { useLog } from './use-log.ts'

const LEVELS = ['all', 'warning', 'error'] as const
type Level = (typeof LEVELS)[number]

/** The part. */
export function LogPart(): ReactNode {
  const { lines, error } = useLog()
  const [level, setLevel] = useState<Level>('all')
  const [text, setText] = useState('')
  const shown = useMemo(() => filtered(lines ?? [], level, text), [lines, level, text])
  const list = useRef<HTMLOListElement>(null)
  const isAtEnd = useRef(true)
  useEffect(() => {
    // Who has scrolled up is reading.
    if (isAtEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight })
  }, [shown])
  if (lines === null) return error === null ? <Skeleton height="20rem" /> : <Notice tone="bad">{problemWords(error)}</Notice>
  const copy = (): void => {
    void copyText(shown.map(({ at, level, text }) => `${at} ${level} ${text}`).join('\n')).then(
      (isDone) => isDone && tellDone(SETTINGS.copied),
    )
  }
  return (
    <>
      <p className={css['hint']}>{SETTINGS.logText}</p>
      <Card flush>
        <div className={css['logBar']}>
          <Segmented
            label={SETTINGS.level}
            value={level}
            options={LEVELS.map((value) => ({ value, label: SETTINGS.levels[value] }))}
            onChange={setLevel}
          />
          <TextField label={SETTINGS.filter} type="search" value={text} onChange={(event) => setText(event.target.value)} />
          <span className={css['hint']} role="status">
            {SETTINGS.shown(shown.length, lines.length)}
          </span>
          <Button disabled={shown.length === 0} onClick={copy}>
            <Copy size={16} aria-hidden />
            {SETTINGS.copy}
          </Button>
        </div>
        {shown.length === 0 ? (
          <Empty icon={<ScrollText size={26} />} title={lines.length === 0 ? SETTINGS.noLines : SETTINGS.noMatch} />
        ) : (
          <ol
            ref={list}
            className={css['log']}
            tabIndex={0}
            aria-label={SETTINGS.lines}
            onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
              isAtEnd.current = scrollTop + clientHeight > scrollHeight - 40
            }}
          >
            {shown.map((line) => (
              <Line key={`${line.number} ${line.at}`} line={line} />
            ))}
          </ol>
        )}
      </Card>
    </>
  )
}

function Line({ line: { at, level, text } }: { readonly line: LogLine }): ReactNode {
  const moment = new Date(at)
  return (
    <li>
      <time dateTime={at}>{`${moment.toLocaleDateString([], { day: 'numeric', month: 'short' })} ${moment.toLocaleTimeString()}`}</time>
      <span className={css[level === 'error' ? 'wrong' : level === 'warning' ? 'warning' : 'unknown']}>{SETTINGS.levelWords[level]}</span>
      <span dir="auto">{visibleName(text)}</span>
    </li>
  )
}

function filtered(lines: readonly LogLine[], level: Level, text: string): readonly LogLine[] {
  const wanted = text.trim().toLowerCase()
  return lines.filter(
    (line) =>
      (level === 'all' || line.level === 'error' || (level === 'warning' && line.level === 'warning')) &&
      (wanted === '' || line.text.toLowerCase().includes(wanted)),
  )
}
