"""Queues of text: what SQS does with a message, and nothing about what the message says.

The modules stand for themselves and nothing is imported here, because a Lambda function
pays for every import on its cold start: `ports` (the narrow interface), `errors`, `bodies`
and `addresses` (what SQS takes, and where its queues are), `sqs` (the interface over botocore,
which only the modules called `sqs…` import), `memory` (the interface in memory, with faults)
and `checks` (the battery that any implementation passes).
"""
