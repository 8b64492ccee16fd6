"""Finding out what keeps events from travelling between an account and this machine.

Each module examines one thing, and says of each fault where it is and which command mends it. What
cannot be found out is said to be unknown. Nothing is changed, and no event sent that nobody asked
for.
"""
