/** What reading a folder to its last byte found, with a button that repairs it. */
import type { ReactNode } from 'react'
import type { VerifyReport } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Chip } from '../../kit/chip.tsx'
import { Notice } from '../../kit/layout.tsx'
import { byteWords, visibleName } from '../../words/format.ts'
import { SETTINGS } from '../../words/settings.ts'
import css from './settings.module.css'

/** Problems that are shown. */
const MOST = 100

/** The result; `onRepair` gets the key of the folder. */
export function VerifyResult({ report, onRepair }: { readonly report: VerifyReport; readonly onRepair: (key: string) => void }): ReactNode {
  const { problems } = report
  const left = problems.filter(({ repaired }) => !repaired).length
  if (problems.length === 0)
    return <Notice tone="good">{SETTINGS.verified(visibleName(report.title), report.files, byteWords(report.bytes))}</Notice>
  return (
    <>
      <Notice tone={left === 0 ? 'good' : 'bad'}>
        {SETTINGS.damaged(problems.length)}
        {left > 0 && (
          <span className={css['keeps']}>
            {SETTINGS.repairHint}
            <Button small onClick={() => onRepair(report.key)}>
              {SETTINGS.repair}
            </Button>
          </span>
        )}
      </Notice>
      <ul className={css['items']}>
        {problems.slice(0, MOST).map((problem, index) => (
          <li key={index}>
            <div>
              <strong dir="auto">{problem.path === null ? SETTINGS.damageKinds[problem.kind] : visibleName(problem.path)}</strong>
              <small>{problem.reason}</small>
            </div>
            {problem.repaired && <Chip tone="good">{SETTINGS.repaired}</Chip>}
          </li>
        ))}
      </ul>
    </>
  )
}
