/** The address of this page as a picture for the camera of a phone, with a code that lets it in once. */
import type { Role, Settings } from '@hyper-store/client'
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { CopyText, QrCode } from '../../kit/copy.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Choice, SwitchRow } from '../../kit/form.tsx'
import { Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useSettings } from '../../live/questions.ts'
import { useDeed } from '../../live/use-store.tsx'
import { PAIR_DEVICE, PHONE } from '../../words/devices.ts'
import { momentWords } from '../../words/format.ts'
import css from './devices.module.css'

/** The dialog; open as long as it is there. */
export function PhoneDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const settings = useSettings()
  return (
    <Dialog open onClose={onClose} title={PHONE.title} foot={<Button onClick={onClose}>{PAIR_DEVICE.done}</Button>}>
      {settings.error !== null ? (
        <Notice tone="bad">{problemWords(settings.error)}</Notice>
      ) : settings.data === undefined ? (
        <Skeleton height="12rem" />
      ) : settings.data.addresses.length === 0 ? (
        <Closed settings={settings.data} />
      ) : (
        <Scan addresses={settings.data.addresses} />
      )}
    </Dialog>
  )
}

function Scan({ addresses }: { readonly addresses: readonly string[] }): ReactNode {
  const [address, setAddress] = useState(addresses[0] ?? '')
  const pair = useDeed({ link: '' }, (client, role: Role) => client.createPair({ role }))
  const { mutate, data } = pair
  useEffect(() => mutate('owner'), [mutate])
  if (data === undefined) return pair.error === null ? <Skeleton height="12rem" /> : <Notice tone="bad">{problemWords(pair.error)}</Notice>
  const url = `${address.replace(/\/$/, '')}/#code=${data.code}`
  return (
    <>
      <p>{PHONE.text}</p>
      <QrCode text={url} label={PHONE.scan} />
      <CopyText text={url} label={PHONE.address} />
      {addresses.length > 1 && (
        <Choice
          label={PHONE.whichAddress}
          value={address}
          options={addresses.map((one) => ({ value: one, label: one }))}
          onChange={setAddress}
        />
      )}
      <p className={css['quiet']}>{PHONE.until(momentWords(data.expiresAt, new Date()))}</p>
    </>
  )
}

function Closed({ settings }: { readonly settings: Settings }): ReactNode {
  const change = useDeed({ link: '' }, (client, reach: Settings['reach']) => client.changeSettings({ reach }))
  const isFixed = settings.fixed.includes('reach')
  const isLater = settings.reach === 'network' && settings.afterRestart.includes('reach')
  return (
    <>
      <h3>{PHONE.closedTitle}</h3>
      <p>{PHONE.closedText}</p>
      <SwitchRow
        label={PHONE.reach}
        checked={settings.reach === 'network'}
        disabled={isFixed || change.isPending}
        {...(isFixed ? { hint: PHONE.reachFixed } : {})}
        onChange={(isOpen) => change.mutate(isOpen ? 'network' : 'this-machine')}
      />
      {isLater ? (
        <Notice tone="slow">{PHONE.reachLater}</Notice>
      ) : (
        settings.reach === 'network' && <Notice tone="slow">{PHONE.noAddress}</Notice>
      )}
    </>
  )
}
