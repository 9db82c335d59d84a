/** Lists of links that this store, or a box, follows. */
import type { FollowedList } from '@hyper-store/client'
import { ListTree, Plus } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Choice, TextField } from '../../kit/form.tsx'
import { Card, Skeleton } from '../../kit/layout.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { useAnswer, useDeed, useStore } from '../../live/use-store.tsx'
import { LISTS } from '../../words/devices.ts'
import { momentWords, visibleName } from '../../words/format.ts'
import { KIT } from '../../words/kit.ts'
import { boxSays } from './box-facts.ts'
import css from './devices.module.css'
import { useBoxes } from './use-boxes.ts'

const HERE = ''
/** What a list says, and what is wrong with it, is told by no event. */
const LISTS_MS = 2500

/** The lists of this store. */
export function Lists(): ReactNode {
  const lists = useAnswer({ link: '', name: ['lists'] }, (client, signal) => client.listLists({ signal }))
  const { refetch } = lists
  const hasLists = lists.data !== undefined && lists.data.length > 0
  useEffect(() => {
    if (!hasLists) return undefined
    const timer = setInterval(() => void refetch(), LISTS_MS)
    return () => clearInterval(timer)
  }, [hasLists, refetch])
  const [isAdding, setAdding] = useState(false)
  return (
    <section className={css['section']} aria-labelledby="lists">
      <div className={css['sectionHead']}>
        <h2 id="lists">{LISTS.title}</h2>
        <Button onClick={() => setAdding(true)}>
          <Plus size={17} aria-hidden />
          {LISTS.follow}
        </Button>
      </div>
      <p className={css['quiet']}>{LISTS.text}</p>
      {lists.data === undefined ? (
        <Skeleton height="3rem" />
      ) : lists.data.length === 0 ? (
        <p className={css['quiet']}>{LISTS.none}</p>
      ) : (
        <Card flush>
          <ul className={css['rows']} aria-labelledby="lists">
            {lists.data.map((list) => (
              <ListRow key={list.id} list={list} />
            ))}
          </ul>
        </Card>
      )}
      {isAdding && <FollowDialog onClose={() => setAdding(false)} />}
    </section>
  )
}

function ListRow({ list }: { readonly list: FollowedList }): ReactNode {
  const source = visibleName(list.source)
  const unfollow = useDeed({ link: '' }, async (client, id: string) => {
    await client.unfollowList(id)
    tellDone(LISTS.unfollowed)
  })
  return (
    <li className={css['row']}>
      <span className={css['picture']} aria-hidden>
        <ListTree size={20} strokeWidth={1.75} />
      </span>
      <div>
        <h3 dir="auto">{source}</h3>
        <p>{LISTS.holds(list.links.length, list.at === null ? null : momentWords(list.at, new Date()))}</p>
        {list.problem !== null && <p className={css['wrong']}>{list.problem.message}</p>}
      </div>
      <Button small aria-label={LISTS.unfollowOf(source)} disabled={unfollow.isPending} onClick={() => unfollow.mutate(list.id)}>
        {LISTS.unfollow}
      </Button>
    </li>
  )
}

function FollowDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const id = useId()
  const isNear = useStore().target === 'local'
  const { boxes } = useBoxes()
  const [source, setSource] = useState('')
  const [on, setOn] = useState(HERE)
  const follow = useDeed({ link: '', quiet: true }, (client, box: string) =>
    box === HERE ? client.followList({ source: source.trim() }) : boxSays(box, client.followList({ source: source.trim(), provider: box })),
  )
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (source.trim() !== '') follow.mutate(on, { onSuccess: onClose })
  }
  const others = isNear ? (boxes ?? []) : []
  return (
    <Dialog
      open
      onClose={onClose}
      title={LISTS.follow}
      foot={
        <>
          <Button onClick={onClose}>{KIT.cancel}</Button>
          <Button tone="main" type="submit" form={id} disabled={follow.isPending || source.trim() === ''}>
            {LISTS.go}
          </Button>
        </>
      }
    >
      <form id={id} className={css['form']} onSubmit={submit}>
        <TextField
          label={LISTS.source}
          hint={LISTS.sourceHint}
          wrong={follow.error === null ? null : problemWords(follow.error)}
          autoCapitalize="none"
          maxLength={4096}
          value={source}
          onChange={(event) => {
            setSource(event.target.value)
            follow.reset()
          }}
        />
        {others.length > 0 && (
          <Choice
            label={LISTS.on}
            value={on}
            options={[{ value: HERE, label: LISTS.here }, ...others.map(({ name }) => ({ value: name, label: visibleName(name) }))]}
            onChange={setOn}
          />
        )}
      </form>
    </Dialog>
  )
}
