// The hold on one message: its visibility timeout, renewed every quarter of it (SES-7 to SES-11).

import { explain, leftMs, sqs } from './aws.mjs';
import { leaseS, requestUrl, say } from './config.mjs';

export class Lease {
  /** Instant at which nobody needs the message any more, on AWS's clock (SES-8). */
  answerByMs;
  /** Of a message that came just now. By `Date`, which counts the time that a machine slept. */
  #untilMs = Date.now() + leaseS * 1000;
  #timer = setInterval(() => this.#renew(), leaseS * 250);
  #message;

  constructor(receipt) {
    this.#message = { QueueUrl: requestUrl, ReceiptHandle: receipt };
  }

  async #renew() {
    const seconds = Math.min(leaseS, Math.ceil(leftMs(this.answerByMs) / 1000));
    const [begunMs, untilMs] = [Date.now(), this.#untilMs];
    const isRenewed = seconds > 0 && (await this.#call('changeMessageVisibility', { VisibilityTimeout: seconds }));
    if (isRenewed && Date.now() < untilMs) this.#untilMs = begunMs + seconds * 1000; // else it may have been too late
  }

  /** Leave the message to itself. */
  stop() {
    clearInterval(this.#timer);
    return this;
  }

  /** Give the message to others, at once or after so many seconds. */
  release(seconds = 0) {
    return this.stop().#call('changeMessageVisibility', { VisibilityTimeout: seconds });
  }

  /** Delete the message; one that cannot be deleted comes again, is known then, and is deleted. */
  delete() {
    return this.stop().#call('deleteMessage');
  }

  /** Make a call about the message while it is surely ours; what it gave, if it succeeded. */
  async #call(operation, more = {}) {
    const call = () => sqs[operation]({ ...this.#message, ...more });
    if (Date.now() < this.#untilMs) return call().catch((error) => say(`${operation} failed (${explain(error)})`));
    if (this.#untilMs) say('a lease lapsed, as if this machine had slept: others may run the event');
    this.#untilMs = 0;
    return undefined;
  }
}
