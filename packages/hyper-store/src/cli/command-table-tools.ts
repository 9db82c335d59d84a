/** The commands under "Tools": arguments, options, examples, and where their code is. */
import type { CommandGroup } from './command-spec.ts'

/** Commands under their heading. */
export const TOOLS: CommandGroup = {
  heading: 'Tools',
  commands: [
    {
      name: 'beam',
      summary: 'Open an encrypted pipe to one other person: what is written here comes out there, and back',
      prints: 'what the other side sends; the phrase for the other side goes to stderr',
      arguments: [{ name: '[phrase]', text: 'what the other side was told; left out: one is made, and this side waits' }],
      options: [
        { flags: '--listen', text: 'wait with this phrase, in place of looking for who waits' },
        { flags: '--timeout <time>', text: 'give up when nobody came after this long; exit code 5' },
        { flags: '--bootstrap <host:port,...>', text: 'DHT nodes to start from instead of the public ones' },
      ],
      examples: ['tar c photos | hyper-store beam', 'hyper-store beam brave-otter-lamp-cloud-tulip-seven | tar x'],
      load: async () => (await import('./commands/beam.ts')).runBeam,
    },
    {
      name: 'completion',
      summary: 'Print a script that completes commands, options, folders and providers in a shell',
      prints: 'the script',
      arguments: [{ name: '<shell>', text: 'the shell', choices: ['bash', 'zsh', 'fish'] }],
      examples: [
        'hyper-store completion bash > ~/.local/share/bash-completion/completions/hyper-store',
        'hyper-store completion fish > ~/.config/fish/completions/hyper-store.fish',
      ],
      load: async () => (await import('./commands/completion.ts')).runCompletion,
    },
  ],
}
