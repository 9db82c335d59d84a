/** `devices`: who may use a store. */
import type { Device } from '@hyper-store/client'
import type { Run } from '../command-spec.ts'
import { formatBytes, formatMoment, parseBytes } from '../format.ts'
import { plain } from '../output.ts'
import { openStore, required } from '../references.ts'

/** Lists devices with role, last seen, and what is kept for them. */
export const runDevices: Run = async (context, { args: [provider] }) => {
  const { output, signal } = context
  const devices = await (await openStore(context, provider)).listDevices({ signal })
  if (output.json) for (const device of devices) output.show(device, () => [])
  else output.table(devices.map((device) => [plain(device.name), device.role, device.key, seen(device), ...used(device)]))
  if (devices.length === 0) output.talk('No other device may use this store; hyper-store pair invites one')
  return 0
}

/** Renames a device. */
export const runRenameDevice: Run = async (context, { args: [device, name] }) => {
  const renamed = await (await context.connect()).changeDevice(required(device), { name: required(name) }, context)
  context.output.show(renamed, () => [[plain(renamed.name), renamed.role, renamed.key].join('\t')])
  return 0
}

/** Sets or takes away the limit of what a store keeps for a device. */
export const runLimitDevice: Run = async (context, { args: [device, size, provider] }) => {
  const wanted = required(size)
  const quotaBytes = wanted === 'none' ? null : parseBytes(wanted, 'The limit')
  const limited = await (await openStore(context, provider)).changeDevice(required(device), { quotaBytes }, context)
  context.output.show(limited, () => [[plain(limited.name), limited.role, limited.key, ...used(limited)].join('\t')])
  return 0
}

/** Takes a device its right. */
export const runRevokeDevice: Run = async (context, { args: [device] }) => {
  const done = await (await context.connect()).revokeDevice(required(device), context)
  context.output.show(done, () => [])
  context.output.talk(`${required(device)} can't use this store any more`)
  return 0
}

function seen({ connected, lastSeenAt }: Device): string {
  if (connected) return 'connected'
  return lastSeenAt === null ? 'never seen' : `last seen ${formatMoment(lastSeenAt)}`
}

/** Nothing of a store of an older version, which does not count. */
function used({ usedBytes, quotaBytes }: Device): string[] {
  if (usedBytes === undefined) return []
  return [quotaBytes == null ? formatBytes(usedBytes) : `${formatBytes(usedBytes)} of ${formatBytes(quotaBytes)}`]
}
