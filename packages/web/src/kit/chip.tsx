/** A small fact with a colour: a state, a device, a number. */
import type { ComponentProps, ReactNode } from 'react'
import css from './kit.module.css'

/** Colours by meaning. */
export type ChipTone = 'still' | 'good' | 'busy' | 'slow' | 'bad'

/** A chip; the picture comes before the words. */
export function Chip({
  tone = 'still',
  icon,
  children,
  ...rest
}: ComponentProps<'span'> & { tone?: ChipTone; icon?: ReactNode }): ReactNode {
  return (
    <span {...rest} className={[css['chip'], tone === 'still' ? '' : css[tone]].filter(Boolean).join(' ')}>
      {icon}
      <span>{children}</span>
    </span>
  )
}

/** How much of something is done, 0 to 1. */
export function ProgressBar({ value, label }: { readonly value: number; readonly label: string }): ReactNode {
  const percent = Math.max(0, Math.min(100, value * 100))
  return (
    <div
      className={css['bar']}
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.floor(percent)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <div className={css['fill']} style={{ width: `${percent}%` }} />
    </div>
  )
}
