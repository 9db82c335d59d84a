/** The sentence on top: whether everything is safe, where and since when; or what is the matter. */
import { CirclePause, CloudOff, HardDrive, Hourglass, Link2Off, ShieldAlert, ShieldCheck, RefreshCw } from 'lucide-react'
import type { Item } from '@hyper-store/client'
import { useMemo } from 'react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { PLACES } from '../../app/places.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { byteWords, countWords, leftWords, momentWords, visibleName } from '../../words/format.ts'
import { BESIDES, HEADLINE_HINTS, HEADLINES, OVERVIEW } from '../../words/overview.ts'
import { DeviceRings } from './device-rings.tsx'
import css from './headline.module.css'
import { Names, Sentence } from './pieces.tsx'
import { useNow } from './use-now.ts'
import { useSendPace } from './use-send-pace.ts'
import { headlineOf, verdictOf } from './verdict.ts'
import type { Headline as Concluded, Standing } from './verdict.ts'

const LOOKS = {
  safe: { tone: 'good', icon: ShieldCheck },
  going: { tone: 'busy', icon: RefreshCw },
  coming: { tone: 'busy', icon: RefreshCw },
  stuck: { tone: 'bad', icon: ShieldAlert },
  alone: { tone: 'slow', icon: Link2Off },
  off: { tone: 'slow', icon: CloudOff },
  waiting: { tone: 'slow', icon: Hourglass },
  paused: { tone: 'still', icon: CirclePause },
} as const satisfies Record<Standing, unknown>

/** The head of the overview; there is at least one folder. `actions` stand at its end, `boxes` are names of those that are paired. */
export function Headline({
  items,
  boxes,
  actions,
}: {
  readonly items: readonly Item[]
  readonly boxes: readonly string[]
  readonly actions: ReactNode
}): ReactNode {
  const head = useMemo(() => headlineOf(items), [items])
  const left = useSendPace(items)
  const now = useNow()
  const standing = head.standing === 'none' ? 'safe' : head.standing
  // What is kept for others alone is not made safe elsewhere: it is whole here.
  const isKeeper = items.every(({ role }) => role === 'keeper' || role === 'reader')
  const { tone, icon: Icon } = LOOKS[standing]
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0)
  return (
    <section className={css['head']} data-tone={tone}>
      <div className={css['picture']} data-busy={tone === 'busy'} aria-hidden>
        <Icon size={34} strokeWidth={1.75} />
      </div>
      <div className={css['words']}>
        <h1>
          <Sentence of={sentence(head, { isKeeper, left: left === null ? null : leftWords(left), now })} />
        </h1>
        <p>
          {standing === 'alone' && boxes.length > 0
            ? HEADLINE_HINTS.aloneWithBox
            : HEADLINE_HINTS[standing === 'safe' && isKeeper ? 'whole' : standing]}
        </p>
        <p className={css['facts']}>
          {[
            `${countWords(items.length, 'folder')}, ${byteWords(bytes)}`,
            ...head.besides.map((one) => BESIDES[one.standing](one.folders)),
          ].join(' · ')}
        </p>
        <div className={css['actions']}>
          {standing === 'alone' && boxes[0] !== undefined && <KeepOn box={boxes[0]} items={items} />}
          {standing === 'alone' && boxes.length === 0 && (
            <Link href={PLACES.devices} asChild>
              <ButtonLink tone="main">{OVERVIEW.pairBox}</ButtonLink>
            </Link>
          )}
          {actions}
        </div>
      </div>
      <DeviceRings items={items} now={now} />
      {/* The time left changes all the time: what is read out has none. */}
      <p className="visually-hidden" role="status">
        <Sentence of={sentence(head, { isKeeper, left: null, now })} />
      </p>
    </section>
  )
}

/** Has a box keep all that nobody else has. */
function KeepOn({ box, items }: { readonly box: string; readonly items: readonly Item[] }): ReactNode {
  const name = visibleName(box)
  const keep = useDeed({ link: '' }, async (client, alone: readonly Item[]) => {
    for (const { path, link } of alone) await client.addFolder({ ...(path === null ? { link } : { path }), provider: box })
    tellDone(OVERVIEW.allKeptOn(name))
  })
  return (
    <Button tone="main" disabled={keep.isPending} onClick={() => keep.mutate(items.filter((item) => verdictOf(item).standing === 'alone'))}>
      <HardDrive size={17} aria-hidden />
      {OVERVIEW.keepAllOn(name)}
    </Button>
  )
}

function sentence(head: Concluded, about: { isKeeper: boolean; left: string | null; now: Date }): readonly ReactNode[] {
  const names = <Names of={head.names} />
  const when = head.at === null ? null : momentWords(head.at, about.now)
  switch (head.standing) {
    case 'none':
    case 'safe':
      return about.isKeeper ? HEADLINES.whole(names, when) : HEADLINES.safe(names, when)
    case 'going':
      return HEADLINES.going(head.folders, names, about.left)
    case 'off':
      return HEADLINES.off(head.folders, names)
    case 'coming':
      return HEADLINES.coming(head.folders, about.left)
    case 'stuck':
    case 'alone':
    case 'waiting':
    case 'paused':
      return HEADLINES[head.standing](head.folders)
  }
}
