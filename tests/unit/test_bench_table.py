"""The table of ``make bench``: which rows pass, what is measured again, and what a reader sees."""

import pytest

from tests.bench.table import Part, Row, Table

AT_MOST, AT_LEAST = Row("at most", 2.0, 1.0), Row("at least", 4.0, 5.0, at_least=True)


@pytest.mark.parametrize(
    "row, figure, holds",
    [
        (AT_MOST, 2.0, True),
        (AT_MOST, 2.1, False),
        (AT_LEAST, 4.0, True),
        (AT_LEAST, 3.9, False),
        (AT_MOST, None, True),
        (Row("informs"), 99.0, True),
    ],
)
def test_a_row_passes_its_gate_up_to_the_limit_itself(row, figure, holds):
    assert row.holds(figure) is holds


def test_only_what_fell_short_is_measured_again_and_keeps_what_passed():
    asked = []

    def measure(rounds):
        asked.append(rounds)
        return {"at most": 3.0 if len(asked) == 1 else 1.5, "at least": 4.5 if len(asked) == 1 else 1.0}

    table = Table(
        [Part("two", (AT_MOST, AT_LEAST), measure), Part("fine", (Row("f", 1),), lambda _: {"f": 1.0})]
    )
    table.fill(10, lambda _: None)

    assert asked == [10, 20]
    assert table.again == {"two"}
    assert table.figures["two"] == {"at most": 1.5, "at least": 4.5}
    assert table.short == []


def test_what_falls_short_twice_is_told_and_what_cannot_be_measured_says_why():
    parts = [
        Part("slow", (AT_MOST,), lambda _: {"at most": 3.0}),
        Part("absent", (AT_LEAST,), lambda _: {"at least": None}, "there is no engine"),
    ]
    table = Table(parts)
    table.fill(1, lambda _: None)

    text = "\n".join(table.lines())
    assert table.short == ["at most"]
    assert "SHORT" in text and "not measured: there is no engine" in text
    assert table.as_json()["slow: at most"]["holds"] is False
