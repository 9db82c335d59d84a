/** Opens PDF documents part by part, with the reader, letters and tables of signs of this page alone; nothing in a document runs. */
import { getDocument, GlobalWorkerOptions } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { PDFDocumentLoadingTask } from 'pdfjs-dist'

const workers = import.meta.glob<string>('../../../../../node_modules/pdfjs-dist/legacy/build/pdf.worker.min.mjs', {
  query: '?url',
  import: 'default',
  eager: true,
})
GlobalWorkerOptions.workerSrc = Object.values(workers)[0] ?? ''

/** Bytes that are asked for at once. */
const CHUNK = 128 * 1024
/** Larger pictures in a document are left out: they would take the memory of a phone. */
const MOST_PIXELS = 64e6

const files: Readonly<Record<string, () => Promise<unknown>>> = {
  ...import.meta.glob('../../../../../node_modules/pdfjs-dist/cmaps/*.bcmap', { query: '?url', import: 'default' }),
  ...import.meta.glob('../../../../../node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}', { query: '?url', import: 'default' }),
}
const byName = new Map(Object.entries(files).map(([path, load]) => [path.slice(path.lastIndexOf('/') + 1), load]))

/** Hands out the files beside the reader, whose names have the hash of their content in them. */
class OwnFiles {
  async fetch({ filename }: { readonly filename: string }): Promise<Uint8Array> {
    const url = await byName.get(filename)?.()
    if (typeof url !== 'string') throw new Error(`${filename} is none of this page's files`)
    const response = await fetch(url)
    if (!response.ok) throw new Error(`${filename}: ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  }
}

/** Begins to open the document at an address of this store. */
export function openPdf(url: string): PDFDocumentLoadingTask {
  return getDocument({
    url,
    rangeChunkSize: CHUNK,
    disableAutoFetch: true,
    disableStream: true,
    useWorkerFetch: false,
    // The policy of the page compiles nothing.
    useWasm: false,
    enableXfa: false,
    stopAtErrors: false,
    maxImageSize: MOST_PIXELS,
    BinaryDataFactory: OwnFiles,
  })
}
