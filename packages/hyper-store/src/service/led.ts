/** Shows the state of the store on a Linux LED: blinking while syncing, lit when complete, dark otherwise. */
import { constants } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import { createSerial } from '../lib/serial.ts'

/** What the LED shows. */
export type LedState = 'syncing' | 'complete' | 'off'

/** An LED taken over from the system. */
export interface Led {
  /** Shows a state; the newest call wins. Failures are told to `onProblem` once, never thrown. */
  show(state: LedState): Promise<void>
  /** Gives the LED back to what the system used it for. */
  close(): Promise<void>
}

/** An LED by name (`ACT`) or as the path of its folder, like /sys/class/leds/ACT. */
export function ledFolder(led: string): string {
  if (isAbsolute(led)) return led
  if (!/^[\w:.-]+$/.test(led) || led.startsWith('.')) {
    throw new AppError('USAGE', { reason: `"${led}" is no LED; give a name out of /sys/class/leds or the path of its folder` })
  }
  return join('/sys/class/leds', led)
}

/** Takes an LED. @throws USAGE for a bad name; NOT_FOUND when its folder has no `trigger` and `brightness`; FORBIDDEN when it can't be read */
export async function openLed(led: string, onProblem: (message: string) => void): Promise<Led> {
  const folder = ledFolder(led)
  const before = await readLed(folder)
  let told = false
  const queue = createSerial()
  let wanted: LedState | 'before' | null = null

  // Existing files only: a wrong path must not be filled with files.
  const write = (name: string, text: string) => writeFile(join(folder, name), text, { flag: constants.O_WRONLY | constants.O_TRUNC })
  const set = async (state: LedState | 'before') => {
    if (state === 'syncing') {
      // The kernel's own blinking costs no wake-ups; half a second on and off is its default.
      await write('trigger', 'timer')
      return
    }
    if (state === 'before') {
      await write('trigger', before.trigger)
      if (before.trigger === 'none') await write('brightness', before.brightness)
      return
    }
    await write('trigger', 'none')
    await write('brightness', state === 'complete' ? before.maxBrightness : '0')
  }
  const setNow = async (state: LedState | 'before') => {
    // Overtaken by a later call.
    if (wanted !== state) return
    try {
      await set(state)
      told = false
    } catch (error) {
      if (!told) onProblem(`The LED ${folder} cannot be set: ${error instanceof Error ? error.message : String(error)}`)
      told = true
    }
  }
  const next = (state: LedState | 'before') => {
    wanted = state
    return queue.run(() => setNow(state))
  }
  return { show: next, close: () => next('before') }
}

async function readLed(folder: string): Promise<{ trigger: string; brightness: string; maxBrightness: string }> {
  try {
    const [triggers, brightness] = await Promise.all([
      readFile(join(folder, 'trigger'), 'utf8'),
      readFile(join(folder, 'brightness'), 'utf8'),
    ])
    const max = await readFile(join(folder, 'max_brightness'), 'utf8').catch(() => '1')
    // The list of triggers has the one in use in brackets: `none timer [mmc0]`.
    const trigger = /\[([^\]]+)\]/.exec(triggers)?.[1] ?? 'none'
    return { trigger, brightness: brightness.trim(), maxBrightness: max.trim() === '' ? '1' : max.trim() }
  } catch (error) {
    const code = (error as { code?: unknown }).code
    if (code === 'EACCES' || code === 'EPERM') throw new AppError('FORBIDDEN', { reason: `${folder} may not be read` }, { cause: error })
    throw new AppError('NOT_FOUND', { what: `The LED ${folder}` }, { cause: error })
  }
}
