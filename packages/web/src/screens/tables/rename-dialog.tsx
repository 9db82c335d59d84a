/** Gives a table another name. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { TextField } from '../../kit/form.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed, useStore } from '../../live/use-store.tsx'
import { KIT } from '../../words/kit.ts'
import { TABLES } from '../../words/tables.ts'

/** The dialog; open as long as it is there. */
export function RenameDialog({ item, onClose }: { readonly item: Item; readonly onClose: () => void }): ReactNode {
  const store = useStore()
  const [title, setTitle] = useState(item.title)
  const rename = useDeed({ link: item.link }, async (client, title: string) => {
    store.put(await client.changeFolder(item.key, { title }))
    tellDone(TABLES.renamed)
    onClose()
  })
  return (
    <Dialog open onClose={onClose} title={TABLES.rename}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (title.trim() !== '') rename.mutate(title.trim())
        }}
      >
        <TextField label={TABLES.name} value={title} maxLength={200} autoFocus onChange={(event) => setTitle(event.target.value)} />
        <p>
          <Button type="submit" tone="main" disabled={title.trim() === '' || rename.isPending}>
            {KIT.save}
          </Button>
        </p>
      </form>
    </Dialog>
  )
}
