/** What is shown instead of a part of the page that failed. */
import { Component } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../kit/button.tsx'
import { Actions, Notice } from '../kit/layout.tsx'
import { APP } from '../words/app.ts'
import { KIT } from '../words/kit.ts'

/** Catches errors of what it holds. A file of the page that is gone (the store was updated) is cured by loading anew. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state = { error: null as unknown }

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === null) return this.props.children
    const isOld = error instanceof TypeError && /import|module/i.test(error.message)
    return (
      <Notice tone="bad">
        <p>{isOld ? APP.updated : KIT.defect}</p>
        <Actions>
          <Button onClick={() => location.reload()}>{APP.reload}</Button>
        </Actions>
      </Notice>
    )
  }
}
