/** The second step: which folder shall be safe. */
import { FolderHeart } from 'lucide-react'
import { useCallback, useId, useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { SwitchRow } from '../../kit/form.tsx'
import { Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useDeed, useSnapshot, useStore } from '../../live/use-store.tsx'
import { CHOOSER } from '../../words/devices.ts'
import { FIRST_RUN } from '../../words/first-run.ts'
import { visibleName } from '../../words/format.ts'
import { joinPath } from '../devices/disk-paths.ts'
import { FolderChooser } from '../devices/folder-chooser.tsx'
import { useFolders } from '../devices/use-disk.ts'
import css from './first-run.module.css'
import { StepHead } from './step-head.tsx'

/** A folder that is offered. */
interface Offer {
  readonly path: string
  readonly where: string
  /** It is not there yet. */
  readonly isNew: boolean
}

/** The step; `onDone` is told the key of the folder, or null to go on with what is kept already. */
export function FolderStep({ onDone }: { readonly onDone: (key: string | null) => void }): ReactNode {
  const store = useStore()
  const { items } = useSnapshot()
  const { offer, isKnown } = useOffer()
  const [wish, setWish] = useState<'offer' | 'other' | null>(null)
  const [other, setOther] = useState<string | null>(null)
  const [isPrivate, setPrivate] = useState(true)
  const way = wish ?? (offer === null ? 'other' : 'offer')
  const path = way === 'offer' ? (offer?.path ?? null) : other
  const add = useDeed({ link: 'disk', quiet: true }, async (client, chosen: string) => {
    if (way === 'offer' && offer?.isNew === true) await client.makeDiskFolder({ path: chosen })
    return await client.addFolder({ path: chosen, ...(isPrivate ? { private: true } : {}) })
  })
  const onChange = useCallback((next: string | null) => setOther(next), [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (path === null) return
    add.mutate(path, {
      onSuccess: (item) => {
        store.put(item)
        onDone(item.key)
      },
    })
  }
  const kept = (items ?? []).filter((item) => item.kind === 'folder' && item.path !== null)
  return (
    <form className={css['step']} onSubmit={submit}>
      <StepHead icon={<FolderHeart size={34} strokeWidth={1.6} />} title={FIRST_RUN.folderTitle}>
        {FIRST_RUN.folderText}
      </StepHead>
      {isKnown ? (
        <div className={css['offers']} role="radiogroup" aria-label={FIRST_RUN.folder}>
          {offer !== null && (
            <OfferRow
              isChosen={way === 'offer'}
              title={(offer.isNew ? FIRST_RUN.fresh : FIRST_RUN.there)(FIRST_RUN.shared, visibleName(offer.where))}
              text={offer.isNew ? FIRST_RUN.freshText : visibleName(offer.path)}
              onChoose={() => setWish('offer')}
            />
          )}
          <OfferRow isChosen={way === 'other'} title={FIRST_RUN.other} text={FIRST_RUN.otherText} onChoose={() => setWish('other')} />
        </div>
      ) : (
        <Skeleton height="8rem" />
      )}
      {isKnown && way === 'other' && <FolderChooser onChange={onChange} />}
      <SwitchRow label={FIRST_RUN.private} hint={FIRST_RUN.privateHint} checked={isPrivate} onChange={setPrivate} />
      {add.error !== null && <Notice tone="bad">{problemWords(add.error)}</Notice>}
      {kept.length > 0 && <p className={css['quiet']}>{FIRST_RUN.kept(kept.map(({ title }) => visibleName(title)).join(', '))}</p>}
      <div className={css['go']}>
        {kept.length > 0 && <Button onClick={() => onDone(null)}>{FIRST_RUN.keptSkip}</Button>}
        <Button type="submit" tone="main" disabled={path === null || add.isPending}>
          {FIRST_RUN.next}
        </Button>
      </div>
    </form>
  )
}

function OfferRow({
  isChosen,
  title,
  text,
  onChoose,
}: {
  readonly isChosen: boolean
  readonly title: string
  readonly text: string
  readonly onChoose: () => void
}): ReactNode {
  const id = useId()
  return (
    <label className={css['offer']} data-chosen={isChosen}>
      <input
        type="radio"
        name="folder"
        checked={isChosen}
        onChange={onChoose}
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-text`}
      />
      <span>
        <strong id={`${id}-title`} dir="auto">
          {title}
        </strong>
        <span id={`${id}-text`} dir="auto">
          {text}
        </span>
      </span>
    </label>
  )
}

/** A folder “Shared” in the documents, or in the home where there are none; none when that is kept already. */
function useOffer(): { readonly offer: Offer | null; readonly isKnown: boolean } {
  const home = useFolders(null)
  const documents = home.listing?.folders.find(({ name }) => name === 'Documents')
  const inside = useFolders(documents?.path ?? null)
  if (home.problem !== null || inside.problem !== null) return { offer: null, isKnown: true }
  const listing = documents === undefined ? home.listing : inside.listing
  if (listing === null) return { offer: null, isKnown: false }
  const there = listing.folders.find(({ name }) => name === FIRST_RUN.shared)
  // A second one beside it would only confuse.
  if (there?.keptAs != null || documents?.keptAs != null) return { offer: null, isKnown: true }
  const where = documents === undefined ? CHOOSER.home.toLowerCase() : documents.name
  return { offer: { path: there?.path ?? joinPath(listing.path, FIRST_RUN.shared), where, isNew: there === undefined }, isKnown: true }
}
