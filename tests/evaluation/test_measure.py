"""kg/km is never shown alone."""

from __future__ import annotations

import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.evaluation import MEASURES, measures


def test_kg_per_km_brings_the_stockouts() -> None:
    assert [each.name for each in measures(["kg_per_km"])] == ["kg_per_km", "stockouts"]
    assert [each.name for each in measures(["stockouts", "kg_per_km", "cost"])] == [
        "stockouts",
        "kg_per_km",
        "cost",
    ]


def test_the_whole_card_has_them_side_by_side() -> None:
    names = [each.name for each in MEASURES]
    assert names.index("stockouts") == names.index("kg_per_km") + 1
    assert len(set(names)) == len(names)


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(InputError, match=r"'kgkm'; wanted one of cost, "):
        measures(["kgkm"])
