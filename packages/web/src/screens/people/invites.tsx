/** Invites that are open: shown again, or taken back. */
import type { Invite, Item, Members } from '@hyper-store/client'
import { QrCode as QrIcon, Ticket, X } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Button, IconButton } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Card } from '../../kit/layout.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { momentWords, visibleName } from '../../words/format.ts'
import { INVITES, ROLES } from '../../words/people.ts'
import { InviteCode } from './invite-code.tsx'
import css from './people.module.css'
import { mayDecide } from './person-rights.ts'

/** The open invites of a folder; nothing when there is none. */
export function Invites({
  item,
  members,
  steers,
}: {
  readonly item: Item
  readonly members: Members
  readonly steers: boolean
}): ReactNode {
  const [shown, setShown] = useState<Invite | null>(null)
  const open = members.invites.filter(({ state }) => state === 'open')
  const cancel = useDeed({ link: item.link }, async (client, id: string) => {
    await client.cancelInvite(item.key, id)
    tellDone(INVITES.cancelled)
  })
  if (open.length === 0) return null
  return (
    <Card title={INVITES.title} flush>
      <ul className={css['invites']} aria-label={INVITES.title}>
        {open.map((invite) => (
          <li key={invite.id}>
            <Ticket size={18} aria-hidden />
            <div>
              <strong>{whatFor(invite)}</strong>
              <span dir="auto">{facts(invite)}</span>
            </div>
            {invite.code !== null && (
              <Button small onClick={() => setShown(invite)}>
                <QrIcon size={15} aria-hidden />
                {INVITES.show}
              </Button>
            )}
            {steers && (mayDecide(members) || invite.code !== null) && (
              <IconButton
                small
                label={INVITES.cancelOf(whatFor(invite))}
                disabled={cancel.isPending}
                onClick={() => cancel.mutate(invite.id)}
              >
                <X size={16} aria-hidden />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
      <Dialog
        open={shown !== null && open.some(({ id }) => id === shown.id)}
        onClose={() => setShown(null)}
        title={shown?.mine === true ? INVITES.readyMine : INVITES.ready}
        foot={
          <Button tone="main" onClick={() => setShown(null)}>
            {INVITES.done}
          </Button>
        }
      >
        {shown !== null && <InviteCode invite={shown} />}
      </Dialog>
    </Card>
  )
}

function whatFor(invite: Invite): string {
  return invite.mine ? INVITES.mineOf(visibleName(invite.by)) : INVITES.as(ROLES[invite.role].name.toLowerCase())
}

function facts(invite: Invite): string {
  return [
    INVITES.uses(invite.used, invite.uses),
    INVITES.until(momentWords(invite.expiresAt, new Date())),
    ...(invite.approve ? [INVITES.approve] : []),
    ...(invite.mine ? [] : [INVITES.by(visibleName(invite.by))]),
    ...(invite.code === null ? [INVITES.elsewhere] : []),
  ].join(' · ')
}
