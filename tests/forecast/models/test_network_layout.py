"""Settings of the quantile network up to their limits, and the sizes of its layers."""

from __future__ import annotations

import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.models.network_layout import MEDIAN, NeuralSettings, layer_shapes
from lmrs_rl.forecast.models.protocol import QUANTILES


@pytest.mark.parametrize("name", ["hidden", "embedding", "windows", "epochs", "batch"])
def test_every_count_is_at_least_one(name: str) -> None:
    NeuralSettings(**{name: 1})
    with pytest.raises(InputError, match=rf"^network\.{name}: got 0; wanted at least 1"):
        NeuralSettings(**{name: 0})


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 1e-9},
        {"learning_rate": 2.0},
        {"weight_decay": 0.0},
        {"weight_decay": 2.0},
        {"shortened": 0.0},
        {"shortened": 1.0},
    ],
)
def test_rates_and_shares_up_to_their_limits_are_taken(settings: dict[str, float]) -> None:
    NeuralSettings(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"weight_decay": -1e-9},
        {"shortened": -1e-9},
        {"shortened": 1.001},
    ],
)
def test_rates_and_shares_beyond_them_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"^network\.learning_rate, weight_decay, shortened: got"):
        NeuralSettings(**settings)  # type: ignore[arg-type]


def test_layers_fit_together() -> None:
    """The state sees 42 days of 5 figures, 4 of the series and two embeddings; a day adds 7
    weekdays, 3 of the calendar, the lead, 2 of shutdown and temperature, 4 of heating and 12 of
    lags.
    """
    assert layer_shapes(NeuralSettings(hidden=10, embedding=3)) == {
        "state": (42 * 5 + 4 + 2 * 3, 10),
        "mix": (10, 10),
        "day": (10 + 7 + 3 + 1 + 2 + 4 + 12, 10),
        "deep": (10, 10),
        "out": (10, 15),
    }


def test_the_median_is_the_level_of_one_half() -> None:
    assert QUANTILES[MEDIAN] == 0.5
