/** Makes the tables of docs/reference/http.md from the rows that are served. */
import { LIMITS } from '@hyper-store/client/contract'
import type { Route } from '@hyper-store/client/contract'
import { SERVED_ROUTES } from '../../src/http/api/routes.ts'
import { openApiDocument } from '../../src/http/openapi.ts'

interface JsonSchema {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
}
interface DescribedOperation {
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: JsonSchema } } }
  readonly parameters: readonly { readonly in: string; readonly name: string; readonly required: boolean }[]
}

/** The text between the marks `<!-- routes -->` and `<!-- end of routes -->`. */
export function routeTables(): string {
  const described = openApiDocument('0').paths as Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>
  const rows = Object.entries(SERVED_ROUTES).map(([operation, row]) => {
    const route: Route = row
    const details = described[route.path.replace(/:(\w+)/g, '{$1}')]?.[route.method.toLowerCase()]
    return `| \`${operation}\` | ${route.method} | \`${route.path}\` | ${route.right} | ${inputOf(details)} | ${route.summary} |`
  })
  return [
    '| operation | method | path | right | query, body | does |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    `Bodies are at most ${LIMITS.bodyBytes} bytes, headers ${LIMITS.headerBytes} bytes, open event streams ${LIMITS.eventStreams}.`,
  ].join('\n')
}

/** Names of what is sent; `?` marks what may be left out. */
function inputOf(details: DescribedOperation | undefined): string {
  const queries = details?.parameters.filter((param) => param.in === 'query').map((param) => `\`?${param.name}\``) ?? []
  const schema = details?.requestBody?.content['application/json'].schema
  // A body of one of several shapes.
  const shapes = schema?.anyOf?.map((shape) => fieldsOf(shape).join(', ')).join(' or ')
  return [...queries, ...(shapes === undefined ? fieldsOf(schema) : [shapes])].join(', ')
}

function fieldsOf(schema: JsonSchema | undefined): string[] {
  return Object.keys(schema?.properties ?? {}).map((name) => `\`${name}\`${schema?.required?.includes(name) === true ? '' : '?'}`)
}
