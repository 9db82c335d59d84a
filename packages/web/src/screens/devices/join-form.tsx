/** Joins a folder with an invite: the code, where its files go, and then how far it is, with the four words. */
import { AppError } from '@hyper-store/client'
import type { JoinFolder } from '@hyper-store/client'
import { useEffect, useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { SwitchRow, TextArea, TextField } from '../../kit/form.tsx'
import { Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useDeed, useSnapshot } from '../../live/use-store.tsx'
import { JOIN_PROBLEMS, JOINS } from '../../words/devices.ts'
import css from './devices.module.css'
import type { WayProps } from './way-props.ts'
import { useJoins } from '../../live/questions.ts'
import { JoinCard } from './joins.tsx'
import { NewPlace, useNewPlace } from './new-place.tsx'

/** The form, and what comes after it. */
export function JoinForm({ id, onReady, onBegun, onClose }: WayProps): ReactNode {
  const [begun, setBegun] = useState<string | null>(null)
  if (begun !== null) return <Progress id={begun} onClose={onClose} />
  return (
    <Ask
      id={id}
      onReady={onReady}
      onJoin={(join) => {
        setBegun(join)
        onBegun()
      }}
    />
  )
}

function Ask({ id, onReady, onJoin }: Pick<WayProps, 'id' | 'onReady'> & { readonly onJoin: (id: string) => void }): ReactNode {
  const { info } = useSnapshot()
  const [code, setCode] = useState('')
  const [name, setName] = useState<string | null>(null)
  const [isOnDisk, setOnDisk] = useState(true)
  const place = useNewPlace()
  const join = useDeed({ link: '', quiet: true }, (client, request: JoinFolder) => client.joinFolder(request))
  const shownName = name ?? info?.name ?? ''
  const isReady = code.trim() !== '' && (!isOnDisk || place.path !== null) && !join.isPending
  useEffect(() => onReady(isReady), [isReady, onReady])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!isReady) return
    const more = {
      ...(isOnDisk && place.path !== null ? { path: place.path } : {}),
      ...(shownName.trim() === '' ? {} : { name: shownName.trim() }),
    }
    join.mutate({ code: code.trim(), ...more }, { onSuccess: (made) => onJoin(made.id) })
  }
  const isOfCode = join.error instanceof AppError && join.error.code in JOIN_PROBLEMS
  return (
    <form id={id} className={css['form']} onSubmit={submit}>
      <TextArea
        label={JOINS.code}
        hint={JOINS.codeHint}
        wrong={isOfCode && join.error instanceof AppError ? (JOIN_PROBLEMS[join.error.code] ?? null) : null}
        autoCapitalize="none"
        rows={3}
        maxLength={1000}
        value={code}
        onChange={(event) => {
          setCode(event.target.value)
          join.reset()
        }}
      />
      <TextField
        label={JOINS.yourName}
        hint={JOINS.yourNameHint}
        maxLength={100}
        dir="auto"
        value={shownName}
        onChange={(event) => setName(event.target.value)}
      />
      <SwitchRow label={JOINS.onDisk} hint={JOINS.onDiskHint} checked={isOnDisk} onChange={setOnDisk} />
      {isOnDisk && <NewPlace state={place} />}
      {join.error !== null && !isOfCode && <Notice tone="bad">{problemWords(join.error)}</Notice>}
    </form>
  )
}

function Progress({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactNode {
  const join = useJoins().find((one) => one.id === id)
  if (join === undefined) return <Skeleton height="9rem" />
  return (
    <>
      <JoinCard join={join} onEnd={onClose} />
      {(join.state === 'looking' || join.state === 'waiting') && <p className={css['quiet']}>{JOINS.stays}</p>}
    </>
  )
}
