/** What is done with a folder from the overview. */
import type { Item } from '@hyper-store/client'
import { useLocation } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { confirm } from '../../kit/dialog.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed, useStore } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { OVERVIEW } from '../../words/overview.ts'

/** The deeds of one folder; what goes wrong is told in a toast. */
export interface FolderDeeds {
  readonly busy: boolean
  readonly pause: () => void
  /** `confirmed`: what was stopped to be safe may be done. */
  readonly resume: (confirmed?: boolean) => void
  readonly check: () => void
  readonly keepOn: (box: string) => void
  /** Asks before. */
  readonly stop: () => void
  readonly share: () => void
}

/** Deeds of `item`. */
export function useFolderDeeds(item: Item): FolderDeeds {
  const store = useStore()
  const [, navigate] = useLocation()
  const title = visibleName(item.title)
  const pause = useDeed({ link: item.link }, async (client) => store.put(await client.pauseFolder(item.key)))
  const resume = useDeed({ link: item.link }, async (client, isConfirmed: boolean) =>
    store.put(await client.resumeFolder(item.key, isConfirmed ? { confirm: true } : {})),
  )
  const check = useDeed({ link: item.link }, async (client) => {
    store.put(await client.rescanFolder(item.key))
    tellDone(OVERVIEW.checked(title))
  })
  const keepOn = useDeed({ link: item.link }, async (client, box: string) => {
    store.put(await client.addFolder({ ...(item.path === null ? { link: item.link } : { path: item.path }), provider: box }))
    tellDone(OVERVIEW.keptOn(title, visibleName(box)))
  })
  const remove = useDeed({ link: item.link }, async (client) => {
    await client.removeFolder(item.key, {})
    tellDone(OVERVIEW.stopped(title))
  })
  const stop = async (): Promise<void> => {
    const text = OVERVIEW.stopText(item.path === null ? null : visibleName(item.path))
    if (await confirm({ title: OVERVIEW.stopTitle(title), text, yes: OVERVIEW.stop, danger: true })) remove.mutate(null)
  }
  return {
    busy: pause.isPending || resume.isPending || check.isPending || keepOn.isPending || remove.isPending,
    pause: () => pause.mutate(null),
    resume: (confirmed = false) => resume.mutate(confirmed),
    check: () => check.mutate(null),
    keepOn: (box) => keepOn.mutate(box),
    stop: () => void stop(),
    share: () => navigate(folderPlace(item.key, { part: 'people' })),
  }
}
