/** The button that adds a folder; its dialog is loaded when it is wanted. */
import { FolderPlus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { OVERVIEW } from '../../words/overview.ts'

const AddFolderDialog = lazy(async () => ({ default: (await import('../devices/add-folder-dialog.tsx')).AddFolderDialog }))

/** The button. */
export function AddFolder(): ReactNode {
  const [isOpen, setOpen] = useState(false)
  const [isWanted, setWanted] = useState(false)
  return (
    <>
      <Button
        onClick={() => {
          setWanted(true)
          setOpen(true)
        }}
      >
        <FolderPlus size={17} aria-hidden />
        {OVERVIEW.addFolder}
      </Button>
      {isWanted && (
        <Suspense>
          <AddFolderDialog open={isOpen} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
