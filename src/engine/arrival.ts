/** Where an apply ends: what is there now, and how to get in. */
import type { Blueprint } from '../model/blueprint.ts';

export interface Arrival {
  readonly places: readonly Place[];
  readonly next: readonly string[];
}

export interface Place {
  readonly url: string;
  readonly purpose: string;
  /** Who to log in as, and the command that shows the password. */
  readonly login?: { readonly user: string; readonly passwordFrom: string };
}

export function arrivalOf(blueprint: Blueprint, sandbox: boolean): Arrival {
  const flags = `-e ${blueprint.environment}${sandbox ? ' --sandbox' : ''}`;
  const places = blueprint.hosts.map(({ url, purpose, login }): Place => {
    return login
      ? { url, purpose, login: { user: login.user, passwordFrom: `ffops secrets get ${login.secret} ${flags}` } }
      : { url, purpose };
  });
  const { zone } = blueprint;
  return {
    places,
    next: [
      `ffops status ${flags}`,
      ...(blueprint.cluster?.kind === 'context' ? [`ffops env hosts ${flags}`] : []),
      ...(zone && !sandbox
        ? [`once, where ${zone.domain} is registered: name servers ${zone.nameServers.join(', ')}`]
        : []),
    ],
  };
}
