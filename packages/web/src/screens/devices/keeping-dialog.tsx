/** What a box keeps of the things of this store: each not at all, readable for it, or sealed. */
import type { Item, Provider } from '@hyper-store/client'
import { Folder, Table2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { confirm, Dialog } from '../../kit/dialog.tsx'
import { Choice } from '../../kit/form.tsx'
import { Notice } from '../../kit/layout.tsx'
import { Name } from '../../kit/name.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { queries, useDeed, useStore } from '../../live/use-store.tsx'
import { KEEPING } from '../../words/devices.ts'
import { factWords, shareWords, visibleName } from '../../words/format.ts'
import css from './devices.module.css'
import { isElsewhere, keepOn, keptHow } from './keeping.ts'
import type { KeptHow } from './keeping.ts'
import { OF_BOXES, useBoxFacts } from './use-boxes.ts'

/** The dialog; open as long as it is there. */
export function KeepingDialog({
  box,
  items,
  onClose,
}: {
  readonly box: Provider
  readonly items: readonly Item[]
  readonly onClose: () => void
}): ReactNode {
  const facts = useBoxFacts(box, true)
  const name = visibleName(box.name)
  const own = items.filter(({ role }) => role !== 'keeper')
  return (
    <Dialog open onClose={onClose} title={KEEPING.title(name)} foot={<Button onClick={onClose}>{KEEPING.done}</Button>}>
      <p className={css['quiet']}>{KEEPING.text}</p>
      {!box.reachable && <Notice tone="slow">{KEEPING.away(name)}</Notice>}
      {own.length === 0 ? (
        <p>{KEEPING.none}</p>
      ) : (
        <ul className={css['keeping']} aria-label={KEEPING.title(name)}>
          {own.map((item) => (
            <Kept
              key={item.key}
              box={box}
              item={item}
              how={keptHow(item, box, facts?.modes ?? null)}
              isTold={box.reachable && facts?.modes != null}
            />
          ))}
        </ul>
      )}
    </Dialog>
  )
}

function Kept({
  box,
  item,
  how,
  isTold,
}: {
  readonly box: Provider
  readonly item: Item
  readonly how: KeptHow
  /** The box has said so itself. */
  readonly isTold: boolean
}): ReactNode {
  const store = useStore()
  const name = visibleName(box.name)
  const title = visibleName(item.title)
  const device = item.devices.find(({ key }) => key === box.deviceKey)
  const change = useDeed({ link: OF_BOXES }, async (client, wish: KeptHow) => {
    store.put(await keepOn(client, { box: box.name, item, from: how, to: wish }))
    tellDone(wish === 'not' ? KEEPING.stopped(title, name) : KEEPING.begun(title, name))
    await queries.invalidateQueries({ queryKey: [store.target, ''] })
  })
  const wish = async (to: KeptHow): Promise<void> => {
    if (to === how || !(await isMeant(to))) return
    change.mutate(to)
  }
  const isMeant = async (to: KeptHow): Promise<boolean> => {
    if (to === 'not')
      return await confirm({ title: KEEPING.stopTitle(title, name), text: KEEPING.stopText, yes: KEEPING.stopYes, danger: true })
    if (how === 'trusted') return await confirm({ title: KEEPING.sealTitle(title, name), text: KEEPING.sealText, yes: KEEPING.sealYes })
    if (to === 'trusted' && item.private)
      return await confirm({ title: KEEPING.trustTitle(title, name), text: KEEPING.trustText, yes: KEEPING.trustYes })
    return true
  }
  const isBound = how !== 'not' && !isElsewhere(item, box)
  const there = how === 'not' || device === undefined ? null : device.complete ? KEEPING.whole : KEEPING.share(shareWords(device.progress))
  return (
    <li>
      {item.kind === 'table' ? <Table2 size={18} aria-hidden /> : <Folder size={18} aria-hidden />}
      <div>
        <strong>
          <Name of={item.title} />
        </strong>
        <span>{[there, factWords({ ...item, path: null })].filter((words) => words !== null).join(' · ')}</span>
        {isBound && <span>{KEEPING.onlyThere(name)}</span>}
        {!item.private && <span>{KEEPING.onlyPrivate}</span>}
      </div>
      <Choice
        label={KEEPING.how(title, name)}
        hideLabel
        value={how}
        disabled={change.isPending || !isTold || isBound}
        options={[
          { value: 'not', label: KEEPING.notKept },
          { value: 'trusted', label: KEEPING.trusted },
          ...(how === 'kept' ? [{ value: 'kept' as const, label: KEEPING.kept }] : []),
          ...(item.private ? [{ value: 'sealed' as const, label: KEEPING.sealed }] : []),
        ]}
        onChange={(to) => void wish(to)}
      />
    </li>
  )
}
