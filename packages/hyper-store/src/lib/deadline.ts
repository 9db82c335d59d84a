/** Work that is waited for no longer than a while. */

/** What work gives, or what `late` makes of it when that takes longer than `ms`; the work itself goes on, and its later failure is nobody's. */
export async function within<Value, Late>(work: Promise<Value>, ms: number, late: () => Late): Promise<Value | Late> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<Late>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late())
      } catch (error) {
        reject(error)
      }
    }, ms)
  })
  work.catch(() => undefined)
  try {
    return await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
  }
}
