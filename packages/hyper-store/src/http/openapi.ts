/** The OpenAPI 3.1 description of the API, made from the route table and the schemas. */
import * as contract from '@hyper-store/client/contract'
import type { Route } from '@hyper-store/client/contract'
import { toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import { SERVED_ROUTES } from './api/routes.ts'

const { AppError, ERRORS, PROVIDER_API } = contract

/** The document; `version` is the program's. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [operation, row] of Object.entries(SERVED_ROUTES)) {
    const path = templateOf(row.path)
    paths[path] = { ...paths[path], [row.method.toLowerCase()]: operationOf(operation, row) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'hyper-store',
      version,
      description: `Changes are sent as application/json. The API of a provider is reached through its owner's store under ${templateOf(PROVIDER_API)}.`,
    },
    paths,
    components: {
      schemas: { Error: errorSchema() },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'hyper-store-session' },
      },
    },
  }
}

function operationOf(operation: string, route: Route): Record<string, unknown> {
  const params = [...route.path.matchAll(/:(\w+)/g)].map((found) => ({
    name: found[1] ?? '',
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const body = route.body === undefined ? {} : { requestBody: { required: true, content: jsonContent(schemaOf(route.body, 'input')) } }
  return {
    operationId: operation,
    summary: route.summary,
    'x-right': route.right,
    security: route.right === 'none' ? [] : [{ token: [] }, { session: [] }],
    parameters: [...params, ...queryParameters(route)],
    ...body,
    responses: { 200: okResponse(operation, route), default: errorResponse() },
  }
}

function queryParameters(route: Route): Record<string, unknown>[] {
  if (route.query === undefined) return []
  const schema = schemaOf(route.query, 'input')
  const required = schema['required']
  return Object.entries((schema['properties'] ?? {}) as Record<string, unknown>).map(([name, property]) => ({
    name,
    in: 'query',
    required: Array.isArray(required) && required.includes(name),
    schema: property,
  }))
}

function okResponse(operation: string, route: Route): Record<string, unknown> {
  if (route.reply !== undefined) return { description: 'Done', content: jsonContent(schemaOf(route.reply, 'output')) }
  if (operation === 'getEvents') {
    const schema = schemaOf(contract.StoreEvent, 'output')
    return {
      description: 'Events, each the JSON of one',
      content: { 'text/event-stream': { schema: { type: 'string' }, 'x-event': schema } },
    }
  }
  return { description: 'Done', content: jsonContent({ type: 'object' }) }
}

function errorResponse(): Record<string, unknown> {
  return { description: 'An error of the table', content: jsonContent({ $ref: '#/components/schemas/Error' }) }
}

function errorSchema(): Record<string, unknown> {
  return {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message', 'data'],
        properties: {
          code: { type: 'string', enum: Object.keys(ERRORS) },
          message: { type: 'string', examples: [new AppError('UNAUTHENTICATED').message] },
          data: { type: 'object' },
        },
      },
    },
  }
}

function jsonContent(schema: unknown): Record<string, unknown> {
  return { 'application/json': { schema } }
}

/** JSON Schema of a valibot schema, of what is sent (`input`) or given back (`output`). */
function schemaOf(schema: v.GenericSchema, typeMode: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = toJsonSchema(schema, { target: 'draft-2020-12', typeMode, errorMode: 'ignore' })
  return rest as Record<string, unknown>
}

function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}')
}
