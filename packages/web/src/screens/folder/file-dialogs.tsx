/** The dialogs of the files of a folder. */
import { lazy, Suspense, useState } from 'react'
import type { ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import type { FolderPlace } from '../../app/places.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { TextField } from '../../kit/form.tsx'
import { FOLDER } from '../../words/folder.ts'
import { visibleName } from '../../words/format.ts'
import { KIT } from '../../words/kit.ts'
import { isGoodName, makeFolder, move } from './deeds.ts'
import { joinPath } from './rows.ts'
import type { Files } from './use-files.ts'
import type { ClashQuestion } from './use-uploading.ts'
import css from './files.module.css'

const MoveDialog = lazy(async () => ({ default: (await import('./move-dialog.tsx')).MoveDialog }))
const ShareDialog = lazy(async () => ({ default: (await import('./share-dialog.tsx')).ShareDialog }))

/** Whichever is open. */
export function FileDialogs({
  item,
  files,
  place,
}: {
  readonly item: Item
  readonly files: Files
  readonly place: FolderPlace
}): ReactNode {
  const { asking, ask, uploading } = files
  const close = (): void => {
    ask(null)
    files.listRef.current?.focus({ preventScroll: true })
  }
  return (
    <>
      {asking?.kind === 'new-folder' && (
        <NewFolder
          onClose={close}
          onMake={(name) => {
            ask(null)
            void makeFolder(files.place, joinPath(place.path, name))
          }}
        />
      )}
      <Suspense fallback={null}>
        {asking?.kind === 'move' && (
          <MoveDialog
            item={item}
            paths={asking.paths}
            from={place.path}
            onClose={close}
            onMove={(to) => {
              close()
              void move(files.place, asking.paths, to)
            }}
          />
        )}
        {asking?.kind === 'share' && <ShareDialog item={item} path={asking.path} onClose={close} />}
      </Suspense>
      {uploading.question !== null && <Clash question={uploading.question} />}
    </>
  )
}

function NewFolder({ onClose, onMake }: { readonly onClose: () => void; readonly onMake: (name: string) => void }): ReactNode {
  const [name, setName] = useState('')
  const isWrong = name !== '' && !isGoodName(name)
  return (
    <Dialog open onClose={onClose} title={FOLDER.newFolder}>
      <form
        className={css['form']}
        onSubmit={(event) => {
          event.preventDefault()
          if (isGoodName(name)) onMake(name)
        }}
      >
        <TextField
          label={FOLDER.newFolderName}
          autoFocus
          required
          maxLength={255}
          dir="auto"
          value={name}
          wrong={isWrong ? FOLDER.badName : null}
          onChange={(event) => setName(event.target.value)}
        />
        <div className={css['formFoot']}>
          <Button onClick={onClose}>{KIT.cancel}</Button>
          <Button type="submit" tone="main" disabled={!isGoodName(name)}>
            {FOLDER.make}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

const SHOWN = 5

function Clash({ question }: { readonly question: ClashQuestion }): ReactNode {
  const { paths } = question
  return (
    <Dialog
      open
      onClose={() => question.answer(null)}
      title={FOLDER.clashTitle(paths.length)}
      foot={
        <>
          <Button onClick={() => question.answer('skip')}>{FOLDER.skip}</Button>
          <Button onClick={() => question.answer('both')}>{FOLDER.both}</Button>
          <Button tone="main" onClick={() => question.answer('replace')}>
            {FOLDER.replace}
          </Button>
        </>
      }
    >
      <ul className={css['taken']}>
        {paths.slice(0, SHOWN).map((path) => (
          <li key={path} dir="auto">
            {visibleName(path)}
          </li>
        ))}
        {paths.length > SHOWN && <li>…</li>}
      </ul>
      <p>
        {FOLDER.clashText} {FOLDER.replaceText}
      </p>
    </Dialog>
  )
}
