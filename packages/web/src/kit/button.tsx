/** Buttons, links that look like them, and buttons with a picture alone. */
import type { ComponentProps, ReactNode } from 'react'
import { Tip } from './tip.tsx'
import css from './kit.module.css'

/** How much a button asks for attention. */
export type Tone = 'plain' | 'main' | 'danger' | 'quiet'

interface Looks {
  readonly tone?: Tone
  readonly small?: boolean
}

function looks({ tone = 'plain', small = false }: Looks, more?: string): string {
  return [css['button'], tone === 'plain' ? '' : css[tone], small ? css['small'] : '', more ?? ''].filter(Boolean).join(' ')
}

/** A button. */
export function Button({ tone, small, className, ...rest }: Looks & ComponentProps<'button'>): ReactNode {
  return <button type="button" {...rest} className={looks({ ...(tone && { tone }), ...(small && { small }) }, className)} />
}

/** A link that looks like a button: it leads somewhere, or downloads. */
export function ButtonLink({ tone, small, className, ...rest }: Looks & ComponentProps<'a'>): ReactNode {
  return <a {...rest} className={looks({ ...(tone && { tone }), ...(small && { small }) }, className)} />
}

/** A button that shows a picture only; `label` is read out and shown as a tip. */
export function IconButton({
  label,
  tone = 'quiet',
  small,
  className,
  ...rest
}: Looks & { label: string } & ComponentProps<'button'>): ReactNode {
  const names = looks({ tone, ...(small && { small }) }, [css['icon'], className].filter(Boolean).join(' '))
  return (
    <Tip text={label}>
      <button type="button" {...rest} aria-label={label} className={names} />
    </Tip>
  )
}
