/** Keeps what a link names: as files of this machine, or in the store alone. */
import { AppError, parseLink } from '@hyper-store/client'
import { useEffect, useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { Segmented, TextField } from '../../kit/form.tsx'
import { Notice } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { ADD_FOLDER } from '../../words/devices.ts'
import { useAdded } from './use-added.ts'
import css from './devices.module.css'
import type { WayProps } from './way-props.ts'
import { NewPlace, useNewPlace } from './new-place.tsx'

/** The form. */
export function AddByLink({ id, onReady, onClose }: WayProps): ReactNode {
  const [link, setLink] = useState('')
  const [to, setTo] = useState<'files' | 'store'>('files')
  const [isWrong, setWrong] = useState(false)
  const place = useNewPlace()
  const added = useAdded(onClose)
  const add = useDeed({ link: '', quiet: true }, (client, path: string | null) =>
    client.addFolder({ link: link.trim(), ...(path === null ? {} : { path }) }),
  )
  const isReady = link.trim() !== '' && (to === 'store' || place.path !== null) && !add.isPending
  useEffect(() => onReady(isReady), [isReady, onReady])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isLink(link)) add.mutate(to === 'store' ? null : place.path, { onSuccess: added })
    else setWrong(true)
  }
  return (
    <form id={id} className={css['form']} onSubmit={submit}>
      <TextField
        label={ADD_FOLDER.linkLabel}
        hint={ADD_FOLDER.linkHint}
        wrong={isWrong ? ADD_FOLDER.linkWrong : null}
        autoCapitalize="none"
        maxLength={4096}
        value={link}
        onChange={(event) => {
          setLink(event.target.value)
          setWrong(false)
          add.reset()
        }}
      />
      <Segmented
        label={ADD_FOLDER.linkWays}
        value={to}
        onChange={setTo}
        options={[
          { value: 'files', label: ADD_FOLDER.asFiles },
          { value: 'store', label: ADD_FOLDER.inStore },
        ]}
      />
      {to === 'files' && <NewPlace state={place} />}
      {add.error !== null && <Notice tone="bad">{problemWords(add.error)}</Notice>}
    </form>
  )
}

function isLink(text: string): boolean {
  try {
    parseLink(text)
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}
