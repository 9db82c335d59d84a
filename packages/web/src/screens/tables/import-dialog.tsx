/** Takes rows of a file into a table: the file is chosen, looked at, and put in one step. */
import { FileUp } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { AppError } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { ProgressBar } from '../../kit/chip.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Choice } from '../../kit/form.tsx'
import { Notice } from '../../kit/layout.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { queries, useStore } from '../../live/use-store.tsx'
import { byteWords, shareWords, visibleName } from '../../words/format.ts'
import { KIT } from '../../words/kit.ts'
import { TABLES } from '../../words/tables.ts'
import { FileProblem, formatOf, NUMBERED } from './file-rows.ts'
import { headOf, importFile } from './import-file.ts'
import type { FileHead, Progress } from './import-file.ts'
import { ImportPreview } from './import-preview.tsx'
import { FILE_BYTES } from './read-file.ts'
import css from './tables.module.css'

interface Chosen {
  readonly file: File
  readonly head: FileHead
  readonly key: string
}

/** The dialog; open as long as it is there. */
export function ImportDialog({
  tableRef,
  link,
  onWrite,
  onClose,
}: {
  readonly tableRef: string
  readonly link: string
  readonly onWrite: (keys: readonly string[]) => void
  readonly onClose: () => void
}): ReactNode {
  const { client, target } = useStore()
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [progress, setProgress] = useState<Progress | null>(null)
  const [isOver, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])

  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return
    setChosen(null)
    setProblem(null)
    const format = formatOf(file.name)
    if (format === null) return setProblem(TABLES.unknownFormat)
    if (file.size > FILE_BYTES) return setProblem(TABLES.tooLarge)
    try {
      const head = await headOf(file, format)
      setChosen({ file, head, key: head.key })
    } catch (error) {
      setProblem(wordsOf(error))
    }
  }
  const run = async ({ file, head, key }: Chosen): Promise<void> => {
    const stop = (running.current = new AbortController())
    setProblem(null)
    setProgress({ read: 0, rows: null })
    try {
      const request = { file, head, keyColumn: key, onProgress: setProgress, onKeys: onWrite, signal: stop.signal }
      const { changed } = await importFile(client, tableRef, request)
      await queries.invalidateQueries({ queryKey: [target, link] })
      tellDone(changed === 0 ? TABLES.nothingNew : TABLES.imported(changed))
      onClose()
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'CANCELLED')) setProblem(wordsOf(error))
    } finally {
      setProgress(null)
    }
  }
  const isRunning = progress !== null
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={TABLES.importTitle}
      foot={
        <>
          <Button onClick={onClose}>{KIT.cancel}</Button>
          <Button tone="main" disabled={chosen === null || isRunning} onClick={() => chosen !== null && void run(chosen)}>
            {TABLES.goImport}
          </Button>
        </>
      }
    >
      <div
        className={css['dropZone']}
        data-over={isOver}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          if (!isRunning) void choose(event.dataTransfer.files[0])
        }}
      >
        <FileUp size={26} aria-hidden />
        {chosen === null ? (
          <span>{TABLES.fileHint}</span>
        ) : (
          <strong dir="auto">
            {visibleName(chosen.file.name)} · {byteWords(chosen.file.size)}
          </strong>
        )}
        <span className={css['chips']}>
          <Button disabled={isRunning} onClick={() => input.current?.click()}>
            {TABLES.chooseFile}
          </Button>
          {TABLES.drop}
        </span>
        <input
          ref={input}
          type="file"
          className="visually-hidden"
          tabIndex={-1}
          aria-label={TABLES.chooseFile}
          accept=".csv,.json,.ndjson,.jsonl"
          onChange={(event) => {
            void choose(event.target.files?.[0])
            event.target.value = ''
          }}
        />
      </div>
      {problem !== null && (
        <Notice tone="bad">
          {problem} {TABLES.nothingPut}
        </Notice>
      )}
      {chosen !== null && chosen.head.columns.length > 0 && (
        <Choice
          label={TABLES.keyColumn}
          value={chosen.key}
          disabled={isRunning}
          options={[
            ...chosen.head.columns.map((name) => ({ value: name, label: visibleName(name) })),
            { value: NUMBERED, label: TABLES.keyNumbered },
          ]}
          onChange={(key) => setChosen({ ...chosen, key })}
        />
      )}
      {chosen !== null && <ImportPreview head={chosen.head} keyColumn={chosen.key} />}
      {progress !== null && (
        <div role="status" className={css['stack']}>
          {progress.rows === null ? TABLES.reading(shareWords(progress.read)) : TABLES.putting(progress.rows)}
          <ProgressBar value={progress.rows === null ? progress.read * 0.5 : 0.75} label={TABLES.importTitle} />
        </div>
      )}
    </Dialog>
  )
}

function wordsOf(error: unknown): string {
  return error instanceof FileProblem ? error.message : problemWords(error)
}
