/** Guests who wait to be let in: their four words, to be compared aloud. */
import type { Item, Members } from '@hyper-store/client'
import { UserCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Actions } from '../../kit/layout.tsx'
import { Name } from '../../kit/name.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { GUESTS, ROLES } from '../../words/people.ts'
import { FourWords } from '../../kit/four-words.tsx'
import css from './people.module.css'
import { mayDecide } from './person-rights.ts'

/** All guests; the place where they appear is read out when one comes. */
export function Guests({ item, members, steers }: { readonly item: Item; readonly members: Members; readonly steers: boolean }): ReactNode {
  return (
    <div role="status" className={css['guests']} hidden={members.requests.length === 0}>
      {members.requests.map((guest) => (
        <Guest key={guest.id} item={item} guest={guest} decides={steers && mayDecide(members)} />
      ))}
    </div>
  )
}

function Guest({
  item,
  guest,
  decides,
}: {
  readonly item: Item
  readonly guest: Members['requests'][number]
  readonly decides: boolean
}): ReactNode {
  const name = visibleName(guest.name)
  const decide = useDeed({ link: item.link }, async (client, isIn: boolean) => {
    await (isIn ? client.approveRequest(item.key, guest.id) : client.refuseRequest(item.key, guest.id))
    tellDone(isIn ? GUESTS.approved(name) : GUESTS.refused(name))
  })
  return (
    <section className={css['guest']} aria-label={GUESTS.title}>
      <h2>
        <UserCheck size={20} aria-hidden />
        <span>
          <Name of={guest.name} /> {GUESTS.wants(ROLES[guest.role].name.toLowerCase())}
        </span>
      </h2>
      <p dir="auto">{GUESTS.ask(name)}</p>
      <FourWords label={GUESTS.words} words={guest.words} />
      <p className={css['quiet']}>{decides ? GUESTS.different : GUESTS.cannot}</p>
      {decides && (
        <Actions>
          <Button tone="main" disabled={decide.isPending} onClick={() => decide.mutate(true)}>
            {GUESTS.approve}
          </Button>
          <Button tone="danger" disabled={decide.isPending} onClick={() => decide.mutate(false)}>
            {GUESTS.refuse}
          </Button>
        </Actions>
      )}
    </section>
  )
}
