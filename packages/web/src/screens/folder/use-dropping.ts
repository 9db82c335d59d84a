/** Dragging: files from outside onto the list or one of its folders, and entries of the list onto folders. */
import { useRef, useState } from 'react'
import type { DragEvent } from 'react'
import { entriesOfDrop } from './dropped.ts'
import type { NewEntry } from './upload-queue.ts'

/** What is dragged inside of the page. */
const OWN = 'application/x-hyper-store-paths'

/** What happens with what is dropped. */
export interface DropDeeds {
  readonly canWrite: boolean
  upload(entries: Promise<NewEntry[]>, to: string): void
  move(paths: readonly string[], to: string): void
  /** Entries that are dragged along with one. */
  dragged(path: string): readonly string[]
}

/** Handlers for the screen, its folders and the crumbs. */
export interface Dropping {
  /** Files from outside are over the page. */
  readonly isOver: boolean
  /** The row or crumb (`crumb:<path>`) that something is over. */
  readonly target: string | null
  start(event: DragEvent, path: string): void
  overFolder(event: DragEvent, path: string, name?: string): void
  leaveFolder(): void
  dropOn(event: DragEvent, path: string): void
  readonly page: {
    onDragEnter(event: DragEvent): void
    onDragOver(event: DragEvent): void
    onDragLeave(event: DragEvent): void
    onDrop(event: DragEvent): void
  }
}

/** Dropping into the folder `here`. */
export function useDropping(here: string, deeds: DropDeeds): Dropping {
  const [isOver, setOver] = useState(false)
  const [target, setTarget] = useState<string | null>(null)
  const depth = useRef(0)
  const isFiles = (event: DragEvent): boolean => deeds.canWrite && event.dataTransfer.types.includes('Files')
  const isOwn = (event: DragEvent): boolean => deeds.canWrite && event.dataTransfer.types.includes(OWN)
  const end = (): void => {
    depth.current = 0
    setOver(false)
    setTarget(null)
  }
  const drop = (event: DragEvent, to: string): void => {
    if (isFiles(event)) {
      event.preventDefault()
      event.stopPropagation()
      deeds.upload(entriesOfDrop(event.dataTransfer), to)
    } else if (isOwn(event)) {
      event.preventDefault()
      event.stopPropagation()
      deeds.move(pathsOf(event.dataTransfer.getData(OWN)), to)
    }
    end()
  }
  return {
    isOver,
    target,
    start(event, path) {
      event.dataTransfer.setData(OWN, JSON.stringify(deeds.dragged(path)))
      event.dataTransfer.effectAllowed = 'move'
    },
    overFolder(event, path, name = path) {
      if (!isFiles(event) && !isOwn(event)) return
      event.preventDefault()
      if (target !== name) setTarget(name)
    },
    leaveFolder: () => setTarget(null),
    dropOn: drop,
    page: {
      onDragEnter(event) {
        if (!isFiles(event)) return
        depth.current++
        setOver(true)
      },
      onDragOver(event) {
        if (isFiles(event)) event.preventDefault()
      },
      onDragLeave(event) {
        if (!isFiles(event)) return
        depth.current--
        if (depth.current <= 0) end()
      },
      onDrop: (event) => drop(event, here),
    },
  }
}

function pathsOf(text: string): string[] {
  try {
    const paths: unknown = JSON.parse(text)
    return Array.isArray(paths) ? paths.filter((path): path is string => typeof path === 'string') : []
  } catch {
    return []
  }
}
