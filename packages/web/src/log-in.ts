/** Proves to the store who is here: a token from the address of the page, or one that is typed. */
import { AppError } from '@hyper-store/client'
import { element, setText } from './elements.ts'
import { openSession } from './session.ts'

/** The token in `/#token=…`; it is taken out of the address at once, so that it stays in no history. */
export function takeTokenFromAddress(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token !== null) history.replaceState(null, '', location.pathname + location.search)
  return token
}

/** The form that asks for a token; calls `onDone` when the store took one. `sentence` says why it is asked. */
export function createLogIn(sentence: string | null, onDone: () => void): HTMLElement {
  const input = element('input', { type: 'password', name: 'token', autocomplete: 'current-password', required: true, spellcheck: 'false' })
  const wrong = element('p', { class: 'wrong', role: 'alert' }, sentence ?? '')
  wrong.hidden = sentence === null
  const button = element('button', { type: 'submit', class: 'main' }, 'Log in')
  const form = element(
    'form',
    { class: 'log-in' },
    element('h2', {}, 'Log in to this store'),
    element(
      'p',
      {},
      'Its token is in the file ',
      element('code', {}, 'token'),
      ' of the store’s home; ',
      element('code', {}, 'hyper-store doctor'),
      ' says where that is.',
    ),
    // For what keeps passwords: it files them by name.
    element('input', { type: 'text', name: 'username', autocomplete: 'username', value: 'owner', hidden: true }),
    element('label', {}, 'Token', input),
    wrong,
    button,
  )
  const tell = (text: string): void => {
    setText(wrong, text)
    wrong.hidden = false
    input.select()
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    button.disabled = true
    wrong.hidden = true
    openSession(input.value.trim())
      .then(onDone, (error: unknown) => tell(logInWords(error)))
      .finally(() => {
        button.disabled = false
      })
  })
  return form
}

/** Why a token was not taken. */
export function logInWords(error: unknown): string {
  if (error instanceof AppError && error.code === 'UNAUTHENTICATED') return 'This store does not know that token.'
  return error instanceof Error ? error.message : 'That did not work.'
}
