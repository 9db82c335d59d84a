/** Loads code of the service, and says in a sentence when its native parts have no build for this machine. */
import { AppError } from '@hyper-store/client/contract'

/** What `load` imports. Throws UNSUPPORTED_PLATFORM. */
export async function loadNativeParts<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    // The native parts have no build for 32-bit systems and musl; node's own words would not help anybody.
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ERR_DLOPEN_FAILED' && !String(error).includes('Cannot find addon')) throw error
    const reason = `hyper-store has no build for ${process.platform} ${process.arch} with this libc`
    const cure = 'It runs on 64-bit systems with glibc 2.34 or newer (Raspberry Pi OS 64-bit), macOS and Windows'
    throw new AppError('UNSUPPORTED_PLATFORM', { reason, cure }, { cause: error })
  }
}
