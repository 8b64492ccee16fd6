"""A model checker over the real machines of `ldp_wire`: every run within small bounds, no sample.

`python -m ldp_testing.explorer --help` starts it; `search` says how it goes about, `model` what
takes part, `properties` what it looks for, and `rules` what it can switch off in the machines.
"""
