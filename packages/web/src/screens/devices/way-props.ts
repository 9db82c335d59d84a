/** What the ways to a folder have in common. */

/** What each way is told: the `id` by which the buttons send it, and whom to tell what. */
export interface WayProps {
  readonly id: string
  /** Whether it can be sent now. */
  readonly onReady: (isReady: boolean) => void
  /** There is nothing left to send: the dialog only shows how it goes on. */
  readonly onBegun: () => void
  readonly onClose: () => void
}
