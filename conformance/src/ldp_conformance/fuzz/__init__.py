"""Generated cases: what is drawn, what has to follow, and how a failing one becomes a small one.

Every case is data, so that it can be written down, run again alone, and made a vector of. A case is
drawn before anything is sent; what is sent hangs on the seed alone.
"""
