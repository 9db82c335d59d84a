/** What every viewer gets. */
import type { ShownFile } from './use-shown-file.ts'

/** The file, and whom to tell that it can't be shown. */
export interface ViewerProps {
  readonly file: ShownFile
  readonly onFail: () => void
}
