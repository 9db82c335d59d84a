/** Light, dark and high contrast: what the user chose in this browser, else what the system says. */
import { keptChoice, useChoice } from '../live/kept-choice.ts'

/** What can be chosen; `system` follows the machine. */
export const THEMES = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof THEMES)[number]
export const CONTRASTS = ['system', 'normal', 'high'] as const
export type ContrastChoice = (typeof CONTRASTS)[number]

/** What is chosen. */
export interface Look {
  readonly theme: ThemeChoice
  readonly contrast: ContrastChoice
}

const dark = matchMedia('(prefers-color-scheme: dark)')
const more = matchMedia('(prefers-contrast: more)')
/** The system puts its own few colours in place of all: what is told by a colour alone is lost, as in high contrast. */
const forced = matchMedia('(forced-colors: active)')
const look = keptChoice<Look>('hyper-store.look', (known) => {
  const { theme, contrast } = (known ?? {}) as Partial<Record<keyof Look, unknown>>
  return { theme: THEMES.find((one) => one === theme) ?? 'system', contrast: CONTRASTS.find((one) => one === contrast) ?? 'system' }
})

function apply(): void {
  const { dataset } = document.documentElement
  const { theme, contrast } = look.get()
  dataset['theme'] = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme
  dataset['contrast'] = forced.matches ? 'high' : contrast === 'system' ? (more.matches ? 'high' : 'normal') : contrast
}

/** Puts the look on the document, and keeps it in step with the system, with what is chosen and with other tabs. */
export function startLook(): void {
  apply()
  dark.addEventListener('change', apply)
  more.addEventListener('change', apply)
  forced.addEventListener('change', apply)
  look.subscribe(apply)
}

/** Chooses, for this browser. */
export function chooseLook(choice: Partial<Look>): void {
  look.set({ ...look.get(), ...choice })
}

/** The choice, live. */
export function useLook(): Look {
  return useChoice(look)
}
