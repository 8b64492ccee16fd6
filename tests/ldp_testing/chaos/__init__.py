"""Chaos, short form: real proxies, clients and queues in bad weather, and a ledger of what came.

Everything random comes from one seed; what the weather did is recorded with its time. Each module
stands for itself; nothing is imported here.
"""
