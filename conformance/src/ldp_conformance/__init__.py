"""A suite that judges whether a port of the Lambda debug protocol is right, by what it does.

It starts the port as a process, plays AWS and the other side of the protocol for it, and judges by
what it saw on the wire. It imports no implementation, and so repeats none of their mistakes.
"""
