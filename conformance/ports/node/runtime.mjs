// What Lambda's own runtime for Node does around a handler, on this machine.

import { createRequire, register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, types } from 'node:util';

/** Whatever a module of a later run imports is imported anew, too, except packages. */
const FRESH = `export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  const run = /[?]run=\\d+$/.exec(context.parentURL ?? '');
  return run && /^file:(?!.*node_modules)/.test(found.url) ? { ...found, url: found.url + run[0] } : found;
}`;
register(`data:text/javascript,${encodeURIComponent(FRESH)}`);

/** The function `handler` of a module, with the code as it is now. */
export async function load(path) {
  const { cache } = createRequire(import.meta.url);
  for (const file of Object.keys(cache)) if (!file.includes('node_modules')) delete cache[file];
  const { handler } = await import(`${pathToFileURL(resolve(path))}?run=${Date.now()}`);
  if (!handler) throw new TypeError(`${path} exports no function "handler"`);
  return handler;
}

/** @returns {Promise<{body: string, error?: {errorType: string, errorMessage: string}}>} */
export async function run(handler, { event, context, offsetMs }) {
  try {
    const result = await (await handler)(JSON.parse(event), contextOf(context, offsetMs));
    return { body: JSON.stringify(result) ?? 'null' };
  } catch (thrown) {
    const error = describe(thrown);
    return { body: JSON.stringify(error), error };
  }
}

function contextOf({ traceId, clientContext, memoryLimitInMb, deadlineMs, ...told }, offsetMs) {
  if (traceId === undefined) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = traceId;
  return {
    ...told,
    memoryLimitInMB: String(memoryLimitInMb),
    clientContext: clientContext && JSON.parse(clientContext),
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - offsetMs - Date.now()),
  };
}

/** The error body of Lambda's runtime; whatever was thrown has some text. */
function describe(thrown) {
  const { name = typeof thrown, message = thrown, stack = '' } = types.isNativeError(thrown) ? thrown : {};
  const [errorType, errorMessage, trace] = [name, message, stack].map((each) => format('%s', each));
  return { errorType, errorMessage, trace: trace.split('\n') };
}
