/** One table: its rows by page, found, changed, taken in and out, and followed live. */
import { ArrowLeft, Download, FileUp, History, Link2, MoreHorizontal, Pencil, Plus, Table2, Trash2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import type { Table } from '@hyper-store/client'
import { PLACES } from '../../app/places.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Chip } from '../../kit/chip.tsx'
import { copyText } from '../../kit/copy.tsx'
import { confirm } from '../../kit/dialog.tsx'
import { Card, Empty, Notice, PageHead, Skeleton } from '../../kit/layout.tsx'
import { Menu } from '../../kit/menu.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { TABLES } from '../../words/tables.ts'
import { ChangesDialog } from './changes-dialog.tsx'
import { RenameDialog } from './rename-dialog.tsx'
import { RowsPart } from './rows-part.tsx'
import css from './tables.module.css'
import { useExport } from './use-export.ts'
import { useTable } from './use-table.ts'
import type { OpenedTable } from './use-table.ts'
import { useWatch } from './use-watch.ts'

const ImportDialog = lazy(async () => ({ default: (await import('./import-dialog.tsx')).ImportDialog }))

/** What of the screen is open on top of it. */
type Open = 'import' | 'changes' | 'rename' | null

/** The screen; `table` is a key, or the link of a table in a folder. */
export function TableScreen({ table: ref }: { readonly table: string }): ReactNode {
  const opened = useTable(ref)
  const { table, error } = opened
  if (table !== undefined) return <KnownTable tableRef={ref} table={table} opened={opened} />
  return (
    <>
      <BackLink />
      {error === null ? (
        <div className={css['stack']} aria-busy>
          <Skeleton width="14rem" height="2rem" />
          <Skeleton height="24rem" />
          <span className="visually-hidden">{TABLES.loading}</span>
        </div>
      ) : (
        <Empty icon={<Table2 size={26} />} title={TABLES.gone} actions={<Link href={PLACES.tables}>{TABLES.back}</Link>}>
          {TABLES.goneText} <br />
          {problemWords(error)}
        </Empty>
      )}
    </>
  )
}

function BackLink(): ReactNode {
  return (
    <Link href={PLACES.tables} className={css['back'] ?? ''}>
      <ArrowLeft size={16} aria-hidden />
      {TABLES.back}
    </Link>
  )
}

function KnownTable({
  tableRef,
  table,
  opened,
}: {
  readonly tableRef: string
  readonly table: Table
  readonly opened: OpenedTable
}): ReactNode {
  const [open, setOpen] = useState<Open>(null)
  const [adding, setAdding] = useState(false)
  const [version, setVersion] = useState<number | null>(null)
  const [watched, wrote] = useWatch(tableRef, opened.link, { enabled: version === null, version: table.version })
  const isWritable = table.writable && version === null
  return (
    <>
      <BackLink />
      <PageHead
        title={<bdi>{visibleName(table.title)}</bdi>}
        actions={<TableActions {...{ tableRef, table, opened, version, isWritable, setOpen }} onAdd={() => setAdding(true)} />}
      >
        <span className={css['chips']}>
          {TABLES.facts(table.rows, table.version)}
          {table.private && <Chip>{TABLES.private}</Chip>}
          {table.shared && <Chip>{TABLES.shared}</Chip>}
          {opened.item?.state === 'paused' && <Chip tone="slow">{TABLES.paused}</Chip>}
        </span>
      </PageHead>
      <div className={css['stack']}>
        {!table.writable && <Notice>{TABLES.readOnly}</Notice>}
        {version !== null && (
          <Notice tone="slow">
            <span className={css['chips']}>
              {TABLES.asOf(version)}
              <Button small onClick={() => setVersion(null)}>
                {TABLES.toNow}
              </Button>
            </span>
          </Notice>
        )}
        <Card flush>
          <RowsPart
            tableRef={tableRef}
            table={table}
            link={opened.link}
            isWritable={isWritable}
            version={version}
            watched={watched}
            onWrite={wrote}
            adding={adding}
            onAdded={() => setAdding(false)}
            onNews={() => setOpen('changes')}
            onImport={() => setOpen('import')}
          />
        </Card>
      </div>
      <Suspense fallback={null}>
        {open === 'import' && <ImportDialog tableRef={tableRef} link={opened.link} onWrite={wrote} onClose={() => setOpen(null)} />}
      </Suspense>
      {open === 'rename' && opened.item !== undefined && <RenameDialog item={opened.item} onClose={() => setOpen(null)} />}
      {open === 'changes' && (
        <ChangesDialog
          tableRef={tableRef}
          link={opened.link}
          onClose={() => setOpen(null)}
          onSee={(to) => {
            setVersion(to)
            setOpen(null)
          }}
        />
      )}
    </>
  )
}

function TableActions({
  tableRef,
  table,
  opened,
  version,
  isWritable,
  setOpen,
  onAdd,
}: {
  readonly tableRef: string
  readonly table: Table
  readonly opened: OpenedTable
  readonly version: number | null
  readonly isWritable: boolean
  readonly setOpen: (open: Open) => void
  readonly onAdd: () => void
}): ReactNode {
  const [, navigate] = useLocation()
  const { isRunning, done, start } = useExport(tableRef, table, version)
  const remove = useDeed({ link: opened.link }, async (client) => await client.removeFolder(table.key))
  const askToRemove = async (): Promise<void> => {
    const name = visibleName(table.title)
    const isMeant = await confirm({ title: TABLES.removeTitle(name), text: TABLES.removeText, yes: TABLES.remove, danger: true })
    if (!isMeant) return
    const isDone = await remove.mutateAsync(undefined).then(
      () => true,
      () => false,
    )
    if (!isDone) return
    tellDone(TABLES.removed(name))
    navigate(PLACES.tables)
  }
  return (
    <>
      {isWritable && (
        <Button tone="main" onClick={onAdd}>
          <Plus size={17} aria-hidden />
          {TABLES.addRow}
        </Button>
      )}
      {isRunning && (
        <span role="status" className={css['chips']}>
          {TABLES.exporting(done)}
        </span>
      )}
      <Menu
        trigger={
          <IconButton label={TABLES.more} tone="plain">
            <MoreHorizontal size={18} aria-hidden />
          </IconButton>
        }
        entries={[
          ...(isWritable ? [{ label: TABLES.importRows, icon: <FileUp size={16} />, onSelect: () => setOpen('import') }] : []),
          { label: TABLES.exportAs.ndjson, icon: <Download size={16} />, disabled: isRunning, onSelect: () => start('ndjson') },
          { label: TABLES.exportAs.csv, icon: <Download size={16} />, disabled: isRunning, onSelect: () => start('csv') },
          null,
          { label: TABLES.changes, icon: <History size={16} />, onSelect: () => setOpen('changes') },
          {
            label: TABLES.copyLink,
            icon: <Link2 size={16} />,
            onSelect: () => {
              void copyText(table.link).then((isDone) => isDone && tellDone(TABLES.linkCopied))
            },
          },
          ...(table.shared || opened.item === undefined
            ? []
            : [
                { label: TABLES.rename, icon: <Pencil size={16} />, onSelect: () => setOpen('rename') },
                null,
                { label: TABLES.remove, icon: <Trash2 size={16} />, danger: true, onSelect: () => void askToRemove() },
              ]),
        ]}
      />
    </>
  )
}
