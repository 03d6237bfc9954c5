"""Samples of all workers: kept once, added up by the hour, forgotten."""

from copy import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from shared.core.sample import Batch
from shared.store.registers.request_samples import RequestSamples
from shared.usecases.merge_samples import merge_samples
from shared.usecases.read_samples import Sampled, read_samples
from tests.fixtures.seen import batch, seen

pytestmark = pytest.mark.stack

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minute(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


@pytest.fixture
def samples(app_engine: Engine) -> RequestSamples:
    return RequestSamples(app_engine)


def whole(engine: Engine) -> Sampled:
    return read_samples(engine, minute(-600), minute(600))


def test_a_batch_that_comes_again_counts_once(samples: RequestSamples, app_engine: Engine) -> None:
    one = batch(minute(1))
    for _ in range(3):
        samples.keep(one)
    samples.keep(Batch(one.worker_id, 2, one.began_at, one.ended_at, one.sample))
    assert (whole(app_engine).sample.requests, whole(app_engine).workers) == (2, 1)


def test_nothing_that_was_kept_is_nothing_that_is_known(app_engine: Engine) -> None:
    found = whole(app_engine)
    assert (found.since, found.until, found.workers) == (None, None, 0)


def test_only_the_time_that_is_asked_for_is_added_up(
    samples: RequestSamples, app_engine: Engine
) -> None:
    for at in (0, 10, 20):
        samples.keep(batch(minute(at)))
    found = read_samples(app_engine, minute(5), minute(15))
    assert (found.since, found.until, found.sample.requests) == (minute(10), minute(10), 1)


def test_an_hour_becomes_one_row_and_the_sum_stays(
    samples: RequestSamples, app_engine: Engine
) -> None:
    worker = uuid4()
    for number, at in enumerate((1, 20, 59, 61, 62)):
        samples.keep(batch(minute(at), seen(minute(at), ms=at), number=number, worker=worker))
    samples.keep(batch(minute(30), seen(minute(30), status=500)))
    before = whole(app_engine)
    assert merge_samples(samples, minute(79)) == 0, "somebody may still add to the first hour"
    assert merge_samples(samples, minute(81)) == 4
    assert merge_samples(samples, minute(81)) == 0
    after = whole(app_engine)
    assert after.sample.told() == before.sample.told()
    assert replace(after, sample=before.sample) == before
    assert len(samples.between(minute(-600), minute(600))) == 3
    samples.keep(batch(minute(2)))
    assert merge_samples(samples, minute(81)) == 2, "what comes late is merged into it"
    assert whole(app_engine).sample.requests == 7
    assert merge_samples(samples, minute(300)) == 2
    assert whole(app_engine).workers == 3


def test_what_is_old_is_forgotten(samples: RequestSamples, app_engine: Engine) -> None:
    samples.keep(batch(minute(0)))
    samples.keep(batch(minute(5)))
    assert samples.forget(minute(5)) == 1
    assert whole(app_engine).sample.requests == 1
