"""Whatever SQS does to a client, an event runs once and its caller gets its own answer."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ldp_queues.memory_faults import Fault, Faults
from ldp_testing.deliveries import ANSWER_BY_MS
from ldp_testing.engine_stage import EngineStage
from ldp_wire.envelopes import Inline

if TYPE_CHECKING:
    from random import Random

_RATES = st.dictionaries(st.sampled_from(Fault), st.floats(0.05, 0.5), max_size=5)
_DURATIONS_S = st.lists(st.integers(0, 45), min_size=1, max_size=4)


def _serve(stage: EngineStage, durations_s: list[int]) -> None:
    """Run every event that comes, each for as long as it takes, until nothing is left."""
    runs = 0
    stage.runtime.ask()
    while stage.queues.requests.bodies() and stage.clock.now_ms() < ANSWER_BY_MS:
        stage.receiver.receive_once()
        started = stage.reporter.words("started")
        if len(started) > runs:
            runs = len(started)
            invocation = stage.runtime.event()
            stage.advance(durations_s[runs % len(durations_s)] * 1_000)
            stage.post(invocation, f'"{invocation.invocation_id}"'.encode())
            stage.runtime.ask()
        stage.advance(1_000)


@given(
    faults=_RATES,
    reply_faults=_RATES,
    random=st.randoms(use_true_random=False),
    durations_s=_DURATIONS_S,
)
def test_every_event_runs_once_and_is_answered_with_its_own_result(
    faults: dict[Fault, float],
    reply_faults: dict[Fault, float],
    random: Random,
    durations_s: list[int],
) -> None:
    """Copies, losses and outages make no event run twice or lose its answer (SES-3, SQS-12)."""
    with tempfile.TemporaryDirectory() as folder:
        stage = EngineStage(
            Path(folder),
            faults=Faults(faults, random=random),
            reply_faults=Faults(reply_faults, random=random),
        )
        rates, stage.queues.requests.faults.rates = stage.queues.requests.faults.rates, {}
        requests = [stage.request() for _ in durations_s]
        stage.queues.requests.faults.rates = rates
        _serve(stage, durations_s)
        stage.close()

    runs = Counter(request.request_id for request, _, _ in stage.reporter.words("started"))
    assert set(runs.values()) <= {1}
    answers = {request.request_id: set[str]() for request in requests}
    for response in stage.responses():
        assert isinstance(response.result, Inline)
        answers[response.request_id].add(response.result.data)
    if stage.clock.now_ms() < ANSWER_BY_MS:
        assert answers == {request_id: {f'"{request_id}"'} for request_id in answers}
    for request_id, results in answers.items():
        assert results <= {f'"{request_id}"'}
