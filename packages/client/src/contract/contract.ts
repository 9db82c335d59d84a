/** The API in one place: routes, schemas, events, the error table and limits. */
export * from './errors.ts'
export * from './history.ts'
export * from './routes.ts'
export * from './routes-folders.ts'
export * from './schemas.ts'
export * from './sharing.ts'
