/** `doctor`: checks of the store and its surroundings, each with its cure. */
import type { Check } from '@hyper-store/client'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import type { Paint } from '../output.ts'

const MARKS: Record<Check['state'], readonly [mark: string, paint: Paint]> = {
  ok: ['✓', 'good'],
  warning: ['!', 'warn'],
  wrong: ['✗', 'bad'],
  unknown: ['?', 'dim'],
}

/** Asks the service when one runs; else checks what can be checked without it. Ends with 1 when something is wrong. */
export const runDoctorCommand: Run = async (context) => {
  const { output, home, signal } = context
  const client = await context.connectIfRunning()
  const checks = client === null ? await (await import('../../service/doctor.ts')).runDoctor({ home }) : await client.runDoctor({ signal })
  for (const check of checks) {
    const [mark, paint] = MARKS[check.state]
    output.show(check, () => {
      const line = `${output.paint(paint, `${mark} ${check.state.padEnd(7)}`)}  ${plain(check.name)}: ${plain(check.message)}`
      return check.cure === null ? [line] : [line, `             ${plain(check.cure)}`]
    })
  }
  if (client === null) output.talk('No service runs on this home; the checks of its network were left out')
  return checks.some((check) => check.state === 'wrong') ? 1 : 0
}
