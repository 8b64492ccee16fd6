"""A client to begin with: it receives, runs the handler, answers. The suite says what it lacks."""

import json
import os
import time
from types import SimpleNamespace

import boto3
from handler import handler

REQUESTS = os.environ["LAMBDA_PROXY_REQ_QUEUE_URL"]
REPLIES = os.environ["LAMBDA_PROXY_RESP_QUEUE_URL"]
LEASE_S = int(os.environ.get("LAMBDA_PROXY_LEASE_S", "20"))

sqs = boto3.client("sqs")


def main():
    while True:
        received = sqs.receive_message(
            QueueUrl=REQUESTS,
            WaitTimeSeconds=20,
            VisibilityTimeout=LEASE_S,
            MaxNumberOfMessages=1,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        )
        for message in received.get("Messages", []):
            serve(message)


def serve(message):
    request = json.loads(message["Body"])
    event = json.loads(request["payload"]["data"])
    response = {
        "version": request["version"],
        "kind": "response",
        "requestId": request["requestId"],
        "answerByMs": request["answerByMs"],
        **answer(event, context_of(request["context"])),
    }
    sqs.send_message(QueueUrl=REPLIES, MessageBody=json.dumps(response))
    sqs.delete_message(QueueUrl=REQUESTS, ReceiptHandle=message["ReceiptHandle"])


def context_of(told):
    """The context object that a handler of Python expects."""
    identity = SimpleNamespace(
        cognito_identity_id=told.get("identity", {}).get("cognitoIdentityId"),
        cognito_identity_pool_id=told.get("identity", {}).get("cognitoIdentityPoolId"),
    )
    client = json.loads(told["clientContext"]) if "clientContext" in told else None
    return SimpleNamespace(
        aws_request_id=told["awsRequestId"],
        function_name=told["functionName"],
        function_version=told["functionVersion"],
        invoked_function_arn=told["invokedFunctionArn"],
        memory_limit_in_mb=str(told["memoryLimitInMb"]),
        log_group_name=told["logGroupName"],
        log_stream_name=told["logStreamName"],
        client_context=client and SimpleNamespace(custom=client["custom"], env=client["env"]),
        identity=identity,
        get_remaining_time_in_millis=lambda: told["deadlineMs"] - round(time.time() * 1000),
    )


def answer(event, context):
    try:
        return {"payload": text(json.dumps(handler(event, context)))}
    except Exception as exc:
        told = {"errorType": type(exc).__name__, "errorMessage": str(exc)}
        return {"error": {**told, "payload": text(json.dumps({**told, "stackTrace": []}))}}


def text(body):
    return {"encoding": "text", "data": body}


if __name__ == "__main__":
    main()
