/** Where a folder that comes from elsewhere is put: its name, and the folder that it will be in. */
import { useCallback, useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { TextField } from '../../kit/form.tsx'
import { CHOOSER } from '../../words/devices.ts'
import { visibleName } from '../../words/format.ts'
import css from './devices.module.css'
import { isFolderName, joinPath } from './disk-paths.ts'
import { FolderChooser } from './folder-chooser.tsx'
import { useFolders } from './use-disk.ts'

/** The path that is chosen; null while the name will not do, or the home is not known. */
export interface NewPlaceState {
  readonly name: string
  readonly setName: (name: string) => void
  readonly place: string | null
  readonly setPlace: (place: string | null) => void
  readonly path: string | null
}

/** Begins in the home with a name that says little: nobody knows yet what comes. */
export function useNewPlace(): NewPlaceState {
  const home = useFolders(null).listing?.path ?? null
  const [name, setName] = useState<string>(CHOOSER.defaultName)
  // Undefined: not chosen yet; null: what is chosen will not do.
  const [chosen, setPlace] = useState<string | null | undefined>(undefined)
  const place = chosen === undefined ? home : chosen
  const path = place !== null && isFolderName(name.trim()) ? joinPath(place, name.trim()) : null
  return { name, setName, place, setPlace, path }
}

/** The two fields. */
export function NewPlace({ state }: { readonly state: NewPlaceState }): ReactNode {
  const [isChoosing, setChoosing] = useState(false)
  const { setPlace } = state
  const onChange = useCallback((path: string | null) => setPlace(path), [setPlace])
  return (
    <div className={css['form']}>
      <TextField
        label={CHOOSER.folderName}
        wrong={isFolderName(state.name.trim()) ? null : CHOOSER.freshWrong}
        maxLength={255}
        dir="auto"
        value={state.name}
        onChange={(event) => state.setName(event.target.value)}
      />
      {isChoosing && <FolderChooser anywhere start={state.place} onChange={onChange} />}
      <div className={css['place']}>
        <p dir="auto" aria-live="polite">
          {state.path === null ? '' : CHOOSER.into(visibleName(state.path))}
        </p>
        {!isChoosing && (
          <Button small onClick={() => setChoosing(true)}>
            {CHOOSER.change}
          </Button>
        )}
      </div>
    </div>
  )
}
