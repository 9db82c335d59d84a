/** Items and receipts as lines for people. */
import type { Item, ItemDevice, ReceiptEvent } from '@hyper-store/client'
import { formatBytes, formatFiles, formatMoment, formatSeconds, formatShare } from './format.ts'
import { plain } from './output.ts'
import type { Output, Paint } from './output.ts'
import type { ProgressState } from './progress.ts'

const STATE_PAINT: Record<Item['state'], Paint> = {
  'up-to-date': 'good',
  syncing: 'strong',
  waiting: 'warn',
  paused: 'dim',
  error: 'bad',
}

/** Row of `list`: link, title, state, size, peers. Piped, each cell is one plain value. */
export function itemRow(item: Item, output: Output): string[] {
  const { link, title, peers } = item
  const size = formatBytes(item.bytes)
  if (!output.terminal) return [link, plain(title), item.state, size, String(peers)]
  return [link, plain(title), stateWords(item, output), size, `${peers} ${peers === 1 ? 'peer' : 'peers'}`]
}

/** The block of `status`: title and link, place, state, then a line for each device. */
export function statusLines(item: Item, output: Output): string[] {
  const place = [item.path === null ? 'no folder on this machine' : plain(item.path), item.mode]
  if (item.private) place.push('private')
  if (item.shared === true) place.push(`shared, ${item.role}`)
  place.push(`${formatFiles(item.files)}, ${formatBytes(item.bytes)}`, `version ${item.version}`)
  const lines = [`${output.paint('strong', plain(item.title))}  ${item.link}`, `  ${place.join(' · ')}`]
  const pace = [stateWords(item, output)]
  if (item.state === 'syncing' && item.bytesPerSecond > 0) pace.push(`${formatBytes(item.bytesPerSecond)}/s`)
  if (item.secondsLeft !== null) pace.push(`${formatSeconds(item.secondsLeft)} left`)
  lines.push(`  ${pace.join(' · ')}`)
  if (item.problem !== null) lines.push(`  ${output.paint(item.state === 'error' ? 'bad' : 'warn', plain(item.problem.message))}`)
  if ((item.conflicts ?? 0) > 0)
    lines.push(`  ${output.paint('warn', `${item.conflicts ?? 0} in conflict`)}; hyper-store conflicts shows which`)
  if (item.exclude !== undefined && item.exclude.length > 0) lines.push(`  left out here: ${item.exclude.map(plain).join(', ')}`)
  const names = item.devices.map(deviceName)
  const widest = Math.max(0, ...names.map((name) => name.length))
  for (const [i, device] of item.devices.entries()) {
    lines.push(`  ${(names[i] ?? '').padEnd(widest)}  ${ROLE_WORDS[device.role]}  ${deviceWords(device, item, output)}`)
  }
  return lines
}

const ROLE_WORDS: Record<ItemDevice['role'], string> = { this: 'this device', provider: 'provider   ', device: 'device     ' }

/** The name with the person's, where that tells more. */
function deviceName({ name, person }: ItemDevice): string {
  return person === undefined || person === name ? plain(name) : `${plain(name)} (${plain(person)})`
}

function deviceWords(device: ItemDevice, item: Item, output: Output): string {
  if (device.at === null) return output.paint('dim', 'has told nothing yet')
  const when = device.live ? 'live' : `as of ${formatMoment(device.at)}`
  const holds = `holds version ${device.version} (${when})`
  if (device.complete) return `${holds}, ${output.paint('good', 'complete')}`
  return `${holds}, ${formatShare(device.progress)} of version ${item.version}`
}

function stateWords(item: Item, output: Output): string {
  const share = item.state === 'syncing' ? ` ${formatShare(item.progress)}` : ''
  return output.paint(STATE_PAINT[item.state], item.state) + share
}

/** `raspberry holds version 12 of photos (1,234 files, 1.2 GB) since 10:32:05`. */
export function receiptLine(receipt: ReceiptEvent, title: string): string {
  const size = `${formatFiles(receipt.files)}, ${formatBytes(receipt.bytes)}`
  return `${plain(receipt.device.name)} holds version ${receipt.version} of ${plain(title)} (${size}) since ${formatMoment(receipt.at)}`
}

/**
 * How far the slowest of the devices is. `wanted` are names or keys of devices, or people, who are as far as the first of their devices;
 * `this` is the store asked; none: that store and every provider.
 */
export function progressOf(item: Item, wanted: readonly string[] = []): ProgressState {
  const leading = wanted.map(
    (person) => item.devices.filter((device) => device.person === person).toSorted((a, b) => b.progress - a.progress)[0],
  )
  const called = (device: ItemDevice, name: string) => name === device.name || name === device.key || name === OWN_NAMES[device.role]
  const isDevice = (name: string) => item.devices.some((device) => called(device, name))
  const is = (device: ItemDevice) => wanted.some((name, i) => called(device, name) || (!isDevice(name) && leading[i] === device))
  const asked = item.devices.filter((device) => (wanted.length === 0 ? device.role !== 'device' : is(device)))
  // A provider may have another name of its own than the one it was given here.
  const devices = asked.length > 0 ? asked : item.devices.filter((device) => device.role === 'provider')
  const slowest = devices.toSorted((a, b) => a.progress - b.progress)[0]
  const pace = { bytesPerSecond: item.bytesPerSecond, secondsLeft: item.secondsLeft }
  if (slowest === undefined) return { share: item.progress, ...pace }
  const share = slowest.complete ? 1 : slowest.progress
  if (slowest.role === 'this') return { share, ...pace }
  return { share, note: slowest.live ? slowest.name : `${slowest.name} is not connected` }
}

const OWN_NAMES: Partial<Record<ItemDevice['role'], string>> = { this: 'this' }
