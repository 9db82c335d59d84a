/** Pairs a box: its line is pasted, read, and sent to the store. Used by the screen of the boxes and by the first steps. */
import { AppError } from '@hyper-store/client'
import type { ErrorCode, Provider } from '@hyper-store/client'
import { useId, useState } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { CopyText } from '../../kit/copy.tsx'
import { TextField } from '../../kit/form.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { isRefusal } from '../../live/live-store.ts'
import { useDeed } from '../../live/use-store.tsx'
import { PAIR_BOX } from '../../words/devices.ts'
import { KIT } from '../../words/kit.ts'
import css from './devices.module.css'
import { isBoxName, parsePairLine } from './pair-line.ts'
import { useBoxes } from './use-boxes.ts'

const SENTENCES: Partial<Record<ErrorCode, string>> = {
  WRONG_CODE: PAIR_BOX.wrongCode,
  EXPIRED_CODE: PAIR_BOX.expiredCode,
  PROVIDER_UNREACHABLE: PAIR_BOX.unreachable,
  NOT_A_STORE: PAIR_BOX.notAStore,
}

/** The form; its buttons stand elsewhere and send it by its `id`. `onDone` is told the box. */
export function PairBoxForm({
  id,
  onBusy,
  onDone,
}: {
  readonly id: string
  readonly onBusy: (isBusy: boolean) => void
  readonly onDone: (box: Provider) => void
}): ReactNode {
  const { boxes } = useBoxes()
  const [line, setLine] = useState('')
  const [name, setName] = useState<string | null>(null)
  const [wrong, setWrong] = useState<{ readonly at: 'line' | 'name'; readonly why: string } | null>(null)
  const read = parsePairLine(line)
  const suggested = 'target' in read && read.name !== '' ? read.name : ''
  const shownName = name ?? suggested
  const pair = useDeed({ link: '', quiet: true }, async (client, input: { readonly name: string; readonly target: string }) => {
    try {
      return await client.setProvider(input.name, { target: input.target })
    } catch (error) {
      // It is the box that does not know this store; the browser's own right is another matter.
      throw isRefusal(error) ? new AppError('WRONG_CODE') : error
    }
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (pair.isPending) return
    if ('problem' in read) return setWrong({ at: 'line', why: read.problem === 'code' ? PAIR_BOX.noCode : PAIR_BOX.wrongLine })
    const chosen = shownName.trim() === '' ? PAIR_BOX.defaultName : shownName.trim()
    if (!isBoxName(chosen)) return setWrong({ at: 'name', why: PAIR_BOX.wrongName })
    if (boxes?.some((box) => box.name === chosen) === true) return setWrong({ at: 'name', why: PAIR_BOX.taken(chosen) })
    setWrong(null)
    onBusy(true)
    // As a promise: once the box is known, this form may be gone.
    pair
      .mutateAsync({ name: chosen, target: read.target })
      .then(onDone, (error: unknown) =>
        setWrong({ at: 'line', why: (error instanceof AppError ? SENTENCES[error.code] : undefined) ?? problemWords(error) }),
      )
      .finally(() => onBusy(false))
  }
  return (
    <form id={id} className={css['form']} onSubmit={submit}>
      <HowTo />
      <TextField
        label={PAIR_BOX.line}
        hint={PAIR_BOX.lineHint}
        wrong={wrong?.at === 'line' ? wrong.why : null}
        autoCapitalize="none"
        value={line}
        onChange={(event) => {
          setLine(event.target.value)
          setWrong(null)
        }}
      />
      <TextField
        label={PAIR_BOX.name}
        wrong={wrong?.at === 'name' ? wrong.why : null}
        placeholder={PAIR_BOX.defaultName}
        maxLength={100}
        dir="auto"
        value={shownName}
        onChange={(event) => {
          setName(event.target.value)
          setWrong(null)
        }}
      />
    </form>
  )
}

function HowTo(): ReactNode {
  const [first, second, third] = PAIR_BOX.steps
  return (
    <ol className={css['howTo']} aria-label={PAIR_BOX.how}>
      <li>{first}</li>
      <li>
        {second}
        <CopyText text={PAIR_BOX.command} label={PAIR_BOX.commandLabel} />
      </li>
      <li>{third}</li>
    </ol>
  )
}

/** The same as a dialog. */
export function PairBoxDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }): ReactNode {
  const id = useId()
  const [isBusy, setBusy] = useState(false)
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={PAIR_BOX.title}
      foot={
        <>
          <Button onClick={onClose}>{KIT.cancel}</Button>
          <Button tone="main" type="submit" form={id} disabled={isBusy}>
            {isBusy ? PAIR_BOX.going : PAIR_BOX.go}
          </Button>
        </>
      }
    >
      <PairBoxForm
        id={id}
        onBusy={setBusy}
        onDone={({ name }) => {
          tellDone(PAIR_BOX.done(name))
          onClose()
        }}
      />
    </Dialog>
  )
}
