/** Which files stay out, and why. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { TextField } from '../../kit/form.tsx'
import { Card } from '../../kit/layout.tsx'
import { useAnswer, useDeed } from '../../live/use-store.tsx'
import { FOLDER_SETTINGS as WORDS } from '../../words/folder-settings.ts'
import css from './settings.module.css'

/** The card. */
export function IgnoreCard({ item }: { readonly item: Item }): ReactNode {
  const [path, setPath] = useState('')
  const report = useAnswer({ link: item.link, name: ['ignore'] }, (client, signal) => client.getIgnore(item.key, {}, { signal }))
  const test = useDeed({ link: item.link }, (client, text: string) => client.getIgnore(item.key, { test: text }))
  const result = test.data?.test ?? null
  return (
    <Card title={WORDS.ignore}>
      <p className={css['hint']}>{WORDS.ignoreText}</p>
      <form
        className={css['inline']}
        onSubmit={(event) => {
          event.preventDefault()
          test.mutate(path)
        }}
      >
        <TextField
          label={WORDS.ignorePath}
          required
          dir="auto"
          maxLength={4096}
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <Button type="submit" disabled={path === '' || test.isPending}>
          {WORDS.ignoreTest}
        </Button>
      </form>
      <p role="status">{result === null ? '' : result.ignored ? WORDS.ignored(result.rule ?? '') : WORDS.notIgnored}</p>
      {report.data?.rules.length === 0 && <p className={css['hint']}>{WORDS.noRules}</p>}
      {report.data !== undefined && report.data.rules.length > 0 && (
        <ul className={css['rules']}>
          {report.data.rules.map((rule) => (
            <li key={`${rule.file}:${rule.line}`}>
              <code dir="auto">{rule.pattern}</code>
              <small dir="auto">{WORDS.ruleFrom(rule.file, rule.line)}</small>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
