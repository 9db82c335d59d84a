// Prints changes and receipts as they happen, for the seconds given (default: until it is stopped).
// Usage: node watch.mjs [seconds]
import { createClient } from '@hyper-store/client'

const seconds = Number(process.argv[2] ?? 0)
const client = createClient({ url: process.env.HYPER_STORE_URL, token: process.env.HYPER_STORE_TOKEN })
const signal = seconds > 0 ? AbortSignal.timeout(seconds * 1000) : undefined

for await (const event of client.events({ signal })) {
  if (event.event === 'change') console.log(event.op, event.path)
  if (event.event === 'receipt') console.log(event.device.name, 'holds version', event.version)
}
