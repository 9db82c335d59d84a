/** Makes an invite: for whom, what they may do, how often and for how long it is good; then shows its code. */
import type { CreateInvite, Invite, Item, Members } from '@hyper-store/client'
import { useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Choice, Segmented, SwitchRow, TextField } from '../../kit/form.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { KIT } from '../../words/kit.ts'
import { INVITES, ROLES } from '../../words/people.ts'
import { InviteCode } from './invite-code.tsx'
import css from './people.module.css'
import { inviteRoles, mayInviteOwn } from './person-rights.ts'

const FORM = 'invite-form'
const EXPIRIES = [3600, 86_400, 604_800, 2_592_000] as const

/** The dialog; also the way in which a folder becomes a shared one. */
export function InviteDialog({
  item,
  members,
  open,
  onClose,
}: {
  readonly item: Item
  readonly members: Members
  readonly open: boolean
  readonly onClose: () => void
}): ReactNode {
  const [made, setMade] = useState<Invite | null>(null)
  const make = useDeed({ link: item.link }, (client, wanted: CreateInvite) => client.createInvite(item.key, wanted))
  const close = (): void => {
    setMade(null)
    onClose()
  }
  return (
    <Dialog
      open={open}
      onClose={close}
      title={made === null ? INVITES.dialog : made.mine ? INVITES.readyMine : INVITES.ready}
      foot={
        made === null ? (
          <>
            <Button onClick={close}>{KIT.cancel}</Button>
            <Button tone="main" type="submit" form={FORM} disabled={make.isPending}>
              {INVITES.make}
            </Button>
          </>
        ) : (
          <Button tone="main" onClick={close}>
            {INVITES.done}
          </Button>
        )
      }
    >
      {made === null ? (
        <Wishes members={members} onWish={(wanted) => make.mutate(wanted, { onSuccess: setMade })} />
      ) : (
        <InviteCode invite={made} />
      )}
    </Dialog>
  )
}

function Wishes({ members, onWish }: { readonly members: Members; readonly onWish: (wanted: CreateInvite) => void }): ReactNode {
  const roles = inviteRoles(members)
  const mayOwn = mayInviteOwn(members)
  const [whom, setWhom] = useState<'others' | 'me'>(roles.length > 0 ? 'others' : 'me')
  const [role, setRole] = useState(roles[0] ?? 'writer')
  const [uses, setUses] = useState('1')
  const [wrong, setWrong] = useState<string | null>(null)
  const [expiry, setExpiry] = useState<string>('86400')
  const [approve, setApprove] = useState(false)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const count = Number(uses)
    if (!Number.isInteger(count) || count < 1 || count > 100) return setWrong(INVITES.usesWrong)
    const expiresS = Number(expiry)
    onWish(whom === 'me' ? { mine: true, uses: count, expiresS } : { role, uses: count, expiresS, approve })
  }
  return (
    <form id={FORM} className={css['form']} onSubmit={submit}>
      {roles.length > 0 && mayOwn && (
        <Segmented
          label={INVITES.for}
          value={whom}
          onChange={setWhom}
          options={[
            { value: 'others', label: INVITES.forOthers },
            { value: 'me', label: INVITES.forMe },
          ]}
        />
      )}
      {whom === 'me' ? (
        <p className={css['quiet']}>{INVITES.forMeText}</p>
      ) : (
        <Choice
          label={INVITES.role}
          value={role}
          hint={ROLES[role].may}
          options={roles.map((one) => ({ value: one, label: ROLES[one].name }))}
          onChange={setRole}
        />
      )}
      <div className={css['pair']}>
        <TextField
          label={INVITES.usesLabel}
          hint={INVITES.usesHint}
          wrong={wrong}
          inputMode="numeric"
          value={uses}
          onChange={(event) => {
            setUses(event.target.value)
            setWrong(null)
          }}
        />
        <Choice
          label={INVITES.expiry}
          value={expiry}
          options={EXPIRIES.map((seconds) => ({ value: String(seconds), label: INVITES.expiries[seconds] }))}
          onChange={setExpiry}
        />
      </div>
      {whom === 'others' && <SwitchRow label={INVITES.approveLabel} hint={INVITES.approveHint} checked={approve} onChange={setApprove} />}
    </form>
  )
}
