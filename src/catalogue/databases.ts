/**
 * What an app needs to know of a shared database, and nothing else: the database and the role that are made for it, how
 * to get there, and what to put in its own Secret. The databases themselves know no app: each namespace says by a label
 * that it is a client.
 */
import type { Database, KubernetesSecret, SecretPart, SecretWant } from '../model/blueprint.ts';

export type DatabaseEngine = Database['engine'];

export interface DatabaseAccess {
  /** For `databases` of the contribution: ffops makes it, and its role, before the app is installed. */
  readonly database: Database;
  /** For `secrets` of the contribution. Letters and digits only, so that it can stand in an URL as it is. */
  readonly password: SecretWant;
  /** For `namespaceLabels` of the contribution: what the database's network policy lets in. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly host: string;
  readonly port: number;
  /** The pods behind the host, for a policy that lets the app out. */
  readonly pods: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  /** The certificate of the authority that signs the server's, as PEM. Connections are encrypted, and say so. */
  readonly authority: readonly SecretPart[];
  /** For the app's own Kubernetes Secret: the password and the authority, under `PASSWORD_KEY` and `AUTHORITY_KEY`. */
  readonly secretData: KubernetesSecret['data'];
}

/** What is fixed of each engine: others find the pods and the administrators' passwords by these names. */
export interface DatabaseServer {
  readonly port: number;
  /** `<engine>-0`: the one pod. */
  readonly pod: string;
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
  /** On a namespace, or on a pod of the databases' own namespace: may connect. */
  readonly clientLabels: Readonly<Record<string, string>>;
  readonly administrator: {
    readonly user: string;
    /** By its name in every environment. */
    readonly secret: string;
    /** The Kubernetes Secret in the databases' namespace, with the password under `PASSWORD_KEY`. */
    readonly kubernetesSecret: string;
  };
  /** The Kubernetes Secret in the databases' namespace: `tls.crt`, `tls.key` and `ca.crt`. */
  readonly certificate: { readonly secret: string; readonly kubernetesSecret: string };
}

export const DATABASES_NAMESPACE = 'data';
export const PASSWORD_KEY = 'password';
export const AUTHORITY_KEY = 'ca.crt';

export const servers: Readonly<Record<DatabaseEngine, DatabaseServer>> = {
  postgres: server('postgres', 5432, { user: 'postgres', secret: 'postgres.superuser' }),
  mariadb: server('mariadb', 3306, { user: 'root', secret: 'mariadb.root' }),
};

/** One database per app, named after it. */
export function databaseFor(engine: DatabaseEngine, owner: string): DatabaseAccess {
  const { host, port, labels, clientLabels, certificate } = servers[engine];
  const password = `${owner}.databasePassword`;
  const authority: readonly SecretPart[] = [{ secret: certificate.secret }];
  return {
    database: { engine, name: owner, user: owner, owner, passwordSecret: password },
    password: {
      name: password,
      description: `What ${owner} opens its database with.`,
      supply: { kind: 'generated', length: 32, alphabet: 'alphanumeric' },
    },
    namespaceLabels: clientLabels,
    host,
    port,
    pods: { namespace: DATABASES_NAMESPACE, labels },
    authority,
    secretData: { [PASSWORD_KEY]: [{ secret: password }], [AUTHORITY_KEY]: authority },
  };
}

function server(
  engine: DatabaseEngine,
  port: number,
  administrator: Pick<DatabaseServer['administrator'], 'user' | 'secret'>,
): DatabaseServer {
  return {
    port,
    pod: `${engine}-0`,
    host: `${engine}.${DATABASES_NAMESPACE}.svc.cluster.local`,
    labels: { 'app.kubernetes.io/name': engine },
    clientLabels: { [`ffops.dev/${engine}`]: 'client' },
    administrator: { ...administrator, kubernetesSecret: administrator.secret.replace('.', '-') },
    certificate: { secret: `${engine}.certificate`, kubernetesSecret: `${engine}-certificate` },
  };
}
