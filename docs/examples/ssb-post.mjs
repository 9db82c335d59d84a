// Posts to a running ssb-server what another program appends to a feed, as it comes:
//
//   npm install ssb-client
//   hyper-store watch hyper://… --exec 'node ssb-post.mjs'
//
// `watch --exec` gives each new block of a plain core (or row of a table) as one JSON object on stdin. Here its text becomes a post.
// Without ssb-client, or without a server that runs, it says so and ends with 0: watching goes on.
import { text } from 'node:stream/consumers'

const event = JSON.parse(await text(process.stdin))
const post = event.event === 'block' ? Buffer.from(event.bytes, 'base64').toString('utf8') : JSON.stringify(event.value ?? null)

const connect = await import('ssb-client').then(
  (module) => module.default,
  () => null,
)
if (connect === null) {
  console.error('skipped: ssb-client is not installed here (npm install ssb-client)')
} else {
  const server = await new Promise((resolve) => {
    connect((error, rpc) => resolve(error ? null : rpc))
  })
  if (server === null) {
    console.error('skipped: no ssb-server answers here')
  } else {
    await new Promise((resolve, reject) => {
      server.publish({ type: 'post', text: post }, (error, message) => (error ? reject(error) : resolve(message)))
    })
    console.log(`posted: ${post.slice(0, 80)}`)
    server.close()
  }
}
