"""The proxy: a Lambda function that sends its events to a developer and returns the answers.

`handler` is the entry under Lambda's managed runtime, `runtime` a Lambda runtime of its own;
both hand what they get to `invoke`, which decides nothing that `ldp_wire` decides. Nothing is
imported here, because a function pays for every import on its cold start. For the same reason
values are named tuples in this package: making a dataclass takes ten times as long.
"""
