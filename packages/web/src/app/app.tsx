/** The app: which store is meant, whether this browser may see it, and which screen is shown. */
import { CSPProvider } from '@base-ui/react/csp-provider'
import { Tooltip } from '@base-ui/react/tooltip'
import { QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Route, Router, Switch } from 'wouter'
import { useHashLocation } from 'wouter/use-hash-location'
import { Confirmations } from '../kit/dialog.tsx'
import { Toasts } from '../kit/toasts.tsx'
import type { Proof } from '../live/session.ts'
import { queries, TargetContext } from '../live/use-store.tsx'
import { Gate } from './gate.tsx'
import { decodePart } from './places.ts'
import { ErrorBoundary } from './error-boundary.tsx'
import { Screens } from './screens.tsx'
import { Shell } from './shell.tsx'

/** Everything. `proof` came with the address. */
export function App({ proof }: { readonly proof: Proof | null }): ReactNode {
  return (
    <ErrorBoundary>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queries}>
          <Tooltip.Provider delay={400}>
            <Router hook={useHashLocation}>
              <Gate proof={proof}>
                <Switch>
                  <Route path="/at/:target" nest>
                    {({ target }) => <Target name={decodePart(target) ?? 'local'} />}
                  </Route>
                  <Route>
                    <Target name="local" />
                  </Route>
                </Switch>
              </Gate>
            </Router>
            <Confirmations />
            <Toasts />
          </Tooltip.Provider>
        </QueryClientProvider>
      </CSPProvider>
    </ErrorBoundary>
  )
}

function Target({ name }: { readonly name: string }): ReactNode {
  return (
    <TargetContext value={name}>
      <Shell key={name}>
        <Screens />
      </Shell>
    </TargetContext>
  )
}
