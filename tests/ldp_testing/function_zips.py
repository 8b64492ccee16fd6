"""Small Lambda functions as zips, for whoever hosts them."""

from __future__ import annotations

import importlib.util
import io
import stat
import textwrap
import zipfile
from pathlib import Path

_SCRIPT = (stat.S_IFREG | 0o755) << 16

EXACT_BYTES = """
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    class Bytes:
        def unmarshal_request(self, request, content_type="application/json"):
            return request

        def marshal_response(self, response):
            return response, "application/json"

    LambdaRuntimeClient.marshaller = Bytes()
"""
"""The start of a module whose handler gets and returns bytes under awslambdaric."""


RAW_RUNTIME = """
    import http.client, json, os, sys, time

    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    BASE = "/2018-06-01/runtime"

    def next_event():
        api.request("GET", BASE + "/invocation/next")
        answer = api.getresponse()
        return dict(answer.headers), answer.read()

    def post(path, body, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        api.request("POST", BASE + path, body, names)
        answer = api.getresponse()
        answer.read()
        return answer.status
"""
"""The start of a runtime that says exactly what a test wants said, in the standard library."""


def function_zip(path: Path, app: str) -> Path:
    """Write a function whose `app.py` is this."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app.py", textwrap.dedent(app))
    return path


def runtime_zip(path: Path, runtime: str) -> Path:
    """Write a function that is its own runtime, started through the proxy's real wrapper script."""
    spec = importlib.util.find_spec("ldp_proxy")
    assert spec is not None
    assert spec.origin is not None
    wrapper = zipfile.ZipInfo("ldp-runtime")
    wrapper.external_attr = _SCRIPT
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(wrapper, Path(spec.origin).with_name("ldp-runtime").read_bytes())
        archive.writestr("ldp_proxy/__init__.py", "")
        archive.writestr("ldp_proxy/runtime.py", textwrap.dedent(runtime))
    return path


def zip_of(files: dict[str, str]) -> bytes:
    """A zip of these files, by name; the same files make the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()
