// What the developer configured, and how he is told something.

import { homedir } from 'node:os';

const { env } = process;

export const requestUrl = env.LAMBDA_PROXY_REQ_QUEUE_URL;
export const replyUrl = env.LAMBDA_PROXY_RESP_QUEUE_URL;
export const leaseS = Number(env.LAMBDA_PROXY_LEASE_S || 20);
/** Of the bucket for what fits in no message: `name`, or `name/prefix`. */
export const payloadBucket = env.LAMBDA_PROXY_PAYLOAD_BUCKET ?? '';
export const stateFolder = env.LAMBDA_DEBUG_STATE_DIR || `${homedir()}/.local/state/lambda-debug-node`;
/** Whether an event whose handler failed is kept, to be run again (SES-18). */
export const holdsErrors = process.argv.includes('--hold');

export const say = (text) => console.error(`lambda-debug-node: ${text}`);

if (!requestUrl || !(leaseS >= 1))
  throw new Error('set LAMBDA_PROXY_REQ_QUEUE_URL to the URL of a queue, and LAMBDA_PROXY_LEASE_S to 1 or more');
