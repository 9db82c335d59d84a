/** The API in one place: routes, schemas, events, the error table and limits. */
export * from './errors.ts'
export * from './routes.ts'
export * from './schemas.ts'
