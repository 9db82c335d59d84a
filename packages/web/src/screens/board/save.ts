/** Gives something of a board to the browser as a file. */

const KEPT_MS = 10_000

/** A text. */
export function saveText(name: string, text: string): void {
  saveBlob(name, new Blob([text], { type: 'application/octet-stream' }))
}

/** Bytes. */
export function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name.replaceAll(/[/\\\p{C}]/gu, '_')
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS)
}
