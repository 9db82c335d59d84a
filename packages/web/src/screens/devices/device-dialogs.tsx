/** Another name for a device, and how much of this store it may use. */
import type { ChangeDevice, Device } from '@hyper-store/client'
import { useId, useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { SwitchRow, TextField } from '../../kit/form.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { OWN_DEVICES } from '../../words/devices.ts'
import { byteWords, visibleName } from '../../words/format.ts'
import { KIT } from '../../words/kit.ts'
import css from './devices.module.css'

const GB = 1e9

interface OfDevice {
  readonly device: Device
  readonly onClose: () => void
}

/** Another name. */
export function RenameDialog({ device, onClose }: OfDevice): ReactNode {
  const [name, setName] = useState(device.name)
  const { save, wrong } = useChange(device, onClose)
  const wish = name.trim()
  return (
    <FormDialog
      title={OWN_DEVICES.renameTitle(visibleName(device.name))}
      onClose={onClose}
      disabled={wish === ''}
      onSubmit={() => save({ name: wish }, OWN_DEVICES.renamed(visibleName(wish)))}
    >
      <TextField
        label={OWN_DEVICES.newName}
        wrong={wrong}
        maxLength={100}
        dir="auto"
        value={name}
        onChange={(event) => setName(event.target.value)}
        onFocus={(event) => event.target.select()}
      />
    </FormDialog>
  )
}

/** A limit, or none. */
export function QuotaDialog({ device, onClose }: OfDevice): ReactNode {
  const known = device.quotaBytes ?? null
  const [isOn, setOn] = useState(known !== null)
  const [size, setSize] = useState(known === null ? '10' : String(known / GB))
  const { save, wrong } = useChange(device, onClose)
  const [bad, setBad] = useState<string | null>(null)
  const name = visibleName(device.name)
  const submit = (): void => {
    const quotaBytes = Math.round(Number(size.replace(',', '.')) * GB)
    if (!isOn) return save({ quotaBytes: null }, OWN_DEVICES.quotaOff(name))
    if (!Number.isSafeInteger(quotaBytes) || quotaBytes <= 0) return setBad(OWN_DEVICES.quotaWrong)
    save({ quotaBytes }, OWN_DEVICES.quotaSet(name, byteWords(quotaBytes)))
  }
  return (
    <FormDialog title={OWN_DEVICES.quotaTitle(name)} onClose={onClose} onSubmit={submit}>
      <p className={css['quiet']}>{OWN_DEVICES.quotaText}</p>
      <SwitchRow label={OWN_DEVICES.quotaOn} checked={isOn} onChange={setOn} />
      {isOn && (
        <TextField
          label={OWN_DEVICES.quotaSize}
          wrong={bad ?? wrong}
          inputMode="decimal"
          value={size}
          onChange={(event) => {
            setSize(event.target.value)
            setBad(null)
          }}
        />
      )}
    </FormDialog>
  )
}

function useChange(device: Device, onDone: () => void): { save: (change: ChangeDevice, words: string) => void; wrong: string | null } {
  const change = useDeed({ link: '', quiet: true }, (client, input: ChangeDevice) => client.changeDevice(device.key, input))
  const save = (input: ChangeDevice, words: string): void =>
    change.mutate(input, {
      onSuccess: () => {
        tellDone(words)
        onDone()
      },
    })
  return { save, wrong: change.error === null ? null : problemWords(change.error) }
}

function FormDialog({
  title,
  onClose,
  onSubmit,
  disabled = false,
  children,
}: {
  readonly title: string
  readonly onClose: () => void
  readonly onSubmit: () => void
  readonly disabled?: boolean
  readonly children: ReactNode
}): ReactNode {
  const id = useId()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSubmit()
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      foot={
        <>
          <Button onClick={onClose}>{KIT.cancel}</Button>
          <Button tone="main" type="submit" form={id} disabled={disabled}>
            {KIT.save}
          </Button>
        </>
      }
    >
      <form id={id} className={css['form']} onSubmit={submit}>
        {children}
      </form>
    </Dialog>
  )
}
