/** An example of a home: Ana's laptop, a raspberry that keeps everything, Ben's laptop in the family's folder; with pictures, letters, music and a table. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { apiOf, itemOf, pairWith, share } from '../fixtures/lab.ts'
import { invite, join, storesOnPorts } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { makeTone } from '../fixtures/tone.ts'
import { landscape } from './landscape.ts'

/** The stores, and the keys of their folders. */
export interface ExampleHome {
  readonly ana: TestStore
  readonly ben: TestStore
  readonly raspberry: TestStore
  readonly photos: string
  readonly letters: string
  readonly music: string
  readonly website: string
  readonly recipes: string
}

const LETTER = `# To the lake, again

Dear Marta,

the boat is *painted*, the oars are oiled, and the stove in the cabin draws again. Come in the **second week of July**; the nights are warm by then.

| day | who | what |
|---|---|---|
| Friday | Ben | fetches the key and opens the shutters |
| Saturday | Ana | market, then the long swim |
| Sunday | everyone | breakfast on the landing stage |

> Bring the red lantern. You know why.

- [x] book the ferry
- [ ] ask Jonas about the canoe

Yours, Ana
`

const RECIPES = [
  ['Red lentil soup', { kind: 'soup', minutes: 35, serves: 4, season: 'winter' }],
  ['Pumpkin soup', { kind: 'soup', minutes: 45, serves: 6, season: 'autumn' }],
  ['Pea soup with mint', { kind: 'soup', minutes: 25, serves: 4, season: 'spring' }],
  ['Apple cake', { kind: 'cake', minutes: 80, serves: 12, season: 'autumn' }],
  ['Lemon cake', { kind: 'cake', minutes: 60, serves: 10, season: 'summer' }],
  ['Poppy seed cake', { kind: 'cake', minutes: 75, serves: 12, season: 'winter' }],
  ['Rye bread', { kind: 'bread', minutes: 1300, serves: 16, season: 'all year' }],
  ['Focaccia', { kind: 'bread', minutes: 210, serves: 8, season: 'summer' }],
  ['Beet and walnut', { kind: 'salad', minutes: 20, serves: 4, season: 'winter' }],
  ['Tomatoes, plainly', { kind: 'salad', minutes: 10, serves: 4, season: 'summer' }],
  ['Goulash', { kind: 'stew', minutes: 180, serves: 6, season: 'winter' }],
  ['Ratatouille', { kind: 'stew', minutes: 70, serves: 6, season: 'summer' }],
] as const

/** Makes it; the raspberry holds everything when it is done. */
export async function exampleHome(stores: Stores): Promise<ExampleHome> {
  const { ana, ben, raspberry } = await storesOnPorts(stores, ['ana', 'ben', 'raspberry'])
  await pairWith(ana, raspberry)
  const api = await apiOf(ana)
  const put = async (name: string, content: Uint8Array | string): Promise<void> => {
    const file = path.join(ana.dir, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  const kept = async (key: string, files: number): Promise<void> => {
    await itemOf(
      ana,
      key,
      (item) => item.files >= files && item.devices.some((d) => d.name === 'raspberry' && d.complete && d.version === item.version),
      60_000,
    )
  }

  for (let i = 0; i < 8; i++) await put(`Family photos/Lake ${2020 + i}.png`, landscape(i))
  for (let i = 0; i < 6; i++) await put(`Family photos/Summer at the lake/Evening ${i + 1}.png`, landscape(10 + i))
  for (let i = 0; i < 4; i++) await put(`Family photos/Garden/Bed ${i + 1}.png`, landscape(20 + i))
  await put('Family photos/Read me.md', '# Family photos\n\nEverybody adds, nobody tidies.\n')
  const { key: photos } = await share(ana, 'Family photos', { private: true })
  await share(ana, 'Family photos', { provider: 'raspberry' })
  const { code } = await invite(ana, photos)
  await join(ben, code, 'Family photos')

  await put('Letters/Marta, July.md', LETTER)
  await put('Letters/Landlord.txt', 'Dear Mr. Olsen,\n\nthe boiler has begun to sing again.\n')
  await put('Letters/2025/Christmas.md', '# Christmas\n\nWe are nine this year.\n')
  const { key: letters } = await share(ana, 'Letters', { private: true })
  await share(ana, 'Letters', { provider: 'raspberry', blind: true })

  for (const [i, name] of ['Slow water', 'Lantern', 'Ferry at six'].entries()) await put(`Music/${name}.wav`, makeTone(4 + i * 3))
  const { key: music } = await share(ana, 'Music', { provider: 'raspberry' })

  await put('Website/index.html', '<!doctype html><title>Lake house</title><h1>Lake house</h1>')
  await put('Website/style.css', 'body {\n  font: 1rem/1.5 serif;\n  color: #234;\n}\n')
  await put('Website/pictures/house.png', landscape(31))
  const { key: website } = await share(ana, 'Website', { provider: 'raspberry' })

  const { key: recipes } = await api.createTable({ title: 'Recipes', provider: 'raspberry' })
  await api.changeRows(recipes, { changes: RECIPES.map(([key, value]) => ({ key, type: 'json' as const, value })) })

  await kept(photos, 19)
  await kept(music, 3)
  await kept(website, 3)
  await put('Letters/Landlord.txt', 'Dear Mr. Olsen,\n\nthe boiler has begun to sing again, in tune this time.\n')
  await put('Website/style.css', 'body {\n  font: 1.1rem/1.6 serif;\n  color: #123;\n  background: ivory;\n}\n')
  await itemOf(ben, photos, (item) => item.state === 'up-to-date' && item.files === 19, 60_000)
  await writeFile(path.join(ben.dir, 'Family photos/Garden/First tomatoes.png'), landscape(27))
  await kept(photos, 20)
  await rm(path.join(ana.dir, 'Website/pictures/house.png'))
  await put('Website/pictures/lake house.png', landscape(32))
  await kept(website, 3)
  return { ana, ben, raspberry, photos, letters, music, website, recipes }
}
