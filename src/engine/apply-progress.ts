/** What `tofu apply` says while it works, as events. */
import { errorsOf, type TofuDiagnostic, type TofuEvent } from '../tools/tofu.ts';
import type { Engine, EngineEvent } from './engine.ts';

type ResourceEvent = Extract<EngineEvent, { kind: 'resource' }>;

export interface ApplyProgress {
  readonly tell: (event: TofuEvent) => void;
  /** With everything that the run printed. */
  readonly end: (stdout: string) => void;
}

/**
 * What failed is told as it fails, but for a release that is removed: what older Helm providers call its failure may be
 * that it left its volumes, as it was told to, and they give the reason only at the end.
 */
export function applyProgress({ emit }: Pick<Engine, 'emit'>, stack: string): ApplyProgress {
  const inDoubt: ResourceEvent[] = [];
  return {
    tell: (event) => {
      if (!('hook' in event)) return;
      const { action, resource } = event.hook;
      const told = { kind: 'resource', stack, address: resource.addr, action, phase: phases[event.type] } as const;
      if (told.phase === 'failed' && action === 'delete' && told.address.startsWith('helm_release.'))
        inDoubt.push(told);
      else emit(told);
    },
    end: (stdout) => {
      if (inDoubt.length === 0) return;
      const errors = errorsOf(stdout);
      const others = errors.filter((error) => !leftVolumes(error));
      for (const one of inDoubt) {
        const hasOther = others.some(({ address }) => address === undefined || address === one.address);
        emit(errors.some(leftVolumes) && !hasOther ? { ...one, phase: 'left-volumes' } : one);
      }
    },
  };
}

const phases = { apply_start: 'started', apply_complete: 'done', apply_errored: 'failed' } as const;

/** Helm's own words for a release that is gone. */
export function leftVolumes({ summary, detail }: TofuDiagnostic): boolean {
  return `${summary} ${detail}`.includes('were kept due to the resource policy');
}
