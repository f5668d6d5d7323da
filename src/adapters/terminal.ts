import { text } from 'node:stream/consumers';
import { ConsentError, InterruptedError } from '../errors.ts';
import type { Choice, Terminal } from '../ports/terminal.ts';

export interface TerminalWish {
  readonly json: boolean;
  /** False when `--no-color` was given. */
  readonly colour: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const defaultColumns = 100;

export function realTerminal(wish: TerminalWish): Terminal {
  const interactive =
    !wish.json && !wish.variables['CI'] && process.stdin.isTTY === true && process.stderr.isTTY === true;

  return {
    interactive,
    seen: process.stdout.isTTY === true,
    colour: wantsColour(wish, process.stdout.isTTY === true && process.stderr.isTTY === true),
    columns: process.stdout.columns ?? process.stderr.columns ?? defaultColumns,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    confirm: (message, options) =>
      ask(interactive, message, (prompt) =>
        prompt({ type: 'confirm', name: 'answer', message, default: options?.initial ?? false }),
      ),
    input: (message, options) =>
      ask(interactive, message, (prompt) =>
        prompt({
          type: 'input',
          name: 'answer',
          message,
          default: options?.initial,
          validate: (text: string) => options?.check?.(text) ?? true,
        }),
      ),
    select: (message, choices, options) =>
      ask(interactive, message, (prompt) =>
        prompt({ type: 'select', name: 'answer', message, choices: choices.map(shown), default: options?.initial }),
      ),
    search: (message, choices) =>
      ask(interactive, message, (prompt) =>
        prompt({
          type: 'search',
          name: 'answer',
          message,
          source: (typed?: string) => narrowed(choices, typed),
          theme: { style: { keysHelpTip: searchKeys } },
        }),
      ),
    hidden: (message) =>
      ask(interactive, message, (prompt) => prompt({ type: 'password', name: 'answer', message, mask: '*' })),
    piped: async () => (process.stdin.isTTY === true ? undefined : await text(process.stdin)),
  };
}

function shown<T>({ label, value, hint }: Choice<T>) {
  return { name: label, value, description: hint };
}

/** The list says how to walk through it, and not that it can be narrowed down. */
function searchKeys(keys: readonly (readonly [key: string, does: string])[]): string {
  return [['type', 'narrow down'], ...keys].map(([key, does]) => `${key} ${does}`).join(' • ');
}

/** What is called so comes before what only speaks of it. */
export function narrowed<T>(choices: readonly Choice<T>[], typed = '') {
  const wanted = typed.trim().toLowerCase();
  const has = (text: string): boolean => text.toLowerCase().includes(wanted);
  const found = choices.filter(({ label, hint = '' }) => has(label) || has(hint));
  return [...found.filter(({ label }) => has(label)), ...found.filter(({ label }) => !has(label))].map(shown);
}

export function wantsColour(wish: TerminalWish, isTerminal: boolean): boolean {
  const { NO_COLOR, CLICOLOR_FORCE, TERM } = wish.variables;
  if (wish.json || !wish.colour || (NO_COLOR !== undefined && NO_COLOR !== '')) return false;
  if (CLICOLOR_FORCE !== undefined && CLICOLOR_FORCE !== '' && CLICOLOR_FORCE !== '0') return true;
  return isTerminal && TERM !== 'dumb';
}

type Prompt = (question: Record<string, unknown>) => Promise<{ answer: unknown }>;

/** inquirer is loaded with the first question; its prompts go to stderr, so that stdout stays data. */
async function ask<T>(
  interactive: boolean,
  question: string,
  show: (prompt: Prompt) => Promise<{ answer: unknown }>,
): Promise<T> {
  if (!interactive) {
    throw new ConsentError('terminal.nobody', {
      message: `Nobody can answer "${question}" here.`,
      hints: ['Run it in a terminal, or give the answer as a flag (see --help).'],
    });
  }
  const { default: inquirer } = await import('inquirer');
  const prompt = inquirer.createPromptModule({ output: process.stderr }) as unknown as Prompt;
  try {
    return (await show(prompt)).answer as T;
  } catch (error) {
    if ((error as Error).name !== 'ExitPromptError') throw error;
    throw new InterruptedError('terminal.interrupted', {
      message: 'Stopped at the question.',
    });
  }
}
