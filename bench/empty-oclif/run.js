// The floor: an oclif program whose one command does nothing, started the way ffops is.
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { run } = await import('@oclif/core');
await run(process.argv.slice(2), import.meta.url);
