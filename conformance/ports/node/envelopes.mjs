// Requests as they are read and judged, and the envelopes that answer them.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import { replyUrl, requestUrl } from './config.mjs';

const schema = JSON.parse(readFileSync(new URL('../../../schemas/v1/bundles/request.schema.json', import.meta.url)));
const ajv = new Ajv({ strict: false }).addSchema(schema);
const isRequest = ajv.getSchema(schema.$id);
const isA = (definition, value) => ajv.validate(`${schema.$id}#/$defs/${definition}`, value);

/** Identifies this start of the client (ENV-24). */
const CLIENT = { instanceId: randomUUID(), name: 'lambda-debug-node', version: '0.1.0', language: 'JavaScript' };

/** What is read of a context: other members may be nested deeper than processes can tell each other. */
const CONTEXT = [...Object.keys(schema.$defs.context.properties), 'cognitoIdentityId', 'cognitoIdentityPoolId'];

/**
 * A message is not run, or not answered, for a reason that is recorded before it is deleted. Bad
 * input has a `pointer`, which says where it is bad; `envelope` is what could be read of it.
 */
export class GivenUp extends Error {
  constructor(reason, envelope, pointer) {
    super(reason);
    Object.assign(this, { envelope, pointer });
  }
}

/** @throws {GivenUp} the body is no request by the letter of the schema */
export function readRequest(body) {
  let envelope;
  try {
    envelope = JSON.parse(body);
  } catch {
    // what is no JSON is no object, either; the parser's own words would quote it
  }
  if (isRequest(envelope)) return { ...envelope, context: JSON.parse(JSON.stringify(envelope.context, CONTEXT)) };
  const [{ instancePath, message }] = isRequest.errors;
  throw new GivenUp(`${instancePath || 'the message'} ${message}`, envelope, instancePath);
}

/** Whether a bad request waits for an answer, and has what every version needs to give one (ENV-11). */
export const isAnswerable = (envelope) =>
  isA('identifier', envelope?.requestId) && isA('epochMs', envelope.answerByMs) && envelope.oneWay !== true;

/** The queue that `replyTo` identifies, at our own endpoint (SEC-1); undefined if it is not trusted (SEC-2). */
export function trustedUrl(replyTo) {
  if (!replyUrl || !isA('queueUrl', replyTo)) return undefined;
  const [account, name] = replyTo.split('/').slice(-2);
  const ownName = replyUrl.split('/').at(-1);
  const isOurs = account === requestUrl.split('/').at(-2) && new RegExp(`^${ownName}(-[0-9a-z]{26})?$`).test(name);
  return isOurs ? replyUrl + name.slice(ownName.length) : undefined;
}

export const accepted = (request) => write('accepted', request, { client: CLIENT });
export const declined = (request) => write('declined', request, { reason: 'late', client: CLIENT });

/** A response whose payload is a result, or, with an error, the body of that. */
export function response(request, error, payload) {
  const told = error && { errorType: headOf(error.errorType), errorMessage: headOf(error.errorMessage), payload };
  return write('response', request, told ? { error: told } : { payload });
}

function write(kind, { requestId, answerByMs }, members) {
  const text = JSON.stringify({ version: '1.0', kind, requestId, answerByMs, ...members });
  return text.replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`); // ENV-5
}

/** As much of a text as may stand beside an error body (ENV-28). */
function headOf(text) {
  const bytes = Buffer.from(text.toWellFormed()).subarray(0, 1_024);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true }); // leaves half a character out
}
