/** `invite`: a code with which another device joins a folder. */
import * as v from 'valibot'
import { AppError, CreateInvite, errorCode } from '@hyper-store/client/contract'
import { looksLikeLink } from '@hyper-store/client'
import type { Invite } from '@hyper-store/client'
import type { Context } from '../context.ts'
import type { OptionValues, Run } from '../command-spec.ts'
import { formatSeconds, parseSeconds } from '../format.ts'
import { plain } from '../output.ts'
import { qrLines } from '../qr.ts'
import { absolutePath, openFolder, type OpenFolder, required } from '../references.ts'

/** Prints the code alone on stdout, and on a terminal a QR code and the line to paste on stderr; `--cancel` takes an invite back. */
export const runInvite: Run = async (context, { args: [folder], options }) => {
  const { output, signal } = context
  const { cancel } = options
  const request = parseRequest(options)
  const { client, item } = await openFolder(context, required(folder)).catch(async (error: unknown) =>
    shareFirst(context, required(folder), error),
  )
  if (typeof cancel === 'string') {
    output.show(await client.cancelInvite(item.key, cancel, { signal }), () => [])
    output.talk(`The invite ${plain(cancel)} is taken back; who joined with it stays`)
    return 0
  }
  const invite = await client.createInvite(item.key, request, { signal })
  output.show(invite, ({ code }) => [code ?? ''])
  if (!item.private) output.talk('This folder is public: whoever has its link can read it, members alone write')
  if (!output.json) tell(context, invite, Number(request.expiresS))
  return 0
}

/** A folder that is not kept yet is shared privately: what is shared with people is encrypted unless it was made public before. */
async function shareFirst(context: Context, ref: string, error: unknown): Promise<OpenFolder> {
  if (errorCode(error) !== 'UNKNOWN_FOLDER' || looksLikeLink(ref)) throw error
  const client = await context.connect()
  const item = await client.addFolder({ path: absolutePath(ref), private: true }, context).catch((reason: unknown) => {
    throw errorCode(reason) === 'NOT_FOUND' ? error : reason
  })
  context.output.talk(`${plain(item.title)} is shared now, encrypted`)
  return { client, item }
}

function parseRequest(options: OptionValues): CreateInvite {
  const parsed = v.safeParse(CreateInvite, {
    role: options['role'],
    uses: Number(options['uses']),
    expiresS: parseSeconds(String(options['expires']), '--expires'),
    approve: options['approve'] === true,
    mine: options['mine'] === true,
  })
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const limits = v.getDotPath(issue) === 'uses' ? '--uses wants a number from 1 to 100' : '--expires wants a time of at most 30d'
  throw new AppError('USAGE', { reason: limits })
}

function tell({ output }: Context, { code, role, uses, approve, mine }: Invite, expiresS: number): void {
  if (code === null) return
  const { isTTY, columns = 80 } = output.talkSink
  if (isTTY === true) {
    for (const line of qrLines(code, columns) ?? []) output.talk(line)
    output.talk(`Paste this on the other device:\n  hyper-store join ${code} <path>`)
  }
  const who = mine ? 'a device of your own' : `a ${role}`
  const often = uses === 1 ? 'works once' : `works ${uses} times`
  output.talk(`It lets in ${who}, ${often}, within ${formatSeconds(expiresS)}`)
  if (approve) output.talk('Who joins waits until you have compared four words: hyper-store members shows them, members approve lets in')
}
