/** What the screen of files knows and does: rows in order, what is chosen, and the deeds for it. */
import { useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, RefObject } from 'react'
import type { Item, ThingEntry } from '@hyper-store/client'
import { useLocation } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import type { FolderPlace } from '../../app/places.ts'
import type { MenuPlace } from '../../kit/menu-at.tsx'
import { useStore } from '../../live/use-store.tsx'
import { bringBack, download, move, remove, rename } from './deeds.ts'
import type { Place } from './deeds.ts'
import { handleKey } from './file-keys.ts'
import { rowId } from './file-row.tsx'
import type { Rights } from './rights.ts'
import type { RowDeeds } from './row-deeds.ts'
import { sortRows } from './rows.ts'
import type { FileRow, Sort } from './rows.ts'
import { NOTHING, press, pressAll, withoutGone } from './selection.ts'
import type { Selection } from './selection.ts'
import type { EntryDeeds } from './selection-bar.tsx'
import { useDropping } from './use-dropping.ts'
import type { Dropping } from './use-dropping.ts'
import type { LiveListing } from './use-listing.ts'
import { useUploading } from './use-uploading.ts'
import { useViewChoices } from './view-choices.ts'

/** A dialog that is open. */
export type Asking =
  | { readonly kind: 'new-folder' }
  | { readonly kind: 'move'; readonly paths: readonly string[] }
  | { readonly kind: 'share'; readonly path: string }

/** All of it. */
export interface Files {
  readonly place: Place
  readonly rows: readonly FileRow[]
  readonly selection: Selection
  readonly look: 'list' | 'grid'
  readonly sort: Sort
  readonly renaming: string | null
  readonly details: string | null
  readonly asking: Asking | null
  readonly menuAt: MenuPlace | null
  readonly deeds: RowDeeds
  readonly entryDeeds: EntryDeeds
  readonly dropping: Dropping
  readonly uploading: ReturnType<typeof useUploading>
  readonly listRef: RefObject<HTMLDivElement | null>
  readonly ask: (asking: Asking | null) => void
  readonly showDetails: (path: string | null) => void
  readonly closeMenu: () => void
  readonly chooseAll: (all: boolean) => void
  readonly chooseNone: () => void
  readonly onKey: (event: KeyboardEvent, columns: number, page: number) => void
}

/** Everything for one place of a folder. */
export function useFiles({
  item,
  place: at,
  rights,
  live,
}: {
  readonly item: Item
  readonly place: FolderPlace
  readonly rights: Rights
  readonly live: LiveListing
}): Files {
  const store = useStore()
  const [, navigate] = useLocation()
  const { look, sort } = useViewChoices()
  const { listing } = live
  const folder = item.key
  const { path, version } = at
  const rows = useMemo(() => (sort.by === 'name' && !sort.down ? live.rows : sortRows(live.rows, sort)), [live.rows, sort])
  const [selection, setSelection] = useState(NOTHING)
  const [renaming, setRenaming] = useState<string | null>(null)
  const [details, setDetails] = useState<string | null>(null)
  const [asking, setAsking] = useState<Asking | null>(null)
  const [menuAt, setMenuAt] = useState<MenuPlace | null>(null)
  const listRef = useRef<HTMLDivElement>(null)
  const place = useMemo((): Place => ({ store, folder, listing }), [store, folder, listing])
  const uploading = useUploading(folder, path)

  // Another place has other rows.
  const [seen, setSeen] = useState(listing)
  if (seen !== listing) {
    setSeen(listing)
    setSelection(NOTHING)
    setRenaming(null)
  }
  useEffect(() => {
    if (live.isWhole) setSelection((old) => withoutGone(old, live.rows))
  }, [live.isWhole, live.rows])

  const focusList = (): void => listRef.current?.focus({ preventScroll: true })
  const chosenEntries = (): ThingEntry[] => rows.filter((row) => selection.chosen.has(row.path)).map(({ entry }) => entry)
  const placeOf = (row: FileRow): string =>
    folderPlace(folder, { part: row.entry.kind === 'folder' ? 'files' : 'view', path: row.path, version })

  const dropping = useDropping(path, {
    canWrite: rights.write,
    upload: (entries, to) => uploading.add(entries, to),
    move: (paths, to) => void move(place, paths, to),
    dragged: (one) => (selection.chosen.has(one) ? [...selection.chosen] : [one]),
  })

  const count = selection.chosen.size
  const only = count === 1 ? (rows.find((row) => selection.chosen.has(row.path)) ?? null) : null
  const entryDeeds: EntryDeeds = {
    open: only === null ? null : () => navigate(placeOf(only)),
    download: count === 0 ? null : () => void download(place, chosenEntries(), version),
    bringBack: version === null || rights.why !== null ? null : () => void bringBack(place, [...selection.chosen], version),
    share:
      only === null || version !== null || !rights.owner || only.entry.kind === 'symlink'
        ? null
        : () => setAsking({ kind: 'share', path: only.path }),
    details: only === null ? null : () => setDetails(only.path),
    rename: only === null || !rights.write ? null : () => setRenaming(only.path),
    move: !rights.write ? null : () => setAsking({ kind: 'move', paths: [...selection.chosen] }),
    remove: !rights.write
      ? null
      : () => {
          void remove(place, chosenEntries())
          focusList()
        },
  }

  // Rows are given the same object for ever; it looks up what holds now.
  const now = { rows, selection, dropping, rights, place, placeOf, navigate }
  const latest = useRef(now)
  useEffect(() => {
    latest.current = now
  })
  const deeds = useMemo(
    (): RowDeeds => ({
      placeOf: (row) => latest.current.placeOf(row),
      handlersOf: ({ row, index, canMove, isRenaming }) => ({
        onClick(event) {
          setSelection(
            press(latest.current.selection, latest.current.rows, index, { range: event.shiftKey, toggle: event.ctrlKey || event.metaKey }),
          )
          focusList()
        },
        onDoubleClick: () => latest.current.navigate(latest.current.placeOf(row)),
        onContextMenu(event) {
          event.preventDefault()
          if (!latest.current.selection.chosen.has(row.path)) setSelection(press(NOTHING, latest.current.rows, index, {}))
          setMenuAt({ x: event.clientX, y: event.clientY })
        },
        draggable: canMove && !isRenaming,
        onDragStart: (event) => latest.current.dropping.start(event, row.path),
        ...(row.entry.kind === 'folder' && {
          onDragOver: (event) => latest.current.dropping.overFolder(event, row.path),
          onDragLeave: () => latest.current.dropping.leaveFolder(),
          onDrop: (event) => latest.current.dropping.dropOn(event, row.path),
        }),
      }),
      tick(index, event) {
        const range = event instanceof MouseEvent && event.shiftKey
        setSelection(press(latest.current.selection, latest.current.rows, index, { range, toggle: true }))
      },
      menu(index, button) {
        const row = latest.current.rows[index]
        if (row !== undefined && !latest.current.selection.chosen.has(row.path))
          setSelection(press(NOTHING, latest.current.rows, index, {}))
        setMenuAt(button)
      },
      renamed(row, name) {
        setRenaming(null)
        listRef.current?.focus({ preventScroll: true })
        if (name === null) return
        const to = row.path.slice(0, row.path.length - row.name.length) + name
        void rename(latest.current.place, row.path, name).then((isDone) => {
          if (isDone) setSelection({ chosen: new Set([to]), active: to, anchor: to })
        })
      },
    }),
    [],
  )

  return {
    place,
    rows,
    selection,
    look,
    sort,
    renaming,
    details,
    asking,
    menuAt,
    deeds,
    entryDeeds,
    dropping,
    uploading,
    listRef,
    ask: setAsking,
    showDetails: setDetails,
    closeMenu: () => setMenuAt(null),
    chooseAll: (all) => setSelection((old) => (all ? pressAll(old, rows) : NOTHING)),
    chooseNone() {
      setSelection(NOTHING)
      focusList()
    },
    onKey(event, columns, page) {
      if (event.target !== event.currentTarget) return
      const isMeant = handleKey(event, {
        rows,
        selection,
        columns,
        page,
        choose: setSelection,
        open: (row) => navigate(placeOf(row)),
        rename: (row) => rights.write && setRenaming(row.path),
        remove: () => entryDeeds.remove?.(),
        menu(index) {
          const row = document.getElementById(rowId(index))
          if (row !== null) setMenuAt(row)
        },
      })
      if (isMeant) event.preventDefault()
    },
  }
}
