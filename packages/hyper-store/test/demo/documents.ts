/** The files of the demonstration: what people keep, 200 files and 150 MB, one of them large. */
import { randomBytes } from 'node:crypto'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'

const PLACES = ['lisbon', 'harbour', 'birthday', 'garden']
const WORDS = 'dear friend the boat leaves at noon and the garden is full of figs please write soon'.split(' ')

/** Fills a new folder and says in words what is in it. */
export async function makeDocuments(root: string): Promise<string> {
  for (const folder of ['videos', 'letters', ...PLACES.map((place) => `photos/${place}`)])
    await mkdir(path.join(root, folder), { recursive: true })
  await writeFile(path.join(root, 'videos/holiday.mp4'), randomBytes(100_000_000))
  for (let i = 0; i < 120; i++) {
    const file = path.join(root, `photos/${PLACES[i % PLACES.length]}/IMG_${String(1000 + i)}.jpg`)
    await writeFile(file, randomBytes(300_000 + ((i * 7919) % 220_000)))
    // Photos keep the time at which they were taken.
    const taken = new Date(Date.UTC(2026, 6, 1 + (i % 28), 9, i % 60))
    await utimes(file, taken, taken)
  }
  for (let i = 0; i < 79; i++) {
    const text = Array.from({ length: 400 + i * 40 }, (_, word) => WORDS[(word * 31 + i) % WORDS.length]).join(' ')
    await writeFile(path.join(root, `letters/letter-${String(i).padStart(2, '0')}.txt`), text)
  }
  return '200 files, 149 MB: photos, letters and a video of 100 MB'
}
