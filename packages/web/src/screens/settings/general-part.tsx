/** How the store is set: its name, who reaches it, how it finds others; log out and stop. */
import { LogOut, Power } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { ChangeSettings, Settings } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { CopyText, QrCode } from '../../kit/copy.tsx'
import { confirm } from '../../kit/dialog.tsx'
import { SwitchRow, TextField } from '../../kit/form.tsx'
import { Card, Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords, tellDone, tellProblem } from '../../kit/toasts.tsx'
import { closeSession } from '../../live/session.ts'
import { useSettings } from '../../live/questions.ts'
import { queries, storeOf, useDeed, useStore } from '../../live/use-store.tsx'
import { KIT } from '../../words/kit.ts'
import { SETTINGS } from '../../words/settings.ts'
import css from './settings.module.css'

type Named = Settings['fixed'][number]

/** The part. */
export function GeneralPart(): ReactNode {
  const store = useStore()
  const { data: settings, error } = useSettings()
  const { mutate: change } = useDeed({ link: '' }, async (client, changes: ChangeSettings) => {
    const next = await client.changeSettings(changes)
    queries.setQueryData([store.target, '', 'settings'], next)
    tellDone(changes.name === undefined ? SETTINGS.saved : SETTINGS.renamed)
    if (changes.name !== undefined) await store.refresh()
  })
  const shown = settings ?? null
  return (
    <>
      {error !== null && shown === null && <Notice tone="bad">{problemWords(error)}</Notice>}
      <div className={css['columns']}>
        <div className={css['column']}>
          {shown === null && error === null && <Skeleton height="14rem" />}
          {shown !== null && <StoreCard key={shown.name} settings={shown} onChange={change} />}
          {shown !== null && <WaysCard settings={shown} onChange={change} />}
        </div>
        <div className={css['column']}>
          {shown !== null && <ReachCard settings={shown} onChange={change} />}
          <Card title={SETTINGS.backup}>
            <div className={css['stack']}>
              <p className={css['hint']}>{SETTINGS.backupText}</p>
              <CopyText text="hyper-store backup my-keys.backup" label={SETTINGS.backupLabel} />
            </div>
          </Card>
          <SessionCard />
        </div>
      </div>
    </>
  )
}

interface CardProps {
  readonly settings: Settings
  readonly onChange: (changes: ChangeSettings) => void
}

/** Why a setting can't be changed here, or not at once; `usual` where it can. */
function hintOf(settings: Settings, name: Named, usual: string): string {
  if (settings.fixed.includes(name)) return SETTINGS.fixed
  return settings.afterRestart.includes(name) ? `${usual} ${SETTINGS.afterRestart}` : usual
}

function StoreCard({ settings, onChange }: CardProps): ReactNode {
  const [name, setName] = useState(settings.name)
  const isFixed = settings.fixed.includes('name')
  const isEmpty = name.trim() === ''
  return (
    <Card title={SETTINGS.store}>
      <div className={css['stack']}>
        <form
          className={css['nameForm']}
          onSubmit={(event) => {
            event.preventDefault()
            if (!isEmpty && name !== settings.name) onChange({ name: name.trim() })
          }}
        >
          <TextField
            label={SETTINGS.name}
            value={name}
            maxLength={100}
            disabled={isFixed}
            hint={hintOf(settings, 'name', SETTINGS.nameHint)}
            wrong={isEmpty ? SETTINGS.nameMissing : null}
            onChange={(event) => setName(event.target.value)}
          />
          <Button type="submit" tone="main" disabled={isFixed || isEmpty || name === settings.name}>
            {KIT.save}
          </Button>
        </form>
        <dl className={css['facts']}>
          <dt>{SETTINGS.version}</dt>
          <dd className="tabular">{settings.version}</dd>
          <dt>{SETTINGS.home}</dt>
          <dd>
            <CopyText text={settings.home} label={SETTINGS.homeLabel} />
          </dd>
        </dl>
      </div>
    </Card>
  )
}

function ReachCard({ settings, onChange }: CardProps): ReactNode {
  const [first] = settings.addresses
  return (
    <Card title={SETTINGS.reach}>
      <div className={css['stack']}>
        <SwitchRow
          label={SETTINGS.network}
          hint={hintOf(settings, 'reach', SETTINGS.networkHint)}
          checked={settings.reach === 'network'}
          disabled={settings.fixed.includes('reach')}
          onChange={(isOn) => onChange({ reach: isOn ? 'network' : 'this-machine' })}
        />
        {first === undefined ? (
          <p className={css['hint']}>{SETTINGS.onlyHere}</p>
        ) : (
          <>
            <hr className={css['line']} />
            <h3>{SETTINGS.addresses}</h3>
            <div className={css['qrSide']}>
              <QrCode text={first} label={SETTINGS.qr(first)} />
              <div className={css['stack']}>
                <p className={css['hint']}>{SETTINGS.addressesHint}</p>
                {settings.addresses.slice(0, 4).map((address, index) => (
                  <CopyText key={address} text={address} label={SETTINGS.address(index + 1)} />
                ))}
              </div>
            </div>
          </>
        )}
      </div>
    </Card>
  )
}

function WaysCard({ settings, onChange }: CardProps): ReactNode {
  return (
    <Card title={SETTINGS.ways}>
      <div className={css['stack']}>
        <SwitchRow
          label={SETTINGS.lan}
          hint={hintOf(settings, 'lan', SETTINGS.lanHint)}
          checked={settings.lan}
          disabled={settings.fixed.includes('lan')}
          onChange={(lan) => onChange({ lan })}
        />
        <SwitchRow
          label={SETTINGS.internet}
          hint={hintOf(settings, 'internet', SETTINGS.internetHint)}
          checked={settings.internet}
          disabled={settings.fixed.includes('internet')}
          onChange={(internet) => onChange({ internet })}
        />
      </div>
    </Card>
  )
}

function SessionCard(): ReactNode {
  const stop = useDeed({ link: '' }, async (client) => {
    await client.stopService()
    tellDone(SETTINGS.stopped)
  })
  const askToStop = async (): Promise<void> => {
    if (await confirm({ title: SETTINGS.stopTitle, text: SETTINGS.stopText, yes: SETTINGS.stop, danger: true })) stop.mutate(undefined)
  }
  return (
    <Card title={SETTINGS.session}>
      <div className={css['stack']}>
        <div className={css['split']}>
          <div className={css['hint']}>{SETTINGS.logOutHint}</div>
          <Button onClick={() => void closeSession().then(() => storeOf('local').refused(null), tellProblem)}>
            <LogOut size={16} aria-hidden />
            {SETTINGS.logOut}
          </Button>
        </div>
        <hr className={css['line']} />
        <div className={css['split']}>
          <div className={css['hint']}>{SETTINGS.stopHint}</div>
          <Button tone="danger" onClick={() => void askToStop()}>
            <Power size={16} aria-hidden />
            {SETTINGS.stop}
          </Button>
        </div>
      </div>
    </Card>
  )
}
