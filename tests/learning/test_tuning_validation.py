"""Finalists of a tuning run on one scenario, which says nothing of the error, and on two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.learning import tuning
from lmrs_rl.learning.tuning import TuningRecipe, _validate
from tests.learning.test_tuning import TINY, quiet


def by_seed(
    recipe: TuningRecipe, seeds: Sequence[int], candidates: Sequence[FixedParameters]
) -> FloatArray:
    return np.array([[each.z + k for each in candidates] for k, _ in enumerate(seeds)])


@pytest.mark.parametrize(("scenarios", "cost", "error"), [(1, 0.2, np.nan), (2, 0.7, 0.5)])
def test_the_cheapest_comes_first_with_its_error(
    scenarios: int, cost: float, error: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "relative_costs", by_seed)
    finalists = [("dear", FixedParameters(z=0.9)), ("cheap", FixedParameters(z=0.2))]
    found = _validate(replace(TINY, validation=scenarios), finalists, quiet)
    assert [each.name for each in found] == ["cheap", "dear"]
    assert found[0].cost == pytest.approx(cost)
    assert found[0].error == pytest.approx(error, nan_ok=True)
