/** Devices and boxes: the boxes of this store, joins under way, the devices that may use it, and the lists that it follows. */
import { FolderPlus } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Notice, PageHead, Skeleton } from '../../kit/layout.tsx'
import { useSnapshot, useStore } from '../../live/use-store.tsx'
import { DEVICES, JOINS, OWN_DEVICES } from '../../words/devices.ts'
import { visibleName } from '../../words/format.ts'
import { AddFolderDialog } from './add-folder-dialog.tsx'
import type { AddWay } from './add-folder-dialog.tsx'
import { Boxes } from './boxes.tsx'
import css from './devices.module.css'
import { Joins } from './joins.tsx'
import { Lists } from './lists.tsx'
import { OwnDevices } from './own-devices.tsx'

/** The screen. */
export function DevicesScreen(): ReactNode {
  const { info, items } = useSnapshot()
  const { target } = useStore()
  const [adding, setAdding] = useState<AddWay | null>(null)
  const isOwner = info?.role === 'owner'
  return (
    <>
      <PageHead
        title={DEVICES.title}
        actions={
          isOwner && (
            <>
              <Button onClick={() => setAdding('join')}>{JOINS.join}</Button>
              <Button onClick={() => setAdding('share')}>
                <FolderPlus size={17} aria-hidden />
                {DEVICES.add}
              </Button>
            </>
          )
        }
      >
        {DEVICES.intro}
      </PageHead>
      {info === null || items === null ? (
        <Skeleton height="12rem" />
      ) : isOwner ? (
        <div className={css['screen']}>
          <Joins />
          <Boxes items={items} />
          <OwnDevices title={target === 'local' ? OWN_DEVICES.title : OWN_DEVICES.titleOf(visibleName(info.name))} />
          <Lists />
        </div>
      ) : (
        <Notice>{DEVICES.ownersOnly(visibleName(info.name))}</Notice>
      )}
      <AddFolderDialog open={adding !== null} onClose={() => setAdding(null)} way={adding ?? 'share'} />
    </>
  )
}
