/** Boards for programs: the document, its forms for other programs, and the messages of a live connection. */
export * from './canvas.ts'
export { missingOf, placeOf, readCard, SIZES } from './cards.ts'
export * from './document.ts'
export * from './html.ts'
export * from './restore.ts'
export * from './text.ts'
export * from './wire.ts'
