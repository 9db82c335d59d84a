/** The parts of csv-parse and csv-stringify for browsers that this page uses; their own types want those of Node. */
declare module 'csv-parse/browser/esm' {
  /** Options that this page sets. */
  export interface Options {
    readonly info: true
    readonly skip_empty_lines: boolean
    readonly relax_column_count: boolean
    readonly max_record_size: number
    readonly record_delimiter: readonly string[]
  }
  /** A record with what is known of its place. */
  export interface Found {
    readonly record: string[]
    readonly info: { readonly lines: number }
  }
  /** A parser that is fed text and read from. */
  export interface Parser {
    write(text: string, done: () => void): void
    end(): void
    read(): Found | null
    on(event: 'readable' | 'end', listener: () => void): void
    on(event: 'error', listener: (error: Error) => void): void
  }
  export function parse(options: Options): Parser
}

declare module 'csv-stringify/browser/esm/sync' {
  export function stringify(records: readonly (readonly string[])[]): string
}
