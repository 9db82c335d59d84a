/** `run-service`: runs the store in the foreground. The one command that brings the service itself along. */
import { AppError } from '@hyper-store/client/contract'
import type { OptionValues, Run } from '../command-spec.ts'
import type { RunServiceOptions } from '../../service/run-service-options.ts'
import { loadNativeParts } from '../native-parts.ts'
import { absolutePath } from '../references.ts'

/** Runs until the service stops; its exit code is the program's. */
export const runRunService: Run = async ({ home, output }, { options }) => {
  const background = options['background'] === true
  const location = storageLocation(options)
  const wanted: RunServiceOptions = {
    ...readServiceOptions(options),
    home: location ?? home,
    // In the background JSON is only for the error that the starting command reads.
    json: output.json && !background,
    quiet: output.quiet,
    verbose: output.verbose,
    background,
    anyPort: options['anyPort'] === true,
  }
  const { runService } = await loadNativeParts(async () => import('../../service/run-service.ts'))
  return runService(wanted)
}

/** The folder of `--storage-location`, absolute; undefined when it was not given. */
export function storageLocation(options: OptionValues): string | undefined {
  const { storageLocation: dir } = options
  return typeof dir === 'string' ? absolutePath(dir) : undefined
}

type ServiceOption = 'port' | 'host' | 'exposeToInternet' | 'open' | 'name' | 'lanOnly' | 'noLan' | 'bootstrap' | 'hooks'

/** The options that run-service and install-service share, checked. Throws USAGE. */
export function readServiceOptions(options: OptionValues): Pick<RunServiceOptions, ServiceOption> {
  const lanOnly = options['lanOnly'] === true
  const bootstrap = text(options['bootstrap'])?.split(',').map(checkBootstrap) ?? []
  if (lanOnly && bootstrap.length > 0) throw new AppError('USAGE', { reason: '--lan-only never uses a DHT; leave out --bootstrap' })
  return {
    port: readPort(text(options['port']) ?? '', '--port', 0),
    host: text(options['host']) ?? '127.0.0.1',
    exposeToInternet: options['exposeToInternet'] === true,
    open: options['open'] === true,
    name: text(options['name']) ?? null,
    lanOnly,
    noLan: options['lan'] === false,
    bootstrap,
    hooks: readHooks(options),
  }
}

function readHooks(options: OptionValues): RunServiceOptions['hooks'] {
  const exec = text(options['onComplete'])
  const webhook = text(options['webhook'])
  const led = text(options['led'])
  if (webhook !== undefined && !/^https?:\/\/./i.test(webhook)) {
    throw new AppError('USAGE', { reason: `--webhook wants an http:// or https:// address, not "${webhook}"` })
  }
  return {
    ...(exec === undefined ? {} : { exec }),
    ...(webhook === undefined ? {} : { webhook }),
    ...(options['notify'] === true ? { notify: true } : {}),
    ...(led === undefined ? {} : { led }),
  }
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function readPort(given: string, option: string, least: number): number {
  const port = Number(given)
  if (/^\d{1,5}$/.test(given) && port >= least && port <= 65_535) return port
  throw new AppError('USAGE', { reason: `${option} wants a port from ${least} to 65535, not "${given}"` })
}

function checkBootstrap(node: string): string {
  const [, host = '', port = ''] = /^(.+):([^:]*)$/.exec(node.trim()) ?? []
  if (host === '') throw new AppError('USAGE', { reason: `--bootstrap wants host:port, several with commas, not "${node}"` })
  return `${host}:${readPort(port, '--bootstrap', 1)}`
}
