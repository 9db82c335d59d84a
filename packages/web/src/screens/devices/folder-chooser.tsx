/** Chooses a folder of the machine that the store runs on: the one whose folders are shown is the chosen one. */
import { ChevronRight, CornerLeftUp, Folder, FolderCheck, FolderPlus, HardDrive, House } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import { Button, IconButton } from '../../kit/button.tsx'
import { TextField } from '../../kit/form.tsx'
import { Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { CHOOSER } from '../../words/devices.ts'
import { byteWords, visibleName } from '../../words/format.ts'
import css from './chooser.module.css'
import { crumbsOf, isFolderName, joinPath } from './disk-paths.ts'
import { useDisk } from './use-disk.ts'
import type { DiskPlace } from './use-disk.ts'

/**
 * `onChange` is told the chosen path, and null while none is. With `anywhere` every place will do; else neither the home itself nor what
 * is kept already.
 */
export function FolderChooser({
  start = null,
  anywhere = false,
  onChange,
}: {
  readonly start?: string | null
  readonly anywhere?: boolean
  readonly onChange: (path: string | null) => void
}): ReactNode {
  const disk = useDisk(start)
  const { listing, home, keptAs } = disk
  const path = listing?.path ?? null
  const isPlace = path !== home && listing?.parent !== null
  const isFree = anywhere || (isPlace && keptAs === null && listing?.folders.every((one) => one.keptAs === null) === true)
  const chosen = isFree && disk.isSettled ? path : null
  useEffect(() => onChange(chosen), [chosen, onChange])
  return (
    <div className={css['chooser']}>
      <Crumbs disk={disk} />
      {disk.problem !== null && <Notice tone="bad">{problemWords(disk.problem)}</Notice>}
      {listing === null ? <Skeleton height="12rem" /> : <FolderList disk={disk} />}
      <Tools disk={disk} />
      {!anywhere && (
        <p className={css['chosen']} aria-live="polite">
          {chosen !== null ? (
            <>
              {CHOOSER.chosen}: <bdi>{visibleName(chosen)}</bdi>
            </>
          ) : (
            listing !== null && (isPlace ? CHOOSER.overlaps : CHOOSER.goOn)
          )}
        </p>
      )}
    </div>
  )
}

function Crumbs({ disk }: { readonly disk: DiskPlace }): ReactNode {
  const { listing, home } = disk
  const path = listing?.path ?? ''
  const isInHome = home !== null && (path === home || path.startsWith(`${home}/`))
  const crumbs = crumbsOf(path)
  const shown = isInHome ? crumbs.slice(crumbsOf(home).length - 1) : crumbs
  const end = useRef<HTMLOListElement>(null)
  useEffect(() => {
    if (end.current !== null) end.current.scrollLeft = end.current.scrollWidth
  }, [path])
  return (
    <nav aria-label={CHOOSER.where} className={css['crumbs']}>
      {!isInHome && home !== null && (
        <IconButton small label={CHOOSER.home} onClick={() => disk.go(home)}>
          <House size={16} aria-hidden />
        </IconButton>
      )}
      {listing !== null && listing.parent !== null && (
        <IconButton small label={CHOOSER.up} onClick={() => disk.go(listing.parent ?? '/')}>
          <CornerLeftUp size={16} aria-hidden />
        </IconButton>
      )}
      <ol ref={end}>
        {shown.map((crumb, index) => (
          <li key={crumb.path}>
            <button type="button" aria-current={index === shown.length - 1 ? 'location' : undefined} onClick={() => disk.go(crumb.path)}>
              {crumb.path === home ? <House size={15} aria-hidden /> : crumb.name === '' && <HardDrive size={15} aria-hidden />}
              <span dir="auto">{crumb.path === home ? CHOOSER.home : crumb.name === '' ? CHOOSER.root : visibleName(crumb.name)}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}

function FolderList({ disk }: { readonly disk: DiskPlace }): ReactNode {
  const { listing } = disk
  const list = useRef<HTMLUListElement>(null)
  const isByKey = useRef(false)
  const path = listing?.path
  useEffect(() => {
    // Whoever goes by keys goes on by keys in the next folder.
    if (isByKey.current) (list.current?.querySelector('button') ?? list.current)?.focus()
    isByKey.current = false
  }, [path])
  const onKey = (event: KeyboardEvent<HTMLUListElement>): void => {
    const buttons = [...event.currentTarget.querySelectorAll('button')]
    const at = buttons.findIndex((button) => button === document.activeElement)
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }
    const to = moves[event.key]
    if (to !== undefined) buttons[Math.max(0, Math.min(buttons.length - 1, to))]?.focus()
    else if (event.key === 'ArrowRight' && at >= 0) buttons[at]?.click()
    else if ((event.key === 'ArrowLeft' || event.key === 'Backspace') && listing?.parent != null) disk.go(listing.parent)
    else {
      if (event.key === 'Enter') isByKey.current = true
      return
    }
    if (to === undefined) isByKey.current = true
    event.preventDefault()
  }
  if (listing === null) return null
  return (
    <>
      <ul ref={list} className={css['list']} aria-label={CHOOSER.folders} tabIndex={-1} onKeyDown={onKey}>
        {listing.folders.map((folder) => (
          <li key={folder.path}>
            <button type="button" onClick={() => disk.go(folder.path, folder.keptAs)}>
              {folder.keptAs === null ? <Folder size={18} aria-hidden /> : <FolderCheck size={18} aria-hidden />}
              <span dir="auto">{visibleName(folder.name)}</span>
              {folder.keptAs !== null && <em dir="auto">{CHOOSER.kept(visibleName(folder.keptAs))}</em>}
              <ChevronRight size={16} aria-hidden />
            </button>
          </li>
        ))}
        {listing.folders.length === 0 && <li className={css['none']}>{CHOOSER.none}</li>}
      </ul>
      {listing.more && <p className={css['quiet']}>{CHOOSER.more}</p>}
    </>
  )
}

/** A new folder here, and a path that is typed. Not a form: the chooser stands in forms. */
function Tools({ disk }: { readonly disk: DiskPlace }): ReactNode {
  const [asks, setAsks] = useState<'name' | 'path' | null>(null)
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState<string | null>(null)
  const { listing } = disk
  const open = (what: 'name' | 'path'): void => {
    setAsks(what)
    setText(what === 'path' ? (listing?.path ?? '') : '')
    setWrong(null)
  }
  const done = (): void => {
    const wish = text.trim()
    if (asks === 'path') {
      if (wish !== '') disk.go(wish)
      setAsks(null)
    } else if (!isFolderName(wish)) setWrong(CHOOSER.freshWrong)
    else if (listing !== null) {
      const clash = listing.folders.find(({ name }) => name === wish)
      if (clash === undefined) disk.make(joinPath(listing.path, wish), (error) => setWrong(problemWords(error)))
      else disk.go(clash.path, clash.keptAs)
      setAsks(null)
    }
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') {
      event.preventDefault()
      done()
    } else if (event.key === 'Escape') {
      event.stopPropagation()
      setAsks(null)
    }
  }
  if (asks === null)
    return (
      <div className={css['tools']}>
        <Button small onClick={() => open('name')} disabled={listing === null || disk.isMaking}>
          <FolderPlus size={16} aria-hidden />
          {CHOOSER.fresh}
        </Button>
        <Button small tone="quiet" onClick={() => open('path')}>
          {CHOOSER.typed}
        </Button>
        {wrong !== null && <span role="alert">{wrong}</span>}
        {listing !== null && <span>{CHOOSER.free(byteWords(listing.free))}</span>}
      </div>
    )
  return (
    <div className={css['asked']}>
      <TextField
        label={asks === 'name' ? CHOOSER.freshName : CHOOSER.path}
        wrong={wrong}
        autoFocus
        autoCapitalize="none"
        maxLength={asks === 'name' ? 255 : 4096}
        dir="auto"
        value={text}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.target.value)
          setWrong(null)
        }}
      />
      <Button small onClick={() => setAsks(null)}>
        {CHOOSER.cancel}
      </Button>
      <Button small tone="main" onClick={done}>
        {asks === 'name' ? CHOOSER.make : CHOOSER.go}
      </Button>
    </div>
  )
}
