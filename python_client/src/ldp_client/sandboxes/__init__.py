"""A runtime's process with a Runtime API of its own, as Lambda's execution environment is one.

The local Lambda hosts functions in them, and `lambda-debug run -- COMMAND` programs of any
language. POSIX only.
"""
