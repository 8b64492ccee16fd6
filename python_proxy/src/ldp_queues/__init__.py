"""Queues of text: what SQS does with a message, and nothing about what the message says.

The modules stand for themselves and nothing is imported here, because a Lambda function
pays for every import on its cold start: `ports` (the narrow interface), `admin` (another, for
queues themselves), `errors`, `bodies` and `addresses` (what SQS takes, and where its queues are),
`sqs` and `sqs_admin` (both over botocore, which only the modules called `sqs…` import), `memory`
and `memory_admin` (both in memory, with faults), `checks` and `checks_admin` (the batteries that
any implementation passes).
"""
