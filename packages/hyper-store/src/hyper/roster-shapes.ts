/** The shapes of roster commands as they come from outside: parsed before anything else is done with them. */
import * as v from 'valibot'
import { MemberRole } from '@hyper-store/client/contract'
import { MAX_BOXES, MAX_PREV, type CommandBody, type SignedCommand } from '../core/roster/commands.ts'

const Z32 = v.pipe(v.string(), v.regex(/^[ybndrfg8ejkmcpqxot1uwisza345h769]{52}$/))
const Id = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))
const hex = (max: number) => v.pipe(v.string(), v.maxLength(max), v.regex(/^([0-9a-f]{2})*$/))
const base64 = (max: number) => v.pipe(v.string(), v.maxLength(max), v.regex(/^[A-Za-z0-9+/]*={0,2}$/))
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
const EpochNumber = v.pipe(count, v.minValue(1), v.maxValue(60_000))
const Mark = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))
const ProofText = hex(4600)
const PersonId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9]{1,64}$/))
const Name = v.union([
  v.object({ plain: v.pipe(v.string(), v.maxLength(200)) }),
  v.object({ epoch: EpochNumber, mark: v.nullable(Mark), sealed: base64(1200) }),
])
const Person = v.object({ id: PersonId, name: Name })
/** A record with at most `max` keys, as one without a prototype's names. */
const record = <K extends v.GenericSchema<string, string>, V extends v.GenericSchema>(key: K, value: V, max: number) =>
  v.pipe(
    v.record(key, value),
    v.check((found) => Object.keys(found).length <= max),
  )
const Boxes = record(Z32, base64(12_000), MAX_BOXES)
const Frozen = record(Z32, count, 200)

const Body = v.variant('op', [
  v.object({ op: v.literal('create'), person: Person, deviceName: Name, private: v.boolean(), rootSignature: ProofText }),
  v.object({
    op: v.literal('invite'),
    invite: Z32,
    role: MemberRole,
    uses: v.pipe(count, v.minValue(1), v.maxValue(100)),
    expiresAt: count,
    approve: v.boolean(),
    mine: v.nullable(PersonId),
    seeds: Boxes,
  }),
  v.object({ op: v.literal('cancel-invite'), invite: Z32 }),
  v.object({
    op: v.literal('request'),
    invite: Z32,
    drive: v.nullable(Z32),
    driveProof: v.nullable(ProofText),
    name: base64(1200),
    deviceName: base64(1200),
    inviteSignature: hex(128),
  }),
  v.object({
    op: v.literal('admit'),
    request: Id,
    person: Person,
    deviceName: Name,
    role: MemberRole,
    epoch: EpochNumber,
    mark: v.nullable(Mark),
    box: base64(12_000),
  }),
  v.object({ op: v.literal('refuse'), request: Id }),
  v.object({
    op: v.literal('keeper'),
    device: Z32,
    person: Person,
    deviceName: Name,
    blind: v.boolean(),
    epoch: EpochNumber,
    mark: v.nullable(Mark),
    box: v.nullable(base64(12_000)),
  }),
  v.object({ op: v.literal('role'), person: PersonId, role: MemberRole, frozen: Frozen }),
  v.object({ op: v.literal('drive'), epoch: EpochNumber, mark: v.nullable(Mark), drive: Z32, driveProof: ProofText }),
  v.object({
    op: v.literal('remove'),
    people: v.pipe(v.array(PersonId), v.maxLength(200)),
    devices: v.pipe(v.array(Z32), v.maxLength(200)),
    frozen: Frozen,
    next: v.nullable(v.object({ epoch: v.pipe(EpochNumber, v.minValue(2)), mark: Mark, boxes: Boxes })),
  }),
  v.object({ op: v.literal('keys'), epoch: EpochNumber, mark: v.nullable(Mark), boxes: Boxes }),
])

const Signed = v.object({
  v: v.literal(1),
  folder: Z32,
  author: Z32,
  prev: v.pipe(v.array(Id), v.maxLength(MAX_PREV)),
  epoch: EpochNumber,
  at: count,
  body: base64(16 * 1024),
  signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
})

/** A command from outside; null when it is none. Unknown fields are dropped. */
export function parseSigned(value: unknown): SignedCommand | null {
  const parsed = v.safeParse(Signed, value)
  return parsed.success ? parsed.output : null
}

/** A body as it was sealed; null when it is none that this version knows. */
export function parseBody(value: unknown): CommandBody | null {
  const parsed = v.safeParse(Body, value)
  return parsed.success ? parsed.output : null
}
