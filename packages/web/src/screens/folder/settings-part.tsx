/** How this device keeps a folder: its name, mode, what is left out, old versions, care, and leaving it. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { FolderMode, Item } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Choice, SwitchRow, TextField } from '../../kit/form.tsx'
import { Card, Notice } from '../../kit/layout.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { FOLDER_SETTINGS as WORDS } from '../../words/folder-settings.ts'
import { visibleName } from '../../words/format.ts'
import { CareCard } from './settings-care.tsx'
import { IgnoreCard } from './settings-ignore.tsx'
import { LeftOutCard } from './settings-left-out.tsx'
import { OldVersionsCard } from './settings-old.tsx'
import { StopCard } from './settings-stop.tsx'
import type { Rights } from './rights.ts'
import css from './settings.module.css'

/** The part. */
export function SettingsPart({ item, rights }: { readonly item: Item; readonly rights: Rights }): ReactNode {
  if (!rights.owner)
    return (
      <div className={css['part']}>
        <Notice>{WORDS.readOnly}</Notice>
      </div>
    )
  return (
    <div className={css['part']}>
      <GeneralCard item={item} />
      {item.path !== null && <LeftOutCard item={item} />}
      {item.mode !== 'keep-blind' && <OldVersionsCard item={item} />}
      {item.path !== null && <IgnoreCard item={item} />}
      <CareCard item={item} />
      <StopCard item={item} />
    </div>
  )
}

function GeneralCard({ item }: { readonly item: Item }): ReactNode {
  const [title, setTitle] = useState(item.title)
  const change = useDeed({ link: item.link }, (client, to: Parameters<typeof client.changeFolder>[1]) => client.changeFolder(item.key, to))
  const mayWrite = item.role !== 'reader' && item.role !== 'keeper'
  const modes: readonly FolderMode[] = mayWrite ? ['send-receive', 'receive-only', 'send-only'] : ['receive-only']
  const isOnDisk = item.path !== null
  return (
    <Card title={WORDS.general}>
      <form
        className={css['inline']}
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate({ title: title.trim() }, { onSuccess: () => tellDone(WORDS.saved) })
        }}
      >
        <TextField
          label={WORDS.title}
          hint={WORDS.titleHint}
          dir="auto"
          required
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <Button type="submit" disabled={title.trim() === '' || title.trim() === item.title || change.isPending}>
          {WORDS.save}
        </Button>
      </form>
      {isOnDisk ? (
        <Choice
          label={WORDS.mode}
          hint={WORDS.modeHints[item.mode]}
          value={item.mode}
          options={modes.map((value) => ({ value, label: WORDS.modes[value] }))}
          onChange={(mode) => change.mutate({ mode })}
        />
      ) : (
        <dl className={css['facts']}>
          <dt>{WORDS.mode}</dt>
          <dd>
            {WORDS.modes[item.mode]}. {WORDS.modeHints[item.mode]}
          </dd>
        </dl>
      )}
      {isOnDisk && (
        <SwitchRow label={WORDS.lend} hint={WORDS.lendHint} checked={item.lend !== false} onChange={(lend) => change.mutate({ lend })} />
      )}
      {!item.private && (
        <SwitchRow
          label={WORDS.listed}
          hint={WORDS.listedHint}
          checked={item.listed === true}
          onChange={(listed) => change.mutate({ listed })}
        />
      )}
      <dl className={css['facts']}>
        <dt>{WORDS.location}</dt>
        <dd dir="auto">{item.path === null ? WORDS.inStore : visibleName(item.path)}</dd>
      </dl>
    </Card>
  )
}
