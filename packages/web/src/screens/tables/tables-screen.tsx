/** All tables: those on their own, and those in shared folders. */
import { Plus, Table2, X } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import type { Item, Table } from '@hyper-store/client'
import { tablePlace } from '../../app/places.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Chip } from '../../kit/chip.tsx'
import type { ChipTone } from '../../kit/chip.tsx'
import { Empty, PageHead, Skeleton } from '../../kit/layout.tsx'
import { useSnapshot, useStore } from '../../live/use-store.tsx'
import { byteWords, STATE_WORDS, visibleName } from '../../words/format.ts'
import { TABLES } from '../../words/tables.ts'
import { CreateTable } from './create-table.tsx'
import { useKnownTables } from './known-tables.ts'
import { keyOfRef, useTable } from './use-table.ts'
import css from './tables.module.css'

const TONES: Readonly<Record<Item['state'], ChipTone>> = {
  'up-to-date': 'good',
  syncing: 'busy',
  waiting: 'slow',
  paused: 'still',
  error: 'bad',
}
const WRITING: readonly Item['role'][] = ['owner', 'admin', 'writer']

/** The screen. */
export function TablesScreen(): ReactNode {
  const { target } = useStore()
  const { items } = useSnapshot()
  const [, navigate] = useLocation()
  const [creating, setCreating] = useState<'alone' | 'folder' | null>(null)
  const known = useKnownTables(target)
  const all = items ?? []
  const tables = all.filter(({ kind }) => kind === 'table')
  const folders = all.filter(({ kind, role, mode }) => kind === 'folder' && WRITING.includes(role) && mode !== 'keep-blind')
  const inFolders = known.links.filter((link) => all.some(({ key }) => key === keyOfRef(link)))
  const made = (table: Table): void => {
    setCreating(null)
    // The address must not hold the secret of a private folder: the store has it.
    const link = table.link.split('#')[0] ?? ''
    if (table.shared) known.add(link)
    navigate(tablePlace(table.shared ? link : table.key))
  }
  return (
    <>
      <PageHead
        title={TABLES.title}
        actions={
          <Button tone="main" onClick={() => setCreating('alone')}>
            <Plus size={17} aria-hidden />
            {TABLES.create}
          </Button>
        }
      >
        {TABLES.text}
      </PageHead>
      {items !== null && tables.length === 0 && (
        <Empty
          icon={<Table2 size={26} />}
          title={TABLES.empty}
          actions={<Button onClick={() => setCreating('alone')}>{TABLES.create}</Button>}
        >
          {TABLES.emptyText}
        </Empty>
      )}
      {tables.length > 0 && (
        <section aria-label={TABLES.list}>
          <ul className={css['list']}>
            {tables.map((item) => (
              <li key={item.key}>
                <TableTile item={item} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {folders.length > 0 && (
        <section className={css['group']}>
          <div className={css['groupHead']}>
            <div>
              <h2>{TABLES.inFolders}</h2>
              <p>{TABLES.inFoldersText}</p>
            </div>
            <Button onClick={() => setCreating('folder')}>{TABLES.openInFolder}</Button>
          </div>
          <ul className={css['list']}>
            {inFolders.map((link) => (
              <li key={link}>
                <FolderTableTile link={link} folder={all.find(({ key }) => key === keyOfRef(link))} onForget={() => known.forget(link)} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {creating !== null && (
        <CreateTable folders={folders} inFolder={creating === 'folder'} onMade={made} onClose={() => setCreating(null)} />
      )}
    </>
  )
}

function TableTile({ item }: { readonly item: Item }): ReactNode {
  const { table } = useTable(item.key)
  const others = item.devices.filter(({ role, complete }) => role !== 'this' && complete).length
  return (
    <article className={css['tile']}>
      <div className={css['tileHead']}>
        <span className={css['tileIcon']} aria-hidden>
          <Table2 size={20} />
        </span>
        <div>
          <h2>
            <Link href={tablePlace(item.key)}>
              <bdi>{visibleName(item.title)}</bdi>
            </Link>
          </h2>
          {table === undefined ? (
            <Skeleton width="6rem" height="1.2rem" />
          ) : (
            <p className="tabular">{`${TABLES.rows(table.rows)} · ${byteWords(table.bytes)}`}</p>
          )}
        </div>
      </div>
      <div className={css['chips']}>
        <Chip tone={TONES[item.state]}>{STATE_WORDS[item.state]}</Chip>
        {item.private && <Chip>{TABLES.private}</Chip>}
        <Chip>{TABLES.devices(others)}</Chip>
      </div>
    </article>
  )
}

function FolderTableTile({
  link,
  folder,
  onForget,
}: {
  readonly link: string
  readonly folder: Item | undefined
  readonly onForget: () => void
}): ReactNode {
  const { table, error } = useTable(link)
  const name = visibleName(table?.title ?? decodeURIComponent(link.split('/').at(-1) ?? ''))
  return (
    <article className={css['tile']}>
      <div className={css['tileHead']}>
        <span className={css['tileIcon']} aria-hidden>
          <Table2 size={20} />
        </span>
        <div>
          <h3>
            <Link href={tablePlace(link)}>
              <bdi>{name}</bdi>
            </Link>
          </h3>
          <p className="tabular">
            {table === undefined ? (error === null ? '…' : TABLES.gone) : TABLES.rows(table.rows)} ·{' '}
            <bdi>{TABLES.folderOf(visibleName(folder?.title ?? ''))}</bdi>
          </p>
        </div>
        <IconButton small label={TABLES.forget(name)} className={css['tileButton'] ?? ''} onClick={onForget}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
    </article>
  )
}
