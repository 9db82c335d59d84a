/** How the page looks in this browser, and as an app. */
import { Contrast, Download, Monitor, Moon, Sun } from 'lucide-react'
import type { ReactNode } from 'react'
import { useInstalling } from '../../app/offline.ts'
import { Button } from '../../kit/button.tsx'
import { Segmented } from '../../kit/form.tsx'
import { Card, Notice } from '../../kit/layout.tsx'
import { tellProblem } from '../../kit/toasts.tsx'
import { chooseLook, CONTRASTS, THEMES, useLook } from '../../theme/theme.ts'
import { SETTINGS } from '../../words/settings.ts'
import css from './settings.module.css'

const ICONS = { system: Monitor, light: Sun, dark: Moon } as const

/** The part. */
export function LookPart(): ReactNode {
  const { theme, contrast } = useLook()
  const { isApp, install } = useInstalling()
  const Icon = ICONS[theme]
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
  return (
    <div className={css['columns']}>
      <Card title={SETTINGS.look}>
        <div className={css['stack']}>
          <div className={css['split']}>
            <div className={css['label']}>
              <Icon size={16} aria-hidden /> {SETTINGS.theme}
            </div>
            <Segmented
              label={SETTINGS.theme}
              value={theme}
              options={THEMES.map((value) => ({ value, label: SETTINGS.themes[value] }))}
              onChange={(theme) => chooseLook({ theme })}
            />
          </div>
          <hr className={css['line']} />
          <div className={css['split']}>
            <div className={css['label']}>
              <Contrast size={16} aria-hidden /> {SETTINGS.contrast}
            </div>
            <Segmented
              label={SETTINGS.contrast}
              value={contrast}
              options={CONTRASTS.map((value) => ({ value, label: SETTINGS.contrasts[value] }))}
              onChange={(contrast) => chooseLook({ contrast })}
            />
          </div>
          <hr className={css['line']} />
          <div>
            <h3>{SETTINGS.motion}</h3>
            <p className={css['hint']}>{isStill ? SETTINGS.motionOn : SETTINGS.motionOff}</p>
          </div>
        </div>
      </Card>
      <Card title={SETTINGS.app}>
        <div className={css['stack']}>
          {isApp ? (
            <Notice tone="good">{SETTINGS.installed}</Notice>
          ) : (
            <>
              <p className={css['hint']}>{SETTINGS.appText}</p>
              {install === null ? (
                <p className={css['hint']}>{isSecureContext ? SETTINGS.cannotInstall : SETTINGS.notSecure}</p>
              ) : (
                <div>
                  <Button tone="main" onClick={() => void install().catch(tellProblem)}>
                    <Download size={16} aria-hidden />
                    {SETTINGS.install}
                  </Button>
                </div>
              )}
            </>
          )}
          {isSecureContext && (
            <>
              <hr className={css['line']} />
              <div>
                <h3>{SETTINGS.offline}</h3>
                <p className={css['hint']}>{SETTINGS.offlineText}</p>
              </div>
            </>
          )}
        </div>
      </Card>
    </div>
  )
}
