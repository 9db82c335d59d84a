/** Which sub-folders are on this device: a tree with ticks. */
import { ChevronDown, ChevronRight, Folder } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { confirm } from '../../kit/dialog.tsx'
import { Tick } from '../../kit/form.tsx'
import { Card, Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { FOLDER_SETTINGS as WORDS } from '../../words/folder-settings.ts'
import { visibleName } from '../../words/format.ts'
import { holdsLeftOut, isLeftOut, withTick } from './left-out.ts'
import { nameOf } from './rows.ts'
import { useSubfolders } from './use-subfolders.ts'
import css from './settings.module.css'

/** The card. */
export function LeftOutCard({ item }: { readonly item: Item }): ReactNode {
  const before = item.exclude ?? []
  const [chosen, setChosen] = useState<readonly string[] | null>(null)
  const leftOut = chosen ?? before
  const isSame = leftOut.length === before.length && leftOut.every((path) => before.includes(path))
  const change = useDeed({ link: item.link }, (client, exclude: readonly string[]) =>
    client.changeFolder(item.key, { exclude: [...exclude] }),
  )
  const save = async (): Promise<void> => {
    const isMore = leftOut.some((path) => !isLeftOut(path, before))
    const yes = !isMore || (await confirm({ title: WORDS.leftOutTitle, text: WORDS.leftOutConfirm, yes: WORDS.leftOutSave }))
    if (!yes) return
    change.mutate(leftOut, {
      onSuccess() {
        setChosen(null)
        tellDone(WORDS.saved)
      },
    })
  }
  return (
    <Card title={WORDS.leftOut}>
      <p className={css['hint']}>{WORDS.leftOutText}</p>
      <Branch item={item} path="" leftOut={leftOut} onTick={(path, isHere) => setChosen(withTick(leftOut, path, isHere))} />
      {!isSame && (
        <div className={css['foot']}>
          <Button tone="main" disabled={change.isPending} onClick={() => void save()}>
            {WORDS.leftOutSave}
          </Button>
        </div>
      )}
    </Card>
  )
}

interface Ticks {
  readonly item: Item
  readonly path: string
  readonly leftOut: readonly string[]
  readonly onTick: (path: string, isHere: boolean) => void
}

function Branch({ item, path, leftOut, onTick }: Ticks): ReactNode {
  const folders = useSubfolders(item, path)
  // What is left out here is known by name all the same.
  const all = [...new Set([...(folders.data ?? []), ...leftOut.filter((one) => one.slice(0, Math.max(0, one.lastIndexOf('/'))) === path)])]
  if (folders.isPending) return <Skeleton height="2rem" />
  if (folders.error !== null) return <Notice tone="bad">{problemWords(folders.error)}</Notice>
  if (all.length === 0) return <p className={css['hint']}>{WORDS.noFolders}</p>
  return (
    <ul className={css['tree']}>
      {all.map((one) => (
        <Twig key={one} item={item} path={one} leftOut={leftOut} onTick={onTick} />
      ))}
    </ul>
  )
}

function Twig(props: Ticks): ReactNode {
  const { path, leftOut, onTick } = props
  const [isOpen, setOpen] = useState(false)
  const isOut = isLeftOut(path, leftOut)
  const name = visibleName(nameOf(path))
  const Arrow = isOpen ? ChevronDown : ChevronRight
  return (
    <li>
      <div className={css['twig']}>
        <button
          type="button"
          className={css['fold']}
          aria-expanded={isOpen}
          aria-label={WORDS.unfold(name)}
          onClick={() => setOpen(!isOpen)}
        >
          <Arrow size={16} aria-hidden />
        </button>
        <Tick
          label={WORDS.here(name)}
          checked={!isOut}
          some={!isOut && holdsLeftOut(path, leftOut)}
          onChange={(isHere) => onTick(path, isHere)}
        />
        <Folder size={17} aria-hidden />
        <span dir="auto">{name}</span>
      </div>
      {isOpen && <Branch {...props} />}
    </li>
  )
}
