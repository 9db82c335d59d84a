/** How the uploads into a folder stand: whole, and each. */
import { CircleCheck, RotateCw, X } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { ReactNode } from 'react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Button, IconButton } from '../../kit/button.tsx'
import { ProgressBar } from '../../kit/chip.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useStore } from '../../live/use-store.tsx'
import { FOLDER } from '../../words/folder.ts'
import { byteWords, shareWords, visibleName } from '../../words/format.ts'
import type { Listing } from './listing.ts'
import { uploadsOf } from './upload-queue.ts'
import type { UploadTask } from './upload-queue.ts'
import css from './uploads.module.css'

const LINE = 52
/** When all went well, the panel goes by itself. */
const OVER_MS = 8000
/** A window over the list shows no more. */
const MOST_SHOWN = 4

/** The panel; nothing when nothing goes up. The listing hears of files that came in. */
export function UploadPanel({ folder, listing }: { readonly folder: string; readonly listing: Listing | null }): ReactNode {
  const queue = uploadsOf(useStore())
  const { tasks: all, held } = useSyncExternalStore(
    (listener) => queue.subscribe(listener),
    () => queue.summary,
  )
  const tasks = all.filter((task) => task.folder === folder)
  const done = tasks.filter(({ state }) => state === 'done').length
  useEffect(() => listing?.refresh(), [listing, done])
  const isOver = tasks.length > 0 && done === tasks.length
  useEffect(() => {
    if (!isOver) return
    const timer = setTimeout(() => queue.cancel({ folder }), OVER_MS)
    return () => clearTimeout(timer)
  }, [queue, folder, isOver])
  if (tasks.length === 0) return null
  const failed = tasks.filter(({ state }) => state === 'failed').length
  const left = tasks.length - done - failed
  const bytes = tasks.reduce((sum, { size }) => sum + size, 0)
  const sent = tasks.reduce((sum, task) => sum + (task.state === 'done' ? task.size : task.sent), 0)
  const share = bytes === 0 ? done / tasks.length : Math.min(sent / bytes, left === 0 ? 1 : 0.999)
  const words = left > 0 ? FOLDER.uploading(left) : failed > 0 ? FOLDER.failed(failed) : FOLDER.uploaded(done)
  return (
    <section className={css['panel']} aria-label={FOLDER.uploads}>
      <header>
        <div>
          <strong role="status">{words}</strong>
          <small>
            {held === null ? `${byteWords(sent)} / ${byteWords(bytes)}` : held === 'refused' ? FOLDER.heldRefused : FOLDER.heldLost}
          </small>
        </div>
        {failed > 0 && (
          <Button small onClick={() => queue.retry(folder)}>
            <RotateCw size={15} aria-hidden />
            {FOLDER.retry}
          </Button>
        )}
        <IconButton small label={left > 0 ? FOLDER.cancelAll : FOLDER.hide} onClick={() => queue.cancel({ folder })}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      {left > 0 && <ProgressBar value={share} label={FOLDER.uploads} />}
      <TaskList tasks={tasks} onCancel={(id) => queue.cancel({ id })} />
    </section>
  )
}

function TaskList({ tasks, onCancel }: { readonly tasks: readonly UploadTask[]; readonly onCancel: (id: number) => void }): ReactNode {
  const ref = useRef<HTMLDivElement>(null)
  const lines = useVirtualizer({ count: tasks.length, getScrollElement: () => ref.current, estimateSize: () => LINE, overscan: 4 })
  const [isTouched, setTouched] = useState(false)
  const current = tasks.findIndex(({ state }) => state === 'sending' || state === 'waiting')
  useEffect(() => {
    // Follows what goes up now, until somebody scrolls.
    if (!isTouched && current > 0) lines.scrollToIndex(current, { align: 'start' })
  }, [lines, current, isTouched])
  return (
    <div
      ref={ref}
      className={css['tasks']}
      style={{ height: Math.min(MOST_SHOWN, tasks.length) * LINE }}
      tabIndex={0}
      role="group"
      aria-label={FOLDER.uploads}
      onWheel={() => setTouched(true)}
      onTouchMove={() => setTouched(true)}
    >
      <ul style={{ height: lines.getTotalSize() }}>
        {lines.getVirtualItems().map(({ index, start }) => {
          const task = tasks[index]
          return task && <Task key={task.id} task={task} top={start} onCancel={() => onCancel(task.id)} />
        })}
      </ul>
    </div>
  )
}

function Task({ task, top, onCancel }: { readonly task: UploadTask; readonly top: number; readonly onCancel: () => void }): ReactNode {
  const { path, size, sent, state, problem } = task
  const share = size === 0 ? 0 : Math.min(sent / size, 0.999)
  return (
    <li style={{ height: LINE, transform: `translateY(${top}px)` }}>
      <div>
        <span dir="auto" title={visibleName(path)}>
          {visibleName(path)}
        </span>
        {state === 'sending' && <ProgressBar value={share} label={visibleName(path)} />}
        {state === 'failed' && problem !== null && <small className={css['problem']}>{problemWords(problem)}</small>}
      </div>
      <small className="tabular">{state === 'sending' ? shareWords(share) : state === 'waiting' ? FOLDER.waiting : ''}</small>
      {state === 'done' ? (
        <CircleCheck size={18} className={css['good']} aria-label={FOLDER.uploadDone} />
      ) : (
        <IconButton small label={FOLDER.cancelOne(visibleName(path))} onClick={onCancel}>
          <X size={15} aria-hidden />
        </IconButton>
      )}
    </li>
  )
}
