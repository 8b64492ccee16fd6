"""Where these tests find SQS: moto's server, one for the whole run."""

from __future__ import annotations

from ldp_testing.moto_server import moto_server

__all__ = ["moto_server"]
