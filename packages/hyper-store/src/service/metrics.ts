/** The numbers of a store for monitoring. */
import type { Item } from '@hyper-store/client/contract'
import type { StoreApi } from '../core/store-api.ts'

/** Gauges and counters of a store with these items and this many connections. */
export function metricsOf(items: readonly Item[], connections: number): Awaited<ReturnType<StoreApi['metrics']>> {
  const ofStore = (value: number) => [{ labels: {}, value }]
  const byFolder = (value: (item: Item) => number) =>
    items.map((item) => ({ labels: { key: item.key, title: item.title }, value: value(item) }))
  return [
    { name: 'hyper_store_folders', help: 'Things kept.', type: 'gauge', values: ofStore(items.length) },
    { name: 'hyper_store_connections', help: 'Devices connected now.', type: 'gauge', values: ofStore(connections) },
    {
      name: 'hyper_store_memory_bytes',
      help: 'Resident memory of the service.',
      type: 'gauge',
      values: ofStore(process.memoryUsage.rss()),
    },
    { name: 'hyper_store_folder_bytes', help: 'Bytes of the newest version.', type: 'gauge', values: byFolder((i) => i.bytes) },
    { name: 'hyper_store_folder_files', help: 'Files of the newest version.', type: 'gauge', values: byFolder((i) => i.files) },
    { name: 'hyper_store_folder_version', help: 'Newest version held.', type: 'counter', values: byFolder((i) => i.version) },
    {
      name: 'hyper_store_folder_complete',
      help: '1 when up to date with everything known.',
      type: 'gauge',
      values: byFolder((i) => (i.state === 'up-to-date' ? 1 : 0)),
    },
  ]
}
