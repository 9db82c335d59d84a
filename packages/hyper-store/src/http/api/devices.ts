/** Handlers of providers, devices and pairing. */
import type { StoreApi } from '../../core/store-api.ts'
import { connectionOf } from '../context.ts'
import type { Handlers } from './call.ts'

/** Handlers of the provider, device and pairing routes. */
export function deviceHandlers(
  store: StoreApi,
): Handlers<
  | 'listProviders'
  | 'getProvider'
  | 'setProvider'
  | 'unsetProvider'
  | 'listDevices'
  | 'changeDevice'
  | 'revokeDevice'
  | 'createPair'
  | 'redeemPair'
> {
  return {
    listProviders: async () => await store.listProviders(),
    getProvider: async ({ params }) => await store.getProvider(params.name),
    setProvider: async ({ params, body }) => await store.setProvider(params.name, body.target),
    unsetProvider: async ({ params }) => {
      await store.unsetProvider(params.name)
      return { ok: true }
    },
    listDevices: async () => await store.listDevices(),
    changeDevice: async ({ params, body }) => await store.changeDevice(params.device, body),
    revokeDevice: async ({ params }) => {
      await store.revokeDevice(params.device)
      return { ok: true }
    },
    createPair: async ({ body }) => await store.createPair(body),
    redeemPair: async ({ body, context }) => {
      const { deviceKey, remoteAddress } = connectionOf(context)
      return await store.redeemPair(body, deviceKey === null ? remoteAddress : `device:${deviceKey}`)
    },
  }
}
