/** Cards, heads of pages, what stands where nothing is yet, and notices. */
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import css from './kit.module.css'

/** A card; `title` stands in its head, with `actions` beside it. */
export function Card({
  title,
  actions,
  children,
  className,
  flush = false,
  ...rest
}: Omit<ComponentProps<'section'>, 'title'> & {
  readonly title?: ReactNode
  readonly actions?: ReactNode
  /** Without room around the content. */
  readonly flush?: boolean
}): ReactNode {
  return (
    <section {...rest} className={[css['card'], className].filter(Boolean).join(' ')}>
      {(title !== undefined || actions !== undefined) && (
        <div className={css['cardHead']}>
          {title !== undefined && <h2>{title}</h2>}
          {actions}
        </div>
      )}
      <div className={flush ? '' : css['cardBody']}>{children}</div>
    </section>
  )
}

/** Title of a screen, a line below it, and what can be done. */
export function PageHead({ title, children, actions }: { title: ReactNode; children?: ReactNode; actions?: ReactNode }): ReactNode {
  return (
    <header className={css['pageHead']}>
      <div>
        <h1>{title}</h1>
        {children !== undefined && <p>{children}</p>}
      </div>
      {actions !== undefined && <Actions>{actions}</Actions>}
    </header>
  )
}

/** Buttons side by side. */
export function Actions({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={css['actions']}>{children}</div>
}

/** What stands where nothing is yet: what this place is for, and how to begin. */
export function Empty({
  icon,
  title,
  children,
  actions,
}: {
  icon?: ReactNode
  title: string
  children?: ReactNode
  actions?: ReactNode
}): ReactNode {
  return (
    <div className={css['empty']}>
      {icon !== undefined && (
        <div className={css['emptyIcon']} aria-hidden>
          {icon}
        </div>
      )}
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <Actions>{actions}</Actions>}
    </div>
  )
}

const NOTICES = { plain: Info, good: CircleCheck, slow: TriangleAlert, bad: CircleAlert }
const NOTICE_CLASSES = { plain: '', good: css['noticeGood'], slow: css['noticeSlow'], bad: css['noticeBad'] }

/** A sentence that should be seen; `bad` is read out at once. */
export function Notice({ tone = 'plain', children }: { readonly tone?: keyof typeof NOTICES; readonly children: ReactNode }): ReactNode {
  const Icon = NOTICES[tone]
  return (
    <div className={`${css['notice']} ${NOTICE_CLASSES[tone]}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon size={18} aria-hidden />
      <div>{children}</div>
    </div>
  )
}

/** A grey stand-in while something is asked for; sizes are CSS lengths. */
export function Skeleton({ width = '100%', height = '1rem' }: { readonly width?: string; readonly height?: string }): ReactNode {
  return <div className={css['skeleton']} style={{ width, height }} aria-hidden />
}
