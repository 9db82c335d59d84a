/** Whose the keys are now. */

/** What has the keys to itself while it is open; a toast does not. */
export const MODAL = '[role="dialog"]:not([data-toast]), [role="alertdialog"], [role="menu"]'

/** True while somebody writes text: keys belong to that. */
export function isWriting(): boolean {
  const { activeElement } = document
  if (!(activeElement instanceof HTMLElement)) return false
  return activeElement.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(activeElement.tagName)
}
