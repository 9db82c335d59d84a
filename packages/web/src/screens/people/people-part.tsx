/** Who shares a folder: people with their devices, guests who wait, open invites, and what was not accepted. */
import type { Item, Members } from '@hyper-store/client'
import { LogOut, UserPlus } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { confirm } from '../../kit/dialog.tsx'
import { Card, Empty, Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { useAnswer, useDeed, useItem, useSnapshot } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { PEOPLE } from '../../words/people.ts'
import { Guests } from './guests.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { Invites } from './invites.tsx'
import css from './people.module.css'
import { PersonCard } from './person-card.tsx'
import { inviteRoles, mayInviteOwn, mayLeave, selfOf } from './person-rights.ts'

/** The people of the folder with this key. */
export function PeoplePart({ folder }: { readonly folder: string }): ReactNode {
  const item = useItem(folder)
  if (item === undefined) return <Skeleton height="10rem" />
  if (item.kind !== 'folder') return <Notice>{PEOPLE.notAFolder}</Notice>
  return <People item={item} />
}

function People({ item }: { readonly item: Item }): ReactNode {
  const members = useAnswer({ link: item.link, name: ['members'] }, (client, signal) => client.getMembers(item.key, { signal }))
  const isOwner = useSnapshot().info?.role === 'owner'
  if (members.data === undefined)
    return members.error === null ? <Skeleton height="10rem" /> : <Notice tone="bad">{problemWords(members.error)}</Notice>
  return <Shown item={item} members={members.data} steers={isOwner} />
}

function Shown({ item, members, steers }: { readonly item: Item; readonly members: Members; readonly steers: boolean }): ReactNode {
  const [isInviting, setInviting] = useState(false)
  const mayShare = members.shared || item.role === 'owner'
  const mayInvite = steers && mayShare && (inviteRoles(members).length > 0 || mayInviteOwn(members))
  const invite = (
    <Button tone="main" onClick={() => setInviting(true)}>
      <UserPlus size={17} aria-hidden />
      {PEOPLE.invite}
    </Button>
  )
  return (
    <div className={css['part']}>
      {!steers && <Notice>{PEOPLE.mayNot}</Notice>}
      <Guests item={item} members={members} steers={steers} />
      {members.shared ? (
        <Card title={PEOPLE.title} actions={mayInvite && invite} flush>
          <ul className={css['people']} aria-label={PEOPLE.people}>
            {members.people.map((person) => (
              <PersonCard key={person.id} item={item} members={members} person={person} steers={steers} />
            ))}
          </ul>
          {steers && selfOf(members) !== null && <Leave item={item} members={members} />}
        </Card>
      ) : (
        <Card>
          <Empty icon={<UserPlus size={26} />} title={PEOPLE.nobody} actions={mayInvite && invite}>
            {mayShare ? PEOPLE.nobodyText : PEOPLE.notYours}
          </Empty>
        </Card>
      )}
      <Invites item={item} members={members} steers={steers} />
      {members.problems.length > 0 && (
        <Card title={PEOPLE.problems}>
          <ul className={css['problems']}>
            {members.problems.map(({ about, reason }, index) => (
              <li key={index} dir="auto">
                {PEOPLE.problem(visibleName(about), visibleName(reason))}
              </li>
            ))}
          </ul>
        </Card>
      )}
      <InviteDialog item={item} members={members} open={isInviting} onClose={() => setInviting(false)} />
    </div>
  )
}

function Leave({ item, members }: { readonly item: Item; readonly members: Members }): ReactNode {
  const title = visibleName(item.title)
  const self = selfOf(members)
  const leave = useDeed({ link: item.link }, async (client, own: string) => {
    await client.removeMember(item.key, own)
    tellDone(PEOPLE.left(title))
  })
  if (self === null || members.people.length < 2) return null
  if (!mayLeave(members)) return <p className={css['foot']}>{PEOPLE.lastOwner}</p>
  const ask = async (): Promise<void> => {
    const question = { title: PEOPLE.leaveTitle(title), text: PEOPLE.leaveText, yes: PEOPLE.leaveYes, danger: true }
    if (await confirm(question)) leave.mutate(self.id)
  }
  return (
    <div className={css['foot']}>
      <Button tone="danger" small disabled={leave.isPending} onClick={() => void ask()}>
        <LogOut size={15} aria-hidden />
        {PEOPLE.leave}
      </Button>
    </div>
  )
}
