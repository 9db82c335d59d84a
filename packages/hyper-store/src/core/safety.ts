/** The checks that stop a plan before it may destroy: what a vanished, swapped or emptied folder looks like is never propagated. */

/** What is known of a folder before its plan runs. */
export interface SafetyInput {
  readonly rootState: 'present' | 'missing' | 'replaced' | 'unreadable'
  /** True when the root's identity was recorded in an earlier pass; before that nothing can have been replaced. */
  readonly identityKnown: boolean
  /** Files and symlinks that disk and drives last agreed on. */
  readonly syncedFiles: number
  /** Files and symlinks that a whole scan saw; null when only parts were scanned. */
  readonly localFiles: number | null
  readonly plannedUnpublish: number
  readonly plannedRemove: number
  /** True once the user said that this very state is meant. Never helps against a root that is not there. */
  readonly confirmed: boolean
}

/** Outcome of a safety check; `reason` and `cure` fill the sentence of `STOPPED_FOR_SAFETY` (no full stop in `reason`). */
export type SafetyVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string; readonly cure: string }

/** Below this many synced files a mass change is a normal edit. */
const MASS_CHANGE_FROM = 10

const OK: SafetyVerdict = { ok: true }

/** Whether a plan may run. */
export function checkSafety(input: SafetyInput): SafetyVerdict {
  switch (input.rootState) {
    case 'missing':
      return stop('The folder on disk is missing', 'Connect its disk or put the folder back, then run hyper-store resume')
    case 'unreadable':
      return stop('The folder on disk cannot be read', 'Give this user the right to read it, then run hyper-store resume')
    case 'replaced':
      // The first pass has nothing to compare with: whatever is there is the folder.
      if (input.identityKnown && !input.confirmed) {
        return stop('Another folder or disk stands where the folder was', 'If this is meant, run hyper-store resume --confirm')
      }
      break
    case 'present':
      break
  }
  if (input.confirmed) return OK
  if (input.localFiles === 0 && input.syncedFiles > 0 && input.plannedUnpublish > 0) {
    return stop(
      `All ${input.syncedFiles} files of the folder are gone from the disk`,
      'Run hyper-store resume --bring-back to have them again, or resume --confirm if they were deleted on purpose',
    )
  }
  if (isMass(input.plannedUnpublish, input.syncedFiles)) {
    return stop(
      `${input.plannedUnpublish} of ${input.syncedFiles} files are gone from the disk at once`,
      'Run hyper-store resume --bring-back to have them again, or resume --confirm if they were deleted on purpose',
    )
  }
  if (isMass(input.plannedRemove, input.syncedFiles)) {
    return stop(
      `Another device deleted ${input.plannedRemove} of ${input.syncedFiles} files at once`,
      'Run hyper-store resume --confirm to delete them here too',
    )
  }
  return OK
}

function isMass(planned: number, synced: number): boolean {
  return synced >= MASS_CHANGE_FROM && planned * 2 > synced
}

function stop(reason: string, cure: string): SafetyVerdict {
  return { ok: false, reason, cure }
}
