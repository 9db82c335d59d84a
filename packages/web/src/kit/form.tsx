/** What is typed, chosen and switched. Every part has a label that is read out. */
import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox'
import { Select as BaseSelect } from '@base-ui/react/select'
import { Switch as BaseSwitch } from '@base-ui/react/switch'
import { Toggle } from '@base-ui/react/toggle'
import { ToggleGroup } from '@base-ui/react/toggle-group'
import { Check, ChevronsUpDown, Minus } from 'lucide-react'
import { useId } from 'react'
import type { ComponentProps, ReactNode } from 'react'
import css from './kit.module.css'

interface Around {
  readonly label: string
  readonly hint?: ReactNode
  /** Why what stands there will not do. */
  readonly wrong?: string | null
}

function Lines({
  id,
  hint,
  wrong,
}: {
  readonly id: string
  readonly hint?: ReactNode
  readonly wrong?: string | null | undefined
}): ReactNode {
  return (
    <>
      {hint !== undefined && (
        <span id={`${id}-hint`} className={css['hint']}>
          {hint}
        </span>
      )}
      {wrong != null && (
        <span role="alert" className={css['wrong']}>
          {wrong}
        </span>
      )}
    </>
  )
}

/** One line of text. */
export function TextField({ label, hint, wrong, ...rest }: Around & ComponentProps<'input'>): ReactNode {
  const id = useId()
  return (
    <div className={css['field']}>
      <label className={css['label']} htmlFor={id}>
        {label}
      </label>
      <input
        autoComplete="off"
        spellCheck={false}
        {...rest}
        id={id}
        className={css['input']}
        aria-invalid={wrong != null}
        {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
      />
      <Lines id={id} hint={hint} wrong={wrong} />
    </div>
  )
}

/** Several lines of text. */
export function TextArea({ label, hint, wrong, ...rest }: Around & ComponentProps<'textarea'>): ReactNode {
  const id = useId()
  return (
    <div className={css['field']}>
      <label className={css['label']} htmlFor={id}>
        {label}
      </label>
      <textarea
        rows={4}
        spellCheck={false}
        {...rest}
        id={id}
        className={css['input']}
        aria-invalid={wrong != null}
        {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
      />
      <Lines id={id} hint={hint} wrong={wrong} />
    </div>
  )
}

/** One of several values, from a list that opens. */
export function Choice<T extends string>({
  label,
  hint,
  value,
  options,
  onChange,
  hideLabel = false,
  disabled = false,
}: {
  readonly label: string
  readonly hint?: ReactNode
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: string }[]
  readonly onChange: (value: T) => void
  readonly hideLabel?: boolean
  readonly disabled?: boolean
}): ReactNode {
  const id = useId()
  return (
    <div className={css['field']}>
      <BaseSelect.Root items={[...options]} value={value} disabled={disabled} onValueChange={(next) => next !== null && onChange(next)}>
        <span id={id} className={hideLabel ? 'visually-hidden' : css['label']}>
          {label}
        </span>
        <BaseSelect.Trigger aria-labelledby={id} className={`${css['button']} ${css['select']}`}>
          <BaseSelect.Value />
          <ChevronsUpDown size={15} aria-hidden />
        </BaseSelect.Trigger>
        <BaseSelect.Portal>
          <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className={css['positioner'] ?? ''}>
            <BaseSelect.Popup className={css['popup'] ?? ''}>
              {options.map((option) => (
                <BaseSelect.Item key={option.value} value={option.value} className={css['option'] ?? ''}>
                  <BaseSelect.ItemText>{option.label}</BaseSelect.ItemText>
                  <BaseSelect.ItemIndicator>
                    <Check size={15} />
                  </BaseSelect.ItemIndicator>
                </BaseSelect.Item>
              ))}
            </BaseSelect.Popup>
          </BaseSelect.Positioner>
        </BaseSelect.Portal>
      </BaseSelect.Root>
      <Lines id={id} hint={hint} />
    </div>
  )
}

/** On or off, at once. */
export function SwitchRow({
  label,
  hint,
  checked,
  onChange,
  disabled = false,
}: {
  readonly label: string
  readonly hint?: ReactNode
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly disabled?: boolean
}): ReactNode {
  const id = useId()
  return (
    <div className={css['switchRow']}>
      <div>
        <div id={id}>{label}</div>
        {hint !== undefined && <div className={css['hint']}>{hint}</div>}
      </div>
      <BaseSwitch.Root
        aria-labelledby={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        className={css['switch'] ?? ''}
      >
        <BaseSwitch.Thumb className={css['thumb'] ?? ''} />
      </BaseSwitch.Root>
    </div>
  )
}

/** A box to tick; `label` is read out and not shown. */
export function Tick({
  label,
  checked,
  some = false,
  onChange,
}: {
  readonly label: string
  readonly checked: boolean
  /** Some of what it stands for are ticked. */
  readonly some?: boolean
  readonly onChange: (checked: boolean) => void
}): ReactNode {
  return (
    <BaseCheckbox.Root
      aria-label={label}
      checked={checked}
      indeterminate={some}
      onCheckedChange={onChange}
      className={css['checkbox'] ?? ''}
    >
      <BaseCheckbox.Indicator>{some ? <Minus size={13} /> : <Check size={13} />}</BaseCheckbox.Indicator>
    </BaseCheckbox.Root>
  )
}

/** One of a few values, all in view. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string
  readonly value: T
  /** With an icon, `label` is read out and not shown. */
  readonly options: readonly { readonly value: T; readonly label: string; readonly icon?: ReactNode }[]
  readonly onChange: (value: T) => void
}): ReactNode {
  return (
    <ToggleGroup
      aria-label={label}
      className={css['segmented'] ?? ''}
      value={[value]}
      onValueChange={(next) => {
        const chosen = options.find((option) => option.value === next[0])
        if (chosen !== undefined) onChange(chosen.value)
      }}
    >
      {options.map((option) => (
        <Toggle
          key={option.value}
          value={option.value}
          className={css['segment'] ?? ''}
          {...(option.icon === undefined ? {} : { 'aria-label': option.label })}
        >
          {option.icon ?? option.label}
        </Toggle>
      ))}
    </ToggleGroup>
  )
}
