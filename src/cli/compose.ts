/** The composition root: the only place where the real ports meet the code that uses them. */
import { realClock } from '../adapters/clock.ts';
import { realFiles } from '../adapters/files.ts';
import { listenForSignals, type SignalInterruption } from '../adapters/interruption.ts';
import { liveSteps } from '../adapters/live-steps.ts';
import { realNetwork } from '../adapters/network.ts';
import { plainSteps, silentSteps } from '../adapters/plain-steps.ts';
import { realRunner } from '../adapters/runner.ts';
import { realTerminal } from '../adapters/terminal.ts';
import { tellingRunner } from '../adapters/telling-runner.ts';
import type { Ports } from '../ports/ports.ts';
import type { Steps } from '../ports/steps.ts';
import type { Terminal } from '../ports/terminal.ts';
import { styleFor } from '../views/style.ts';
import type { GlobalFlags } from './flags.ts';

type Wish = Pick<GlobalFlags, 'json' | 'no-color' | 'verbose'>;

export function composePorts(flags: Wish): Ports {
  // inquirer and listr2 colour by themselves and look here.
  if (flags['no-color']) process.env['NO_COLOR'] = '1';
  const terminal = realTerminal({ json: flags.json, colour: !flags['no-color'], variables: process.env });
  const runner = realRunner(process.env, interruption);
  return {
    runner: flags.verbose ? tellingRunner(runner, dimmed(terminal)) : runner,
    files: realFiles(),
    clock: realClock(),
    network: realNetwork(),
    terminal,
    get interruption() {
      return interruption();
    },
    variables: process.env,
  };
}

/** A live list needs a terminal of its own: with `--verbose` the programs write to it too. */
export function composeSteps(terminal: Terminal, flags: GlobalFlags): Steps {
  if (flags.quiet) return silentSteps();
  const isLive = process.stderr.isTTY === true && !flags.verbose && !process.env['CI'];
  const steps = isLive ? liveSteps() : plainSteps((line) => terminal.err(`${line}\n`));
  shown.push(steps);
  return steps;
}

const shown: Steps[] = [];

/** Before an error is printed: whoever threw it had no chance to, and a live list would draw over it. */
export async function closeSteps(): Promise<void> {
  for (const steps of shown.splice(0)) await steps.close();
}

let listening: SignalInterruption | undefined;

/** Made by the first who asks: until then Ctrl-C ends ffops at once, as there is nothing to finish. */
function interruption(): SignalInterruption {
  listening ??= listenForSignals((line) => void process.stderr.write(`\n${line}\n`));
  return listening;
}

export function wasInterrupted(): boolean {
  return listening?.requested ?? false;
}

function dimmed(terminal: Terminal): (line: string) => void {
  const { dim } = styleFor(terminal.colour);
  return (line) => terminal.err(`${dim(line)}\n`);
}
