import { expect } from 'chai';
import { tofuProblem } from '../../../src/engine/tool-failure.ts';
import { Secret } from '../../../src/model/secret.ts';

function errorOf(summary: string, detail: string, address?: string): string {
  const diagnostic = { severity: 'error', summary, detail, ...(address ? { address } : {}) };
  return `${JSON.stringify({ type: 'diagnostic', diagnostic })}\n`;
}

describe('a failed run of tofu is told', () => {
  it('by its first error, short, without secrets, with the number of the others', () => {
    const stdout =
      errorOf('Error creating domain', 'GET https://x: 500 with hunter22\n\nmore', 'digitalocean_domain.root') +
      errorOf('Error creating project', '', 'digitalocean_project.main');
    expect(tofuProblem('base', { stdout, stderr: '' }, { TOKEN: new Secret('hunter22') })).to.deep.equal({
      message: 'Stack base: digitalocean_domain.root: Error creating domain: GET https://x: 500 with [secret]',
      hints: ['1 more: digitalocean_project.main.'],
    });
  });

  it('by the first plain error, where there is no JSON', () => {
    const stderr = '╷\n│ Error: No value for required variable\n│ \n│   on variables.tf line 1\n╵\n';
    expect(tofuProblem('base', { stdout: '', stderr }, {}).message).to.match(
      /^Stack base: No value for required variable/,
    );
  });

  it('by the signal that ended it', () => {
    const killed = { stdout: 'halfway', stderr: '', signal: 'SIGKILL' } as const;
    expect(tofuProblem('base', killed, {}).message).to.equal('Stack base: OpenTofu was ended by SIGKILL.');
  });

  it('by what it means that its provider crashed', () => {
    const stdout = errorOf('Plugin did not respond', 'The plugin encountered an error', 'digitalocean_cluster.main');
    const { message, hints } = tofuProblem('cloud', { stdout, stderr: '' }, {});
    expect(message).to.match(/^Stack cloud: digitalocean_cluster\.main: Plugin did not respond/);
    expect(hints!.join(' ')).to.include('The provider crashed').and.include('looked for by the next run');
  });
});
