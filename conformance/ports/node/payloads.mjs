// Bytes as messages write them down, and claim checks for what fits in none.

import { createHash, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { bucket } from './aws.mjs';
import { GivenUp } from './envelopes.mjs';

/** Lambda's own limit of events and results, in bytes. */
const PAYLOAD_BYTES = 6_291_556;
const MESSAGE_BYTES = 1_048_576;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const expand = (zipped) => promisify(gunzip)(zipped, { maxOutputLength: PAYLOAD_BYTES }).catch(() => undefined);
const bad = (request, reason, member = 'data') => new GivenUp(`the payload ${reason}`, request, `/payload/${member}`);

/**
 * The event of a request; undefined if it waits in the bucket, and may be fetched from there.
 *
 * @throws {GivenUp} it does not decode, or its claim check points elsewhere (PAY-14)
 */
export async function decode(request) {
  const { encoding, data, key } = request.payload;
  if (encoding === 's3') {
    const [place, uuid] = [`${bucket.folder}request/${request.requestId}/`, key.slice(-36)];
    const isOurs = request.payload.bucket === bucket.name && key === place + uuid && UUID.test(uuid);
    if (!isOurs) throw bad(request, 'is not where it belongs', 'key');
    return undefined;
  }
  if (encoding === 'text' && !data.isWellFormed()) throw bad(request, 'is no Unicode');
  const raw = Buffer.from(data, encoding === 'text' ? 'utf8' : 'base64'); // takes anything; the schema does not
  const bytes = encoding === 'gzip+base64' ? await expand(raw) : raw;
  if (!bytes || bytes.length > PAYLOAD_BYTES) throw bad(request, `is no ${encoding} of ${PAYLOAD_BYTES} bytes or less`);
  return bytes;
}

/** @throws {GivenUp} the object is not the one that the claim check promises (PAY-15) */
export async function fetchClaim(request) {
  const { Body, ContentLength } = await bucket.s3.getObject({ Bucket: bucket.name, Key: request.payload.key });
  if (ContentLength !== request.payload.sizeBytes) throw Body.destroy() && bad(request, 'differs', 'sizeBytes');
  const bytes = Buffer.from(await Body.transformToByteArray());
  if (sha256(bytes) !== request.payload.sha256) throw bad(request, 'differs', 'sha256');
  return bytes;
}

/** What a payload can look like, simplest first. */
async function* forms(bytes, requestId) {
  yield { encoding: 'text', data: String(bytes) };
  yield { encoding: 'gzip+base64', data: (await promisify(gzip)(bytes)).toString('base64') };
  if (!bucket) return;
  const key = `${bucket.folder}response/${requestId}/${randomUUID()}`;
  yield { encoding: 's3', bucket: bucket.name, key, sizeBytes: bytes.length, sha256: sha256(bytes) };
}

/**
 * The simplest message that holds a payload, fits, and is taken (PAY-7).
 *
 * @param {(payload: object) => string} write makes the message
 * @returns {Promise<{limitBytes: number, body?: string, object?: {Key: string, Body: Buffer}}>} the message,
 *     and what has to be in the bucket before it is sent; without a body, nothing keeps the limit
 */
export async function encode(text, write, request, queueBytes = MESSAGE_BYTES) {
  const bytes = Buffer.from(text);
  if (bytes.length > PAYLOAD_BYTES) return { limitBytes: PAYLOAD_BYTES };
  const limitBytes = Math.min(MESSAGE_BYTES, queueBytes, request.maxReplyBytes);
  for await (const payload of forms(bytes, request.requestId)) {
    const body = write(payload);
    const fits = Buffer.byteLength(body) <= limitBytes && request.acceptEncodings.includes(payload.encoding);
    if (fits) return { limitBytes, body, object: payload.key && { Key: payload.key, Body: bytes } };
  }
  return { limitBytes };
}
