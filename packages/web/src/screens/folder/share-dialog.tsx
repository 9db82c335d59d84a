/** Links by which others read a folder or something in it: open to everybody for a public one, signed and ending for a private one. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { GatewayLink, Item } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Chip } from '../../kit/chip.tsx'
import { CopyText, QrCode } from '../../kit/copy.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Choice } from '../../kit/form.tsx'
import { Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { storeOf, useAnswer, useDeed, useStore } from '../../live/use-store.tsx'
import { FOLDER } from '../../words/folder.ts'
import { momentWords, visibleName } from '../../words/format.ts'
import { nameOf } from './rows.ts'
import { gatewayAddress, hyperLink, isLocalAddress } from './share-links.ts'
import css from './share.module.css'

/** The dialog for what is at `path`; '' is the whole folder. */
export function ShareDialog({
  item,
  path,
  onClose,
}: {
  readonly item: Item
  readonly path: string
  readonly onClose: () => void
}): ReactNode {
  const name = visibleName(path === '' ? item.title : nameOf(path))
  return (
    <Dialog open onClose={onClose} title={FOLDER.shareTitle(name)}>
      {item.private ? <PrivateLinks item={item} path={path} /> : <PublicLinks item={item} path={path} />}
      <p className={css['hint']}>{FOLDER.shareWithPeople}</p>
    </Dialog>
  )
}

function PublicLinks({ item, path }: { readonly item: Item; readonly path: string }): ReactNode {
  const { target } = useStore()
  const own = storeOf('local')
  const base = useAnswer({ link: '', name: ['address-for-others'] }, async (client) => {
    // Through another store, its own address is the one that others can use.
    if (target !== 'local') {
      const provider = (await own.client.listProviders().catch(() => [])).find(({ name }) => name === target)
      return provider?.url ?? location.origin
    }
    const settings = await client.getSettings().catch(() => null)
    return settings?.addresses[0] ?? location.origin
  })
  const kind = useAnswer({ link: item.link, name: ['kind', path], enabled: path !== '' }, (client, signal) =>
    client.getEntry(item.key, { path }, { signal }),
  )
  if (base.isPending || (path !== '' && kind.isPending)) return <Skeleton height="12rem" />
  const address = gatewayAddress(base.data ?? location.origin, item.key, { path, isFolder: kind.data?.kind === 'folder' })
  return (
    <>
      <p>{FOLDER.publicText}</p>
      <Labelled label={FOLDER.webLink}>
        <CopyText text={address} label={FOLDER.webLink} />
      </Labelled>
      {isLocalAddress(address) && <Notice>{FOLDER.localOnly}</Notice>}
      <QrCode text={address} label={FOLDER.qr} />
      <Labelled label={FOLDER.hyperLink}>
        <CopyText text={hyperLink(item.link, path)} label={FOLDER.hyperLink} />
      </Labelled>
    </>
  )
}

const ENDINGS_S = { day: 86_400, week: 7 * 86_400, month: 30 * 86_400, year: 365 * 86_400 } as const
type Ending = keyof typeof ENDINGS_S
const ENDINGS: readonly Ending[] = ['day', 'week', 'month', 'year']

function PrivateLinks({ item, path }: { readonly item: Item; readonly path: string }): ReactNode {
  const [ending, setEnding] = useState<Ending>('week')
  const about = { link: item.link }
  const links = useAnswer({ ...about, name: ['gateway-links'] }, (client, signal) => client.listGatewayLinks(item.key, { signal }))
  const make = useDeed(about, (client, expiresS: number) => client.createGatewayLink(item.key, { path, expiresS }))
  const made = make.data?.url ?? null
  return (
    <>
      <p>{FOLDER.privateText}</p>
      <div className={css['make']}>
        <Choice
          label={FOLDER.ends}
          value={ending}
          options={ENDINGS.map((value) => ({ value, label: FOLDER.endings[value] }))}
          onChange={setEnding}
        />
        <Button tone="main" disabled={make.isPending} onClick={() => make.mutate(ENDINGS_S[ending])}>
          {FOLDER.makeLink}
        </Button>
      </div>
      {made !== null && (
        <>
          <CopyText text={made} label={FOLDER.webLink} />
          {isLocalAddress(made) && <Notice>{FOLDER.localOnly}</Notice>}
          <QrCode text={made} label={FOLDER.qr} />
        </>
      )}
      <section>
        <h3 className={css['title']}>{FOLDER.madeLinks}</h3>
        {links.error !== null && <Notice tone="bad">{problemWords(links.error)}</Notice>}
        {links.data?.length === 0 && <p className={css['hint']}>{FOLDER.noLinks}</p>}
        <ul className={css['links']}>
          {links.data?.map((link) => (
            <MadeLink key={link.id} item={item} link={link} />
          ))}
        </ul>
      </section>
    </>
  )
}

function MadeLink({ item, link }: { readonly item: Item; readonly link: GatewayLink }): ReactNode {
  const revoke = useDeed({ link: item.link }, async (client) => {
    await client.revokeGatewayLink(item.key, link.id)
    tellDone(FOLDER.revoked)
  })
  const name = link.path === '' ? FOLDER.wholeFolder : visibleName(link.path)
  return (
    <li>
      <div>
        <span dir="auto">{name}</span>
        <small>{FOLDER.endsAt(momentWords(link.expiresAt, new Date()))}</small>
      </div>
      <Chip tone={link.state === 'good' ? 'good' : 'still'}>{FOLDER.linkStates[link.state]}</Chip>
      {link.state === 'good' && (
        <Button small tone="danger" disabled={revoke.isPending} aria-label={FOLDER.revokeOf(name)} onClick={() => revoke.mutate(undefined)}>
          {FOLDER.revoke}
        </Button>
      )}
    </li>
  )
}

function Labelled({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className={css['labelled']}>
      <span aria-hidden>{label}</span>
      {children}
    </div>
  )
}
