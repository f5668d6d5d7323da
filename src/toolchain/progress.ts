export interface Progress {
  /** Name of a tool, `chart …`, or `terraform-provider-…`. */
  readonly tool: string;
  readonly step: 'waiting' | 'downloading' | 'building' | 'ready' | 'failed';
  readonly detail: string;
}

export type OnProgress = (progress: Progress) => void;

/** About one of them. */
export type Say = (progress: Omit<Progress, 'tool'>) => void;
