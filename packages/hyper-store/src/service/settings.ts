/** The settings of a store that hold over restarts, and how they meet what the command line said. */
import { AppError } from '@hyper-store/client/contract'
import type { ChangeSettings, Reach, Settings } from '@hyper-store/client/contract'
import type { SettingsApi } from '../core/store-api.ts'
import type { State } from '../state/state.ts'
import type { Network } from './network.ts'
import type { GivenWays, StoreOptions } from './store-options.ts'
import { VERSION } from './version.ts'

/** What settings are read from, and what they move. */
export interface StoreSettingsOptions {
  readonly state: State
  /** Absolute path of the home. */
  readonly home: string
  /** As the service was started. */
  readonly options: Pick<StoreOptions, 'name' | 'reach' | 'given'>
  readonly network: Network
  readonly name: { get(): string; set(name: string): void }
}

/** The ways that the store begins with: those of the command line, else those of the settings. */
export async function waysOf(state: State, given: GivenWays): Promise<GivenWays & { readonly given: GivenWays }> {
  const [lan, internet] = await Promise.all([state.settings.get('lan'), state.settings.get('internet')])
  return {
    lanOnly: given.lanOnly || internet === false,
    noLan: given.noLan || lan === false,
    given: { lanOnly: given.lanOnly, noLan: given.noLan },
  }
}

/** Who reached the port when the service ran last; this machine alone unless it was said otherwise. */
export async function reachOf(state: State): Promise<Reach> {
  return (await state.settings.get('reach')) === 'network' ? 'network' : 'this-machine'
}

/** Tells and changes the settings; each holds at once. */
export class StoreSettings implements SettingsApi {
  readonly #o: StoreSettingsOptions

  constructor(options: StoreSettingsOptions) {
    this.#o = options
  }

  async settings(): Promise<Settings> {
    const { network, options, name, home } = this.#o
    return {
      name: name.get(),
      reach: options.reach.now(),
      lan: network.lan,
      internet: network.internet !== null,
      fixed: this.#fixed(),
      afterRestart: [],
      addresses: options.reach.now() === 'network' ? network.addresses : [],
      home,
      version: VERSION,
    }
  }

  async change(change: ChangeSettings): Promise<Settings> {
    const { state, network, options, name } = this.#o
    const fixed = this.#fixed().find((one) => change[one] !== undefined)
    if (fixed !== undefined)
      throw new AppError('BAD_REQUEST', { reason: `"${fixed}" was set where the service is started; change it there` })
    const title = change.name?.trim()
    if (title === '') throw new AppError('BAD_REQUEST', { reason: 'a name has at least one letter' })
    // Written before it holds: what a page was told must be so after a crash.
    if (title !== undefined) await state.settings.set('name', title)
    if (change.lan !== undefined) await state.settings.set('lan', change.lan)
    if (change.internet !== undefined) await state.settings.set('internet', change.internet)
    if (change.reach !== undefined) await state.settings.set('reach', change.reach)
    if (title !== undefined) name.set(title)
    if (change.lan !== undefined) network.setLan(change.lan)
    if (change.internet !== undefined) network.setInternet(change.internet)
    if (change.reach !== undefined && change.reach !== options.reach.now()) options.reach.change(change.reach)
    return this.settings()
  }

  #fixed(): Settings['fixed'] {
    const { name, reach, given } = this.#o.options
    const fixed: Settings['fixed'] = []
    if (name !== null) fixed.push('name')
    if (reach.isFixed) fixed.push('reach')
    if (given?.noLan === true) fixed.push('lan')
    if (given?.lanOnly === true) fixed.push('internet')
    return fixed
  }
}
