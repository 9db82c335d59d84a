/** The frame: where one can go, which store it is about, and whether it is live. */
import { Activity, ChevronsUpDown, Folder, House, LogOut, MonitorSmartphone, Settings, Table2 } from 'lucide-react'
import { useEffect } from 'react'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { Button } from '../kit/button.tsx'
import { Menu } from '../kit/menu.tsx'
import { tellProblem } from '../kit/toasts.tsx'
import { Notice } from '../kit/layout.tsx'
import { Name } from '../kit/name.tsx'
import { closeSession } from '../live/session.ts'
import { storeOf, useAnswer, useSnapshot, useStore } from '../live/use-store.tsx'
import { APP } from '../words/app.ts'
import { visibleName } from '../words/format.ts'
import css from './app.module.css'
import { OmniboxKey } from './omnibox-key.tsx'
import { folderPlace, PLACES, tablePlace, targetBase } from './places.ts'

const MAIN = [
  { to: PLACES.home, label: APP.home, icon: House },
  { to: PLACES.devices, label: APP.devices, icon: MonitorSmartphone },
  { to: PLACES.tables, label: APP.tables, icon: Table2 },
  { to: PLACES.activity, label: APP.activity, icon: Activity },
  { to: PLACES.settings, label: APP.settings, icon: Settings },
] as const

/** The frame around the screens of one store. */
export function Shell({ children }: { readonly children: ReactNode }): ReactNode {
  const store = useStore()
  const { info, connection } = useSnapshot()
  const own = visibleName(storeOf('local').snapshot.info?.name ?? APP.product)
  const name = visibleName(info?.name ?? store.target)
  useEffect(() => {
    document.title = `${name} · ${APP.product}`
  }, [name])
  return (
    <div className={css['shell']}>
      <a className={css['skip']} href="#main" onClick={skip}>
        {APP.skip}
      </a>
      <aside className={css['side']}>
        <div className={css['brand']}>
          <img src="/icon.svg" alt="" width="30" height="30" />
          <StoreMenu name={name} />
        </div>
        <OmniboxKey />
        <MainLinks />
        <FolderLinks />
        <ConnectionState />
      </aside>
      <main id="main" className={css['main']} tabIndex={-1}>
        {store.target !== 'local' && (
          <div className={css['through']}>
            <span>{APP.at(name)}</span>
            <Link href="~/">{APP.back(own)}</Link>
          </div>
        )}
        {store.target !== 'local' && connection === 'refused' ? <Notice tone="bad">{APP.noRight(name)}</Notice> : children}
      </main>
    </div>
  )
}

function skip(event: React.MouseEvent): void {
  // The address after # is the place: this link only moves the focus.
  event.preventDefault()
  document.getElementById('main')?.focus()
}

function MainLinks(): ReactNode {
  const [location] = useLocation()
  const isAt = (to: string): boolean => (to === '/' ? location === '/' || location.startsWith('/folders/') : location.startsWith(to))
  return (
    <nav aria-label={APP.main} className={css['nav']}>
      {MAIN.map(({ to, label, icon: Icon }) => (
        <Link key={to} href={to} aria-current={isAt(to) ? 'page' : undefined}>
          <Icon size={19} aria-hidden />
          <span>{label}</span>
        </Link>
      ))}
    </nav>
  )
}

const STATE_CLASSES = { 'up-to-date': 'good', syncing: 'busy', waiting: 'slow', paused: 'still', error: 'bad' } as const

function FolderLinks(): ReactNode {
  const { items } = useSnapshot()
  const [location] = useLocation()
  if (items === null || items.length === 0) return null
  return (
    <nav aria-label={APP.folders} className={css['folders']}>
      <h2>{APP.folders}</h2>
      {items.map((item) => {
        const to = item.kind === 'table' ? tablePlace(item.key) : folderPlace(item.key)
        return (
          <Link key={item.key} href={to} aria-current={location === to || location.startsWith(`${to}/`) ? 'page' : undefined}>
            {item.kind === 'table' ? <Table2 size={16} aria-hidden /> : <Folder size={16} aria-hidden />}
            <span>
              <Name of={item.title} />
            </span>
            <i className={css[STATE_CLASSES[item.state]]} aria-hidden />
          </Link>
        )
      })}
    </nav>
  )
}

function ConnectionState(): ReactNode {
  const { connection } = useSnapshot()
  return (
    <div className={css['connection']} data-state={connection} role="status">
      <i aria-hidden />
      {APP[connection]}
    </div>
  )
}

/** The store's name; its menu leads to the providers, seen through this store, and out. */
function StoreMenu({ name }: { readonly name: string }): ReactNode {
  const [, navigate] = useLocation()
  const local = storeOf('local')
  const { target } = useStore()
  const providers = useAnswer({ link: '', name: ['providers-of-own'] }, async () => await local.client.listProviders().catch(() => []))
  const own = local.snapshot.info
  const go = (to: string) => navigate(`~${targetBase(to)}/`)
  return (
    <Menu
      trigger={
        <Button tone="quiet" className={css['store'] ?? ''} aria-label={`${APP.stores}: ${name}`}>
          <strong>
            <Name of={name} />
          </strong>
          <ChevronsUpDown size={15} aria-hidden />
        </Button>
      }
      entries={[
        {
          label: `${own?.name ?? APP.product} (${APP.thisStore})`,
          icon: <House size={16} />,
          disabled: target === 'local',
          onSelect: () => go('local'),
        },
        ...(providers.data ?? []).map((provider) => ({
          label: visibleName(provider.name),
          icon: <MonitorSmartphone size={16} />,
          disabled: target === provider.name,
          onSelect: () => go(provider.name),
        })),
        null,
        {
          label: APP.logOut,
          icon: <LogOut size={16} />,
          onSelect: () => {
            closeSession().then(() => local.refused(null), tellProblem)
          },
        },
      ]}
    />
  )
}
