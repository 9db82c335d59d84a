/** `create` and `touch`: a new folder or table that lies in the store alone. */
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'

/** Prints the link. */
export const runCreate: Run = async (context, { args: [kind, title], options }) => {
  const wish = { ...(title === undefined ? {} : { title }), ...(options['private'] === true ? { private: true } : {}) }
  return kind === 'bee' ? await createTable(context, wish) : await createDrive(context, wish)
}

/** `create drive`, as in drives. */
export const runTouch: Run = async (context, { args: [title], options }) =>
  await createDrive(context, { ...(title === undefined ? {} : { title }), ...(options['private'] === true ? { private: true } : {}) })

interface Wish {
  readonly title?: string
  readonly private?: boolean
}

async function createDrive(context: Context, wish: Wish): Promise<number> {
  const { output, signal } = context
  const thing = await (await context.connect()).createThing({ kind: 'folder', ...wish }, { signal })
  output.show(thing, () => [thing.link])
  output.talk(`${plain(thing.title ?? 'It')} lies in this store; hyper-store put and sync fill it`)
  return 0
}

async function createTable(context: Context, wish: Wish): Promise<number> {
  const { output, signal } = context
  const table = await (await context.connect()).createTable(wish, { signal })
  output.show(table, () => [table.link])
  output.talk(`${plain(table.title)} lies in this store; hyper-store bee put fills it`)
  return 0
}
