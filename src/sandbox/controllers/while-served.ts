import type { KubeObject } from '../kubernetes/objects.ts';
import type { Informer } from '../kubernetes/informer.ts';
import type { Controller } from './controller.ts';

/** Runs a controller for as long as the API server knows its kind: `podvolumebackups.velero.io` and the like. */
export function whileServed(definitions: Informer<KubeObject>, name: string, start: () => Controller): Controller {
  let running: Controller | undefined;
  const stopWatching = definitions.onChange((key, definition) => {
    if (key !== name) return;
    if (definition === undefined) {
      void running?.stop();
      running = undefined;
    } else {
      running ??= start();
    }
  });
  return {
    stop() {
      stopWatching();
      return running?.stop();
    },
  };
}

export function together(controllers: readonly Controller[]): Controller {
  return {
    async stop() {
      await Promise.all(controllers.map(async (one) => one.stop()));
    },
    parts: () => controllers.flatMap((one) => one.parts?.() ?? []),
  };
}
