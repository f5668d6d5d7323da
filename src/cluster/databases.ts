/**
 * Databases and roles of apps, made by a Job where the server is: its pod alone sees the administrator's password, and the
 * passwords of apps lie beside it only as long as it does.
 */
import { z } from 'zod';
import { FailedError, InterruptedError } from '../errors.ts';
import { LEFT_OUT_OF_BACKUPS } from '../model/backup-label.ts';
import type { Database, Provisioner } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import { databaseChanges, type DatabaseChange, type ProvisionedDatabase } from '../ports/cluster.ts';
import { toolFailed } from '../tools/call.ts';
import { applyManifests, podLogs, type ClusterPin, type KubeObject } from '../tools/kubectl.ts';
import { objects } from './ask.ts';
import { holding } from './conditions.ts';
import { podLines } from './diagnosis.ts';
import type { ClusterDeps } from './hands.ts';
import { manager, ownLabels } from './names.ts';

/** Throws FailedError with the Job's last words when one of the databases could not be made. */
export async function provisionDatabases(
  deps: ClusterDeps,
  pin: ClusterPin,
  provisioner: Provisioner,
): Promise<readonly ProvisionedDatabase[]> {
  const databases = deps.blueprint.databases.filter(({ engine }) => engine === provisioner.engine);
  if (databases.length === 0) return [];
  const passwords = await Promise.all(databases.map(({ passwordSecret }) => deps.secrets.get(passwordSecret)));
  const data = Object.fromEntries(
    databases.flatMap((database, index) => entriesOf(index + 1, database, passwords[index]!)),
  );
  const template = await jobTemplate(deps, pin, provisioner);
  const name = `${provisioner.cronJob}-${deps.clock.now().getTime().toString(36)}`;
  await applyAll(deps, pin, provisioner, [secretManifest(deps, provisioner, data)]);
  await applyAll(deps, pin, provisioner, [jobManifest(deps, provisioner, name, template)]);
  const job = await theJob(deps, pin, provisioner, name);
  // The cluster takes it away together with the Job, also when ffops is not there any more.
  await applyAll(deps, pin, provisioner, [secretManifest(deps, provisioner, data, job)]);
  const ended = await waitForEnd(deps, pin, provisioner, name);
  const log = await logOf(deps, pin, provisioner, name);
  if (ended !== 'Complete') {
    const lines = log ?? (await whyNot(deps, pin, provisioner, name));
    throw failed(databases, provisioner, name, log ?? [], masked(lines, passwords));
  }
  return databases.map(({ engine, name: database, owner }, index) => ({
    engine,
    name: database,
    owner,
    did: didTo(deps, log, index + 1),
  }));
}

function entriesOf(number: number, { name, user }: Database, password: Secret): readonly (readonly [string, string])[] {
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  return [
    [`DATABASE_${number}_NAME`, encoded(name)],
    [`DATABASE_${number}_USER`, encoded(user)],
    [`DATABASE_${number}_PASSWORD`, encoded(password.reveal())],
  ];
}

function secretManifest(
  { blueprint }: ClusterDeps,
  { namespace, secret, stack }: Provisioner,
  data: Readonly<Record<string, string>>,
  job?: KubeObject,
): object {
  const owner = job && { apiVersion: job.apiVersion, kind: job.kind, name: job.metadata.name, uid: job.metadata.uid };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secret,
      namespace,
      labels: { ...ownLabels(blueprint, { name: stack }), ...LEFT_OUT_OF_BACKUPS },
      ...(owner && { ownerReferences: [owner] }),
    },
    type: 'Opaque',
    data,
  };
}

const cronJobSchema = z.looseObject({ spec: z.looseObject({ jobTemplate: z.looseObject({ spec: z.unknown() }) }) });

async function jobTemplate(deps: ClusterDeps, pin: ClusterPin, { namespace, cronJob, stack }: Provisioner) {
  const found = await objects(deps.run, pin, ['cronjobs'], { namespace, fields: `metadata.name=${cronJob}` });
  if (found[0] !== undefined) return cronJobSchema.parse(found[0]).spec.jobTemplate.spec;
  throw new FailedError('databases.noServer', {
    message: `There is no CronJob ${namespace}/${cronJob}, which databases are made by.`,
    hints: [`Apply the stack that brings it: ffops apply --stack ${stack}`],
  });
}

function jobManifest(
  { blueprint }: ClusterDeps,
  { namespace, stack }: Provisioner,
  name: string,
  spec: unknown,
): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels: ownLabels(blueprint, { name: stack }) },
    spec,
  };
}

async function applyAll(
  deps: ClusterDeps,
  pin: ClusterPin,
  { namespace, cronJob }: Provisioner,
  items: readonly object[],
): Promise<void> {
  const manifests = new Secret(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const outcome = await deps.run('kubectl', applyManifests(pin, manifests, manager));
  if (outcome.exitCode === 0) return;
  // A Secret that is refused is quoted; nothing of it may be repeated.
  const stderr = outcome.stderr.replaceAll(/[A-Za-z0-9+/=]{16,}/g, '[secret]');
  throw toolFailed('databases.notStarted', `A Job from ${namespace}/${cronJob} could not be made`, {
    ...outcome,
    stderr,
  });
}

async function theJob(
  deps: ClusterDeps,
  pin: ClusterPin,
  { namespace }: Provisioner,
  name: string,
): Promise<KubeObject> {
  const [job] = await objects(deps.run, pin, ['jobs'], { namespace, fields: `metadata.name=${name}` });
  if (job !== undefined) return job;
  throw new FailedError('databases.gone', {
    message: `The Job ${namespace}/${name} was taken away while it ran.`,
    hints: ['Run the same command again.'],
  });
}

const pollMs = 1000;
/** Its own time is up before; then it has failed. */
const longestMs = 300_000;

async function waitForEnd(
  deps: ClusterDeps,
  pin: ClusterPin,
  provisioner: Provisioner,
  name: string,
): Promise<'Complete' | 'Failed' | 'late'> {
  const deadline = deps.clock.now().getTime() + longestMs;
  for (;;) {
    const job = await theJob(deps, pin, provisioner, name);
    const end = holding(job, 'Complete') ?? holding(job, 'Failed');
    if (end !== undefined) return end.type === 'Complete' ? 'Complete' : 'Failed';
    if (deps.interruption.requested) {
      throw new InterruptedError('interrupted', {
        message: `The Job ${provisioner.namespace}/${name} was not waited for.`,
        hints: ['It goes on by itself, and the next apply makes what is still missing.'],
      });
    }
    if (deps.clock.now().getTime() >= deadline) return 'late';
    await deps.clock.sleep(pollMs, deps.interruption);
  }
}

const logLines = 1000;

/** Undefined where there is none: simulated pods have no process behind them. */
async function logOf(
  deps: ClusterDeps,
  pin: ClusterPin,
  provisioner: Provisioner,
  name: string,
): Promise<readonly string[] | undefined> {
  if (!deps.surroundings.podsRun) return undefined;
  const pod = (await podsOf(deps, pin, provisioner, name)).at(-1);
  if (pod === undefined) return undefined;
  const where = { namespace: provisioner.namespace, name: pod.metadata.name };
  const outcome = await deps.run('kubectl', podLogs(pin, where, logLines, false));
  const lines = outcome.stdout.split('\n').filter((line) => line.trim() !== '');
  return outcome.exitCode === 0 && lines.length > 0 ? lines : undefined;
}

/** Oldest first: the last one is the last attempt. */
async function podsOf(
  deps: ClusterDeps,
  pin: ClusterPin,
  { namespace }: Provisioner,
  name: string,
): Promise<readonly KubeObject[]> {
  const pods = await objects(deps.run, pin, ['pods'], { namespace, labels: `batch.kubernetes.io/job-name=${name}` });
  return [...pods].sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp));
}

async function whyNot(deps: ClusterDeps, pin: ClusterPin, provisioner: Provisioner, name: string) {
  const pods = await podsOf(deps, pin, provisioner, name);
  const events = await objects(deps.run, pin, ['events'], { namespace: provisioner.namespace });
  return pods.length === 0 ? ['It has no pod.'] : pods.slice(-1).flatMap((pod) => podLines(pod, events));
}

function didTo(deps: ClusterDeps, log: readonly string[] | undefined, number: number): ProvisionedDatabase['did'] {
  if (log !== undefined) return said(log, number).filter(isChange);
  return deps.surroundings.podsRun ? 'unheard' : 'nothing-ran';
}

/** `ffops 2 role-created`: the second database. */
function said(log: readonly string[], number: number): readonly string[] {
  const prefix = `ffops ${number} `;
  return log.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length).trim());
}

function isChange(word: string): word is DatabaseChange {
  return (databaseChanges as readonly string[]).includes(word);
}

const maxLines = 6;

function failed(
  databases: readonly Database[],
  { namespace, engine }: Provisioner,
  name: string,
  log: readonly string[],
  lines: readonly string[],
): FailedError {
  const broken = databases.filter((_, index) => !said(log, index + 1).includes('done')).map(({ owner }) => owner);
  return new FailedError('databases.failed', {
    message: `The ${engine} database of ${broken.join(', ')} could not be made or opened by the Job ${namespace}/${name}.`,
    hints: lines.filter((line) => !line.startsWith('ffops ')).slice(-maxLines),
  });
}

/** It says no passwords; should it ever, they end here. */
function masked(lines: readonly string[], passwords: readonly Secret[]): readonly string[] {
  return lines.map((line) =>
    passwords.reduce((text, password) => text.replaceAll(password.reveal() || '\0', '[secret]'), line),
  );
}
