/** Asks who is here: a code from the store's machine, or its token. */
import { useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Segmented, TextField } from '../../kit/form.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { browserName, openSession } from '../../live/session.ts'
import { isRefusal } from '../../live/live-store.ts'
import { LOG_IN } from '../../words/log-in.ts'
import css from './log-in.module.css'

/** The form; on top of the page when the session `ended`. */
export function LogIn({
  onDone,
  wrong,
  ended,
}: {
  readonly onDone: () => void
  readonly wrong: string | null
  readonly ended: boolean
}): ReactNode {
  const [by, setBy] = useState<'code' | 'token'>('token')
  const [text, setText] = useState('')
  const [problem, setProblem] = useState(wrong)
  const [isBusy, setBusy] = useState(false)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    openSession(by === 'token' ? { token: text.trim() } : { code: text.trim(), name: browserName() })
      .then(onDone, (error: unknown) => setProblem(isRefusal(error) ? LOG_IN.unknown[by] : problemWords(error)))
      .finally(() => setBusy(false))
  }
  return (
    <div className={ended ? css['above'] : css['alone']}>
      <form
        className={css['form']}
        onSubmit={submit}
        role={ended ? 'dialog' : undefined}
        aria-labelledby="log-in-title"
        aria-modal={ended || undefined}
      >
        <img src="/icon.svg" alt="" width="48" height="48" />
        <h1 id="log-in-title">{LOG_IN.title}</h1>
        <p>{ended ? LOG_IN.ended : LOG_IN.text}</p>
        <Segmented
          label={LOG_IN.by}
          value={by}
          onChange={setBy}
          options={[
            { value: 'token', label: LOG_IN.token },
            { value: 'code', label: LOG_IN.code },
          ]}
        />
        {/* For what keeps passwords: it files them by name. */}
        <input type="text" name="username" autoComplete="username" defaultValue="owner" hidden />
        <TextField
          key={by}
          label={by === 'token' ? LOG_IN.token : LOG_IN.code}
          type={by === 'token' ? 'password' : 'text'}
          autoComplete={by === 'token' ? 'current-password' : 'one-time-code'}
          required
          autoFocus
          hint={by === 'token' ? LOG_IN.tokenHint : LOG_IN.codeHint}
          wrong={problem}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" tone="main" disabled={isBusy}>
          {LOG_IN.go}
        </Button>
      </form>
    </div>
  )
}
