/** A namespace that admits only what Kubernetes calls restricted: not root, no privilege, nothing of the machine. */
export const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' } as const;
