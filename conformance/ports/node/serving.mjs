// The way of one request: its start window, its handler, its answer.

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { bucket, explain, leftMs, offsetMs, retry, sqs } from './aws.mjs';
import { holdsErrors, say } from './config.mjs';
import { GivenUp, accepted, declined, isAnswerable, readRequest, response, trustedUrl } from './envelopes.mjs';
import { decode, encode, fetchClaim } from './payloads.mjs';

/** SES-36: the last error of a held event is sent so long before `answerByMs`. */
const HOLD_MARGIN_MS = 2_000;
/** The longest that a timer of Node runs, which is longer than SQS keeps a message. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Requests that are answered or given up, whose copies are deleted (SES-6). */
export const done = new Set();
/** Requests that this instance sent `accepted` for: once for each (SES-20). */
const announced = new Set();
/** The last run of the handler, which may go on when nobody waits for it any more. */
export let running;

const enters = holdsErrors && createInterface({ input: process.stdin });
const after = (ms, word, signal = undefined) => sleep(Math.max(0, Math.min(ms, LONGEST_TIMER_MS)), word, { signal });

/** @throws {GivenUp} the request is not answered, and its message may be deleted once that is recorded */
export async function serve(message, lease, ending) {
  const request = readRequest(message.Body);
  const url = trustedUrl(request.replyTo);
  if (!request.oneWay && !url) throw new GivenUp('/replyTo is no reply queue of ours', request, '/replyTo');
  if (done.has(request.requestId)) return lease.delete();
  lease.answerByMs = request.answerByMs;
  if (leftMs(request.answerByMs) <= 0) throw new GivenUp('nobody waits for it any more', request);
  const event = await decode(request);
  if (!(await mayStart(request, url, message))) return lease.release(5); // SES-23
  const outcome = await runHandler(request, event, lease, ending);
  if (!outcome) return undefined;
  if (outcome.error) say(`${request.requestId} failed: ${outcome.error.errorType}`);
  if (!request.oneWay) await answer(request, url, outcome);
  done.add(request.requestId);
  return lease.delete();
}

/** Whether a request may be started now; if not, others may, who had it before. */
async function mayStart(request, url, message) {
  const { requestId, startByMs } = request;
  if (startByMs === undefined) return true;
  if (leftMs(startByMs) >= 0 && !announced.has(requestId)) {
    announced.add(requestId);
    const { dateMs } = await send(request, url, accepted(request)).catch((error) => error);
    if (dateMs + 1000 <= startByMs) return true; // SES-21
    await sendUntilStored(request, url, declined(request));
  }
  if (message.Attributes.ApproximateReceiveCount === '1') throw new GivenUp('its start window is over', request);
  return false;
}

/** What the handler made of an event; nothing if the request is left to come again. */
async function runHandler(request, inlined, lease, ending) {
  const event = inlined ?? (await fetchClaim(request).catch(storageError));
  if (event.error) return request.oneWay ? undefined : event;
  for (let isAgain = false; ; isAgain = true) {
    process.send({ event, context: request.context, isAgain, offsetMs: offsetMs() });
    running = once(process, 'message').then(([outcome]) => outcome);
    const outcome = await Promise.race([running, after(leftMs(request.answerByMs), 'late')]);
    if (outcome === 'late') throw new GivenUp('its result comes too late and is not sent', request);
    if (!outcome.error || !holdsErrors) return outcome;
    say(`${request.requestId} failed and is held (${outcome.error.errorType}); press Enter to run it again`);
    const held = after(leftMs(request.answerByMs) - HOLD_MARGIN_MS, 'late', ending).catch(() => 'ended');
    const word = await Promise.race([once(enters, 'line'), held]);
    if (word === 'late') return outcome;
    if (word === 'ended') return lease.release();
  }
}

async function answer(request, url, outcome, queueBytes = undefined) {
  const write = (payload) => response(request, outcome.error, payload);
  const { body, object, limitBytes } = await encode(outcome.body, write, request, queueBytes);
  const told = `The result exceeds ${limitBytes} bytes. Return less, or set LAMBDA_PROXY_PAYLOAD_BUCKET on both sides.`;
  if (!body) return answer(request, url, failure('Client.ResultTooLarge', told), queueBytes);
  const putting = object && bucket.s3.putObject({ Bucket: bucket.name, ...object });
  const failed = await putting?.then(() => undefined, storageError);
  if (failed) return answer(request, url, failed, queueBytes);
  const takenBytes = await sendUntilStored(request, url, body);
  return takenBytes ? answer(request, url, outcome, takenBytes) : undefined;
}

/** Tell who waits for a bad request, if that can be known. */
export async function refuse({ message: reason, envelope }) {
  const url = isAnswerable(envelope) && trustedUrl(envelope.replyTo);
  if (!url || done.has(envelope.requestId)) return;
  const terms = { ...envelope, maxReplyBytes: Infinity, acceptEncodings: ['text'] }; // its own may be bad
  const outcome = failure('Client.BadRequest', `Bad input: ${reason}. Update the proxy or the client.`);
  await answer(terms, url, outcome).catch((lost) => say(lost.message));
}

/** The outcome of a handler that failed so: for the client's own errors. */
const failure = (errorType, errorMessage) =>
  ({ error: { errorType, errorMessage }, body: JSON.stringify({ errorType, errorMessage }) });

function storageError(error) {
  if (error instanceof GivenUp) throw error;
  return failure('Client.StorageError', `The bucket ${bucket.name} failed (${error.name}). Check its name and policy.`);
}

/**
 * Send a reply until SQS takes it.
 *
 * @returns {Promise<number>} what the queue takes at most, if that is too little; 0 when it is stored
 * @throws {GivenUp} nobody takes it any more
 */
async function sendUntilStored(request, url, body) {
  const isGone = (error) => /QueueDoesNotExist|NonExistentQueue/.test(error.name);
  const takenBytes = (error) => Number(/shorter than (\d+) bytes/.exec(error?.message)?.[1] ?? 0);
  const isOver = (error) => isGone(error) || takenBytes(error) || leftMs(request.answerByMs) <= 0;
  const failed = await retry(() => send(request, url, body), isOver).then(() => undefined, (error) => error);
  if (!failed || takenBytes(failed)) return takenBytes(failed);
  throw new GivenUp(isGone(failed) ? 'its caller is gone' : `it could not be sent (${explain(failed)})`, request);
}

/** Send a reply once; what SQS answered, with the time at which it stored it. */
async function send(request, url, body) {
  if (leftMs(request.answerByMs) <= 0) throw new GivenUp('nobody waits for it any more', request); // SES-17
  const abortSignal = AbortSignal.timeout(Math.min(leftMs(request.answerByMs), 10_000));
  return sqs.sendMessage({ QueueUrl: url, MessageBody: body }, { abortSignal });
}
