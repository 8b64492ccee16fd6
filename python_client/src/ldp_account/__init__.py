"""The proxy in a real account: the template, and what makes, changes and deletes its stack.

It knows AWS's control plane and nothing of events, handlers or the command line, which tells it
what is wanted, shows what it says, and asks. Nothing here changes anything before it was told to.
"""
