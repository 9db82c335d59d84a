// Prints what a store keeps: link, title, state and size, one line each.
import { createClient } from '@hyper-store/client'

const client = createClient({ url: process.env.HYPER_STORE_URL, token: process.env.HYPER_STORE_TOKEN })

for (const item of await client.listFolders()) {
  console.log(item.link, item.title, item.state, `${item.bytes} bytes`)
}
