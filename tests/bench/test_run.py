import pytest

from bench.run import Row, Series, at_most_more, at_most_times, median_at_most, p99_at_most, rounds, table

HUNDRED = [float(number) for number in range(1, 101)]


def test_a_series_says_its_median_with_the_smallest_and_largest() -> None:
    assert Series("x", [3, 1, 200]).text == "3.00 [1.00-200]"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([7.0], 7.0),
        ([1.0, 2.0, 3.0], 3.0),
        (HUNDRED, 99.0),
        ([*HUNDRED, 101.0], 100.0),
        ([*HUNDRED] * 10, 99.0),
    ],
)
def test_p99_is_what_99_of_100_do_not_exceed(values: list[float], expected: float) -> None:
    assert Series("x", list(reversed(values))).p99 == expected


def test_a_series_needs_no_order() -> None:
    assert Series("x", [5, 1, 3]).median == 3


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        (at_most_times(2), "ok"),
        (at_most_times(1.9), "MISSED"),
        (at_most_more(10), "ok"),
        (at_most_more(9.5), "MISSED"),
        (median_at_most(20), "ok"),
        (median_at_most(19), "MISSED"),
        (p99_at_most(30), "ok"),
        (p99_at_most(29), "MISSED"),
        (None, ""),
    ],
)
def test_a_row_says_whether_it_reaches_its_target(target: object, verdict: str) -> None:
    row = Row("x", Series("ours", [10, 20, 30]), Series("theirs", [9, 10, 11]), target)  # type: ignore[arg-type]

    assert row.verdict == verdict


def test_nothing_is_so_many_times_a_baseline_of_nothing() -> None:
    row = Row("x", Series("ours", [1]), Series("theirs", [0]), at_most_times(2))

    assert row.ratio is None
    assert row.verdict == "MISSED"


def test_a_row_without_baseline_is_measured_against_its_limit() -> None:
    row = Row("size", Series("ours", [119.5]), None, median_at_most(120), unit="kB")

    assert row.verdict == "ok"
    assert row.as_json()["baseline"] is None


def test_the_results_keep_every_value() -> None:
    found = Row("x", Series("ours", [2, 4]), Series("theirs", [1, 2]), at_most_times(3)).as_json()

    assert found["product"]["values"] == [2, 4]
    assert (found["ratio"], found["figure"], found["target"], found["verdict"]) == (2, 2, "<= 3 x", "ok")


def test_the_table_has_a_line_for_each_row_in_columns() -> None:
    rows = [
        Row("event", Series("ours", [2.0]), Series("plain", [1.0]), at_most_times(1.5)),
        Row("size", Series("ours", [119.5]), unit="kB"),
    ]

    heading, rule, first, second = table(rows).splitlines()

    assert heading.split() == ["row", "unit", "product", "baseline", "ratio", "must", "reach", "reached"]
    assert set(rule) == {"-", " "}
    assert first.split("  ")[0] == "event"
    assert "plain: 1.00 [1.00-1.00]" in first
    assert first.endswith("MISSED")
    assert first.index("2.00 [") == second.index("120 [")


def test_rounds_end_at_the_most_or_when_time_is_out() -> None:
    assert list(rounds(3)) == [0, 1, 2]
    assert list(rounds(9, least=2, within_s=-1)) == [0, 1]
