/** What `runService` is told: the options of the command `run-service`, checked. */

/** Options of `runService(options): Promise<number>`, which resolves with the exit code once the service has stopped. */
export interface RunServiceOptions {
  /** Absolute folder of configuration, state and cores. */
  readonly home: string
  /** 0 takes a free one. */
  readonly port: number
  /** Address to listen on; `exposeToInternet` listens on all interfaces instead. */
  readonly host: string
  readonly exposeToInternet: boolean
  readonly open: boolean
  /** Name of this device; null: the one it has, at first the host name. */
  readonly name: string | null
  readonly lanOnly: boolean
  readonly noLan: boolean
  /** DHT nodes as `host:port`; empty: the public ones. */
  readonly bootstrap: readonly string[]
  /** What happens when a sync is complete (`HookSettings` of hooks.ts); empty: what the store's settings say. */
  readonly hooks: { readonly exec?: string; readonly webhook?: string; readonly notify?: boolean; readonly led?: string }
  /** Events as JSON lines on stdout. */
  readonly json: boolean
  /** No talk on stderr. */
  readonly quiet: boolean
  readonly verbose: boolean
  /** Started by a command: nobody reads stdout, and stderr is `<home>/service.log`. */
  readonly background: boolean
  /** Take a free port when `port` is taken, instead of ending with PORT_TAKEN. */
  readonly anyPort: boolean
}
