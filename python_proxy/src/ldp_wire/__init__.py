"""The protocol without I/O: envelopes, their JSON text, and the machines of both sides.

It imports the standard library only, and no clock, log, thread, socket or random number:
it is told the time and what arrived, and answers what to send and how long to wait.
"""
