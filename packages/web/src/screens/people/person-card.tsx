/** One person of a folder: what they may do, their devices, and what each of those holds. */
import type { Item, Member, MemberDevice, MemberRole, Members } from '@hyper-store/client'
import { Check, EyeOff, Hourglass, Trash2, UserMinus } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from '../../kit/button.tsx'
import { Chip } from '../../kit/chip.tsx'
import { confirm } from '../../kit/dialog.tsx'
import { Choice } from '../../kit/form.tsx'
import { Name } from '../../kit/name.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { momentWords, visibleName } from '../../words/format.ts'
import { PEOPLE, ROLES } from '../../words/people.ts'
import { Initial } from './initial.tsx'
import css from './people.module.css'
import { mayRemove, mayRemoveDevice, rolesFor } from './person-rights.ts'

interface OfPerson {
  readonly item: Item
  readonly members: Members
  readonly person: Member
  /** Whoever looks may change things. */
  readonly steers: boolean
}

/** The person, as one entry of the list. */
export function PersonCard({ item, members, person, steers }: OfPerson): ReactNode {
  const name = visibleName(person.name)
  const remove = useDeed({ link: item.link }, async (client, about: { readonly ref: string; readonly name: string }) => {
    await client.removeMember(item.key, about.ref)
    tellDone(PEOPLE.removed(about.name))
  })
  const askToRemove = async (): Promise<void> => {
    const text = (
      <>
        <p>{PEOPLE.removeText(item.private)}</p>
        {!item.private && <p>{PEOPLE.removePublic}</p>}
      </>
    )
    const title = PEOPLE.removeTitle(name, visibleName(item.title))
    if (await confirm({ title, text, yes: PEOPLE.removeYes, danger: true })) remove.mutate({ ref: person.id, name })
  }
  return (
    <li className={css['person']}>
      <Initial of={person.name} />
      <div className={css['who']}>
        <h3>
          <Name of={person.name} />
          {person.you && <span className={css['you']}>{PEOPLE.you}</span>}
        </h3>
        <p>{ROLES[person.role].may}</p>
        {person.blind && <Chip icon={<EyeOff size={13} aria-hidden />}>{PEOPLE.blind}</Chip>}
      </div>
      <div className={css['does']}>
        <RoleOf item={item} members={members} person={person} steers={steers} />
        {steers && mayRemove(members, person) && (
          <IconButton label={PEOPLE.remove(name)} disabled={remove.isPending} onClick={() => void askToRemove()}>
            <UserMinus size={17} aria-hidden />
          </IconButton>
        )}
      </div>
      <ul className={css['devices']} aria-label={PEOPLE.devices(name)}>
        {person.devices.map((device) => (
          <DeviceLine key={device.key} device={device}>
            {steers && mayRemoveDevice(members, person) && (
              <RemoveDevice
                device={device}
                busy={remove.isPending}
                onYes={() => remove.mutate({ ref: device.key, name: visibleName(device.name) })}
              />
            )}
          </DeviceLine>
        ))}
      </ul>
    </li>
  )
}

function RoleOf({ item, members, person, steers }: OfPerson): ReactNode {
  const change = useDeed({ link: item.link }, async (client, role: MemberRole) => {
    await client.changeMember(item.key, person.id, { role })
    tellDone(PEOPLE.changed(visibleName(person.name), ROLES[role].name.toLowerCase()))
  })
  const roles = steers ? rolesFor(members, person) : []
  if (roles.length === 0) return <Chip>{ROLES[person.role].name}</Chip>
  return (
    <Choice
      label={PEOPLE.role(visibleName(person.name))}
      hideLabel
      value={person.role}
      disabled={change.isPending}
      options={roles.map((role) => ({ value: role, label: ROLES[role].name }))}
      onChange={(role) => role !== person.role && change.mutate(role)}
    />
  )
}

function DeviceLine({ device, children }: { readonly device: MemberDevice; readonly children: ReactNode }): ReactNode {
  const isKnown = device.complete || device.at !== null || device.live || device.you
  const words = [
    device.complete ? PEOPLE.holds.all : isKnown ? PEOPLE.holds.behind : PEOPLE.holds.nothing,
    device.you
      ? PEOPLE.thisDevice
      : device.live
        ? PEOPLE.holds.online
        : device.at === null
          ? null
          : PEOPLE.holds.seen(momentWords(device.at, new Date())),
  ]
  return (
    <li>
      <i className={css['dot']} data-live={device.live || device.you} aria-hidden />
      <strong>
        <Name of={device.name} />
      </strong>
      <Chip
        tone={device.complete ? 'good' : isKnown ? 'slow' : 'still'}
        icon={device.complete ? <Check size={13} aria-hidden /> : <Hourglass size={13} aria-hidden />}
      >
        {words.filter((word) => word !== null).join(' · ')}
      </Chip>
      {children}
    </li>
  )
}

function RemoveDevice({
  device,
  busy,
  onYes,
}: {
  readonly device: MemberDevice
  readonly busy: boolean
  readonly onYes: () => void
}): ReactNode {
  const name = visibleName(device.name)
  const ask = async (): Promise<void> => {
    const question = { title: PEOPLE.removeDeviceTitle(name), text: PEOPLE.removeDeviceText, yes: PEOPLE.removeYes, danger: true }
    if (await confirm(question)) onYes()
  }
  return (
    <IconButton small label={PEOPLE.removeDevice(name)} disabled={busy} onClick={() => void ask()}>
      <Trash2 size={15} aria-hidden />
    </IconButton>
  )
}
