/** Parts of a screen that have addresses of their own. */
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import css from './kit.module.css'

/** Links to the parts; the one that is open is marked. `exact`: only that very address counts, not those below. */
export function TabLinks({
  label,
  tabs,
}: {
  readonly label: string
  readonly tabs: readonly {
    readonly to: string
    readonly label: string
    readonly icon?: ReactNode
    readonly exact?: boolean
    readonly extra?: ReactNode
  }[]
}): ReactNode {
  const [location] = useLocation()
  const isAt = (to: string): boolean => location === to || location.startsWith(to === '/' ? '//' : `${to}/`)
  // Of several that fit, the most exact one is open.
  const open = tabs.filter(({ to, exact }) => (exact === true ? location === to : isAt(to))).sort((a, b) => b.to.length - a.to.length)[0]
  return (
    <nav aria-label={label} className={css['tabs']}>
      {tabs.map((tab) => (
        <Link key={tab.to} href={tab.to} className={css['tab'] ?? ''} aria-current={tab === open ? 'page' : undefined}>
          {tab.icon}
          {tab.label}
          {tab.extra}
        </Link>
      ))}
    </nav>
  )
}
