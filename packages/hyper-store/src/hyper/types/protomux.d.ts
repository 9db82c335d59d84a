/** The part of protomux that hyper-store calls. */
declare module 'protomux' {
  import type { Encoder } from 'compact-encoding'
  import type NoiseSecretStream from '@hyperswarm/secret-stream'

  export interface MessageOptions<T> {
    readonly encoding: Encoder<T>
    /** Must not throw: a throw destroys the whole connection. */
    readonly onmessage?: (message: T, channel: Channel) => void | Promise<void>
  }

  export interface Message<T> {
    /** False when the connection wants the sender to wait for `ondrain`, or when the channel is closed. */
    send(message: T): boolean
  }

  export interface ChannelOptions<H> {
    readonly protocol: string
    readonly id?: Uint8Array | null
    readonly unique?: boolean
    readonly handshake?: Encoder<H> | null
    readonly onopen?: (handshake: H, channel: Channel) => void | Promise<void>
    /** `isRemote` is true when the other side closed it or the connection ended. */
    readonly onclose?: (isRemote: boolean, channel: Channel) => void | Promise<void>
    readonly ondestroy?: (channel: Channel) => void | Promise<void>
    readonly ondrain?: (channel: Channel) => void
  }

  export interface Channel<H = unknown> {
    readonly protocol: string
    readonly id: Uint8Array | null
    readonly opened: boolean
    readonly closed: boolean
    readonly drained: boolean
    open(handshake?: H): void
    close(): void
    cork(): void
    uncork(): void
    addMessage<T>(options: MessageOptions<T>): Message<T>
    /** False when the channel was closed or refused before it opened. */
    fullyOpened(): Promise<boolean>
    fullyClosed(): Promise<void>
  }

  /** Named channels over one stream. */
  class Protomux {
    /** The mux of a stream; made when the stream has none. */
    static from(stream: NoiseSecretStream): Protomux
    readonly stream: NoiseSecretStream
    readonly drained: boolean
    cork(): void
    uncork(): void
    /** Null when the stream is destroyed, or when a unique channel of that name is open. */
    createChannel<H = unknown>(options: ChannelOptions<H>): Channel<H> | null
    /** Calls `notify` for each channel of that protocol that the other side opens; without an id: for every id. */
    pair(
      channel: { readonly protocol: string; readonly id?: Uint8Array | null },
      notify: (id: Uint8Array | null) => void | Promise<void>,
    ): void
    unpair(channel: { readonly protocol: string; readonly id?: Uint8Array | null }): void
    opened(channel: { readonly protocol: string; readonly id?: Uint8Array | null }): boolean
    destroy(error?: Error): void
  }
  export default Protomux
}
