/** Says that the file changed while somebody looks at it. */
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Actions, Notice } from '../../kit/layout.tsx'
import { visibleName } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import type { FileState } from './use-shown-file.ts'

/** The news, if there are any. */
export function FileNewsLine({ state, onClose }: { readonly state: FileState; readonly onClose: () => void }): ReactNode {
  const { news } = state
  return (
    <div role="status">
      {news?.kind === 'changed' && (
        <Notice tone="slow">
          {PREVIEW.changed(visibleName(news.device))}
          <Actions>
            <Button small onClick={state.showNew}>
              {PREVIEW.showNew}
            </Button>
          </Actions>
        </Notice>
      )}
      {news?.kind === 'deleted' && (
        <Notice tone="slow">
          {PREVIEW.deleted}
          <Actions>
            <Button small onClick={onClose}>
              {PREVIEW.backToFolder}
            </Button>
          </Actions>
        </Notice>
      )}
    </div>
  )
}
