#!/usr/bin/env node
// ffops from src, without a build: Node strips the types itself.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../src/cli/main.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pjson = createRequire(import.meta.url)('../package.json');
const oclif = { ...pjson.oclif, commands: pjson.oclif.commands.replace('./dist/', './src/') };
await main({ root, pjson: { ...pjson, oclif }, fromSource: true }, process.argv.slice(2));
