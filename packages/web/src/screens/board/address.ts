/** Addresses of boards, to copy and to paste. */

/** The address of a board: that of its folder, and which board. */
export function boardAddress(folder: string, board: string): string {
  return `hyper://${folder}?board=${board}`
}

/** Folder and board (null: none named) of an address that was pasted; null for what is none. */
export function parseAddress(text: string): { readonly folder: string; readonly board: string | null } | null {
  const found = /^(?:hyper:\/\/)?([ybndrfg8ejkmcpqxot1uwisza345h769]{52})\/?(?:\?board=([0-9a-f]{16}))?$/.exec(text.trim())
  return found?.[1] === undefined ? null : { folder: found[1], board: found[2] ?? null }
}
