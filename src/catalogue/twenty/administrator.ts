/**
 * Makes Twenty's first workspace and its administrator, which would otherwise be those of whoever comes first. Runs
 * beside the server, in its own image, and asks it as its pages do. It may be stopped anywhere: the next run goes on.
 */
export const ADMINISTRATOR = `import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const SERVER = process.env.TWENTY_SERVER ?? 'http://127.0.0.1:3000';
const ORIGIN = process.env.SERVER_URL;
const person = { email: process.env.ADMIN_EMAIL, password: process.env.ADMIN_PASSWORD };

// psql reads where and who from its environment.
function activeWorkspaces() {
  const question = 'SELECT count(*) FROM core.workspace WHERE "activationStatus" = \\'ACTIVE\\'';
  return Number(execFileSync('psql', ['-tAc', question], { encoding: 'utf8' }));
}

async function ask(query, variables, token) {
  const headers = { 'content-type': 'application/json', origin: ORIGIN };
  if (token !== undefined) headers.authorization = 'Bearer ' + token;
  const body = JSON.stringify({ query, variables });
  const answer = await fetch(SERVER + '/metadata', { method: 'POST', headers, body });
  const { data, errors } = await answer.json();
  // What the server quotes may hold what was sent: only the kind of error is told.
  if (errors !== undefined) throw new Error(query.split('(')[0] + ': ' + (errors[0].extensions?.code ?? 'refused'));
  return data;
}

async function awake() {
  for (;;) {
    const answer = await fetch(SERVER + '/healthz').catch(() => undefined);
    if (answer?.ok) return;
    await sleep(2000);
  }
}

const CREDENTIALS = '($email: String!, $password: String!)';
const TOKENS = '{ tokens { accessOrWorkspaceAgnosticToken { token } } availableWorkspaces { availableWorkspacesForSignIn { id loginToken } } }';

// Somebody of that name is there when an earlier run was stopped.
async function enter() {
  const arguments_ = '(email: $email, password: $password)';
  try {
    return (await ask('mutation SignUp' + CREDENTIALS + ' { signUp' + arguments_ + TOKENS + ' }', person)).signUp;
  } catch (error) {
    const query = 'mutation SignIn' + CREDENTIALS + ' { signIn' + arguments_ + TOKENS + ' }';
    return (await ask(query, person).catch(() => Promise.reject(error))).signIn;
  }
}

async function loginToken({ tokens, availableWorkspaces }) {
  const begun = availableWorkspaces.availableWorkspacesForSignIn[0]?.loginToken;
  if (begun) return begun;
  const query =
    'mutation Create($input: SignUpInNewWorkspaceInput!) { signUpInNewWorkspace(input: $input) { loginToken { token } } }';
  const variables = { input: { displayName: process.env.WORKSPACE_NAME } };
  const made = await ask(query, variables, tokens.accessOrWorkspaceAgnosticToken.token);
  return made.signUpInNewWorkspace.loginToken.token;
}

await awake();
if (activeWorkspaces() === 0) {
  const login = await loginToken(await enter());
  const exchange =
    'mutation Exchange($loginToken: String!, $origin: String!) { getAuthTokensFromLoginToken(loginToken: $loginToken, origin: $origin) { tokens { accessOrWorkspaceAgnosticToken { token } } } }';
  const { getAuthTokensFromLoginToken } = await ask(exchange, { loginToken: login, origin: ORIGIN });
  const token = getAuthTokensFromLoginToken.tokens.accessOrWorkspaceAgnosticToken.token;
  await ask('mutation Activate($data: ActivateWorkspaceInput!) { activateWorkspace(data: $data) { id } }', { data: {} }, token);
  if (activeWorkspaces() === 0) throw new Error('the workspace is not active');
}
console.log('there is an administrator');
`;
