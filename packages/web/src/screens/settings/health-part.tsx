/** Whether all is well that the store needs, and whether folders are whole. */
import { CircleAlert, CircleCheck, CircleHelp, RefreshCw, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Check } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Chip } from '../../kit/chip.tsx'
import { Card, Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useDoctor } from './use-doctor.ts'
import { SETTINGS } from '../../words/settings.ts'
import css from './settings.module.css'
import { VerifyCard } from './verify-card.tsx'

const ICONS = { ok: CircleCheck, warning: TriangleAlert, wrong: CircleAlert, unknown: CircleHelp } as const
const ORDER: readonly Check['state'][] = ['wrong', 'warning', 'ok', 'unknown']

/** The part. */
export function HealthPart(): ReactNode {
  const { checks, error, isRunning, run } = useDoctor()
  const bad = (checks ?? []).filter(({ state }) => state === 'wrong' || state === 'warning').length
  const sorted = [...(checks ?? [])].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
  return (
    <>
      <Card
        flush
        title={SETTINGS.checks}
        actions={
          <span className={css['keeps']} role="status">
            {isRunning ? (
              <span className={css['hint']}>{SETTINGS.checking}</span>
            ) : (
              checks !== null && <Chip tone={bad === 0 ? 'good' : 'slow'}>{bad === 0 ? SETTINGS.allWell : SETTINGS.someWrong(bad)}</Chip>
            )}
            <Button small disabled={isRunning} onClick={run}>
              <RefreshCw size={15} aria-hidden />
              {SETTINGS.again}
            </Button>
          </span>
        }
      >
        {error !== null && <Notice tone="bad">{problemWords(error)}</Notice>}
        {checks === null && error === null && (
          <div className={css['logBar']}>
            <Skeleton height="14rem" />
          </div>
        )}
        <ul className={css['checks']}>
          {sorted.map((check, index) => (
            <CheckLine key={`${check.name} ${index}`} check={check} />
          ))}
        </ul>
      </Card>
      <VerifyCard />
    </>
  )
}

function CheckLine({ check }: { readonly check: Check }): ReactNode {
  const Icon = ICONS[check.state]
  return (
    <li>
      <Icon size={19} className={css[check.state]} aria-hidden />
      <div>
        <h3>
          {SETTINGS.checkNames[check.name] ?? check.name}
          <small>{SETTINGS.states[check.state]}</small>
        </h3>
        <p>{check.message}</p>
        {check.cure !== null && <p className={css['cure']}>{check.cure}</p>}
      </div>
    </li>
  )
}
