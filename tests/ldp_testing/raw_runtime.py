"""A runtime in a few lines, for what no well-behaved runtime does."""

from __future__ import annotations

from typing import Final

#: The beginning of a program, which a test completes: `ask` and `post` are the Runtime API.
RAW: Final = """
import base64, http.client, json, os, signal, sys

LINE = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

def ask():
    LINE.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = LINE.getresponse()
    return answer.headers, answer.read()

def post(headers, body, what="response", **more):
    path = f"/2018-06-01/runtime/invocation/{headers['Lambda-Runtime-Aws-Request-Id']}/{what}"
    LINE.request("POST", path, body, {name.replace("_", "-"): more[name] for name in more})
    answer = LINE.getresponse()
    answer.read()
    return answer.status

"""
#: Its end, where it does nothing but answer with the event.
FOR_EVER: Final = "while True:\n    headers, event = ask()\n    post(headers, event)\n"
