/** What every command is given: the home, the output, the signal that ends it, and the way to a store. */
import type { Client } from '@hyper-store/client'
import { AppError } from '@hyper-store/client/contract'
import type { Output } from './output.ts'

/** One run of the program. */
export interface Context {
  /** Absolute folder of the store. */
  readonly home: string
  /** True when the home was named by option or environment. */
  readonly homeGiven: boolean
  readonly output: Output
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal
  readonly env: NodeJS.ProcessEnv
  /** A client of this home's service, which is started when none runs. Throws SERVICE_UNREACHABLE with `--no-start`. */
  connect(): Promise<Client>
  /** A client of the service when one runs; null otherwise. */
  connectIfRunning(): Promise<Client | null>
}

/** Options of `createContext`. */
export interface ContextOptions {
  readonly home: string
  readonly homeGiven: boolean
  readonly output: Output
  readonly signal: AbortSignal
  readonly env: NodeJS.ProcessEnv
  /** False with `--no-start`. */
  readonly start: boolean
}

/** Makes the context; nothing is asked or started before a command connects. */
export function createContext({ start, ...rest }: ContextOptions): Context {
  const { home, output, signal } = rest
  const connectIfRunning = async () => {
    const { findService } = await import('./home.ts')
    return findService(home, signal)
  }
  return {
    ...rest,
    connectIfRunning,
    async connect() {
      const running = await connectIfRunning()
      if (running !== null) return running
      if (!start) throw new AppError('SERVICE_UNREACHABLE', { home })
      const { logPath, startService } = await import('./start-service.ts')
      output.talk(`Starting hyper-store in the background (its log: ${logPath(home)})`)
      return startService(home, signal)
    },
  }
}
