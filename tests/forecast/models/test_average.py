"""Averages of quantiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.average import Average, average_quantiles
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import View
from tests.forecast.small_panels import small_panel

Q = len(QUANTILES)


@dataclass(frozen=True)
class Constant:
    """A model that always says the same."""

    kg: float

    @property
    def name(self) -> str:
        return f"{self.kg:g}"

    def fit(self, view: View, days: int) -> Constant:
        return self

    def __call__(self, view: View, days: int) -> FloatArray:
        return np.full((view.n, days, Q), self.kg)


def test_shared_weights_are_scaled_to_one() -> None:
    predicted = [np.full((2, 3, Q), 10.0), np.full((2, 3, Q), 20.0)]
    np.testing.assert_allclose(average_quantiles(predicted, np.array([1.0, 3.0])), 17.5)


def test_each_series_has_its_weights() -> None:
    predicted = [np.full((2, 3, Q), 10.0), np.full((2, 3, Q), 20.0)]
    found = average_quantiles(predicted, np.array([[1.0, 0.0], [1.0, 1.0]]))
    assert found[:, 0, 0].tolist() == [10.0, 15.0]


@given(
    arrays(np.float64, (3, 2, 1, Q), elements=st.floats(0, 1e9)),
    arrays(np.float64, (2, 3), elements=st.floats(0.01, 1e6)),
)
def test_the_average_of_ordered_quantiles_is_ordered_and_between_them(
    raw: FloatArray, weights: FloatArray
) -> None:
    predicted = np.sort(raw, axis=-1)
    found = average_quantiles(list(predicted), weights)
    assert np.all(np.diff(found, axis=-1) >= 0)
    slack = 1e-9 * (1 + predicted.max())
    assert np.all(found <= predicted.max(axis=0) + slack)
    assert np.all(found >= predicted.min(axis=0) - slack)


def test_models_are_fitted_and_averaged() -> None:
    view = small_panel().known_at(50)
    model = Average((Constant(1.0), Constant(4.0)))
    assert model.name == "1+4"
    np.testing.assert_allclose(model.fit(view, 7)(view, 7), 2.5)


def test_a_model_with_weight_zero_does_not_count() -> None:
    view = small_panel().known_at(50)
    np.testing.assert_allclose(
        Average((Constant(1.0), Constant(4.0)), np.array([0.0, 2.0])).fit(view, 7)(view, 7), 4.0
    )


@pytest.mark.parametrize(
    "weights", [[1.0], [1.0, -1.0], [0.0, 0.0], [1.0, np.nan], [[1.0, 1.0, 1.0]]]
)
def test_weights_that_are_none_are_refused(weights: list[float]) -> None:
    with pytest.raises(InputError, match=r"average\.weights"):
        Average((Constant(1.0), Constant(4.0)), np.array(weights))


def test_weights_of_other_series_are_refused_when_asked() -> None:
    view = small_panel().known_at(50)
    fitted = Average((Constant(1.0), Constant(4.0)), np.ones((3, 2))).fit(view, 7)
    with pytest.raises(InputError, match=r"shape \(3, 2\).*shape \(4, 2\)"):
        fitted(view, 7)


def test_no_model_is_refused() -> None:
    with pytest.raises(InputError, match="at least one model"):
        Average(())
