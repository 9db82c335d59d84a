/** The surface of a board with the tools around it. */
import { snap } from '@hyper-store/client/board'
import { ArrowLeft, Ellipsis, Maximize, Plus, Redo2, Undo2, ZoomIn, ZoomOut } from 'lucide-react'
import { useCallback, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Chip } from '../../kit/chip.tsx'
import { MenuAt, type MenuPlace } from '../../kit/menu-at.tsx'
import { Menu, type MenuEntry } from '../../kit/menu.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { BOARD } from '../../words/board.ts'
import { visibleName } from '../../words/format.ts'
import { useClipboard } from './clipboard.ts'
import { DeskDialog } from './desk-dialogs.tsx'
import { addEntries, lineEntries, useBoardEntries, useCardEntries, type Asking } from './desk-menus.tsx'
import { PastDesk } from './history-dialog.tsx'
import { useKeys } from './keys.ts'
import type { BoardModel } from './model.ts'
import { useBoard, useOthers } from './open-board.ts'
import { setOpenPlace } from './placing.ts'
import { SavedChip } from './saved-chip.tsx'
import { saveBlob } from './files.ts'
import { Surface, type LineChoice, type SurfaceTools } from './surface.tsx'
import { useDeeds, type Deeds } from './use-deeds.ts'
import css from './board.module.css'

/** A hue of its own for each name. */
function hueOf(name: string): number {
  let sum = 0
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 997
  return (sum % 8) + 1
}

/** The open board; `card`: the one to show first, '' for none. */
export function Desk({ card }: { readonly card: string }): ReactNode {
  const { connection, model, mayWrite, author, folder, id } = useBoard()
  const [selected, setSelected] = useState<readonly string[]>([])
  const [line, setLine] = useState<string | null>(null)
  // Cards or a line are chosen, not both: what a key deletes is what is seen to be chosen.
  const select = useCallback((ids: readonly string[]) => {
    setSelected(ids)
    if (ids.length > 0) setLine(null)
  }, [])
  const [menu, setMenu] = useState<{ at: MenuPlace; on: { card?: string; line?: string }; pos: [number, number] } | null>(null)
  const [asking, setAsking] = useState<Asking | null>(null)
  const lines: LineChoice = { chosen: line, choose: setLine, write: (one) => setAsking({ what: 'line', line: one }) }
  const [past, setPast] = useState<number | null>(null)
  const [followed, setFollowed] = useState<number | null>(null)
  const tools = useRef<SurfaceTools | null>(null)
  const files = useRef<HTMLInputElement>(null)
  const filesAt = useRef<[number, number] | undefined>(undefined)
  const { title, colour } = useFacts()
  const deeds = useDeeds({ title, tools, select })
  const onTools = useCallback((given: SurfaceTools) => {
    tools.current = given
  }, [])
  const onComments = useCallback((one: string) => setAsking({ what: 'comments', card: one }), [])

  useEffect(() => {
    connection.awareness.setLocalState({ name: author, hue: hueOf(author) })
    return () => connection.awareness.setLocalState(null)
  }, [connection, author])
  useEffect(() => {
    if (mayWrite) setOpenPlace({ folder, board: id, put: (one) => void deeds.put(one) })
    return () => setOpenPlace(null)
  }, [mayWrite, folder, id, deeds])
  useEffect(() => {
    if (card === '') return
    select([card])
    tools.current?.show(card)
  }, [card, select])
  useDeskKeys({ selected, select, lines, tools, deeds, isOn: mayWrite && past === null })
  useClipboard({ selected, put: deeds.put, upload: deeds.upload, remove: deeds.remove, isOn: mayWrite && past === null })

  const chooseFiles = (pos: [number, number] | undefined): void => {
    filesAt.current = pos
    files.current?.click()
  }
  const adding = (pos: [number, number] | undefined): MenuEntry[] =>
    addEntries({ pos, deeds, ask: setAsking, chooseFiles: () => chooseFiles(pos) })
  const cardEntries = useCardEntries(deeds, setAsking)
  const boardEntries = useBoardEntries({ title, ask: setAsking, picture: async () => savePicture(tools.current, title) })
  const entriesOf = ({ on, pos }: NonNullable<typeof menu>): MenuEntry[] => {
    if (on.card !== undefined) return cardEntries(on.card, selected)
    if (!mayWrite) return []
    return on.line === undefined ? adding(pos) : lineEntries(on.line, deeds, setAsking)
  }

  return (
    <section className={css['desk']} data-colour={colour}>
      <header className={css['bar']}>
        <Link href={folderPlace(folder, { part: 'boards' })} aria-label={BOARD.toList} className={css['home'] ?? ''}>
          <ArrowLeft size={18} aria-hidden />
        </Link>
        <h1 dir="auto">{visibleName(title)}</h1>
        <SavedChip />
        <People followed={followed} onFollow={setFollowed} />
        <span className={css['gap']} />
        {mayWrite ? (
          <>
            <IconButton label={BOARD.undo} onClick={() => connection.undo.undo()}>
              <Undo2 size={18} aria-hidden />
            </IconButton>
            <IconButton label={BOARD.redo} onClick={() => connection.undo.redo()}>
              <Redo2 size={18} aria-hidden />
            </IconButton>
            <Menu
              trigger={
                <Button tone="main" small>
                  <Plus size={16} aria-hidden />
                  {BOARD.add}
                </Button>
              }
              entries={adding(undefined)}
            />
          </>
        ) : (
          <Chip>{BOARD.readOnly}</Chip>
        )}
        <Menu
          trigger={
            <IconButton label={BOARD.more}>
              <Ellipsis size={18} aria-hidden />
            </IconButton>
          }
          entries={boardEntries}
        />
      </header>
      <div
        className={css['surface']}
        onDragOver={(event) => {
          if (mayWrite && event.dataTransfer.types.includes('Files')) event.preventDefault()
        }}
        onDrop={(event) => {
          if (!mayWrite || event.dataTransfer.files.length === 0) return
          event.preventDefault()
          const pos = snap(tools.current?.place({ x: event.clientX, y: event.clientY }) ?? [0, 0])
          void deeds.upload([...event.dataTransfer.files], pos)
        }}
      >
        {past === null ? (
          <Surface
            selected={selected}
            onSelect={select}
            lines={lines}
            onTools={onTools}
            onWrite={deeds.write}
            onComments={onComments}
            onMenu={(at, on) => setMenu({ at, on, pos: snap(tools.current?.place(at) ?? [0, 0]) })}
            followed={followed}
            onOwnWay={() => setFollowed(null)}
          />
        ) : (
          <PastDesk at={past} onNow={() => setPast(null)} />
        )}
        <div className={css['zoom']}>
          <IconButton label={BOARD.zoomIn} onClick={() => tools.current?.zoomIn()}>
            <ZoomIn size={18} aria-hidden />
          </IconButton>
          <IconButton label={BOARD.zoomOut} onClick={() => tools.current?.zoomOut()}>
            <ZoomOut size={18} aria-hidden />
          </IconButton>
          <IconButton label={BOARD.fit} onClick={() => tools.current?.fit()}>
            <Maximize size={18} aria-hidden />
          </IconButton>
        </div>
        {model.ids.length === 0 && mayWrite && past === null && <p className={css['hint']}>{BOARD.hint}</p>}
      </div>
      <MenuAt
        at={menu?.at ?? null}
        label={menu?.on.line === undefined ? BOARD.more : BOARD.moreLine}
        entries={menu === null ? [] : entriesOf(menu)}
        onClose={() => setMenu(null)}
      />
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-hidden
        tabIndex={-1}
        onChange={(event) => {
          void deeds.upload([...(event.target.files ?? [])], filesAt.current)
          event.target.value = ''
        }}
      />
      {asking !== null && <DeskDialog asking={asking} title={title} deeds={deeds} onClose={() => setAsking(null)} onPast={setPast} />}
    </section>
  )
}

function useDeskKeys(options: {
  readonly selected: readonly string[]
  readonly select: (ids: readonly string[]) => void
  readonly lines: LineChoice
  readonly tools: { readonly current: SurfaceTools | null }
  readonly deeds: Deeds
  readonly isOn: boolean
}): void {
  const { connection, model } = useBoard()
  const { selected, select, lines, tools, deeds, isOn } = options
  useKeys({
    isOn,
    remove: () => (lines.chosen === null ? deeds.remove(selected) : deeds.removeLine(lines.chosen)),
    undo: () => connection.undo.undo(),
    redo: () => connection.undo.redo(),
    all: () => select(model.ids),
    none: () => {
      select([])
      lines.choose(null)
    },
    edit: () => {
      if (lines.chosen !== null) lines.write(lines.chosen)
      else if (selected.length === 1 && selected[0] !== undefined) tools.current?.edit(selected[0])
    },
    move: (by) => deeds.move(selected, by),
    write: () => deeds.write(),
    duplicate: () => deeds.duplicate(selected),
  })
}

async function savePicture(tools: SurfaceTools | null, title: string): Promise<void> {
  const picture = await tools?.picture().catch(() => null)
  if (picture == null) tellDone(BOARD.pictureFailed)
  else saveBlob(`${title}.png`, picture)
}

/** Title and colour of the board, live. */
function useFacts(): BoardModel['facts'] {
  const { model } = useBoard()
  return useSyncExternalStore(model.subscribe, () => model.facts)
}

/** Who is here now; a click goes where they look. */
function People({
  followed,
  onFollow,
}: {
  readonly followed: number | null
  readonly onFollow: (client: number | null) => void
}): ReactNode {
  const others = useOthers()
  if (others.length === 0) return null
  return (
    <ul className={css['people']} aria-label={BOARD.here}>
      {others.slice(0, 8).map(({ client, name, hue }) => (
        <li key={client} data-hue={hue}>
          <button
            type="button"
            aria-pressed={followed === client}
            aria-label={followed === client ? BOARD.unfollow(visibleName(name)) : BOARD.follow(visibleName(name))}
            title={visibleName(name)}
            onClick={() => onFollow(followed === client ? null : client)}
          >
            {visibleName(name).slice(0, 1)}
          </button>
        </li>
      ))}
    </ul>
  )
}
