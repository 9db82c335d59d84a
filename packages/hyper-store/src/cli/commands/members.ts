/** `members`: who has a folder, who waits to be let in, and what each may do. */
import * as v from 'valibot'
import { MemberRole } from '@hyper-store/client'
import type { Client, Item, JoinRequest, Member, Members } from '@hyper-store/client'
import { AppError } from '@hyper-store/client/contract'
import type { Context } from '../context.ts'
import type { Invocation, Run } from '../command-spec.ts'
import { confirm } from '../confirm.ts'
import { membersLines } from '../member-lines.ts'
import { plain } from '../output.ts'
import { openFolder, required } from '../references.ts'

/** Prints people with their devices, guests with their four words, open invites, and what was ignored. */
export const runMembers: Run = async (context, { args: [folder] }) => {
  const { client, item } = await openFolder(context, required(folder))
  show(context, await client.getMembers(item.key, context))
  return 0
}

/** Lets a guest in. */
export const runApprove: Run = async (context, invocation) => {
  const { client, item, words } = await folderAnd(context, invocation, 1)
  const request = requestNamed(await client.getMembers(item.key, context), required(words[0]))
  await confirm(context, `Does the other device show "${plain(request.words)}"?`, invocation.options['yes'] === true)
  show(context, await client.approveRequest(item.key, request.id, context))
  context.output.talk(`${plain(request.name)} is let in as ${request.role}`)
  return 0
}

/** Refuses a guest. */
export const runRefuse: Run = async (context, invocation) => {
  const { client, item, words } = await folderAnd(context, invocation, 1)
  const request = requestNamed(await client.getMembers(item.key, context), required(words[0]))
  show(context, await client.refuseRequest(item.key, request.id, context))
  context.output.talk(`${plain(request.name)} is refused`)
  return 0
}

/** Removes a person, or one device of theirs, after asking on a terminal. */
export const runRemoveMember: Run = async (context, invocation) => {
  const { client, item, words } = await folderAnd(context, invocation, 1)
  const { id, name, devices } = removable(await client.getMembers(item.key, context), required(words[0]))
  const stays = `${name} keeps what ${devices === 1 ? 'that device' : 'those devices'} already had, and gets nothing new`
  await confirm(context, `Remove ${name} from ${plain(item.title)}? ${stays}.`, invocation.options['yes'] === true)
  show(context, await client.removeMember(item.key, id, context))
  context.output.talk(`${name} is removed. ${stays}; what ${name} wrote before stays in the folder`)
  return 0
}

/** Gives a person another role. */
export const runMemberRole: Run = async (context, invocation) => {
  const { client, item, words } = await folderAnd(context, invocation, 2)
  const role = v.safeParse(MemberRole, words[1])
  if (!role.success) throw new AppError('USAGE', { reason: `A role is one of ${MemberRole.options.join(', ')}, not "${words[1] ?? ''}"` })
  const person = personNamed(await client.getMembers(item.key, context), required(words[0]))
  show(context, await client.changeMember(item.key, person.id, { role: role.output }, context))
  context.output.talk(`${plain(person.name)} is ${role.output} now`)
  return 0
}

function show({ output }: Context, members: Members): void {
  output.show(members, () => membersLines(members, output))
}

/**
 * The folder and the words after it. It may be left out where it is clear: with --folder, or when one folder is shared.
 * Throws USAGE when it is not.
 */
async function folderAnd(
  context: Context,
  { args, options }: Invocation,
  count: number,
): Promise<{ client: Client; item: Item; words: readonly string[] }> {
  const words = args.filter((word) => word !== undefined)
  const named = options['folder']
  if (words.length < count) throw new AppError('USAGE', { reason: 'An argument is missing; see --help' })
  if (words.length > count) {
    if (typeof named === 'string') throw new AppError('USAGE', { reason: 'Name the folder once, as first argument or with --folder' })
    return { ...(await openFolder(context, required(words[0]))), words: words.slice(1) }
  }
  if (typeof named === 'string') return { ...(await openFolder(context, named)), words }
  const client = await context.connect()
  const shared = (await client.listFolders(context)).filter((item) => item.shared === true)
  const [item] = shared
  if (item === undefined) throw new AppError('USAGE', { reason: 'No folder is shared here; name the folder with --folder' })
  if (shared.length > 1)
    throw new AppError('USAGE', { reason: `${shared.length} folders are shared; name the one that is meant with --folder` })
  return { client, item, words }
}

function requestNamed({ requests }: Members, name: string): JoinRequest {
  const exact = requests.find((request) => request.id === name)
  const named = exact === undefined ? requests.filter((request) => request.name === name || request.device === name) : [exact]
  return onlyOne(named, name)
}

function personNamed({ people }: Members, name: string): Member {
  const exact = people.find((person) => person.id === name || person.devices.some((device) => device.key === name))
  if (exact !== undefined) return exact
  const named = people.filter((person) => person.name === name)
  return onlyOne(named.length > 0 ? named : people.filter((person) => person.devices.some((device) => device.name === name)), name)
}

/** A person, or one device of a person with several. A person's name goes before a device's. */
function removable({ people }: Members, name: string): { id: string; name: string; devices: number } {
  const persons = people.filter((person) => person.id === name || person.name === name)
  if (persons.length > 0) {
    const person = onlyOne(persons, name)
    return { id: person.id, name: plain(person.name), devices: person.devices.length }
  }
  const owned = people.flatMap((person) => person.devices.map((device) => ({ device, person })))
  const { device } = onlyOne(
    owned.filter((one) => one.device.key === name || one.device.name === name),
    name,
  )
  return { id: device.key, name: plain(device.name), devices: 1 }
}

function onlyOne<T>(found: readonly T[], name: string): T {
  const [first] = found
  if (first === undefined) throw new AppError('UNKNOWN_MEMBER', { name })
  if (found.length > 1) throw new AppError('AMBIGUOUS', { ref: name })
  return first
}
