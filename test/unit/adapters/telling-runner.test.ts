import { expect } from 'chai';
import { tellingRunner } from '../../../src/adapters/telling-runner.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { Command, Runner } from '../../../src/ports/runner.ts';

/** A program that quotes everything it was given. */
const parrot: Runner = {
  async run({ onLine, env, stdin }) {
    const given = [...Object.values(env ?? {}), stdin].map((value) =>
      value instanceof Secret ? value.reveal() : String(value),
    );
    for (const line of given) onLine?.('stderr', `cannot read ${line}`);
    return { exitCode: 1, stdout: '', stderr: given.join('\n'), durationMs: 5, timedOut: false };
  },
};

async function told(command: Omit<Command, 'args'>): Promise<string> {
  const lines: string[] = [];
  await tellingRunner(parrot, (line) => lines.push(line)).run({ args: ['apply'], ...command });
  return lines.join('\n');
}

describe('--verbose', () => {
  it('shows programs, what they say and how they end', async () => {
    const text = await told({ program: '/bin/tofu', env: { TF_LOG: 'info' } });
    expect(text).to.equal('$ /bin/tofu apply\n  cannot read info\n  cannot read undefined\n  exit code 1 after 5 ms');
  });

  it('masks secrets that a program got in its environment', async () => {
    const text = await told({ program: '/bin/tofu', env: { TOKEN: new Secret('canary') } });
    expect(text).to.include('cannot read [secret]').and.not.to.include('canary');
  });

  it('does not repeat a program that was handed something to read, nor sops', async () => {
    expect(await told({ program: '/bin/kubectl', stdin: 'data: Y2FuYXJ5' })).not.to.include('Y2FuYXJ5');
    expect(await told({ program: '/bin/kubectl', stdin: new Secret('canary') })).not.to.include('canary');
    expect(await told({ program: '/tools/sops', env: { WORD: 'canary' } })).not.to.include('canary');
  });
});
