/** What can follow what on the command line: the data behind the completion of every shell. */
export interface CompletionCommand {
  /** As oclif writes it: `env:list`. */
  readonly id: string;
  readonly summary: string;
  readonly flags: readonly CompletionFlag[];
  /** What its first argument can be, where that is a closed list. */
  readonly choices: readonly string[];
  /** True when its first argument is the name of an environment. */
  readonly takesEnvironment: boolean;
}

export interface CompletionFlag {
  readonly name: string;
  readonly char?: string;
  readonly summary: string;
  readonly takesValue: boolean;
  readonly options: readonly string[];
}

export interface CompletionNode {
  /** The words before it, such as `env`; empty at the root. */
  readonly words: string;
  readonly next: readonly { readonly word: string; readonly summary: string }[];
  readonly command?: CompletionCommand;
}

export function completionTree(commands: readonly CompletionCommand[]): readonly CompletionNode[] {
  const nodes = new Map<string, { next: Map<string, string>; command?: CompletionCommand }>([
    ['', { next: new Map() }],
  ]);
  for (const command of commands) {
    const words = command.id.split(':');
    words.forEach((word, index) => {
      const before = words.slice(0, index).join(' ');
      const here = words.slice(0, index + 1).join(' ');
      if (!nodes.has(here)) nodes.set(here, { next: new Map() });
      const isLast = index === words.length - 1;
      const siblings = nodes.get(before)!.next;
      if (isLast || !siblings.has(word)) siblings.set(word, isLast ? command.summary : '');
    });
    nodes.get(words.join(' '))!.command = command;
  }
  return [...nodes].map(([words, { next, command }]) => ({
    words,
    next: [
      ...[...next].map(([word, summary]) => ({ word, summary })).sort((a, b) => (a.word < b.word ? -1 : 1)),
      ...(command?.choices ?? []).map((word) => ({ word, summary: '' })),
    ],
    ...(command && { command }),
  }));
}
