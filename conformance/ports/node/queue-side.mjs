// The process that owns the queues: it listens, serves one event at a time, drains, ends. It goes on
// while the other one stands at a breakpoint, and ends with it.

import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { explain, retry, sqs } from './aws.mjs';
import { leaseS, requestUrl, say, stateFolder } from './config.mjs';
import { GivenUp } from './envelopes.mjs';
import { Lease } from './lease.mjs';
import { done, refuse, running, serve } from './serving.mjs';

/** A terminal's Ctrl-C reaches both processes, and the other one passes it on, unless it is blocked. */
const ONE_SIGNAL_MS = 200;

const ending = new AbortController();
let lastMs = 0;
function end() {
  if (Date.now() - lastMs < ONE_SIGNAL_MS) return;
  if (ending.signal.aborted) process.exit(130); // SES-33
  say('ending; a second signal ends at once');
  lastMs = Date.now();
  ending.abort();
}
process.on('SIGINT', end).on('SIGTERM', end);
process.on('disconnect', () => process.exit(1)); // the handler is gone, and its lease ends with it (SES-34)

const RECEIVE = {
  QueueUrl: requestUrl,
  WaitTimeSeconds: 20,
  VisibilityTimeout: leaseS,
  MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
};

say('listening');
while (!ending.signal.aborted) {
  const received = retry(() => sqs.receiveMessage(RECEIVE), () => ending.signal.aborted);
  const { Messages = [] } = await received.catch(() => ({})); // the end
  for (const message of Messages) {
    const lease = new Lease(message.ReceiptHandle);
    if (ending.signal.aborted) await lease.release();
    else await serve(message, lease, ending.signal).catch((error) => giveUp(error, message, lease));
    lease.stop();
    await running;
  }
}
process.exit();

/** Delete a message without an answer, or with a refusal; not if its queue has a way for bad ones (SES-30). */
async function giveUp(error, message, lease) {
  if (!(error instanceof GivenUp)) throw error;
  record(message.Body, error);
  if (error.pointer === undefined) {
    done.add(error.envelope.requestId);
    return lease.delete();
  }
  await refuse(error);
  const asked = sqs.getQueueAttributes({ QueueUrl: requestUrl, AttributeNames: ['RedrivePolicy'] });
  const told = await asked.catch((failed) => say(explain(failed)));
  return told?.Attributes?.RedrivePolicy ? undefined : lease.delete();
}

/** Keep why a message is deleted without an answer, for its own user only (SES-30, SEC-7). */
function record(body, { message: reason, pointer }) {
  const at = new Date().toISOString();
  const path = `${stateFolder}/${at.replaceAll(':', '')}-${randomUUID()}.json`;
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  writeFileSync(path, JSON.stringify({ at, reason, pointer, body }), { mode: 0o600 });
  say(`a message is given up: ${reason}; it is kept in ${path}`);
}
