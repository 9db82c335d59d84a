/** A line for another device that shall use this store, and the moment when it came. */
import type { Device, Role } from '@hyper-store/client'
import { Check } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { CopyText, QrCode } from '../../kit/copy.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Choice } from '../../kit/form.tsx'
import { Notice } from '../../kit/layout.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { OWN_DEVICES, PAIR_DEVICE } from '../../words/devices.ts'
import { momentWords, visibleName } from '../../words/format.ts'
import { KIT } from '../../words/kit.ts'
import css from './devices.module.css'

const EACH_MS = 1000
const ROLES = ['owner', 'member', 'reader'] as const

/** The dialog; `known` are the devices as they are, `again` asks for them anew. */
export function PairDeviceDialog({
  known,
  again,
  onClose,
}: {
  readonly known: readonly Device[]
  readonly again: () => unknown
  readonly onClose: () => void
}): ReactNode {
  const [role, setRole] = useState<Role>('owner')
  const pair = useDeed({ link: '' }, (client, wanted: Role) => client.createPair({ role: wanted }))
  const made = pair.data ?? null
  const came = useNewcomer(known, again, made !== null)
  return (
    <Dialog
      open
      onClose={onClose}
      title={made === null ? PAIR_DEVICE.title : PAIR_DEVICE.ready}
      foot={
        made === null ? (
          <>
            <Button onClick={onClose}>{KIT.cancel}</Button>
            <Button tone="main" disabled={pair.isPending} onClick={() => pair.mutate(role)}>
              {PAIR_DEVICE.make}
            </Button>
          </>
        ) : (
          <Button tone="main" onClick={onClose}>
            {PAIR_DEVICE.done}
          </Button>
        )
      }
    >
      {made === null ? (
        <Choice
          label={PAIR_DEVICE.role}
          hint={OWN_DEVICES.roles[role].may}
          value={role}
          options={ROLES.map((one) => ({ value: one, label: OWN_DEVICES.roles[one].name }))}
          onChange={setRole}
        />
      ) : (
        <>
          <CopyText text={made.line} label={PAIR_DEVICE.line} />
          <QrCode text={made.line} label={PAIR_DEVICE.scan} />
          {isLoopback(made.line) && <Notice tone="slow">{PAIR_DEVICE.loopback}</Notice>}
          <p className={css['quiet']}>
            {PAIR_DEVICE.readyText(momentWords(made.expiresAt, new Date()))} {PAIR_DEVICE.orPaste}
          </p>
          <p role="status" className={css['waiting']} data-done={came !== null}>
            {came !== null && <Check size={17} aria-hidden />}
            {came === null ? PAIR_DEVICE.waiting : PAIR_DEVICE.joined(visibleName(came))}
          </p>
        </>
      )}
    </Dialog>
  )
}

function isLoopback(line: string): boolean {
  return /https?:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)[:/#]/.test(line)
}

/** Name of a device that was not there when waiting began; no event tells of it, so it is asked for now and then. */
function useNewcomer(known: readonly Device[], again: () => unknown, isWaiting: boolean): string | null {
  // A device that is paired again gets a new moment.
  const [before] = useState(() => new Set(known.map(({ key, addedAt }) => key + addedAt)))
  const came = isWaiting ? known.find(({ key, addedAt }) => !before.has(key + addedAt)) : undefined
  const goesOn = isWaiting && came === undefined
  useEffect(() => {
    if (!goesOn) return undefined
    const timer = setInterval(() => void again(), EACH_MS)
    return () => clearInterval(timer)
  }, [goesOn, again])
  return came?.name ?? null
}
