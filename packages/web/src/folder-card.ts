/** One folder on the page: made once, then changed in place, so that focus and the bar's motion survive every event. */
import type { Item, ItemDevice } from '@hyper-store/client'
import { element, setText } from './elements.ts'
import { byteWords, factWords, heldWords, kindWords, leftWords, shareWords, STATE_WORDS } from './words.ts'

/** A card and how it is brought up to date. */
export interface FolderCard {
  readonly element: HTMLLIElement
  update(item: Item): void
}

/** How long a button says that it worked, in milliseconds. */
const SAID_MS = 2000

/** Makes the card of a folder. */
export function createFolderCard(first: Item): FolderCard {
  let item = first
  const titleId = `folder-${first.key}`
  const title = element('h2', { id: titleId })
  const state = element('span')
  const facts = element('p', { class: 'facts' })
  const problem = element('p', { class: 'problem', hidden: true })
  const bar = element('progress', { max: '1', 'aria-labelledby': titleId })
  const done = element('span')
  const rate = element('span')
  const progress = element('div', { class: 'progress', hidden: true }, bar, element('div', { class: 'progress-text' }, done, rate))
  const devices = element('ul', { class: 'devices', 'aria-label': 'Devices' })
  const rows = new Map<string, DeviceRow>()
  const open = element('a', { class: 'button', href: `/gateway/${first.key}/` }, 'Browse files')
  const copy = element('button', { type: 'button' })
  copy.addEventListener('click', () => void copyLink(copy, item))
  const article = element(
    'article',
    { class: 'card', 'aria-labelledby': titleId },
    element('div', { class: 'card-head' }, title, state),
    facts,
    problem,
    progress,
    devices,
    element('div', { class: 'actions' }, open, copy),
  )

  const card: FolderCard = {
    element: element('li', {}, article),
    update(next) {
      item = next
      setText(title, item.title)
      article.dataset['state'] = item.state
      state.className = `state is-${item.state}`
      setText(state, STATE_WORDS[item.state])
      setText(facts, factWords(item))
      problem.hidden = item.problem === null
      problem.className = `problem is-${item.state}`
      setText(problem, item.problem?.message ?? '')

      progress.hidden = item.state === 'up-to-date' || (item.progress === 0 && item.state !== 'syncing')
      bar.value = item.progress
      setText(done, `${shareWords(item.progress)} of ${byteWords(item.bytes)}`)
      const left = item.secondsLeft === null ? '' : ` · ${leftWords(item.secondsLeft)}`
      setText(rate, item.bytesPerSecond > 0 ? `${byteWords(item.bytesPerSecond)}/s${left}` : '')

      updateRows(devices, rows, item.devices)
      open.hidden = item.mode === 'keep-blind'
      // With the secret in it, whoever has the link can read.
      if (!copy.disabled) setText(copy, item.link.includes('#') ? 'Copy private link' : 'Copy link')
    },
  }
  card.update(first)
  return card
}

interface DeviceRow {
  readonly element: HTMLLIElement
  update(device: ItemDevice): void
}

function createDeviceRow(): DeviceRow {
  const name = element('span')
  const kind = element('span', { class: 'device-kind' })
  const said = element('span', { class: 'device-said' })
  const bar = element('progress', { max: '1', hidden: true })
  return {
    element: element('li', { class: 'device' }, element('span', { class: 'device-name' }, name, kind), said, bar),
    update(device) {
      setText(name, device.name)
      setText(kind, kindWords(device))
      setText(said, heldWords(device, new Date()))
      said.className = device.complete ? 'device-said whole' : 'device-said'
      // The card's own bar is the one of this store.
      bar.hidden = device.role === 'this' || device.complete || !device.live
      bar.value = device.progress
      bar.setAttribute('aria-label', `Progress of ${device.name}`)
    },
  }
}

function updateRows(list: HTMLElement, rows: Map<string, DeviceRow>, devices: readonly ItemDevice[]): void {
  const keys = new Set(devices.map(({ key }) => key))
  for (const [key, row] of rows) {
    if (keys.has(key)) continue
    row.element.remove()
    rows.delete(key)
  }
  for (const [at, device] of devices.entries()) {
    const row = rows.get(device.key) ?? createDeviceRow()
    rows.set(device.key, row)
    row.update(device)
    if (list.children[at] !== row.element) list.insertBefore(row.element, list.children[at] ?? null)
  }
}

async function copyLink(button: HTMLButtonElement, item: Item): Promise<void> {
  const before = button.textContent
  try {
    await navigator.clipboard.writeText(item.link)
    setText(button, 'Copied')
  } catch {
    // Pages over plain HTTP from another machine have no clipboard.
    window.prompt('The link of this folder', item.link)
    return
  }
  button.disabled = true
  setTimeout(() => {
    button.disabled = false
    setText(button, before)
  }, SAID_MS)
}
