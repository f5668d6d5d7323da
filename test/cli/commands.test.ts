import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand } from '../../src/cli/find-command.ts';
import { globalFlags } from '../../src/cli/flags.ts';
import { cliHome, projectRoot } from '../support/cli.ts';
import { expectKept } from '../support/kept.ts';

interface Command {
  id: string;
  hidden?: boolean;
  strict?: boolean;
  summary?: string;
  args: Record<string, { required?: boolean; options?: string[] }>;
  flags: Record<string, { char?: string; type: string; multiple?: boolean; options?: string[]; required?: boolean }>;
  examples?: { description?: string; command?: string }[];
  exits?: Record<string, string>;
}

describe('every command', () => {
  let commands: Command[];
  before(() => {
    cliHome().remove();
    const manifest = JSON.parse(readFileSync(join(projectRoot, 'oclif.manifest.json'), 'utf8')) as {
      commands: Record<string, Command>;
    };
    commands = Object.values(manifest.commands).sort((a, b) => (a.id < b.id ? -1 : 1));
  });

  it('is one that scripts can rely on: a word, a flag or an argument that goes away is seen here', () => {
    const tree = commands.map(({ id, args, flags }) => {
      const own = Object.entries(flags).filter(([name]) => !(name in globalFlags));
      const argument = ([name, { required, options }]: [string, Command['args'][string]]) =>
        `${required ? name : `[${name}]`}${options ? `=${options.join('|')}` : ''}`;
      const flag = ([name, { char, type, multiple, options, required }]: [string, Command['flags'][string]]) =>
        `--${name}${char ? ` -${char}` : ''}${type === 'option' ? `=${options?.join('|') ?? 'VALUE'}` : ''}${multiple ? ' (repeats)' : ''}${required ? ' (required)' : ''}`;
      return [`ffops ${id.replaceAll(':', ' ')}`, ...Object.entries(args).map(argument), ...own.map(flag)].join('\n  ');
    });
    const global = Object.entries(globalFlags).map(([name, { char }]) => `--${name}${char ? ` -${char}` : ''}`);
    const text = `everywhere\n  ${global.join('\n  ')}\n${tree.join('\n')}\n`;
    expectKept(join(projectRoot, 'test/cli/kept'), new Map([['commands.txt', text]]));
  });

  it('says in one sentence what it does', () => {
    for (const { id, summary = '' } of commands) {
      expect(summary, id).to.match(/^[A-Z][^\n]{8,100}$/);
      expect(summary, id).to.not.match(/\.$/);
    }
  });

  it('has two examples that its own parser takes', () => {
    const ids = commands.map(({ id }) => id);
    for (const { id, examples = [], flags, hidden } of commands) {
      if (hidden) continue;
      expect(examples.length, `${id}: examples`).to.be.at.least(2);
      for (const { description = '', command = '' } of examples) {
        expect(description, id).to.match(/^\S.{3,}/);
        const words = wordsOf(command);
        expect(words, `${id}: ${command}`).to.not.equal(undefined);
        const found = findCommand(words!, ids);
        expect('id' in found && found.id, command).to.equal(id);
        const passed = words!.includes('--') ? words!.slice(0, words!.indexOf('--')) : words!;
        for (const word of passed.filter((one) => one.startsWith('--')))
          expect(Object.keys(flags), `${id}: ${command}`).to.include(word.slice(2).split('=')[0]);
        for (const word of passed.filter((one) => /^-[a-z]$/.test(one))) {
          expect(
            Object.values(flags).map(({ char }) => char),
            `${id}: ${command}`,
          ).to.include(word.slice(1));
        }
      }
    }
  });

  it('states its exit codes with codes that exist', () => {
    for (const { id, exits = {} } of commands)
      expect(['0', '1', '2', '3', '4', '5', '6', '130'], id).to.include.members(Object.keys(exits));
  });

  /** The words behind the program's name, up to the end of the command. */
  function wordsOf(example: string): string[] | undefined {
    const line = /<%= config\.bin %>([^|;&)>]*)/.exec(example)?.[1];
    return line?.trim().split(/\s+/);
  }
});
