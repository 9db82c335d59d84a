/** The calls that home-lock.ts uses of a package without types. */
declare module 'fs-native-extensions' {
  /** True when the exclusive lock on the range was granted; false when another open file holds it. */
  export function tryLock(fd: number, offset: number, length: number): boolean
  /** Releases the lock on the range. */
  export function unlock(fd: number, offset: number, length: number): void
}
