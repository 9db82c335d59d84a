/** The doctor: looks at everything a store depends on and says for each thing whether it is well, and its cure. */
import type { Check } from '@hyper-store/client/contract'
import { checkDisk, checkHome, checkWatches } from './doctor-home.ts'
import { checkAddons, checkLibatomic, checkPlatform } from './doctor-machine.ts'
import { checkClock, checkInternet, checkLan, checkNat, checkPort, checkRelay } from './doctor-network.ts'
import type { NetworkFacts } from './doctor-network.ts'

/** What a running service knows of itself. */
export interface LiveFacts extends NetworkFacts {
  /** Folders that it would have to watch, with all folders in them. */
  readonly watchesNeeded?: number | undefined
}

/** What to look at. */
export interface DoctorRequest {
  /** Folder of the home. */
  readonly home: string
  /** Port of the store, default 3472. */
  readonly port?: number | undefined
  readonly host?: string | undefined
  /** Absent when no service runs. */
  readonly service?: LiveFacts | undefined
  /** Addresses of providers; the first that answers tells the time. */
  readonly providerUrls?: readonly string[] | undefined
  /** Asks the DHT whether it is in reach; the doctor bounds it. Absent: unknown. */
  readonly probeInternet?: ((signal: AbortSignal) => Promise<boolean>) | undefined
}

/** Runs all checks, bounded to a few seconds; a check that fails by itself is reported as unknown, never thrown. */
export async function runDoctor(request: DoctorRequest): Promise<Check[]> {
  const { home, service } = request
  const groups: Promise<Check[]>[] = [
    guarded('platform', async () => checkPlatform()),
    guarded('libatomic', async () => [await checkLibatomic()]),
    guarded('addons', async () => [await checkAddons()]),
    guarded('home', async () => [await checkHome(home)]),
    guarded('disk', async () => [await checkDisk(home)]),
    guarded('watches', async () => [await checkWatches(service?.watchesNeeded ?? 0)]),
    guarded('port', async () => [await checkPort({ port: request.port ?? 3472, host: request.host ?? '127.0.0.1', service })]),
    guarded('lan', async () => [await checkLan(service)]),
    guarded('internet', async () => [await checkInternet(service, request.probeInternet)]),
    guarded('nat', async () => [checkNat(service)]),
    guarded('relay', async () => [checkRelay(service)]),
    guarded('clock', async () => [await checkClock(request.providerUrls ?? [])]),
  ]
  return (await Promise.all(groups)).flat()
}

async function guarded(name: string, check: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await check()
  } catch (error) {
    return [
      { name, state: 'unknown', message: `Could not be checked: ${error instanceof Error ? error.message : String(error)}`, cure: null },
    ]
  }
}
