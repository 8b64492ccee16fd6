#!/usr/bin/env node
// A client of the Lambda debug protocol. This process runs the handler, so that `node --inspect
// client.mjs handler.mjs` debugs it; its child owns the queues, and goes on at every breakpoint.

import { fork } from 'node:child_process';
import { load, run } from './runtime.mjs';

const words = process.argv.slice(2);
const [path, ...others] = words.filter((word) => word !== '--hold');
if (!path || others.length) throw new Error('usage: node client.mjs [--hold] MODULE');
let handler = await load(path);

// Not debugged, too; `advanced` takes events as bytes.
const queueSide = fork(new URL('queue-side.mjs', import.meta.url), words, { execArgv: [], serialization: 'advanced' });
queueSide.on('exit', (status) => process.exit(status ?? 1));
queueSide.on('message', async (task) => {
  if (task.isAgain) handler = load(path);
  queueSide.send(await run(handler, task));
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => queueSide.kill(signal));
