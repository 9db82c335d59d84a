/** Sound and video, played by the browser, which asks the store for the parts that it needs. */
import { Music } from 'lucide-react'
import type { ReactNode } from 'react'
import { contentUrl, useStore } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { PREVIEW } from '../../words/preview.ts'
import { nameOf } from '../folder/rows.ts'
import type { ViewerProps } from './viewer.ts'
import css from './preview.module.css'

/** The viewer of sounds. */
export function SoundView({ file, onFail }: ViewerProps): ReactNode {
  const { target } = useStore()
  const name = visibleName(nameOf(file.path))
  return (
    <div className={css['sound']}>
      <div className={css['cover']} aria-hidden>
        <Music size={64} strokeWidth={1.2} />
      </div>
      <p dir="auto">{name}</p>
      <audio controls preload="metadata" src={contentUrl(target, file.folder, file)} aria-label={PREVIEW.sound(name)} onError={onFail} />
    </div>
  )
}

/** The viewer of videos. */
export function VideoView({ file, onFail }: ViewerProps): ReactNode {
  const { target } = useStore()
  const name = visibleName(nameOf(file.path))
  return (
    <div className={css['video']}>
      <video
        controls
        playsInline
        preload="metadata"
        src={contentUrl(target, file.folder, file)}
        aria-label={PREVIEW.video(name)}
        onError={onFail}
      />
    </div>
  )
}
