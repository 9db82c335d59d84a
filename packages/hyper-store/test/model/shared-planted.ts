/** Defects that are planted into the shared model, each one line of what could go wrong: the simulation must find every one of them. */
import { planCommit } from '../../src/core/conflicts.ts'
import type { DriveId, VersionVector } from '../../src/core/entries.ts'
import { reconcile, type Plan, type ReconcileInput, type Step } from '../../src/core/reconcile.ts'
import { REAL_DRIVES, type DriveParts } from './shared-drives.ts'
import { REAL_PARTS, type WorldParts } from './shared-world.ts'

function planning(change: (step: Step, input: ReconcileInput) => Step | null): WorldParts {
  return {
    ...REAL_PARTS,
    reconcile: (input): Plan => {
      const plan = reconcile(input)
      return { ...plan, steps: plan.steps.flatMap((step) => change(step, input) ?? []) }
    },
  }
}
function writing(plan: DriveParts['planCommit']): WorldParts {
  return { ...REAL_PARTS, drives: { ...REAL_DRIVES, planCommit: plan } }
}
function alone(vector: VersionVector, drive: DriveId): VersionVector {
  return { [drive]: vector[drive] ?? 1 }
}

/** By what goes wrong. */
export const PLANTED: Readonly<Record<string, WorldParts>> = {
  'a local edit is overwritten where both sides changed': planning((step) =>
    step.op === 'set-aside' && step.entry !== null
      ? { op: 'fetch', path: step.path, entry: step.entry, seen: step.local, base: null }
      : step,
  ),
  'a deletion beats an edit that it has not seen': planning((step, { paths, drive }) => {
    const view = step.op === 'fetch' && step.seen === null ? paths.find(({ path }) => path === step.path) : undefined
    if (view === undefined || view.synced === null || view.remote === null) return step
    return { op: 'unpublish', path: view.path, base: view.synced, vector: { ...view.remote.vector, [drive]: 1e6 } }
  }),
  'a deletion on disk is forgotten and not told': planning((step) => (step.op === 'unpublish' ? { op: 'forget', path: step.path } : step)),
  'what was deleted elsewhere stays on disk': planning((step) => (step.op === 'remove' ? { op: 'forget', path: step.path } : step)),
  'a new version says that it has seen nothing': planning((step, { drive }) =>
    step.op === 'publish' || step.op === 'unpublish' ? { ...step, vector: alone(step.vector, drive) } : step,
  ),
  'a new version says that it has seen all that stands there': writing(async (tree, changes, author) => {
    const records = await planCommit(tree, changes, author)
    const states = await tree.lookMany(records.map(({ path }) => path))
    return records.map((record, index) => {
      const vector: Record<string, number> = { ...record.entry.vector }
      for (const { entry } of states[index]?.versions ?? []) {
        for (const [name, count] of Object.entries(entry.vector)) vector[name] = Math.max(vector[name] ?? 0, count)
      }
      return { ...record, entry: { ...record.entry, vector } }
    })
  }),
  'a device that writes over its own version beside the shown one lets it go': writing(async (tree, changes, author) => {
    const paths = new Set(changes.map(({ path }) => path))
    return (await planCommit(tree, changes, author)).filter(({ path }) => paths.has(path) || !path.includes('(conflict '))
  }),
  'touching a conflict copy settles nothing': writing(async (tree, changes, author) => {
    const paths = new Set(changes.map(({ path }) => path))
    return (await planCommit(tree, changes, author)).filter(({ path }) => paths.has(path))
  }),
  'a moved file loses its execute bit': planning((step) =>
    step.op === 'publish-rename' ? { ...step, local: { ...step.local, executable: false } } : step,
  ),
  'a passing difference is published for ever': planning((step) => (step.op === 'record' ? null : step)),
}
