/** The slider over the history of a folder: which moment is shown, how much changed when, and bringing back. */
import type { HistoryVersion, Item } from '@hyper-store/client'
import { ChevronsLeft, Undo2, X } from 'lucide-react'
import { lazy, Suspense, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import type { FolderPlace } from '../../app/places.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Notice, Skeleton } from '../../kit/layout.tsx'
import { Slider } from '../../kit/slider.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useSnapshot } from '../../live/use-store.tsx'
import { momentWords, visibleName } from '../../words/format.ts'
import { HISTORY } from '../../words/history.ts'
import { rightsOf } from '../folder/rights.ts'
import { DateField } from './date-field.tsx'
import { barsOf, dayWords, timeWords } from './moments.ts'
import { useMoment } from './use-moment.ts'
import { useVersions } from './use-versions.ts'
import css from './time.module.css'

const RestoreDialog = lazy(async () => ({ default: (await import('./restore-dialog.tsx')).RestoreDialog }))

const MOST_BARS = 140

/** The panel. */
export function TimePanel({
  item,
  place,
  takesFocus,
  onShut,
}: {
  readonly item: Item
  readonly place: FolderPlace
  /** It was just opened by its button: the knob gets the focus. */
  readonly takesFocus: boolean
  readonly onShut: () => void
}): ReactNode {
  const { key: folder, link } = item
  const { info } = useSnapshot()
  const found = useVersions({ folder, link, path: '', enabled: true })
  const moment = useMoment(folder, place, found)
  const { stops, stop, isNow } = moment
  const [isRestoring, setRestoring] = useState(false)
  const panel = useRef<HTMLElement>(null)
  const hint = useId()
  const isReady = stops.length > 1
  const wantsFocus = useRef(takesFocus)
  useEffect(() => {
    if (!isReady || !wantsFocus.current) return
    wantsFocus.current = false
    panel.current?.querySelector<HTMLElement>('input[type=range]')?.focus()
  }, [isReady])
  const shown = stops[stop]
  const canRestore = rightsOf(item, info?.role ?? null, null).why === null
  const now = new Date()
  const said = shown === undefined ? '' : HISTORY.moment(whenWords(shown, now), shown.version, visibleName(shown.device))
  return (
    <section ref={panel} className={css['panel']} aria-label={HISTORY.timeTravel}>
      <div className={css['head']}>
        {shown === undefined ? <Skeleton width="14rem" height="1.6rem" /> : <Head shown={shown} isNow={isNow} now={now} />}
        <div className={css['tools']}>
          <DateField at={shown?.at ?? null} onGo={moment.goToTime} />
          <Button small disabled={isNow} onClick={moment.goToNow}>
            {HISTORY.now}
          </Button>
          <IconButton
            small
            label={HISTORY.shut}
            onClick={() => {
              if (!isNow) moment.goToNow()
              onShut()
            }}
          >
            <X size={17} aria-hidden />
          </IconButton>
        </div>
      </div>
      {found.problem !== null && <Notice tone="bad">{problemWords(found.problem)}</Notice>}
      {moment.isTooEarly && <Notice>{HISTORY.noSuchDay}</Notice>}
      {found.versions !== null && !isReady && <p className={css['soft']}>{HISTORY.onlyOne}</p>}
      {isReady && (
        <>
          <Slider
            label={HISTORY.slider}
            value={stop}
            max={stops.length - 1}
            words={isNow ? HISTORY.isNow(said) : said}
            hint={hint}
            onChange={moment.goTo}
          >
            <Bars stops={stops} stop={stop} />
          </Slider>
          <p id={hint} className="visually-hidden">
            {HISTORY.sliderHint}
          </p>
          <div className={css['ends']}>
            <span>
              {firstWords(stops, now)}
              {found.more && (
                <Button small tone="quiet" disabled={found.isLoadingMore || moment.isSeeking} onClick={found.loadMore}>
                  <ChevronsLeft size={15} aria-hidden />
                  {HISTORY.olderOnes}
                </Button>
              )}
            </span>
            {!isNow && canRestore && (
              <Button small onClick={() => setRestoring(true)}>
                <Undo2 size={15} aria-hidden />
                {HISTORY.restoreHere}
              </Button>
            )}
            <span>{HISTORY.now}</span>
          </div>
        </>
      )}
      {isRestoring && shown !== undefined && (
        <Suspense fallback={null}>
          <RestoreDialog
            folder={folder}
            path={place.path}
            version={shown.version}
            onClose={() => setRestoring(false)}
            onDone={moment.goToNow}
          />
        </Suspense>
      )}
    </section>
  )
}

function Head({ shown, isNow, now }: { readonly shown: HistoryVersion; readonly isNow: boolean; readonly now: Date }): ReactNode {
  const at = shown.at === null ? null : new Date(shown.at)
  const when = whenWords(shown, now)
  const by = (
    <span className={css['facts']}>
      {isNow ? (
        <span dir="auto">
          {HISTORY.last(shown.at === null ? HISTORY.unknownTime : momentWords(shown.at, now), visibleName(shown.device))}
        </span>
      ) : (
        <>
          {HISTORY.version(shown.version)} · <span dir="auto">{visibleName(shown.device)}</span> · {HISTORY.changes(shown.count)}
        </>
      )}
    </span>
  )
  return (
    <p className={css['moment']} role="status">
      <time {...(at === null ? {} : { dateTime: at.toISOString() })}>{isNow ? HISTORY.now : when}</time>
      {by}
    </p>
  )
}

function Bars({ stops, stop }: { readonly stops: readonly HistoryVersion[]; readonly stop: number }): ReactNode {
  const bars = useMemo(() => barsOf(stops, MOST_BARS), [stops])
  return bars.map((bar) => (
    <i
      key={bar.stop}
      className={css['bar']}
      data-when={bar.stop === stop ? 'at' : bar.stop < stop ? 'before' : 'after'}
      style={{ left: `${bar.at * 100}%`, height: `${bar.height * 100}%` }}
    />
  ))
}

/** `Tuesday 3 Nov, 10:32`. */
function whenWords({ at }: HistoryVersion, now: Date): string {
  return at === null ? HISTORY.unknownTime : `${dayWords(new Date(at), now)}, ${timeWords(new Date(at))}`
}

/** When the oldest version was that has a time. */
function firstWords(stops: readonly HistoryVersion[], now: Date): string {
  const at = stops.find((stop) => stop.at !== null)?.at ?? null
  return at === null ? '' : momentWords(at, now)
}
