// Jobs in a few lanes at once. What a job prints is kept together and printed whole when it ends.
import { spawn } from 'node:child_process';

/**
 * `run` is called with a function that starts a program and resolves to its exit code. A job waits for those in `after`, and
 * never runs beside another one with the same `apart`. Jobs begin in the order given, as soon as a lane is free.
 */
export async function inLanes(count, jobs) {
  const waiting = [...jobs];
  const running = new Set();
  const ended = new Set();
  const children = new Set();
  const wake = [];
  let stopped = false;
  const stop = () => {
    // The terminal has told the children as well. Asked twice, they are not waited for.
    if (stopped) for (const child of children) child.kill('SIGKILL');
    stopped = true;
  };
  process.on('SIGINT', stop);

  const mayBegin = ({ after = [], apart }) =>
    after.every((name) => ended.has(name)) &&
    (apart === undefined || ![...running].some((other) => other.apart === apart));
  const lane = async () => {
    while (!stopped && waiting.length > 0) {
      const index = waiting.findIndex(mayBegin);
      if (index < 0) {
        await new Promise((resolve) => wake.push(resolve));
        continue;
      }
      const [job] = waiting.splice(index, 1);
      running.add(job);
      await perform(job, children);
      running.delete(job);
      ended.add(job.name);
      for (const resolve of wake.splice(0)) resolve();
    }
  };
  try {
    await Promise.all(Array.from({ length: count }, lane));
  } finally {
    process.off('SIGINT', stop);
  }
  if (stopped) process.exit(130);
}

async function perform({ name, run, live = false }, children) {
  const began = Date.now();
  console.log(`-- ${name}: begins`);
  const printed = [];
  const start = (program, args, env = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        env: { ...process.env, ...env },
        stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      });
      children.add(child);
      child.stdout?.on('data', (chunk) => printed.push(chunk));
      child.stderr?.on('data', (chunk) => printed.push(chunk));
      child.once('error', reject);
      child.once('close', (status) => {
        children.delete(child);
        resolve(status);
      });
    });
  const verdict = await run(start);
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(`\n== ${name}\n${Buffer.concat(printed).toString()}== ${name}: ${verdict} in ${seconds} s\n`);
}
