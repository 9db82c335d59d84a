// Shares a folder and ends when this store, and every provider that keeps it, hold the newest version.
// Usage: node share-and-wait.mjs <folder> [provider]
import path from 'node:path'
import { createClient } from '@hyper-store/client'

const [folder = '.', provider] = process.argv.slice(2)
const client = createClient({ url: process.env.HYPER_STORE_URL, token: process.env.HYPER_STORE_TOKEN })

const item = await client.addFolder({ path: path.resolve(folder), ...(provider === undefined ? {} : { provider }) })
console.log(item.link)

const receipts = await client.wait(item.key, {
  ...(provider === undefined ? {} : { devices: ['this', provider] }),
  timeoutS: 600,
  onItem: ({ progress, secondsLeft }) => console.error(`${Math.round(progress * 100)} %`, secondsLeft ?? ''),
})
for (const { device, version, files, bytes } of receipts) {
  console.log(`${device.name} holds version ${version}: ${files} files, ${bytes} bytes`)
}
