/** Files that go out of the browser, and one that comes in. */

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

/** Asks the person for a file; null when they choose none. `accept`: as of `<input type=file>`. */
export async function askFile(accept: string): Promise<File | null> {
  const input = document.createElement('input')
  Object.assign(input, { type: 'file', accept })
  return await new Promise((resolve) => {
    input.addEventListener('change', () => resolve(input.files?.[0] ?? null))
    input.addEventListener('cancel', () => resolve(null))
    input.click()
  })
}
