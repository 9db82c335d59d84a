/** Makes a table: alone, or in a shared folder. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { Item, Table } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Choice, Segmented, SwitchRow, TextField } from '../../kit/form.tsx'
import { Notice } from '../../kit/layout.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { useProviders } from '../../live/questions.ts'
import { useDeed } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { KIT } from '../../words/kit.ts'
import { TABLES } from '../../words/tables.ts'

const NO_BOX = ''

/** The dialog; open as long as it is there. `inFolder`: it begins with a table in a folder. */
export function CreateTable({
  folders,
  inFolder = false,
  onMade,
  onClose,
}: {
  /** Folders in which one may write. */
  readonly folders: readonly Item[]
  readonly inFolder?: boolean
  readonly onMade: (table: Table) => void
  readonly onClose: () => void
}): ReactNode {
  const [title, setTitle] = useState('')
  const [where, setWhere] = useState<'alone' | 'folder'>(inFolder ? 'folder' : 'alone')
  const [folder, setFolder] = useState(folders[0]?.key ?? '')
  const [isPrivate, setPrivate] = useState(false)
  const [box, setBox] = useState(NO_BOX)
  const [isBlind, setBlind] = useState(false)
  const [isAsked, setAsked] = useState(false)
  const boxes = useProviders()
  const make = useDeed({ link: '', quiet: true }, async (client) => {
    const shared = where === 'folder'
    const table = await client.createTable({
      title: title.trim(),
      ...(shared ? { folder } : { private: isPrivate }),
      ...(shared || box === NO_BOX ? {} : { provider: box, blind: isPrivate && isBlind }),
    })
    tellDone(TABLES.made(visibleName(table.title)))
    onMade(table)
  })
  const isNamed = title.trim() !== ''
  const isReady = where === 'alone' || folder !== ''
  const submit = (): void => {
    setAsked(true)
    if (isNamed && isReady) make.mutate(undefined)
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={TABLES.create}
      foot={
        <>
          <Button onClick={onClose}>{KIT.cancel}</Button>
          <Button tone="main" disabled={make.isPending || !isReady} onClick={submit}>
            {TABLES.go}
          </Button>
        </>
      }
    >
      <TextField
        label={TABLES.name}
        hint={TABLES.nameHint}
        value={title}
        maxLength={200}
        autoFocus
        wrong={isAsked && !isNamed ? TABLES.nameMissing : null}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && submit()}
      />
      <div>
        <Segmented
          label={TABLES.where}
          value={where}
          options={[
            { value: 'alone', label: TABLES.alone },
            { value: 'folder', label: TABLES.inFolder },
          ]}
          onChange={setWhere}
        />
      </div>
      {where === 'folder' &&
        (folders.length === 0 ? (
          <Notice>{TABLES.noFolders}</Notice>
        ) : (
          <Choice
            label={TABLES.folder}
            hint={TABLES.folderHint}
            value={folder}
            options={folders.map(({ key, title }) => ({ value: key, label: visibleName(title) }))}
            onChange={setFolder}
          />
        ))}
      {where === 'alone' && (
        <>
          <SwitchRow label={TABLES.privateLabel} hint={TABLES.privateHint} checked={isPrivate} onChange={setPrivate} />
          {(boxes.data ?? []).length > 0 && (
            <Choice
              label={TABLES.box}
              value={box}
              options={[
                { value: NO_BOX, label: TABLES.noBox },
                ...(boxes.data ?? []).map(({ name }) => ({ value: name, label: visibleName(name) })),
              ]}
              onChange={setBox}
            />
          )}
          {isPrivate && box !== NO_BOX && <SwitchRow label={TABLES.blind} hint={TABLES.blindHint} checked={isBlind} onChange={setBlind} />}
        </>
      )}
      {make.error !== null && <Notice tone="bad">{problemWords(make.error)}</Notice>}
    </Dialog>
  )
}
