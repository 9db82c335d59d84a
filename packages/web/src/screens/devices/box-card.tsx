/** One box: whether it is reached, what it keeps of ours, its room, and the way into it. */
import type { Item, Provider } from '@hyper-store/client'
import { EllipsisVertical, HardDrive, ListChecks, MonitorUp, Unplug } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { targetBase } from '../../app/places.ts'
import { Button, ButtonLink, IconButton } from '../../kit/button.tsx'
import { Chip, ProgressBar } from '../../kit/chip.tsx'
import { confirm } from '../../kit/dialog.tsx'
import { Menu } from '../../kit/menu.tsx'
import { Name } from '../../kit/name.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed, useStore } from '../../live/use-store.tsx'
import { BOXES } from '../../words/devices.ts'
import { byteWords, momentWords, visibleName } from '../../words/format.ts'
import { holdingsOf } from './box-facts.ts'
import type { BoxFacts, BoxHoldings } from './box-facts.ts'
import css from './devices.module.css'
import { useBoxFacts } from './use-boxes.ts'

/** The box, as one entry of the list. */
export function BoxCard({
  box,
  items,
  onChoose,
}: {
  readonly box: Provider
  readonly items: readonly Item[]
  /** Opens the choice of what it keeps. */
  readonly onChoose: () => void
}): ReactNode {
  // A box of a box can't be asked through two stores.
  const isNear = useStore().target === 'local'
  const facts = useBoxFacts(box, isNear)
  const held = holdingsOf(items, box.deviceKey, facts?.modes ?? null)
  const name = visibleName(box.name)
  const forget = useDeed({ link: '' }, async (client, known: string) => {
    await client.unsetProvider(known)
    tellDone(BOXES.forgotten(name))
  })
  const askToForget = async (): Promise<void> => {
    if (await confirm({ title: BOXES.forgetTitle(name), text: BOXES.forgetText, yes: BOXES.forget, danger: true })) forget.mutate(box.name)
  }
  return (
    <li className={css['box']} aria-label={name}>
      <div className={css['boxHead']}>
        <span className={css['picture']} data-live={box.reachable} aria-hidden>
          <HardDrive size={24} strokeWidth={1.75} />
        </span>
        <div>
          <h3>
            <Name of={box.name} />
          </h3>
          <p>{box.role !== null && BOXES.right[box.role]}</p>
        </div>
        <Chip tone={box.reachable ? 'good' : 'slow'}>{box.reachable ? BOXES.reachable : BOXES.away}</Chip>
      </div>
      <p className={css['fact']}>{holdingWords(held, facts, box.reachable)}</p>
      {facts?.space != null && <Room space={facts.space} />}
      {facts?.grant != null && (
        <div className={css['meter']}>
          <ProgressBar label={BOXES.granted} value={facts.grant.used / Math.max(1, facts.grant.quota)} />
          <p>{BOXES.grants(byteWords(facts.grant.used), byteWords(facts.grant.quota))}</p>
        </div>
      )}
      {box.url !== null && (
        <p className={css['address']} dir="ltr">
          {box.url}
        </p>
      )}
      <div className={css['boxFoot']}>
        {isNear && (
          <Link href={`~${targetBase(box.name)}/`} asChild>
            <ButtonLink tone="main" aria-label={BOXES.openOf(name)}>
              <MonitorUp size={16} aria-hidden />
              {BOXES.open}
            </ButtonLink>
          </Link>
        )}
        {isNear && (
          <Button onClick={onChoose} disabled={box.role === 'reader'}>
            <ListChecks size={16} aria-hidden />
            {BOXES.choose}
          </Button>
        )}
        <Menu
          trigger={
            <IconButton label={BOXES.more(name)}>
              <EllipsisVertical size={18} aria-hidden />
            </IconButton>
          }
          entries={[{ label: BOXES.forget, icon: <Unplug size={16} />, danger: true, onSelect: () => void askToForget() }]}
        />
      </div>
    </li>
  )
}

function Room({ space }: { readonly space: NonNullable<BoxFacts['space']> }): ReactNode {
  return (
    <div className={css['meter']}>
      <ProgressBar label={BOXES.space} value={space.disk === 0 ? 0 : 1 - space.free / space.disk} />
      <p>{[BOXES.free(byteWords(space.free)), BOXES.uses(byteWords(space.taken))].join(' · ')}</p>
    </div>
  )
}

function holdingWords(held: BoxHoldings, facts: BoxFacts | null, reachable: boolean): string {
  const count = held.items.length
  const sealed = held.items.filter(({ key }) => facts?.modes?.get(key) === 'keep-blind').length
  return [
    BOXES.keeps(count),
    ...(count === 0 ? [] : [held.whole === count ? BOXES.whole : BOXES.behind(count - held.whole)]),
    ...(sealed === 0 ? [] : [BOXES.blindCount(sealed)]),
    ...(reachable || held.at === null ? [] : [BOXES.seen(momentWords(held.at, new Date()))]),
  ].join(' · ')
}
