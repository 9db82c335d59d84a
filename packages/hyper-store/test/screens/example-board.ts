/** A board of the example home: a week at the lake, planned by two people with notes, a picture, a thread, a table and another board. */
import type { NewCard } from '@hyper-store/client'
import { addCard, changeCard, connect, setBoard } from '@hyper-store/client/board'
import { openBoardSocket } from '../fixtures/board-socket.ts'
import { apiOf } from '../fixtures/lab.ts'
import { until } from '../fixtures/transports.ts'
import type { TestStore } from '../fixtures/stores.ts'

/** Lays it out in the folder `photos` of `ana`; `ben` answers in the thread. Gives its id once both have all of it. */
export async function exampleBoard(ana: TestStore, ben: TestStore, photos: string, recipes: string): Promise<string> {
  const api = await apiOf(ana)
  const { id } = await api.createBoard(photos, { title: 'A week at the lake', colour: 'oldlace' })
  const { id: food } = await api.createBoard(photos, { title: 'What we eat', colour: 'mint' })
  for (const text of ['Bread on Friday', 'Fish, if there is any', 'Marta brings cheese'])
    await api.addCard(photos, food, { type: 'text', text })
  await using program = await openBoardSocket(ana, photos, id)
  const { doc } = program
  const by = (name: string) => ({ name, at: Date.now() })
  const put = (card: NewCard) => addCard(doc, card, by('ana'))
  setBoard(doc, { title: 'A week at the lake' }, by('ana'))
  const picture = 'Summer at the lake/Evening 3.png'
  const first = put({
    type: 'text',
    colour: 'lemon',
    pos: [0, 0],
    size: [260, 140],
    text: 'Second week of July\nFerry at six, the key is under the third stone.',
  })
  put({ type: 'file', pos: [300, 0], size: [340, 260], file: { path: picture, size: null, mime: 'image/png' } })
  const talk = put({ type: 'thread', colour: 'sky', pos: [680, 0], size: [300, 320], title: 'Who drives?' })
  put({ type: 'folder', pos: [0, 180], size: [260, 200], path: 'Summer at the lake' })
  const canoe = put({ type: 'text', colour: 'peach', pos: [300, 300], size: [220, 100], text: 'Ask Jonas about the canoe' })
  const meals = put({ type: 'table', pos: [540, 360], size: [320, 220], table: `hyper://${recipes}`, title: 'Recipes' })
  put({ type: 'board', pos: [300, 440], size: [200, 140], board: food, title: 'What we eat' })
  const cook = put({ type: 'contact', pos: [980, 360], size: [120, 140], name: 'ben' })
  put({ type: 'text', colour: 'lilac', pos: [0, 420], size: [260, 120], text: 'Bring\nthe red lantern, swimming things, the good knife' })
  connect(doc, first, talk)
  connect(doc, canoe, talk)
  connect(doc, meals, cook, 'cooks')
  changeCard(doc, talk, { say: 'Two cars or one?' }, by('ana'))
  await until('all is saved', () => program.unsaved === 0)
  const bens = await apiOf(ben)
  await until('ben has it', async () => (await bens.listBoards(photos)).boards.some((board) => board.id === id && board.cards === 9))
  await bens.changeCard(photos, id, talk, { say: 'One, if the canoe fits on the roof.' })
  await until('the answer came', async () => {
    const { items } = await api.getBoard(photos, id)
    return items.find((card) => card.id === talk)?.messages?.length === 2
  })
  return id
}
