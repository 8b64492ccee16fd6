"""What a run found, told in several forms; each is made of the run's events and of nothing else.

`stream` writes events down, `summary` folds them, and every other module here is one form.
"""
