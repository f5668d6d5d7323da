/**
 * What the model must know of platforms and of the catalogue to load an environment. src/platforms and src/catalogue
 * implement it; the model never imports them.
 */
import type { z } from 'zod';
import type { Environment, WrittenEnvironment } from './environment.ts';

export interface Registry {
  /** By id, in the order people should read them. */
  readonly platforms: ReadonlyMap<string, PlatformRules>;
  readonly entries: ReadonlyMap<string, EntryRules>;
}

export interface PlatformRules {
  readonly id: string;
  /** For people: "DigitalOcean Kubernetes". */
  readonly title: string;
  /**
   * Closed lists of values by option, such as `cluster.region` or `cluster.nodePools[].size` (`[]` is any element).
   * The loader refuses anything else and suggests the nearest; editors complete them.
   */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
  /** Options that mean nothing on this platform, each with what to do instead. */
  readonly unsupported?: Readonly<Record<string, string>>;
  /** What is meant when the file says nothing. Pure; the input has the right types but may lack anything. */
  defaults(written: WrittenEnvironment, context: EnvironmentContext): DeepPartial<Environment>;
  /** What types cannot say. Pure; called once every type is right. */
  check(environment: Environment, context: EnvironmentContext): readonly Finding[];
}

export interface EntryRules {
  readonly id: string;
  /** An app is listed under `apps`; a system is installed because the environment or an app needs it. */
  readonly kind: 'app' | 'system';
  readonly title: string;
  /** A strict object; every option has a default or is optional, and a description. */
  readonly options: z.ZodObject;
  /** Options that people look for here and that live elsewhere: option → where, such as `databases.postgres.storage`. */
  readonly optionOwners?: Readonly<Record<string, string>>;
  /** What types cannot say of `apps.<id>`. Pure; called once every type is right. */
  check?(environment: Environment, context: EnvironmentContext): readonly Finding[];
}

export interface EnvironmentContext {
  readonly workspace: string;
  readonly environment: string;
}

/** A problem before it has a place: the loader finds the line of `path`, or of its nearest written ancestor. */
export interface Finding {
  readonly path: string;
  /** Whether the option itself or its value is wrong; the value when absent. */
  readonly about?: 'key' | 'value';
  readonly message: string;
  readonly hints?: readonly string[];
}

/** Lists are taken whole: a list in the file replaces the platform's. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;
