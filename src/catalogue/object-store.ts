/** A bucket for the files of an app, with a key that opens it and nothing else. */
import { bucketName } from '../model/bucket-name.ts';
import type { Environment } from '../model/environment.ts';
import type { EntryRequest } from '../model/plugs.ts';
import type { Finding } from '../model/registry.ts';
import type { Need } from './web-app.ts';

/** In the Secret of the app. */
export const ACCESS_KEY = 's3-access-key';
export const SECRET_KEY = 's3-secret-key';

export interface ObjectStore {
  readonly bucket: string;
  readonly region: string;
  /** As production's pods reach it. */
  readonly endpoint: string;
  /** The module variable with the endpoint, which the sandbox sets. */
  readonly variable: string;
  readonly need: Need;
}

/** Throws where there is no object storage: `refuseWithoutStorage` says so before. */
export function objectStore({ context, offer, origins }: EntryRequest, id: string, option: string): ObjectStore {
  const storage = offer.objectStorage;
  if (storage === undefined) throw new Error(`apps.${id}.${option} needs object storage`);
  const bucket = bucketName(context, id);
  const accessKey = `${id}.s3AccessKey`;
  const secretKey = `${id}.s3SecretKey`;
  const variable = `${id}_s3_url`;
  const supply = { kind: 'asked', help: storage.keyHelp(bucket) } as const;
  return {
    bucket,
    region: storage.region,
    endpoint: storage.endpoint,
    variable,
    need: {
      ports: [portOf(storage.endpoint)],
      secret: { [ACCESS_KEY]: [{ secret: accessKey }], [SECRET_KEY]: [{ secret: secretKey }] },
      brings: {
        buckets: [{ name: bucket, purpose: id, origin: origins.of(`apps.${id}.${option}`) }],
        variables: [
          {
            name: variable,
            type: 'string',
            description: `Object storage that ${id} keeps its files in, as pods of the cluster reach it.`,
            default: storage.endpoint,
          },
        ],
        secrets: [
          { name: accessKey, description: `Access key that ${id} reads and writes its bucket with.`, supply },
          { name: secretKey, description: 'Secret key beside it, shown once when the access key is made.', supply },
        ],
      },
    },
  };
}

export function refuseWithoutStorage({ objectStorage }: Environment, path: string): readonly Finding[] {
  if (objectStorage.region !== undefined) return [];
  return [
    {
      path,
      message: 'This environment has no object storage.',
      hints: ['Leave the option out: files are then kept on a volume.'],
    },
  ];
}

function portOf(endpoint: string): number {
  const { port, protocol } = new URL(endpoint);
  return port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port);
}
