"""The whole way of an event on this machine: SQS, Lambda, proxy, client, handler, and back."""

from __future__ import annotations

from ldp_client.demo.play import run

__all__ = ["run"]
