/** Devices that may use this store: what each may do and uses, its name and limit, and taking its right away. */
import type { Device } from '@hyper-store/client'
import { EllipsisVertical, Gauge, MonitorSmartphone, Pencil, Plus, Smartphone, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Button, IconButton } from '../../kit/button.tsx'
import { ProgressBar } from '../../kit/chip.tsx'
import { confirm } from '../../kit/dialog.tsx'
import { Actions, Card, Empty, Skeleton } from '../../kit/layout.tsx'
import { Menu } from '../../kit/menu.tsx'
import { Name } from '../../kit/name.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useAnswer, useDeed } from '../../live/use-store.tsx'
import { OWN_DEVICES } from '../../words/devices.ts'
import { byteWords, momentWords, visibleName } from '../../words/format.ts'
import { QuotaDialog, RenameDialog } from './device-dialogs.tsx'
import css from './devices.module.css'
import { PairDeviceDialog } from './pair-device.tsx'
import { PhoneDialog } from './phone-dialog.tsx'
import { useComings } from './use-boxes.ts'

type Asked = { readonly what: 'pair' | 'phone' } | { readonly what: 'rename' | 'quota'; readonly device: Device }

/** All devices with a right. */
export function OwnDevices({ title }: { readonly title: string }): ReactNode {
  const devices = useAnswer({ link: '', name: ['devices'] }, (client, signal) => client.listDevices({ signal }))
  useComings(devices.refetch)
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = (): void => {
    setAsked(null)
    // A browser that used a code is told by no event.
    void devices.refetch()
  }
  const actions = (
    <Actions>
      <Button onClick={() => setAsked({ what: 'phone' })}>
        <Smartphone size={17} aria-hidden />
        {OWN_DEVICES.phone}
      </Button>
      <Button onClick={() => setAsked({ what: 'pair' })}>
        <Plus size={17} aria-hidden />
        {OWN_DEVICES.pair}
      </Button>
    </Actions>
  )
  return (
    <section className={css['section']} aria-labelledby="own-devices">
      <div className={css['sectionHead']}>
        <h2 id="own-devices">{title}</h2>
        {devices.data !== undefined && devices.data.length > 0 && actions}
      </div>
      {devices.data === undefined ? (
        <Skeleton height="5rem" />
      ) : devices.data.length === 0 ? (
        <Card>
          <Empty icon={<MonitorSmartphone size={26} />} title={OWN_DEVICES.none} actions={actions}>
            {OWN_DEVICES.noneText}
          </Empty>
        </Card>
      ) : (
        <Card flush>
          <ul className={css['rows']} aria-labelledby="own-devices">
            {devices.data.map((device) => (
              <DeviceRow key={device.key} device={device} onAsk={(what) => setAsked({ what, device })} />
            ))}
          </ul>
        </Card>
      )}
      {asked?.what === 'pair' && <PairDeviceDialog known={devices.data ?? []} again={devices.refetch} onClose={close} />}
      {asked?.what === 'phone' && <PhoneDialog onClose={close} />}
      {asked?.what === 'rename' && <RenameDialog device={asked.device} onClose={close} />}
      {asked?.what === 'quota' && <QuotaDialog device={asked.device} onClose={close} />}
    </section>
  )
}

function DeviceRow({ device, onAsk }: { readonly device: Device; readonly onAsk: (what: 'rename' | 'quota') => void }): ReactNode {
  const name = visibleName(device.name)
  const revoke = useDeed({ link: '' }, async (client, key: string) => {
    await client.revokeDevice(key)
    tellDone(OWN_DEVICES.revoked(name))
  })
  const askToRevoke = async (): Promise<void> => {
    const question = { title: OWN_DEVICES.revokeTitle(name), text: OWN_DEVICES.revokeText, yes: OWN_DEVICES.revoke, danger: true }
    if (await confirm(question)) revoke.mutate(device.key)
  }
  const { quotaBytes = null, usedBytes } = device
  return (
    <li className={css['row']} aria-label={name}>
      <span className={css['picture']} data-live={device.connected} aria-hidden>
        <MonitorSmartphone size={20} strokeWidth={1.75} />
      </span>
      <div>
        <h3>
          <Name of={device.name} />
        </h3>
        <p>
          {[
            OWN_DEVICES.roles[device.role].name,
            seenWords(device),
            ...(quotaBytes === null && usedBytes ? [OWN_DEVICES.uses(byteWords(usedBytes))] : []),
          ].join(' · ')}
        </p>
        {quotaBytes !== null && (
          <div className={css['meter']}>
            <ProgressBar label={OWN_DEVICES.used(name)} value={(usedBytes ?? 0) / Math.max(1, quotaBytes)} />
            <p>{OWN_DEVICES.usesOf(byteWords(usedBytes ?? 0), byteWords(quotaBytes))}</p>
          </div>
        )}
      </div>
      <Menu
        trigger={
          <IconButton label={OWN_DEVICES.more(name)}>
            <EllipsisVertical size={18} aria-hidden />
          </IconButton>
        }
        entries={[
          { label: OWN_DEVICES.rename, icon: <Pencil size={16} />, onSelect: () => onAsk('rename') },
          { label: OWN_DEVICES.quota, icon: <Gauge size={16} />, onSelect: () => onAsk('quota') },
          null,
          { label: OWN_DEVICES.revoke, icon: <Trash2 size={16} />, danger: true, onSelect: () => void askToRevoke() },
        ]}
      />
    </li>
  )
}

function seenWords({ lastSeenAt, connected, addedAt }: Device): string {
  const now = new Date()
  if (connected) return `${OWN_DEVICES.online} · ${OWN_DEVICES.added(momentWords(addedAt, now))}`
  return lastSeenAt === null ? OWN_DEVICES.never : OWN_DEVICES.seen(momentWords(lastSeenAt, now))
}
