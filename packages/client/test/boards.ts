/** What the tests of boards share: how their properties are played, an id, and authors. */

/** The same 150 cases each time; `HYPER_STORE_SEED` plays others. */
export const runs = { numRuns: 150, seed: Number(process.env['HYPER_STORE_SEED'] ?? 20_261_123) }
/** An id as a board has it. */
export const ID = 'ab'.repeat(8)
/** Somebody who writes, at a time in milliseconds since 1970. */
export const author = (name: string, at = 1): { name: string; at: number } => ({ name, at })
