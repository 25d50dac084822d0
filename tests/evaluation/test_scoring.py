"""Score cards of rows made by hand."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from lmrs_rl.domain import InputError
from lmrs_rl.evaluation import card_table, score_card, sentences, table, times_table, write_card
from lmrs_rl.evaluation.card_text import is_significant
from lmrs_rl.evaluation.front import curves, front_table
from lmrs_rl.evaluation.scoring import ALL
from tests.evaluation.grids import row

PAIRS = [
    row("extended", 0, cost=100.0, tank_days=10.0),
    row("extended", 1, cost=300.0, tank_days=10.0),
]
HALF = [row("new", 0, cost=50.0, tank_days=10.0), row("new", 1, cost=150.0, tank_days=10.0)]
FIVE = [
    row(agent, k, cost=share * (100.0 + 50.0 * k), tank_days=10.0)
    for agent, share in (("extended", 1.0), ("new", 0.5))
    for k in range(5)
]
"""In each of five scenarios half."""


def test_a_figure_of_a_group_is_a_sum_over_a_sum() -> None:
    card = score_card([row("a", 0, km=10.0, kg=100.0), row("a", 1, km=30.0, kg=900.0)])
    # 1000 kg over 40 km, not the mean of 10 and 30 kg/km.
    assert card.score("wee", "a", "kg_per_km").value.estimate == 25.0


def test_a_dispatcher_against_itself_is_exactly_one_with_no_doubt() -> None:
    rng = np.random.default_rng(0)
    rows = [
        row(
            "extended",
            k,
            cost=float(rng.normal()),
            km=float(rng.uniform(0, 9)),
            stockout_tank_days=0.0,
            orders=0.0,
        )
        for k in range(7)
    ]
    card = score_card(rows)
    for score in card.scores:
        assert (score.ratio.estimate, score.ratio.low, score.ratio.high) == (1.0, 1.0, 1.0), (
            score.measure.name
        )
        assert (score.difference.estimate, score.difference.low, score.difference.high) == (
            0.0,
            0.0,
            0.0,
        )


def test_a_dispatcher_that_does_the_same_is_exactly_one_too_but_where_neither_had_any() -> None:
    same = [
        row("new", k, cost=cost, stockout_tank_days=0.0, tank_days=3.0)
        for k, cost in enumerate((0.1, 0.7, 0.3, 0.2, 0.9))
    ]
    rows = [row("extended", each.cell.seed, also=each.figures) for each in same] + same
    card = score_card(rows)
    for score in card.of("wee", "new"):
        wanted = math.nan if score.measure.name == "stockouts" else 1.0
        assert [score.ratio.estimate, score.ratio.low, score.ratio.high] == pytest.approx(
            [wanted] * 3, abs=0, nan_ok=True
        )
        assert (score.difference.low, score.difference.high) == (0.0, 0.0)


def test_pairs_take_out_what_scenarios_have_in_common() -> None:
    card = score_card([*PAIRS, *HALF])
    cost = card.score("wee", "new", "cost")
    # Samples have the first scenario twice, both, or the second twice: -5, -10, -15 EUR a tank-day.
    assert (cost.difference.estimate, cost.difference.low, cost.difference.high) == (
        -10.0,
        -15.0,
        -5.0,
    )
    assert (cost.value.low, cost.value.high) == (5.0, 15.0)
    # In each scenario half: in every bootstrap sample half.
    ratio = score_card(FIVE).score("wee", "new", "cost").ratio
    assert (ratio.estimate, ratio.low, ratio.high) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("dry_days", "known"),
    [((0, 2, 2, 2, 2, 2, 0, 0), True), ((0, 2, 2, 2, 2, 0, 0, 0), False), ((0,) * 7 + (2,), False)],
)
def test_a_ratio_has_an_interval_from_five_scenarios_with_stockouts_on(
    dry_days: tuple[int, ...], known: bool
) -> None:
    both = [
        row(agent, k, stockout_tank_days=share * dry, tank_days=10.0)
        for agent, share in (("extended", 2), ("new", 1))
        for k, dry in enumerate(dry_days)
    ]
    card = score_card(both)
    ratio = card.score("wee", "new", "stockouts").ratio
    assert ratio.estimate == 0.5
    # Samples of nothing over nothing say nothing, neither 1 nor anything else; the others are all a
    # half.
    assert [ratio.low, ratio.high] == pytest.approx(
        [0.5, 0.5] if known else [math.nan] * 2, abs=0, nan_ok=True
    )
    assert not is_significant(ratio) or known
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(card_table(card, "wee", ["stockouts"]))
    assert ("0.500..0.500" in console.export_text(clear=False)) == known
    assert ("(0.500: -)" in console.export_text()) == (not known)


def test_stockouts_on_either_side_make_a_ratio_of_a_scenarios_own() -> None:
    # Three times only the one had any, twice only the other.
    sides = {"extended": (1, 1, 1, 0, 0, 0), "new": (0, 0, 0, 1, 1, 0)}
    rows = [
        row(agent, k, stockout_tank_days=dry)
        for agent, dry_days in sides.items()
        for k, dry in enumerate(dry_days)
    ]
    ratio = score_card(rows).score("wee", "new", "stockouts").ratio
    assert ratio.low < 1 < ratio.high


def test_worlds_are_told_apart_and_together() -> None:
    rows = [row("a", 0, world="calm", cost=1.0), row("a", 0, world="tight", cost=3.0)]
    card = score_card(rows)
    assert card.worlds == ("calm", "tight", ALL)
    assert card.scenarios == (1, 1, 2)
    assert [card.score(world, "a", "cost").value.estimate for world in card.worlds] == [
        1.0,
        3.0,
        2.0,
    ]
    # Within each world there is but one scenario to draw: together nothing would vary, which is no
    # interval.
    assert math.isnan(card.score(ALL, "a", "cost").value.low)


def test_one_scenario_has_no_interval() -> None:
    assert math.isnan(score_card([row("a")]).score("wee", "a", "cost").value.low)


def test_the_judge_is_extended_else_the_first_else_whom_one_names() -> None:
    assert score_card([row("a"), row("extended")]).against == "extended"
    assert score_card([row("b"), row("a")]).against == "b"
    assert score_card([row("b"), row("a")], against="a").against == "a"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "no runs"),
        ([row("a", 0), row("a", 1), row("b", 0)], "1 runs missing"),
        ([row("a"), row("a", price=2.0)], "a run twice"),
    ],
)
def test_uneven_rows_are_refused(rows: list, told: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(InputError, match=told):
        score_card(rows)


def test_an_unknown_judge_is_refused() -> None:
    with pytest.raises(InputError, match=r"against: got 'c'; wanted one of a, b"):
        score_card([row("a"), row("b")], against="c")


def test_the_table_shows_stockouts_below_kg_per_km_whatever_is_asked_for() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(card_table(score_card([*PAIRS, *HALF]), "wee", ["kg_per_km"]))
    shown = console.export_text()
    assert shown.index("logistic efficiency") < shown.index("stock-outs")
    assert "cost" not in shown


def test_names_are_shown_as_they_are_in_terminals() -> None:
    odd = [
        row(agent, k, "[bold]wee", price, also={"cost_time": price})
        for agent in ("[red]x", "[/x]")
        for k in range(2)
        for price in (1.0, 3.0)
    ]
    plain = [each for each in odd if each.cell.stockout_cost_factor == 1.0]
    card = score_card(plain)
    console = Console(width=160, record=True, file=io.StringIO())
    for shown in (
        card_table(card, card.worlds[0]),
        times_table(plain),
        front_table(curves(odd, card.against), card.against),
        table("[red]x", []),
    ):
        console.print(shown)
        text = console.export_text()
        assert "[red]x" in text
    console.print(card_table(card, card.worlds[0]))
    assert "[bold]wee" in console.export_text(clear=False)
    assert "[/x]" in console.export_text()


def test_the_text_says_how_much_and_whether_it_may_be_chance() -> None:
    assert (
        "new costs 50.0 % less than extended (ratio 0.500, 95 % 0.500..0.500)"
        in sentences(score_card(FIVE))[0]
    )
    assert "new costs 50.0 % less than extended, with" in sentences(score_card([*PAIRS, *HALF]))[0]
    mixed = [*FIVE[:5], *(row("new", k, cost=200.0, tank_days=10.0) for k in range(5))]
    assert "not significant" in sentences(score_card(mixed))[0]


def test_the_file_has_a_row_for_each_score(tmp_path: Path) -> None:
    card = score_card([*PAIRS, *HALF])
    write_card(tmp_path / "card.csv", card)
    with (tmp_path / "card.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(card.scores)
    (cost,) = (each for each in rows if each["dispatcher"] == "new" and each["measure"] == "cost")
    assert (cost["ratio"], cost["difference_low"]) == ("0.5", "-15.0")


def test_times_are_a_table_of_their_own() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(times_table(PAIRS))
    assert "0.1000" in console.export_text()
