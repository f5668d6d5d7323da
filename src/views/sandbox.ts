import type { SandboxStartResult, SandboxStatusResult, SandboxStopResult } from '../usecases/sandbox.ts';
import type { SandboxPrepareResult } from '../usecases/sandbox-prepare.ts';
import type { Style } from './style.ts';
import { columns, count } from './text.ts';

type Status = SandboxStartResult['status'];

export function sandboxStartText({ alreadyRunning, leftovers, status }: SandboxStartResult, style: Style): string {
  const lines = [alreadyRunning ? 'The sandbox was running already.' : 'The sandbox runs.'];
  if (leftovers > 0) lines.push(`${count(leftovers, 'process', 'processes')} of a crashed one had to be ended first.`);
  return `${lines.join(' ')}\n\n${statusText(status, style)}\nTry it: ffops apply --sandbox\n`;
}

export function sandboxPrepareText({ images }: SandboxPrepareResult): string {
  const rows = columns(images.map(({ name, madeOf }) => [name, madeOf]));
  return `Real nodes can start. These images are rebuilt, and stand for the upstream ones of the same name:\n\n${rows}\n\nTry it: ffops sandbox start --nodes real\n`;
}

export function sandboxStopText({ wasRunning, endedProcesses, removed, kept }: SandboxStopResult): string {
  if (!wasRunning && endedProcesses === 0 && removed.length === 0 && kept.length === 0)
    return 'There is no sandbox here.\n';
  return [
    wasRunning
      ? `The sandbox is stopped: ${count(endedProcesses, 'process', 'processes')} ended.`
      : 'The sandbox was not running.',
    ...removed.map((path) => `Removed ${path}`),
    ...kept.map((path) => `Kept for the next start: ${path}`),
    '',
  ].join('\n');
}

export function sandboxStatusText({ status, leftovers, kept }: SandboxStatusResult, style: Style): string {
  if (status !== undefined) return statusText(status, style);
  if (leftovers > 0) {
    return `The sandbox has crashed: ${count(leftovers, 'process is', 'processes are')} left. \`ffops sandbox start\` recovers it, \`ffops sandbox stop\` cleans up.\n`;
  }
  return kept
    ? 'The sandbox is stopped; what it held is kept. `ffops sandbox start` goes on with it.\n'
    : 'The sandbox is not running.\n';
}

function statusText(status: Status, style: Style): string {
  const addresses = columns([
    ['DigitalOcean', status.digitaloceanUrl],
    ['Spaces', status.spacesUrl],
    ...status.clusters.map(({ name, nodes }) => [`cluster ${name}`, count(nodes, 'node')]),
    ...status.forwards.map(({ service, address, loopback }) => [`${service} at ${address}`, loopback]),
    ...status.localContexts.map((context) => [`cluster ${context}`, 'local']),
  ]);
  const parts = columns([
    ...status.parts.map(({ name, state, memoryBytes, restarts }) => [
      name,
      state === 'running' ? style.green(state) : style.yellow(state),
      megabytes(memoryBytes),
      restarts === 0 ? '' : count(restarts, 'restart'),
    ]),
    [style.bold('all of it'), '', style.bold(megabytes(status.memoryBytes))],
  ]);
  const refused =
    status.refusedDials.length === 0
      ? ''
      : `\nRefused, as nothing may leave this machine: ${[...new Set(status.refusedDials)].join(', ')}\n`;
  return `${addresses}\n\n${parts}\n${imagesText(status, style)}${refused}`;
}

function imagesText({ images, rebuiltImages, upstreamImages }: Status, style: Style): string {
  if (images === undefined) return '';
  if (images === 'rebuilt')
    return `\nPods really run, and network policies are in force. These images are rebuilt, and stand for the upstream ones of the same name:\n${columns(rebuiltImages.map(({ name, madeOf }) => [name, madeOf]))}\n`;
  const had = upstreamImages.map(({ name, digest, trouble }) => [
    name,
    trouble === undefined ? (digest ?? '') : style.yellow(trouble),
  ]);
  return `\nPods really run, and network policies are in force. The images are those of the registries; none is rebuilt:\n${columns(had)}\n`;
}

function megabytes(bytes: number): string {
  return `${String(Math.round(bytes / 1e6))} MB`;
}
