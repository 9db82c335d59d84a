/** How files are shown in this browser: as a list or as pictures, and in which order. */
import { keptChoice, useChoice } from '../../live/kept-choice.ts'
import { SORTS } from './rows.ts'
import type { Sort } from './rows.ts'

/** What is chosen. */
export interface ViewChoices {
  readonly look: 'list' | 'grid'
  readonly sort: Sort
}

const choices = keptChoice<ViewChoices>('hyper-store.files', (known) => {
  const { look, sort } = (known ?? {}) as { look?: unknown; sort?: { by?: unknown; down?: unknown } | null }
  return {
    look: look === 'grid' ? 'grid' : 'list',
    sort: { by: SORTS.find((one) => one === sort?.by) ?? 'name', down: sort?.down === true },
  }
})

/** Chooses, for this browser. */
export function chooseView(change: Partial<ViewChoices>): void {
  choices.set({ ...choices.get(), ...change })
}

/** The choices, live. */
export function useViewChoices(): ViewChoices {
  return useChoice(choices)
}
