/**
 * What entries in a workspace's `catalogue/<app>/` import as `ffops/catalogue`: the form of an entry, and what the
 * built-in ones are made with. docs/adding-an-app.md shows one. Nothing leaves this list without a new major version.
 */

/** Options are written with this one, so that ffops can read them: a second zod would be a stranger to it. */
export { z } from 'zod';

// The form of an entry, and of what it brings.
export type { AppCosts, AppEntry, Contribution, EntryRequest } from '../model/plugs.ts';
export type { Environment } from '../model/environment.ts';
export type { Finding } from '../model/registry.ts';
export type { Database, Host, KubernetesSecret, Release, SecretPart, SecretWant, Volume } from '../model/blueprint.ts';
export type { UpgradePath } from '../model/upgrades.ts';
export type { WafExclusion } from '../model/waf-exclusion.ts';

// An app of the chart that ffops' own apps share, and the parts that it is put together from.
export { together, webApp } from './web-app.ts';
export type { AppHost, AppVolume, Beside, Component, Health, Monitor, Mount, Need, Settings, Step } from './web-app.ts';
export type { Variable, WebApp } from './web-app.ts';

// What an app may need of others, each as a `Need` of webApp.
export { databaseNeed } from './database-need.ts';
export { VALKEY, VALKEY_GI, VALKEY_PASSWORD_KEY, VALKEY_URL_KEY, valkeyFor } from './valkey.ts';
export { ACCESS_KEY, objectStore, refuseWithoutStorage, SECRET_KEY } from './object-store.ts';
export { mailServer, SMTP_PASSWORD_KEY } from './mail.ts';
export { ownBackups, refuseWithoutBackups, scheduleOf } from './own-backups.ts';

// Names, sizes and the rules that options share.
export { hostBelow, ingressOf, rootHost } from './ingress.ts';
export { urlOf } from '../model/url.ts';
export { costsOf, resourcesOf } from './sizes.ts';
export type { Resources } from './sizes.ts';
export { ownImage, versionOfImage } from '../model/image.ts';
export { dnsLabel, dnsName, email, gibibytes, quantity } from '../model/formats.ts';
/** Labels of a namespace whose pods are all restricted; `webApp` sets them by itself. */
export { RESTRICTED } from './pod-security.ts';
