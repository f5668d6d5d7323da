import { Informer } from '../kubernetes/informer.ts';
import type { KubeObject } from '../kubernetes/objects.ts';
import { Reconciler } from '../kubernetes/reconciler.ts';
import type { Controller, Scene } from './controller.ts';
import { together, whileServed } from './while-served.ts';

interface Transfer extends KubeObject {
  readonly status?: { readonly phase?: string };
}

interface TransferKind {
  /** Below the API group of Velero. */
  readonly version: string;
  readonly plural: string;
  /** What the status says beside its phase. */
  readonly result: object;
}

/** How results tell that a copy moved nothing: the sandbox's pods have no file systems. */
const BYTES_ANNOTATION = 'sandbox.ffops.io/bytes';
const NOTHING = { progress: { totalBytes: 0, bytesDone: 0 }, message: 'ffops sandbox: no bytes were copied' };
const SNAPSHOT = { snapshotID: 'ffops-sandbox-no-bytes', path: '/ffops-sandbox' };
const FINAL = new Set(['Completed', 'Failed', 'Canceled']);
const GROUP = 'velero.io';

const KINDS: readonly TransferKind[] = [
  { version: 'v1', plural: 'podvolumebackups', result: { ...NOTHING, ...SNAPSHOT } },
  { version: 'v1', plural: 'podvolumerestores', result: NOTHING },
  { version: 'v2alpha1', plural: 'datauploads', result: { ...NOTHING, ...SNAPSHOT } },
  { version: 'v2alpha1', plural: 'datadownloads', result: NOTHING },
];

/** Plays Velero's node agents: every copy of a volume is done at once, with zero bytes, and says so. */
export function startVeleroData(scene: Scene): Controller {
  return together(
    KINDS.map((kind) =>
      whileServed(scene.watched.definitions, `${kind.plural}.${GROUP}`, () => completeAll(scene, kind)),
    ),
  );
}

function completeAll({ client, report }: Scene, { version, plural, result }: TransferKind): Controller {
  const api = `/apis/${GROUP}/${version}`;
  const transfers = new Informer<Transfer>(client, { path: `${api}/${plural}` });
  const reconciler = new Reconciler(async (key) => {
    const transfer = transfers.get(key);
    if (transfer === undefined || FINAL.has(transfer.status?.phase ?? '')) return;
    const { namespace = '', name } = transfer.metadata;
    const now = new Date().toISOString();
    // Neither kind has a status of its own to write to: the whole object is patched at once.
    await client.patch(`${api}/namespaces/${namespace}/${plural}/${name}`, 'merge', {
      metadata: { annotations: { [BYTES_ANNOTATION]: 'none' } },
      status: { phase: 'Completed', startTimestamp: now, completionTimestamp: now, ...result },
    });
  }, report);
  const stopWatching = transfers.onChange((key) => reconciler.enqueue(key));
  transfers.start();
  return {
    stop() {
      stopWatching();
      transfers.stop();
      reconciler.stop();
    },
  };
}
