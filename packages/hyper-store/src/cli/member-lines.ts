/** Members of a folder as lines for people. */
import type { Invite, JoinRequest, Member, MemberDevice, Members } from '@hyper-store/client'
import { formatMoment } from './format.ts'
import { plain } from './output.ts'
import type { Output } from './output.ts'

/** People with their devices, guests who wait, open invites, and what was ignored or cut off. */
export function membersLines(members: Members, output: Output): string[] {
  const lines = members.people.flatMap((person) => personLines(person, output))
  for (const request of members.requests) lines.push(requestLine(request, output))
  for (const invite of members.invites.filter(({ state }) => state === 'open')) lines.push(inviteLine(invite, output))
  for (const { about, reason } of members.problems) lines.push(output.paint('warn', `problem  ${plain(about)}: ${plain(reason)}`))
  return lines
}

function personLines({ id, name, role, you, blind, devices }: Member, output: Output): string[] {
  const more = [role, ...(blind ? ['cannot read'] : []), ...(you ? ['you'] : []), id]
  const names = devices.map((device) => plain(device.name))
  const widest = Math.max(0, ...names.map((text) => text.length))
  return [
    `${output.paint('strong', plain(name))}  ${more.join(' · ')}`,
    ...devices.map((device, i) => `  ${(names[i] ?? '').padEnd(widest)}  ${holds(device, output)}${device.you ? ', this device' : ''}`),
  ]
}

function holds({ version, complete, at, live }: MemberDevice, output: Output): string {
  if (at === null) return output.paint('dim', 'has told nothing yet')
  const when = live ? 'live' : `last seen ${formatMoment(at)}`
  return `holds version ${version} (${when})${complete ? `, ${output.paint('good', 'complete')}` : ''}`
}

function requestLine({ id, name, device, role, words }: JoinRequest, output: Output): string {
  return `${output.paint('warn', 'waiting')}  ${plain(name)} (${plain(device)}) as ${role}: ${output.paint('strong', plain(words))}  ${id}`
}

function inviteLine({ id, role, uses, used, expiresAt, approve, mine, by }: Invite, output: Output): string {
  const facts = [mine ? 'own device' : role, `used ${used} of ${uses}`, `until ${formatMoment(expiresAt)}`, `by ${plain(by)}`]
  return `${output.paint('dim', 'invite')}   ${[...facts, ...(approve ? ['with approval'] : []), id].join(' · ')}`
}
