"""A proxy of the protocol that is right, written from the specification alone, to be made wrong.

`python -m faulty.proxy --port P --timeout S --name N [--fault NAME]` plays Lambda and the proxy in
it. It knows nothing of the reference, so that one mistake is not in both. A fault is a subclass of
`Proxy` that overrides one thing. It signs nothing: it talks to the suite's witness only.
"""
