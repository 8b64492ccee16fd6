"""The handler side: the user's code, on the main thread of the user's own process.

It asks the queue side for work over the Lambda Runtime API, as any runtime does, and behaves as
Lambda's Python runtime (awslambdaric 4.2.2) to the code it runs. It knows no queues, leases or
envelopes, and starts no thread while a handler is on the stack but one that waits for the queue
side's end. Each module stands for itself; nothing is imported here.
"""
