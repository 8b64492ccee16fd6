"""The queue side: the process that owns SQS, the leases and the journal.

It serves the Lambda Runtime API on loopback to the process that runs the handler, its parent,
which starts it with `launch`. A debugger may stop that process for as long as it likes. Each
module stands for itself; nothing is imported here.
"""
