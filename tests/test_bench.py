"""The harness of the benches: what it computes, and the shape of what it leaves behind."""

import json

import pytest

from bench import __main__ as command
from bench import report
from bench.harness import Result, milliseconds, percentile

KEYS = {"bench", "metric", "unit", "value", "target", "holds", "reference", "ratio"}


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (99, 99), (100, 100), (1, 1)])
def test_percentiles_are_measured_samples(percent: int, expected: int) -> None:
    assert percentile(range(1, 101), percent) == expected


def test_the_99th_of_few_is_the_worst() -> None:
    assert percentile([3, 1, 2], 99) == 3


def test_a_target_is_a_limit() -> None:
    assert Result("p50", "ms", 25.0, target=25.0).holds is True
    assert Result("p50", "ms", 25.1, target=25.0).holds is False
    assert Result("calls", "1/s", 399, target=400, higher_is_better=True).holds is False
    assert Result("p50", "ms", 25.0).holds is None


def test_each_run_is_measured() -> None:
    runs: list[int] = []
    shares: list[float] = []

    samples = milliseconds(lambda: runs.append(1), 20, shares.append)

    assert len(samples) == 20
    assert len(runs) == 22
    assert shares[-1] == 1


def test_each_bench_is_found_by_its_name() -> None:
    assert {"who", "expand"} <= command._benches().keys()


def test_a_bench_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["whom"]) == 2
    assert "whom" in capsys.readouterr().err


def test_results_have_the_agreed_keys() -> None:
    document = command._document({"who": [Result("p50", "ms", 0.0123456, 0.05, 0.01)]})

    assert document.keys() == {"machine", "python", "commit", "at", "results"}
    assert document["at"].endswith("Z")
    assert document["results"] == [
        {
            "bench": "who",
            "metric": "p50",
            "unit": "ms",
            "value": 0.01235,
            "target": 0.05,
            "holds": True,
            "reference": 0.01,
            "ratio": 1.235,
        }
    ]


def test_a_run_of_some_is_put_among_what_was_kept_and_says_when_each_was_measured() -> None:
    before = command._document({name: [Result("p50", "ms", 1.0)] for name in ("expand", "gone", "who")})
    before |= {"commit": "aaa", "at": "2026-01-01T00:00:00Z"}
    now = command._document({"who": [Result("p50", "ms", 2.0)]}) | {"commit": "bbb"}

    kept = command._together(before, now, ["expand", "who"])

    assert [(row["bench"], row["value"]) for row in kept["results"]] == [("expand", 1.0), ("who", 2.0)]
    assert {name: run["commit"] for name, run in kept["measured"].items()} == {"expand": "aaa", "who": "bbb"}
    assert "* 2026-01-01T00:00:00Z, commit aaa: expand" in report.table(kept)


def test_the_results_of_the_last_run_are_kept() -> None:
    document = json.loads(command.RESULTS.read_text("utf-8"))

    assert all(row.keys() == KEYS for row in document["results"])
    assert command._benches().keys() == {row["bench"] for row in document["results"]}


def test_the_documented_table_is_that_of_the_results() -> None:
    document = json.loads(command.RESULTS.read_text("utf-8"))

    assert report.table_of_page() == report.table(document)
    assert report.PICTURE.read_text("utf-8") == report.picture(document)


def test_the_picture_shows_what_a_limit_is_not_exceeded_by() -> None:
    late = Result("late", "ms", 30.0, 25.0)
    many = Result("calls", "1/s", 500.0, 400.0, higher_is_better=True)

    drawn = report.picture(command._document({"b": [late, many]}))

    assert "b: late" in drawn
    assert "#c62828" in drawn
    assert "b: calls" not in drawn
