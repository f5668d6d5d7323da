/** The clipboard of whatever desktop this is: the first of its programs that is there and succeeds. */
import { ToolMissingError, UserError } from '../errors.ts';
import type { Secret } from '../model/secret.ts';
import type { Ports } from '../ports/ports.ts';

/** Each stays in the background to hand the value over when something is pasted, so its output is nobody's. */
const programs: readonly { readonly program: string; readonly args: readonly string[]; readonly wants?: string }[] = [
  { program: 'wl-copy', args: [], wants: 'WAYLAND_DISPLAY' },
  { program: 'xclip', args: ['-selection', 'clipboard', '-in'], wants: 'DISPLAY' },
  { program: 'xsel', args: ['--clipboard', '--input'], wants: 'DISPLAY' },
  { program: 'pbcopy', args: [] },
  { program: 'clip.exe', args: [] },
];

/** Throws UserError when there is no clipboard. */
export async function toClipboard(
  { runner, variables }: Pick<Ports, 'runner' | 'variables'>,
  value: Secret,
): Promise<void> {
  const env = Object.fromEntries(
    ['WAYLAND_DISPLAY', 'DISPLAY', 'XDG_RUNTIME_DIR', 'XAUTHORITY'].map((name) => [name, variables[name]]),
  );
  for (const { program, args, wants } of programs) {
    if (wants !== undefined && !variables[wants]) continue;
    try {
      const outcome = await runner.run({ program, args, env, stdin: value, unheard: true, timeoutMs: 5000 });
      if (outcome.exitCode === 0) return;
    } catch (error) {
      if (!(error instanceof ToolMissingError)) throw error;
    }
  }
  throw new UserError('secrets.noClipboard', {
    message: 'There is no clipboard here.',
    hints: ['It takes wl-copy, xclip, xsel, pbcopy or clip.exe; over ssh there is none.'],
  });
}
