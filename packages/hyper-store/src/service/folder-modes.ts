/** Which modes a device may give a folder. */
import { AppError, type FolderMode } from '@hyper-store/client/contract'

/** Throws BAD_REQUEST or FORBIDDEN when a folder can't be kept in this mode. */
export function refuseMode(
  mode: FolderMode,
  folder: { readonly path: string | null; readonly blind: boolean; readonly mayWrite: boolean },
): void {
  const keeps = mode === 'keep' || mode === 'keep-blind'
  if (keeps !== (folder.path === null))
    throw new AppError('BAD_REQUEST', {
      reason: keeps
        ? 'this folder has files on disk; remove it and add its link to keep it only'
        : 'this store only keeps the folder; clone it to a path',
    })
  if (keeps && (mode === 'keep-blind') !== folder.blind)
    throw new AppError('BAD_REQUEST', { reason: 'blind or not is decided when a folder is added' })
  if ((mode === 'send-receive' || mode === 'send-only') && !folder.mayWrite)
    throw new AppError('FORBIDDEN', { reason: 'this device may only read the folder' })
}
