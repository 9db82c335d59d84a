/** The first three steps: name this device, choose a folder, pair a box that is always on; then how the folder gets there. */
import { Check } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { useLocation } from 'wouter'
import { PLACES } from '../../app/places.ts'
import { Button } from '../../kit/button.tsx'
import { useSnapshot } from '../../live/use-store.tsx'
import { FIRST_RUN } from '../../words/first-run.ts'
import css from './first-run.module.css'
import { isFirstRunDone, setFirstRunDone } from './first-run-done.ts'
import { FolderStep } from './folder-step.tsx'
import { NameStep } from './name-step.tsx'
import { BoxStep } from './box-step.tsx'
import { TheEnd } from './the-end.tsx'

/** The screen. Each step holds as soon as it is done, so that one can leave at any time. */
export function FirstRun(): ReactNode {
  const { info } = useSnapshot()
  const [, navigate] = useLocation()
  const [step, setStep] = useState(0)
  // What the third step is about; null: what is kept already.
  const [folder, setFolder] = useState<string | null>(null)
  const [box, setBox] = useState<string | null>(null)
  const next = useCallback(() => setStep((now) => now + 1), [])
  const head = useRef<HTMLDivElement>(null)
  const deviceKey = info?.deviceKey ?? ''
  useEffect(() => {
    if (step === 3) setFirstRunDone(deviceKey)
    // What was pressed is gone: whoever hears or goes by keys goes on at the title of the next step.
    if (step > 0) head.current?.querySelector('h1')?.focus()
  }, [step, deviceKey])
  const leave = (): void => {
    setFirstRunDone(deviceKey)
    navigate(PLACES.home)
  }
  return (
    <div className={css['screen']}>
      <Steps step={step} />
      <div ref={head} className={css['card']}>
        {step === 0 && <NameStep onDone={next} />}
        {step === 1 && (
          <FolderStep
            onDone={(key) => {
              setFolder(key)
              next()
            }}
          />
        )}
        {step === 2 && (
          <BoxStep
            folder={folder}
            onDone={(name) => {
              setBox(name)
              next()
            }}
          />
        )}
        {step === 3 && <TheEnd folder={folder} box={box} />}
      </div>
      {step < 3 && (
        <div className={css['around']}>
          {step > 0 ? (
            <Button tone="quiet" onClick={() => setStep(step - 1)}>
              {FIRST_RUN.back}
            </Button>
          ) : (
            <span />
          )}
          <Button tone="quiet" onClick={leave}>
            {isFirstRunDone(deviceKey) ? FIRST_RUN.home : FIRST_RUN.skip}
          </Button>
        </div>
      )}
    </div>
  )
}

function Steps({ step }: { readonly step: number }): ReactNode {
  const { steps } = FIRST_RUN
  return (
    <ol className={css['steps']} aria-label={FIRST_RUN.step(Math.min(step + 1, steps.length), steps.length)}>
      {steps.map((name, index) => (
        <li
          key={name}
          data-state={index < step ? 'done' : index === step ? 'now' : 'later'}
          aria-current={index === step ? 'step' : undefined}
        >
          <i aria-hidden>{index < step ? <Check size={15} strokeWidth={3} /> : index + 1}</i>
          <span>{name}</span>
        </li>
      ))}
    </ol>
  )
}
