/** `beam`: an encrypted pipe to one other person, stdin to their stdout and back. It needs no store. */
import { pipeline } from 'node:stream/promises'
import { AppError } from '@hyper-store/client/contract'
import { createPhrase, openBeam } from '../../hyper/beam.ts'
import type { Run } from '../command-spec.ts'
import { parseSeconds } from '../format.ts'

/** Prints what comes, sends what is read. */
export const runBeam: Run = async ({ output, signal }, { args: [given], options }) => {
  const phrase = given ?? createPhrase()
  const listens = given === undefined || options['listen'] === true
  const seconds = typeof options['timeout'] === 'string' ? parseSeconds(options['timeout'], '--timeout') : null
  const bootstrap = typeof options['bootstrap'] === 'string' ? options['bootstrap'].split(',') : []
  if (given === undefined) output.talk(`On the other machine: hyper-store beam ${phrase}`)
  output.talk(listens ? 'Waiting for the other side…' : 'Looking for the other side…')
  const limit = seconds === null ? signal : AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)])
  const beam = await openBeam({ phrase, listens, bootstrap, signal: limit })
  if (beam === null) {
    if (signal.aborted) throw new AppError('CANCELLED')
    throw new AppError('TIMED_OUT', { seconds: seconds ?? 0, missing: 'nobody came with that phrase' })
  }
  output.talk('Connected')
  const stop = () => void beam.close()
  signal.addEventListener('abort', stop)
  try {
    const sends = pipeline(process.stdin, beam.stream, { end: false }).then(async () => beam.end())
    sends.catch(() => undefined)
    await pipeline(beam.stream, process.stdout, { end: false })
    // A person at a terminal who was left has nobody to write to.
    if (process.stdin.isTTY) process.stdin.destroy()
    else await sends
  } catch (error) {
    if (signal.aborted) throw new AppError('CANCELLED', {}, { cause: error })
    throw new AppError('NO_PEER', {}, { cause: error })
  } finally {
    signal.removeEventListener('abort', stop)
    await beam.close()
  }
  return 0
}
