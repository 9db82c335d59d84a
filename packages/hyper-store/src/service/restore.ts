/** Makes a new home from a backup: the same device with the same links, whose logs wait for a peer before they grow. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import { encodeZ32 } from '../core/links.ts'
import { CoreStorage } from '../hyper/core-storage.ts'
import { loadIdentity } from '../hyper/transports/identity.ts'
import type { FolderRecord } from '../state/records.ts'
import { openState } from '../state/state.ts'
import type { State } from '../state/state.ts'
import { badBackup, openBackup } from './backup.ts'
import type { BackupContent } from './backup.ts'
import { lockHome } from './home-lock.ts'
import { flushTree, makeHome, readText, writeSecret } from './home.ts'
import type { Home } from './home.ts'
import { FolderRoster } from './rosters.ts'
import { readMachine, refuseCopiedStore } from './twin.ts'

/** What is restored, and where. */
export interface RestoreOptions {
  /** Absolute. */
  readonly homeFolder: string
  /** The backup file. */
  readonly bytes: Uint8Array
  readonly passphrase: string
}

/** What came back. */
export interface Restored {
  readonly home: string
  readonly name: string
  /** z-base-32. */
  readonly deviceKey: string
  /** Folders that are kept, with their paths; null when only kept. */
  readonly folders: readonly { readonly title: string; readonly path: string | null }[]
  /** Paths of folders that could not be made on this disk. */
  readonly unmade: readonly string[]
}

/**
 * Restores a backup into a home that holds no store. Own drives get the keys they had; their content comes from peers. Files that
 * lie in the folders stay as they are. When it fails, the home is left without a store.
 * @throws BAD_BACKUP; NEWER_FORMAT; HOME_LOCKED; HOME_NOT_EMPTY; READ_ONLY_DISK; DISK_FULL
 */
export async function restoreBackup({ homeFolder, bytes, passphrase }: RestoreOptions): Promise<Restored> {
  const content = await openBackup(bytes, passphrase)
  const home = await makeHome(homeFolder)
  await using _lock = await lockHome(home)
  if (await holdsStore(home)) throw new AppError('HOME_NOT_EMPTY', { home: home.folder })
  try {
    // Before the first log, or the logs would look like those of another machine.
    await refuseCopiedStore(home, { machine: await readMachine(), moved: false })
    await restoreState(home, content)
    await flushTree(home.folder)
    // Last: a home without it does not start, so a restore that was cut short can't pass for a whole one.
    await writeSecret(home.identityFile, `${content.seed}\n`)
  } catch (error) {
    for (const made of [home.stateFolder, home.coresFolder, home.identityFile]) await rm(made, { recursive: true, force: true })
    throw error
  }
  const kept = content.folders.filter((folder) => folder.removedAtMs === null)
  return {
    home: home.folder,
    name: content.name,
    deviceKey: loadIdentity(Buffer.from(content.seed, 'hex')).deviceKey,
    folders: kept.map((folder) => ({ title: folder.title, path: folder.path })),
    unmade: await makeFolders(kept),
  }
}

async function holdsStore(home: Home): Promise<boolean> {
  if ((await readText(home.identityFile)) !== null) return true
  for (const folder of [home.coresFolder, home.stateFolder]) if ((await readdir(folder)).length > 0) return true
  return false
}

async function restoreState(home: Home, content: BackupContent): Promise<void> {
  await using state = await openState(home.stateFolder)
  await state.settings.set('name', content.name)
  for (const folder of content.folders) await state.folders.put(restoredFolder(folder))
  for (const provider of content.providers) await state.providers.put(provider)
  for (const device of content.devices) await state.devices.put(device)
  for (const invite of content.invites) await state.invites.put(invite)
  for (const [name, value] of Object.entries(content.settings)) await state.settings.set(name, value)
  const identity = loadIdentity(Buffer.from(content.seed, 'hex'))
  for (const { key, epochs } of content.folders) {
    // Members hold the roster too, and tell what came after; with it the own drives are known before anybody is met.
    await new FolderRoster(key, { identity, table: state.roster(key), keys: epochs, now: () => Date.now() }).take(
      content.rosters[key] ?? [],
    )
  }
  await restoreDrives({ home, state }, content)
}

/** What was last seen on the old disk says nothing about this one, and a log of its own may have gone on after the backup. */
function restoredFolder(folder: FolderRecord): FolderRecord {
  return { ...folder, rootIdentity: null, safetyStop: null, recovering: folder.ownDrive !== null || folder.drives.length > 0 }
}

/** Makes the own drives, empty, with the keys that their links name. */
async function restoreDrives({ home, state }: { home: Home; state: State }, content: BackupContent): Promise<void> {
  const cores = await CoreStorage.open(home.coresFolder, {
    checkpoints: state.checkpoints,
    primaryKey: Buffer.from(content.primaryKey, 'hex'),
  })
  try {
    for (const { key, kind, ownDrive, encryptionKey } of content.folders) {
      if (ownDrive === null) continue
      const secret = encryptionKey === null ? null : Buffer.from(encryptionKey, 'hex')
      const drive = kind === 'table' ? await cores.openOwnTable(ownDrive, secret) : await cores.openOwn(ownDrive, secret)
      const made = encodeZ32(drive.key)
      await drive.close()
      if (made !== key) throw badBackup()
    }
  } finally {
    await cores.close()
  }
}

/** Makes the folders that are missing, so that their files can come back; gives the paths where that can't be. */
async function makeFolders(folders: readonly FolderRecord[]): Promise<string[]> {
  const unmade: string[] = []
  for (const { path: at } of folders) {
    if (at === null) continue
    // A path of another system is a name here.
    const made =
      path.isAbsolute(at) &&
      (
        await mkdir(at, { recursive: true })
          .then(() => stat(at))
          .catch(() => null)
      )?.isDirectory() === true
    if (!made) unmade.push(at)
  }
  return unmade
}
