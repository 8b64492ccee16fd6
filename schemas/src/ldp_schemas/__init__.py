"""The JSON Schemas of protocol version 1 as one registry.

Whoever validates looks a schema up by its published address, for example
`https://lambda-debug-proxy.dev/schemas/v1/request.schema.json`; nothing is ever
fetched from there. The command line lives in `ldp_schemas.__main__`.
"""

from __future__ import annotations

from referencing import Registry, Resource
from referencing.jsonschema import Schema

from ldp_schemas._files import contents

__all__ = ["REGISTRY"]

_resources: list[Resource[Schema]] = [Resource.from_contents(schema) for schema in contents()]

#: Every schema of version 1, parts and bundles, under its `$id`.
REGISTRY: Registry[Schema] = (_resources @ Registry[Schema]()).crawl()
