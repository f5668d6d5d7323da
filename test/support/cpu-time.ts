/** Milliseconds that this process computed: other work on the machine, such as tests in the lane beside, counts for nothing. */
export async function cpuMilliseconds(action: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
