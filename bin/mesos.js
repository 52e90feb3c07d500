#!/usr/bin/env node
// Starts src/main.ts on a Node that runs TypeScript: this one, or the one that the npm package `node` brought in.
import {spawn} from 'node:child_process';
import * as nodeModule from 'node:module';
import {fileURLToPath} from 'node:url';
import {checkNode} from './check-node.js';

const main = new URL('../src/main.ts', import.meta.url);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 20)) {
  // Halves the time to start: each agent is a process of its own.
  nodeModule.enableCompileCache();
  await import(main.href);
} else {
  const {verdict, message} = await checkNode();
  if (verdict !== 'right') {
    console.error(`mesos needs Node 22.20 or later, and this is ${process.versions.node}; ${message}.`);
    process.exit(1);
  }
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {stdio: 'inherit'});
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', error => {
    console.error(
      `mesos needs Node 22.20 or later and could not start the one in node_modules: ${error.message}. Run npm ci first.`,
    );
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
}
