/**
 * Starts, stops and looks at a workspace's sandbox: `launcher start|stop|status` with its options as JSON on stdin. A
 * program of its own, because a command of ffops reaches processes through a port that only waits for them. Says what
 * it does in lines on stderr, and its result as one JSON document on stdout.
 */
import { text } from 'node:stream/consumers';
import { startSandbox } from './launch/start.ts';
import { sandboxState } from './launch/state.ts';
import { stopSandbox } from './launch/stop.ts';
import { launchOptions } from './launch/options.ts';
import { messageOf } from '../errors.ts';

const verbs = { start: startSandbox, stop: stopSandbox, status: sandboxState };

const verb = process.argv[2] as keyof typeof verbs;
const options = launchOptions.parse(JSON.parse(await text(process.stdin)));
try {
  const result = await verbs[verb](options, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(JSON.stringify(result));
} catch (error) {
  process.stdout.write(JSON.stringify({ trouble: messageOf(error) }));
  process.exitCode = 1;
}
