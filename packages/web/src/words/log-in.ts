/** Words of logging in. */
export const LOG_IN = {
  title: 'Log in to this store',
  text: 'This store shows its folders to its owners only.',
  ended: 'Your session has ended. Log in again; what you were doing goes on.',
  by: 'How to log in',
  token: 'Token',
  code: 'Code',
  tokenHint: 'It is in the file “token” of the store’s home folder; “hyper-store doctor” says where that is.',
  codeHint: 'On the store’s machine, “hyper-store pair” prints one. It is good once, for ten minutes.',
  go: 'Log in',
  unknown: { token: 'This store does not know that token.', code: 'This store does not know that code.' },
} as const
