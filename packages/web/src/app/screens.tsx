/** Which screen stands at which address; each is loaded when it is first seen. */
import { Compass } from 'lucide-react'
import { lazy, Suspense } from 'react'
import type { ReactNode } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import { Empty, Skeleton } from '../kit/layout.tsx'
import { Overview } from '../screens/overview/overview.tsx'
import { APP } from '../words/app.ts'
import { ErrorBoundary } from './error-boundary.tsx'
import { decodePart, parseFolderPlace, PLACES } from './places.ts'

const FolderScreen = lazy(async () => ({ default: (await import('../screens/folder/folder-screen.tsx')).FolderScreen }))
const DevicesScreen = lazy(async () => ({ default: (await import('../screens/devices/devices-screen.tsx')).DevicesScreen }))
const TablesScreen = lazy(async () => ({ default: (await import('../screens/tables/tables-screen.tsx')).TablesScreen }))
const TableScreen = lazy(async () => ({ default: (await import('../screens/tables/table-screen.tsx')).TableScreen }))
const ActivityScreen = lazy(async () => ({ default: (await import('../screens/activity/activity-screen.tsx')).ActivityScreen }))
const SettingsScreen = lazy(async () => ({ default: (await import('../screens/settings/settings-screen.tsx')).SettingsScreen }))
const FirstRun = lazy(async () => ({ default: (await import('../screens/first-run/first-run.tsx')).FirstRun }))

/** The screen of the present address. */
export function Screens(): ReactNode {
  const [location] = useLocation()
  return (
    <ErrorBoundary key={location.split('/').slice(0, 3).join('/')}>
      <Suspense fallback={<Skeleton height="12rem" />}>
        <Switch>
          <Route path={PLACES.home}>
            <Overview />
          </Route>
          <Route path="/folders/:key/*?">
            {(params) => {
              const place = parseFolderPlace(params['*'] ?? '')
              const key = decodePart(params.key)
              return place === null || key === null ? <NotFound /> : <FolderScreen key={key} folder={key} place={place} />
            }}
          </Route>
          <Route path={PLACES.devices}>
            <DevicesScreen />
          </Route>
          <Route path={PLACES.tables}>
            <TablesScreen />
          </Route>
          <Route path="/tables/:table">
            {({ table }) => {
              const ref = decodePart(table)
              return ref === null ? <NotFound /> : <TableScreen key={ref} table={ref} />
            }}
          </Route>
          <Route path={PLACES.activity}>
            <ActivityScreen />
          </Route>
          <Route path="/settings/:part?">{({ part }) => <SettingsScreen part={part ?? 'general'} />}</Route>
          <Route path={PLACES.welcome}>
            <FirstRun />
          </Route>
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  )
}

/** Said where nothing is. */
function NotFound(): ReactNode {
  return (
    <Empty icon={<Compass size={26} />} title={APP.notFound} actions={<Link href={PLACES.home}>{APP.toHome}</Link>}>
      {APP.notFoundText}
    </Empty>
  )
}
