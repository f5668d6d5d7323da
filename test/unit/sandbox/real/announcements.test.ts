import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  ANNOUNCE,
  answerAnnouncements,
  CNI_VERSION,
  type AnnouncedPod,
} from '../../../../src/sandbox/real/announcements.ts';
import { tempFolder } from '../../../support/temp.ts';

const RESULT = { cniVersion: CNI_VERSION, ips: [{ address: 'fd00::2/64' }, { address: '198.18.0.2/16' }] };

describe("a pod's address, announced by the CNI plugin", () => {
  const folder = tempFolder();
  const events: string[] = [];
  const added: AnnouncedPod[] = [];
  const reported: string[] = [];
  let admit: () => Promise<void>;
  let leave: () => void;

  before(() => {
    const announced = {
      add: async (pod: AnnouncedPod) => {
        added.push(pod);
        await admit();
        events.push('in force');
      },
      remove: (id: string) => void events.push(`removed ${id}`),
    };
    leave = answerAnnouncements(folder.path, announced, (message) => reported.push(message));
  });
  after(() => {
    leave();
    folder.remove();
  });
  beforeEach(() => {
    admit = () => Promise.resolve();
    for (const list of [events, added]) list.length = 0;
  });

  async function plugin(command: string, id: string, stdin: object = { prevResult: RESULT }) {
    const child = spawn(join(folder.path, ANNOUNCE), {
      env: {
        PATH: process.env['PATH'],
        CNI_COMMAND: command,
        CNI_CONTAINERID: id,
        CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0;K8S_POD_UID=1234',
      },
    });
    const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.stdin.end(JSON.stringify({ cniVersion: CNI_VERSION, name: 'pods', type: ANNOUNCE, ...stdin }));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await code, answer: JSON.parse(stdout) as unknown, stderr };
  }

  it('is known, with its pod, before the plugin ends; the result of the plugins before it is passed on', async () => {
    admit = () => new Promise((resolve) => setTimeout(resolve, 200));
    const { code, answer } = await plugin('ADD', 'one');
    events.push('ended');
    expect({ code, answer }).to.deep.equal({ code: 0, answer: RESULT });
    expect(events).to.deep.equal(['in force', 'ended']);
    expect(added).to.deep.equal([{ id: 'one', key: 'shop/web-0', uid: '1234', address: '198.18.0.2' }]);
  });

  it('stands for a pod that is made again later, when policies cannot be in force', async () => {
    admit = () => Promise.reject(new Error('the API does not tell of it'));
    expect(await plugin('ADD', 'two')).to.deep.equal({
      ...{ code: 1, stderr: '' },
      answer: { cniVersion: CNI_VERSION, code: 11, msg: 'the API does not tell of it' },
    });
    expect((await plugin('ADD', 'three', {})).answer).to.deep.include({ msg: 'the pod has no address' });
    expect((await plugin('ADD', 'three', { prevResult: 7 })).code).to.equal(1);
  });

  it('is forgotten with its pod, several at once', async () => {
    const answers = await Promise.all(['one', 'two', 'three'].map((id) => plugin('DEL', id)));
    expect(answers.map(({ code }) => code)).to.deep.equal([0, 0, 0]);
    expect([...events].sort()).to.deep.equal(['removed one', 'removed three', 'removed two']);
  });

  it('has a plugin that says which version it speaks', async () => {
    expect((await plugin('VERSION', '')).answer).to.deep.equal({
      ...{ cniVersion: CNI_VERSION, supportedVersions: [CNI_VERSION] },
    });
  });

  it('leaves no question behind, nor an answer', () => {
    expect(readdirSync(join(folder.path, 'announced'))).to.deep.equal([]);
    expect(reported).to.deep.equal([]);
  });
});
