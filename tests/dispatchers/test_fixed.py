"""The dispatcher that always answers the same."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters, radial_price
from lmrs_rl.domain import InputError, OrderParameters
from lmrs_rl.forecast import KnownUse
from lmrs_rl.orders import make_orders
from tests import tiny


def decide(**chosen: Any) -> OrderParameters:
    network, snapshot = tiny.network(), tiny.snapshot()
    return FixedDispatcher(FixedParameters(**chosen))(
        network, snapshot, KnownUse(tiny.days())(network, snapshot)
    )


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("")
    assert FixedParameters.from_file(path) == FixedParameters()


def test_a_file_sets_every_attribute(tmp_path: Path) -> None:
    path = tmp_path / "all.toml"
    wanted = FixedParameters(0.25, -0.2, 0.9, 50.0, 1e-3, 0.7, 0.5, 0.1, 1e4)
    path.write_text("\n".join(f"{f.name} = {getattr(wanted, f.name)}" for f in fields(wanted)))
    assert FixedParameters.from_file(path) == wanted


def test_whole_numbers_are_numbers(tmp_path: Path) -> None:
    path = tmp_path / "whole.toml"
    path.write_text("alpha = 50")
    assert FixedParameters.from_file(path).alpha == 50.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("alfa = 1.0", "alfa"),
        ("[orders]\nalpha = 1.0", "orders"),
        ("alpha = '1'", "alpha"),
        ("alpha = true", "alpha"),
        ("alpha = nan", "alpha"),
        ("alpha = inf", "alpha"),
        ("alpha = ", "broken TOML"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        FixedParameters.from_file(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="check the path"):
        FixedParameters.from_file(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="broken TOML"):
        FixedParameters.from_file(path)


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("x_share", -0.01, 0),
        ("x_share", 1.01, 1),
        ("a", 0.01, 0),
        ("b", 0, 0.01),
        ("alpha", -1, 0),
        ("beta", -1e-9, 0),
        ("z", 0, 0.001),
        ("z", 1, 0.999),
        ("value_multiplier", -0.1, 0),
        ("fill_days", -0.1, 0),
        ("q_min_floor", -0.1, 0),
        ("q_min_floor", 1.1, 1),
        ("call_in_penalty", -1, 0),
    ],
)
def test_both_sides_of_every_limit(name: str, bad: float, good: float) -> None:
    with pytest.raises(InputError, match=name):
        FixedParameters(**{name: bad})
    FixedParameters(**{name: good})


def test_unknown_names_are_refused() -> None:
    with pytest.raises(TypeError, match="alfa"):
        FixedParameters(alfa=1.0)  # type: ignore[call-arg]


def test_shares_and_multiples_become_kg_and_currency() -> None:
    chosen = decide(x_share=0.25, value_multiplier=2.0, alpha=7.0)
    assert chosen.x_kg.tolist() == [225, 225]  # a quarter of 1000 - 100
    np.testing.assert_allclose(chosen.value_per_kg, 2 * radial_price(tiny.network()))
    assert chosen.alpha.tolist() == [7, 7]


def test_x_is_a_share_of_what_lies_above_the_pulled_hit_level() -> None:
    network, snapshot = tiny.network(), tiny.snapshot()
    small = replace(network, vehicles=replace(network.vehicles, capacity_kg=np.array([500.0])))
    # h' = 1000 - 500, so half of the other 500 kg.
    assert FixedDispatcher()(
        small, snapshot, KnownUse(tiny.days())(small, snapshot)
    ).x_kg.tolist() == [250, 250]


def test_the_default_is_the_source_rule_without_extensions() -> None:
    chosen = decide()
    assert chosen.a.tolist() == [-0.1, -0.1]
    assert chosen.b.tolist() == [1, 1]
    assert chosen.value_per_kg.tolist() == chosen.q_min_floor.tolist() == [0, 0]


def test_its_answer_makes_orders() -> None:
    network, snapshot = tiny.network(), tiny.snapshot()
    forecast = KnownUse(tiny.days())(network, snapshot)
    made = make_orders(network, snapshot, forecast, FixedDispatcher()(network, snapshot, forecast))
    # Half of 900 kg over the hit level: A is at 550 kg after 3 h, B holds less than that already.
    assert [order.windows_h.tolist() for order in made] == [[[3, 48]], [[0, 60]]]
