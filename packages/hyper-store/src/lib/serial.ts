/** Runs asynchronous steps one after the other, in the order in which they were asked for. */

/** A queue of one: each step begins when the step before has ended, well or badly. */
export interface Serial {
  run<Result>(step: () => Promise<Result>): Promise<Result>
}

/** Makes a queue of one. */
export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve()
  return {
    run(step) {
      const result = last.then(step, step)
      last = result.catch(() => undefined)
      return result
    },
  }
}
