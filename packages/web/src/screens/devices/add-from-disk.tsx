/** Shares a folder of the store's machine: which one, for whom readable, and which box keeps it too. */
import { useCallback, useEffect, useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { Choice, SwitchRow } from '../../kit/form.tsx'
import { Notice } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useDeed, useStore } from '../../live/use-store.tsx'
import { ADD_FOLDER } from '../../words/devices.ts'
import { visibleName } from '../../words/format.ts'
import { boxSays } from './box-facts.ts'
import css from './devices.module.css'
import type { WayProps } from './way-props.ts'
import { useAdded } from './use-added.ts'
import { FolderChooser } from './folder-chooser.tsx'
import { useBoxes } from './use-boxes.ts'

const NO_BOX = ''

/** The form. */
export function AddFromDisk({ id, onReady, onClose }: WayProps): ReactNode {
  const [path, setPath] = useState<string | null>(null)
  const [isPrivate, setPrivate] = useState(true)
  const { boxes } = useBoxes()
  const usable = (boxes ?? []).filter(({ role, reachable }) => role !== 'reader' && reachable)
  const [chosen, setBox] = useState<string | null>(null)
  const [isSealed, setSealed] = useState(false)
  const box = usable.some(({ name }) => name === chosen) ? (chosen ?? NO_BOX) : chosen === NO_BOX ? NO_BOX : (usable[0]?.name ?? NO_BOX)
  const added = useAdded(onClose)
  const add = useDeed({ link: '', quiet: true }, async (client, place: string) => {
    const made = await client.addFolder({ path: place, ...(isPrivate ? { private: true } : {}) })
    if (box === NO_BOX) return made
    return await boxSays(box, client.addFolder({ path: place, provider: box, ...(isPrivate && isSealed ? { blind: true } : {}) }))
  })
  const isReady = path !== null && !add.isPending
  useEffect(() => onReady(isReady), [isReady, onReady])
  const onChange = useCallback((next: string | null) => setPath(next), [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (path !== null) add.mutate(path, { onSuccess: added })
  }
  const { target } = useStore()
  return (
    <form id={id} className={css['form']} onSubmit={submit}>
      <p className={css['quiet']}>{target === 'local' ? ADD_FOLDER.shareText : ADD_FOLDER.shareTextOf(visibleName(target))}</p>
      <FolderChooser onChange={onChange} />
      <SwitchRow label={ADD_FOLDER.private} hint={ADD_FOLDER.privateHint} checked={isPrivate} onChange={setPrivate} />
      {usable.length > 0 && (
        <div className={css['pair']}>
          <Choice
            label={ADD_FOLDER.box}
            value={box}
            options={[...usable.map(({ name }) => ({ value: name, label: visibleName(name) })), { value: NO_BOX, label: ADD_FOLDER.noBox }]}
            onChange={setBox}
          />
          {isPrivate && box !== NO_BOX && (
            <Choice
              label={ADD_FOLDER.trust}
              value={isSealed ? 'sealed' : 'trusted'}
              options={[
                { value: 'trusted', label: ADD_FOLDER.trusted },
                { value: 'sealed', label: ADD_FOLDER.sealed },
              ]}
              onChange={(how) => setSealed(how === 'sealed')}
            />
          )}
        </div>
      )}
      {add.error !== null && <Notice tone="bad">{problemWords(add.error)}</Notice>}
    </form>
  )
}
