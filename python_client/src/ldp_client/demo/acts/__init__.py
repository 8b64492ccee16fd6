"""The acts of the demo: each shows one thing, and returns what its caller got, judged.

An act is a function of the stage and the show. What is attached to the stage meanwhile, the play
decides.
"""
