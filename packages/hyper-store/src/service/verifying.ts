/** A verification under way, as its parts share it. */
import { errorCode, type AppError, type VerifyReport } from '@hyper-store/client/contract'
import type { CoreOf } from '../hyper/content-read.ts'
import type { State } from '../state/state.ts'
import type { KeptFolder } from './kept-folder.ts'

/** One line of the report. */
export type Problem = VerifyReport['problems'][number]

/** What is verified, how, and what was found so far. */
export interface Verifying {
  readonly folder: KeptFolder
  readonly state: State
  readonly repair: boolean
  readonly signal: AbortSignal | undefined
  readonly coreOf: CoreOf
  readonly problems: Problem[]
}

/** An error as the end of a sentence for people. */
export function reasonOf(error: unknown): string {
  const code = errorCode(error)
  if (code === 'NO_PEER') return 'it is not here, and no device that is on has it'
  if (code === 'DEFECT') return String((error as AppError).data['reason'])
  return error instanceof Error ? error.message : String(error)
}
