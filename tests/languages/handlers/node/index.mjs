// What every handler of these tests does, in JavaScript.

class OutOfStockError extends Error {
  name = 'OutOfStockError'
}

export async function handler(event, context) {
  switch (event.do) {
    case 'echo':
      return event
    case 'context':
      return about(context)
    case 'fail':
      throw new OutOfStockError(event.message)
    default:
      process.exit(3)
  }
}

/** Gives a text as it is, where a returned one would be written as JSON. */
export const streaming = awslambda.streamifyResponse(async (event, stream) => {
  for (const part of event.parts) {
    stream.write(Buffer.from(part, 'utf8'))
  }
  stream.end()
})

/** All that the runtime tells a handler. */
function about(context) {
  return {
    requestId: context.awsRequestId,
    functionName: context.functionName,
    functionVersion: context.functionVersion,
    invokedFunctionArn: context.invokedFunctionArn,
    memoryLimitInMb: Number(context.memoryLimitInMB),
    logGroupName: context.logGroupName,
    logStreamName: context.logStreamName,
    remainingMs: context.getRemainingTimeInMillis(),
    pid: process.pid,
    traceId: process.env._X_AMZN_TRACE_ID,
    tenantId: context.tenantId,
    appTitle: context.clientContext?.client.app_title,
    custom: context.clientContext?.custom,
    identityId: context.identity?.cognitoIdentityId
  }
}
