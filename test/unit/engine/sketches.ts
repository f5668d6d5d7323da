/** The smallest stacks, changes and plans that tests of the engine talk about. */
import type { ResourceChange } from '../../../src/engine/changes.ts';
import { emptyPlan } from '../../../src/engine/plan.ts';
import type { StackPlan } from '../../../src/engine/stack-plan.ts';
import type { Stack, StackResource } from '../../../src/model/blueprint.ts';
import type { Origin } from '../../../src/model/origin.ts';

export const someLine: Origin = { kind: 'file', path: 'apps', file: 'environments/prod.yaml', line: 7, column: 3 };

export function stackOf(name: string, more: Partial<Stack> = {}): Stack {
  return {
    kind: 'tofu',
    name,
    title: `the ${name} stack`,
    dependsOn: [],
    template: name,
    context: {},
    providers: [],
    variables: [],
    outputs: [],
    resources: [],
    releases: [],
    credentials: {},
    needsCluster: false,
    keptByDestroy: false,
    ...more,
  };
}

export function resourceOf(address: string, more: Partial<StackResource> = {}): StackResource {
  return { address, type: address.split('.')[0]!, title: `thing ${address}`, origin: someLine, ...more };
}

export function changeOf(more: Partial<ResourceChange> = {}): ResourceChange {
  return {
    stack: 'base',
    address: 'disk.main',
    type: 'disk',
    title: 'the disk',
    action: 'create',
    attributes: [],
    ...more,
  };
}

export function planOf(name: string, more: Partial<StackPlan> = {}): StackPlan {
  return { ...emptyPlan(stackOf(name)), ...more };
}
