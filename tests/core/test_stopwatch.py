"""What counts for which stage of a request."""

from shared.core.stopwatch import Stopwatch, in_session


def test_each_stage_is_a_part_of_the_whole() -> None:
    watch = Stopwatch()
    with watch.running("checks"):
        watch.enter("authentication")
        watch.enter("checks")
    with watch.running(None), in_session():
        pass
    spent = watch.read()
    assert set(spent) == {"waiting", "checks", "authentication", "database", "whole"}
    parts = sum(ms for stage, ms in spent.items() if stage != "whole")
    assert 0 < parts <= spent["whole"]


def test_a_session_counts_for_the_stage_that_opens_it() -> None:
    watch = Stopwatch()
    with watch.running("authentication"), in_session():
        assert watch.stage == "authentication"
    assert "database" not in watch.read()


def test_a_session_within_a_session_counts_once() -> None:
    watch, stages = Stopwatch(), []
    with watch.running(None), in_session():
        with in_session():
            stages.append(watch.stage)
        stages.append(watch.stage)
    stages.append(watch.stage)
    assert stages == ["database", "database", "waiting"]


def test_what_no_request_waits_for_is_not_measured() -> None:
    with in_session():
        pass
    watch = Stopwatch()
    with watch.running(None):
        pass
    with in_session():
        pass
    assert "database" not in watch.read()
