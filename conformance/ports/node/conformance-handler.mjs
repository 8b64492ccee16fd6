// The conformance handler: it does what the event asks for, as PORTING.md of the suite lists it.

import { createHash } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const FOLDER = process.env.LAMBDA_DEBUG_CONFORMANCE_DIR;
const LONGEST_WAIT_MS = 120_000;

export async function handler(event, context) {
  tell(event, 'began');
  try {
    return await DEEDS[event.do](event, context);
  } finally {
    tell(event, 'ended');
  }
}

function tell({ nonce }, phase) {
  const line = { nonce, phase, pid: process.pid, atMs: Date.now() };
  appendFileSync(join(FOLDER, 'runs.jsonl'), `${JSON.stringify(line)}\n`);
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const hasFlag = ({ flag }) => existsSync(join(FOLDER, 'flags', flag));

function fail({ type, message }) {
  throw Object.assign(new Error(message), { name: type });
}

function spin({ ms, value }) {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return value;
}

async function wait(event) {
  const until = performance.now() + LONGEST_WAIT_MS;
  while (!hasFlag(event) && performance.now() < until) await sleep(10);
  return event.value;
}

function describe(_event, context) {
  const { identity } = context;
  return {
    awsRequestId: context.awsRequestId,
    functionName: context.functionName,
    functionVersion: context.functionVersion,
    invokedFunctionArn: context.invokedFunctionArn,
    memoryLimitInMb: Number(context.memoryLimitInMB),
    logGroupName: context.logGroupName,
    logStreamName: context.logStreamName,
    remainingMs: context.getRemainingTimeInMillis(),
    traceId: process.env._X_AMZN_TRACE_ID ?? null,
    clientContext: context.clientContext ?? null,
    identity: identity
      ? { cognitoIdentityId: identity.cognitoIdentityId, cognitoIdentityPoolId: identity.cognitoIdentityPoolId }
      : null,
  };
}

function noise({ bytes, seed }) {
  const count = Math.ceil((bytes - 2) / 64);
  return Array.from({ length: count }, (_, i) => sha256(`${seed}:${i}`)).join('').slice(0, bytes - 2);
}

const DEEDS = {
  echo: ({ value }) => value,
  nonce: ({ nonce }) => ({ nonce, sha256: sha256(nonce) }),
  measure: ({ text }) => ({ codePoints: [...text].length, sha256: sha256(text) }),
  throw: fail,
  'throw-until': (event) => (hasFlag(event) ? event.value : fail(event)),
  sleep: ({ ms, value }) => sleep(ms, value),
  spin,
  wait,
  exit: ({ status }) => process.exit(status),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  context: describe,
  fill: ({ bytes }) => 'x'.repeat(bytes - 2),
  noise,
  unserialisable: () => {
    const circle = {};
    circle.self = circle;
    return circle;
  },
  log: ({ text }) => {
    console.log(text);
    console.error(text);
    return null;
  },
};
