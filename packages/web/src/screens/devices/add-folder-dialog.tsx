/** Adds a folder: one of this machine, one of which one has a link, or one that one was invited to. */
import { useId, useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Segmented } from '../../kit/form.tsx'
import { ADD_FOLDER, JOINS } from '../../words/devices.ts'
import { KIT } from '../../words/kit.ts'
import { AddByLink } from './add-by-link.tsx'
import { AddFromDisk } from './add-from-disk.tsx'
import { JoinForm } from './join-form.tsx'

/** Ways to a folder. */
export type AddWay = 'share' | 'link' | 'join'

const WAYS = { share: AddFromDisk, link: AddByLink, join: JoinForm } as const
const GO = { share: ADD_FOLDER.go, link: ADD_FOLDER.goLink, join: JOINS.go } as const

/** The dialog; `way` is the one that it begins with. */
export function AddFolderDialog({
  open,
  onClose,
  way = 'share',
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly way?: AddWay
}): ReactNode {
  return open ? <Opened onClose={onClose} first={way} /> : null
}

function Opened({ onClose, first }: { readonly onClose: () => void; readonly first: AddWay }): ReactNode {
  const id = useId()
  const [way, setWay] = useState(first)
  const [isReady, setReady] = useState(false)
  const [hasBegun, setBegun] = useState(false)
  const Way = WAYS[way]
  return (
    <Dialog
      open
      onClose={onClose}
      title={ADD_FOLDER.title}
      foot={
        hasBegun ? (
          <Button onClick={onClose}>{JOINS.close}</Button>
        ) : (
          <>
            <Button onClick={onClose}>{KIT.cancel}</Button>
            <Button tone="main" type="submit" form={id} disabled={!isReady}>
              {GO[way]}
            </Button>
          </>
        )
      }
    >
      {!hasBegun && (
        <Segmented
          label={ADD_FOLDER.way}
          value={way}
          onChange={(next) => {
            setReady(false)
            setWay(next)
          }}
          options={[
            { value: 'share', label: ADD_FOLDER.share },
            { value: 'link', label: ADD_FOLDER.link },
            { value: 'join', label: ADD_FOLDER.join },
          ]}
        />
      )}
      <Way id={id} onReady={setReady} onBegun={() => setBegun(true)} onClose={onClose} />
    </Dialog>
  )
}
