/** A slider: one value on a line, by dragging and by keys, with room above it for what the line stands for. */
import { Slider as BaseSlider } from '@base-ui/react/slider'
import type { ReactNode } from 'react'
import css from './slider.module.css'

/** The slider; whole numbers from 0 to `max`, which is above 0. `words` are read out for the value. */
export function Slider({
  label,
  value,
  max,
  words,
  hint,
  onChange,
  children,
}: {
  readonly label: string
  readonly value: number
  readonly max: number
  readonly words: string
  /** Id of an element that tells how it is used. */
  readonly hint?: string
  readonly onChange: (value: number) => void
  /** Drawn above the line, exactly as wide as it. */
  readonly children?: ReactNode
}): ReactNode {
  return (
    <BaseSlider.Root value={value} min={0} max={max} onValueChange={onChange} className={css['slider'] ?? ''}>
      <BaseSlider.Control className={css['control'] ?? ''}>
        {children !== undefined && (
          <div className={css['above']} aria-hidden>
            {children}
          </div>
        )}
        <BaseSlider.Track className={css['track'] ?? ''}>
          <BaseSlider.Indicator className={css['indicator'] ?? ''} />
          <BaseSlider.Thumb
            aria-label={label}
            getAriaValueText={() => words}
            {...(hint === undefined ? {} : { 'aria-describedby': hint })}
            className={css['thumb'] ?? ''}
          />
        </BaseSlider.Track>
      </BaseSlider.Control>
    </BaseSlider.Root>
  )
}
