/** The first step: what this device is called. */
import { Laptop } from 'lucide-react'
import { useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { TextField } from '../../kit/form.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useSettings } from '../../live/questions.ts'
import { useDeed, useSnapshot, useStore } from '../../live/use-store.tsx'
import { FIRST_RUN } from '../../words/first-run.ts'
import css from './first-run.module.css'
import { StepHead } from './step-head.tsx'

/** The step. */
export function NameStep({ onDone }: { readonly onDone: () => void }): ReactNode {
  const store = useStore()
  const { info } = useSnapshot()
  const settings = useSettings()
  const [typed, setName] = useState<string | null>(null)
  const [isEmpty, setEmpty] = useState(false)
  const name = typed ?? settings.data?.name ?? info?.name ?? ''
  const isFixed = settings.data?.fixed.includes('name') === true
  const rename = useDeed({ link: '', quiet: true }, async (client, wish: string) => {
    await client.changeSettings({ name: wish })
    await store.refresh()
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const wish = name.trim()
    if (wish === '') return setEmpty(true)
    if (isFixed || wish === info?.name) onDone()
    else rename.mutate(wish, { onSuccess: onDone })
  }
  return (
    <form className={css['step']} onSubmit={submit}>
      <StepHead icon={<Laptop size={34} strokeWidth={1.6} />} title={FIRST_RUN.nameTitle}>
        {FIRST_RUN.nameText}
      </StepHead>
      <TextField
        label={FIRST_RUN.name}
        hint={
          isFixed ? FIRST_RUN.nameFixed : settings.data?.afterRestart.includes('name') === true ? FIRST_RUN.nameLater : FIRST_RUN.nameHint
        }
        wrong={isEmpty ? FIRST_RUN.nameWrong : rename.error === null ? null : problemWords(rename.error)}
        readOnly={isFixed}
        maxLength={100}
        dir="auto"
        value={name}
        onChange={(event) => {
          setName(event.target.value)
          setEmpty(false)
        }}
        onFocus={(event) => event.target.select()}
      />
      <div className={css['go']}>
        <Button type="submit" tone="main" disabled={rename.isPending}>
          {FIRST_RUN.next}
        </Button>
      </div>
    </form>
  )
}
