/** `wait`: ends when the named devices hold the newest version of a folder. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Item, ReceiptEvent } from '@hyper-store/client'
import { AppError } from '@hyper-store/client/contract'
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { parseSeconds } from '../format.ts'
import { progressOf, receiptLine } from '../item-lines.ts'
import { createPace } from '../pace.ts'
import { startProgress } from '../progress.ts'
import { openFolder, required } from '../references.ts'

/** Prints a receipt for each device, then runs what `--exec` says. */
export const runWait: Run = async (context, { args: [folder, ...names], options }) => {
  const { output, signal } = context
  const { timeout, exec } = options
  const timeoutS = typeof timeout === 'string' ? { timeoutS: parseSeconds(timeout, '--timeout') } : {}
  const { client, item } = await openFolder(context, required(folder))
  const devices = names.filter((name) => name !== undefined).map((name) => (name === 'local' ? 'this' : name))
  let newest = item
  const pace = createPace()
  using progress = startProgress(output, item.title)
  const onItem = (seen: Item) => {
    newest = seen
    progress.update(pace(progressOf(seen, devices), { bytes: seen.bytes, nowMs: performance.now() }))
  }
  const receipts = await client.wait(item.key, { devices, ...timeoutS, signal, onItem })
  progress[Symbol.dispose]()
  for (const receipt of receipts) output.show(receipt, () => [receiptLine(receipt, newest.title)])
  if (typeof exec === 'string') await runAfter(context, exec, { item: newest, receipts })
  return 0
}

async function runAfter(context: Context, command: string, { item, receipts }: { item: Item; receipts: ReceiptEvent[] }): Promise<void> {
  const env = {
    ...context.env,
    HYPER_STORE_LINK: item.link,
    HYPER_STORE_TITLE: item.title,
    HYPER_STORE_VERSION: String(item.version),
    HYPER_STORE_DEVICES: receipts.map((receipt) => receipt.device.name).join(','),
  }
  // With --json, stdout is promised to be JSON lines: the command's own words go where talk goes.
  const child = spawn(command, { shell: true, env, stdio: ['inherit', context.output.json ? process.stderr : 'inherit', 'inherit'] })
  const [code, killed] = (await once(child, 'exit')) as [number | null, string | null]
  if (code !== 0) throw new AppError('COMMAND_FAILED', { command, reason: `it ended with ${code ?? killed}` })
}
