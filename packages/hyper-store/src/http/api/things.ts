/** Handlers of things by their link, and of lists of links. */
import type { THING_ROUTES } from '@hyper-store/client/contract'
import type { StoreApi } from '../../core/store-api.ts'
import { streamBody } from '../body.ts'
import type { EventStreams } from '../events.ts'
import { serveFile } from '../gateway/serve-file.ts'
import type { Handlers } from './call.ts'

const PAGE = 1000
const BLOCKS = 256
/** Content of others comes from the origin of the API: it is never shown there. */
const CONTENT_HEADERS = { 'content-disposition': 'attachment', 'cache-control': 'private, no-cache' }

/** Handlers of `THING_ROUTES`. */
export function thingHandlers({ things, lists }: StoreApi, streams: EventStreams): Handlers<keyof typeof THING_ROUTES> {
  return {
    createThing: async ({ caller, body }) => await things.create(caller, body),
    getThing: async ({ params }) => await things.info(params.thing),
    listEntries: async ({ params, query }) =>
      await things.list(params.thing, {
        path: query.path ?? '',
        version: numberOf(query.version),
        recursive: query.recursive === 'true',
        after: query.after ?? null,
        limit: Math.max(1, Math.min(numberOf(query.limit) ?? PAGE, PAGE)),
        match: query.match ?? null,
      }),
    getEntry: async ({ params, query }) => await things.entry(params.thing, { path: query.path ?? '', version: numberOf(query.version) }),
    readContent: async ({ params, query, context }) => {
      const file = await things.file(params.thing, { path: query.path ?? '', version: numberOf(query.version) })
      return await serveFile(context, { node: file, name: file.path.split('/').at(-1) ?? file.path, headers: CONTENT_HEADERS })
    },
    writeContent: async ({ params, query, context }) =>
      await things.write(params.thing, query.path, {
        body: streamBody(context),
        mtimeMs: numberOf(query.mtimeMs),
        executable: query.executable === undefined ? null : query.executable === 'true',
      }),
    removeEntry: async ({ params, query }) => ({
      removed: await things.remove(params.thing, query.path, { recursive: query.recursive === 'true' }),
    }),
    makeFolder: async ({ params, body }) => await things.makeFolder(params.thing, body.path),
    moveEntry: async ({ params, body }) => await things.move(params.thing, body.from, body.to),
    getBlocks: async ({ params, query }) =>
      await things.blocks(params.thing, {
        from: numberOf(query.from) ?? 0,
        limit: Math.max(1, Math.min(numberOf(query.limit) ?? BLOCKS, BLOCKS)),
      }),
    watchBlocks: async ({ params, query, context }) => {
      // What can't be watched is an error, not a stream that ends at once.
      await things.blocks(params.thing, { from: Number.MAX_SAFE_INTEGER, limit: 1 })
      return streams.openOf(context, (signal) => things.watchBlocks(params.thing, { since: numberOf(query.since), signal }))
    },
    listLists: async () => await lists.lists(),
    followList: async ({ caller, body }) => await lists.follow(caller, body),
    unfollowList: async ({ params }) => {
      await lists.unfollow(params.list)
      return { ok: true }
    },
    getPublicList: async () => await lists.publicList(),
  }
}

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text)
}
