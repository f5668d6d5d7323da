/**
 * The script that makes Twenty's administrator, run by the real node against a server that answers as Twenty does, and
 * a psql that counts that server's workspaces: from nothing, again, and after being stopped at every point.
 */
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ADMINISTRATOR } from '../../../src/catalogue/twenty/administrator.ts';
import { tempFolder } from '../../support/temp.ts';

const PERSON = { email: 'admin@example.com', password: 'canary-5b1e"$%' };

/** As much of Twenty as signing up asks for; `stopAfter` cuts the connection once that operation is done. */
class Twenty {
  person: typeof PERSON | undefined;
  workspace: 'none' | 'begun' | 'active' = 'none';
  readonly asked: string[] = [];
  stopAfter: string | undefined;
  awakeIn = 1;

  answer(path: string | undefined, body: string, headers: IncomingMessage['headers']): object | 'stop' | 'asleep' {
    if (path === '/healthz') return --this.awakeIn > 0 ? 'asleep' : { status: 'ok' };
    if (path === '/workspaces') return { active: this.workspace === 'active' ? 1 : 0 };
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
    const operation = /^mutation (\w+)/.exec(query)?.[1] ?? '';
    this.asked.push(operation);
    if (headers.origin !== 'https://twenty.example.com') return refused('FORBIDDEN');
    const result = this.perform(operation, variables, headers.authorization);
    return this.stopAfter === operation ? 'stop' : result;
  }

  private perform(operation: string, variables: Record<string, unknown>, token: string | undefined): object {
    const entered = {
      tokens: { accessOrWorkspaceAgnosticToken: { token: 'agnostic' } },
      availableWorkspaces: {
        availableWorkspacesForSignIn: this.workspace === 'none' ? [] : [{ id: 'w', loginToken: 'login' }],
      },
    };
    switch (operation) {
      case 'SignUp':
        if (this.person !== undefined) return refused('USER_ALREADY_EXISTS');
        this.person = variables as typeof PERSON;
        return { data: { signUp: entered } };
      case 'SignIn':
        return this.person?.password === variables['password'] ? { data: { signIn: entered } } : refused('FORBIDDEN');
      case 'Create':
        if (token !== 'Bearer agnostic' || this.workspace !== 'none') return refused('SIGNUP_DISABLED');
        this.workspace = 'begun';
        return { data: { signUpInNewWorkspace: { loginToken: { token: 'login' } } } };
      case 'Exchange':
        return variables['loginToken'] === 'login'
          ? {
              data: {
                getAuthTokensFromLoginToken: { tokens: { accessOrWorkspaceAgnosticToken: { token: 'access' } } },
              },
            }
          : refused('UNAUTHENTICATED');
      case 'Activate':
        if (token !== 'Bearer access' || this.workspace !== 'begun') return refused('FORBIDDEN');
        this.workspace = 'active';
        return { data: { activateWorkspace: { id: 'w' } } };
      default:
        return refused('GRAPHQL_VALIDATION_FAILED');
    }
  }
}

function refused(code: string): object {
  return { errors: [{ message: `no: ${JSON.stringify(PERSON)}`, extensions: { code } }] };
}

describe("Twenty's administrator", () => {
  const folder = tempFolder();
  let twenty: Twenty;
  let server: Server;
  let address: string;

  before(() => {
    writeFileSync(join(folder.path, 'administrator.mjs'), ADMINISTRATOR);
    // The question that is asked of the database, answered by what the server has.
    writeFileSync(
      join(folder.path, 'psql'),
      `#!${process.execPath}\nconst question = process.argv[3];\nif (!/core\\.workspace WHERE "activationStatus" = 'ACTIVE'/.test(question)) process.exit(1);\nfetch(process.env.TWENTY_SERVER + '/workspaces').then((a) => a.json()).then(({ active }) => console.log(active));\n`,
    );
    chmodSync(join(folder.path, 'psql'), 0o755);
  });
  after(() => folder.remove());

  beforeEach(async () => {
    twenty = new Twenty();
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const answer = twenty.answer(request.url, body, request.headers);
        if (answer === 'stop') request.socket.destroy();
        else if (answer === 'asleep') response.writeHead(503).end();
        else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  function run(): Promise<{ readonly code: number; readonly output: string }> {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(folder.path, 'administrator.mjs')],
        {
          // Its psql is started through node's own search: PATH begins with the folder of the test.
          env: {
            PATH: `${folder.path}:/usr/bin:/bin`,
            TWENTY_SERVER: address,
            SERVER_URL: 'https://twenty.example.com',
            WORKSPACE_NAME: 'Company',
            ADMIN_EMAIL: PERSON.email,
            ADMIN_PASSWORD: PERSON.password,
          },
        },
        (error, stdout, stderr) => resolve({ code: error === null ? 0 : 1, output: stdout + stderr }),
      );
    });
  }

  it('is made when there is nobody, once Twenty is awake, and then left alone', async () => {
    twenty.awakeIn = 2;
    expect((await run()).code).to.equal(0);
    expect(twenty).to.deep.include({ person: PERSON, workspace: 'active' });
    expect(twenty.asked).to.deep.equal(['SignUp', 'Create', 'Exchange', 'Activate']);
    const again = await run();
    expect(again.output).to.include('there is an administrator');
    expect(twenty.asked).to.have.length(4);
  }).timeout(30_000);

  for (const operation of ['SignUp', 'Create', 'Exchange', 'Activate']) {
    it(`is made by the next run when one is stopped after ${operation}`, async () => {
      twenty.stopAfter = operation;
      const stopped = await run();
      // Who has signed up already signs in: that goes on by itself.
      expect(stopped.code).to.equal(operation === 'SignUp' ? 0 : 1);
      expect(stopped.output).not.to.include(PERSON.password);
      twenty.stopAfter = undefined;
      expect(await run()).to.deep.include({ code: 0 });
      expect(twenty).to.deep.include({ person: PERSON, workspace: 'active' });
    }).timeout(30_000);
  }

  it('is nobody else: somebody of that address with another password is an error that quotes nothing', async () => {
    twenty.person = { ...PERSON, password: 'another' };
    const { code, output } = await run();
    expect(code).to.equal(1);
    expect(output).to.include('USER_ALREADY_EXISTS').and.not.include(PERSON.password);
  }).timeout(30_000);
});
