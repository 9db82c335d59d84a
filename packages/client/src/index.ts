/** What the package offers. */
export * from './contract/contract.ts'
export { createClient } from './client.ts'
export type { Client, ClientOptions } from './client.ts'
export type { EventsOptions } from './events.ts'
export { looksLikeLink, parseLink } from './links.ts'
export type { Link } from './links.ts'
export type { CallName, CallOptions, Operations } from './operations.ts'
export type { WaitOptions } from './wait.ts'
