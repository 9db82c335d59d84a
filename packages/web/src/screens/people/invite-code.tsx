/** The code of an invite, to be copied or scanned. */
import type { Invite } from '@hyper-store/client'
import type { ReactNode } from 'react'
import { CopyText, QrCode } from '../../kit/copy.tsx'
import { momentWords } from '../../words/format.ts'
import { INVITES } from '../../words/people.ts'
import css from './people.module.css'

/** The code with how to use it. */
export function InviteCode({ invite }: { readonly invite: Invite }): ReactNode {
  if (invite.code === null) return <p>{INVITES.elsewhere}</p>
  return (
    <>
      <CopyText text={invite.code} label={INVITES.code} />
      <QrCode text={invite.code} label={INVITES.scan} />
      <p className={css['quiet']}>{INVITES.readyText}</p>
      <p className={css['quiet']}>{INVITES.goodFor(invite.uses, momentWords(invite.expiresAt, new Date()))}</p>
    </>
  )
}
