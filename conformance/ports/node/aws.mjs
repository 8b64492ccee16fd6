// What this client needs of AWS: its clock, the SDK's clients, and what their failures mean.

import { setTimeout as sleep } from 'node:timers/promises';
import { S3 } from '@aws-sdk/client-s3';
import { SQS } from '@aws-sdk/client-sqs';
import { payloadBucket, say } from './config.mjs';

/** Beyond this AWS refuses signatures, and a failure is explained by the clock (SQS-14). */
const REFUSED_SKEW_MS = 240_000;
/** A call that takes longer, and a difference that is smaller, say nothing: `Date` has whole seconds. */
const NOISE_MS = 2_000;
/** A receive takes 20 s; a connection that died while the machine slept says nothing for ever. */
const PATIENCE = { connectionTimeout: 2_000, requestTimeout: 25_000, throwOnRequestTimeout: true };

let samples = [];

/** Take in the `Date` of the answer to a call that began then, on this machine's clock, and ended now (SQS-13). */
function observe(dateMs, begunMs) {
  const endedMs = Date.now();
  if (endedMs - begunMs >= NOISE_MS) return;
  samples = [...samples, dateMs + 500 - (begunMs + endedMs) / 2].slice(-5);
}

/** By how much AWS's clock is ahead of this machine's. */
export function offsetMs() {
  const median = samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
  return Math.abs(median) > NOISE_MS ? Math.round(median) : 0;
}

/** The time until an instant of AWS's clock, negative if it is past. */
export const leftMs = (untilMs = Infinity) => untilMs - Date.now() - offsetMs();

/**
 * SQS with one attempt for each call, since the SDK would repeat an `accepted`, and answers beyond
 * `answerByMs`. Each result gets `dateMs`, the `Date` of its answer, which the clock learns, too.
 */
export const sqs = new SQS({ maxAttempts: 1, requestHandler: PATIENCE });
const watch = (next) => async (args) => {
  const begunMs = Date.now();
  const result = await next(args);
  result.output.dateMs = Date.parse(result.response.headers.date);
  observe(result.output.dateMs, begunMs);
  return result;
};
sqs.middlewareStack.add(watch, { step: 'deserialize', priority: 'high', name: 'watchClock' });

const [name, ...prefix] = payloadBucket.split('/');
/** The bucket that is configured, if one is; keys begin with its folder. */
export const bucket = name && { s3: new S3({ maxAttempts: 5 }), name, folder: [...prefix, ''].join('/') };

/** Make a call until it succeeds, with growing pauses; its error is thrown when `isOver` says so. */
export async function retry(call, isOver) {
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
    try {
      return await call();
    } catch (error) {
      if (isOver(error)) throw error;
      say(`${explain(error)}; trying again`);
      await sleep(pauseMs);
    }
  }
}

/** What went wrong, in a sentence; the SDK's own words hold neither bodies nor credentials. */
export function explain(error) {
  const fastMs = Date.now() - Date.parse(error.$response?.headers.date);
  const hint = Math.abs(fastMs) > REFUSED_SKEW_MS ? `; set the clock, it is off by ${Math.round(fastMs / 1000)} s` : '';
  return `${error.name}: ${error.message}${hint}`;
}
