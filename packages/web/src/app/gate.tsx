/** Lets the page be seen by whom the store knows; who it does not know any more logs in on top of what is shown, and goes on. */
import { useEffect, useState, useSyncExternalStore } from 'react'
import type { ReactNode } from 'react'
import { openSession } from '../live/session.ts'
import type { Proof } from '../live/session.ts'
import { queries, storeOf } from '../live/use-store.tsx'
import { problemWords } from '../kit/toasts.tsx'
import { LogIn } from '../screens/log-in/log-in.tsx'
import { Splash } from './splash.tsx'

/** Holds the page back until the store has said who is here. */
export function Gate({ proof, children }: { readonly proof: Proof | null; readonly children: ReactNode }): ReactNode {
  const [wrong, setWrong] = useState<string | null>(null)
  const [isProving, setProving] = useState(proof !== null)
  useEffect(() => {
    if (proof === null) return
    openSession(proof)
      .catch((error: unknown) => setWrong(problemWords(error)))
      .finally(() => setProving(false))
  }, [proof])
  if (isProving) return <Splash problem={null} />
  return <Known wrong={wrong}>{children}</Known>
}

function Known({ wrong, children }: { readonly wrong: string | null; readonly children: ReactNode }): ReactNode {
  const store = storeOf('local')
  const { connection, info, items, problem } = useSyncExternalStore(
    (listener) => store.subscribe(listener),
    () => store.snapshot,
  )
  const enter = (): void => {
    store.start()
    void queries.invalidateQueries()
  }
  if (connection === 'refused') {
    const isSeen = items !== null
    return (
      <>
        {isSeen && children}
        <LogIn onDone={enter} wrong={wrong} ended={isSeen} />
      </>
    )
  }
  if (info === null || items === null) return <Splash problem={problem} />
  return children
}
