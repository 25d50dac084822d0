"""The automatic model: weights, an atom at zero kept one, series that come after the fit, and
the network in its artefact.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.models.auto import (
    AutoModel,
    FittedAuto,
    least_use,
    weigh,
    with_atom,
    with_new_series,
)
from lmrs_rl.forecast.models.network_layout import NeuralSettings
from lmrs_rl.forecast.models.network_model import NeuralModel
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.ridge import RidgeModel
from lmrs_rl.forecast.models.seasonal_naive import SeasonalNaive
from lmrs_rl.forecast.panel import Panel, Shutdowns
from tests.forecast.small_panels import small_panel, with_use


@pytest.fixture(scope="module")
def fitted() -> FittedAuto:
    return AutoModel((RidgeModel(), SeasonalNaive()), windows=6).fit(small_panel().known_at(140), 7)


def extended(panel: Panel, measured: int) -> Panel:
    """The panel with a fifth series of the type of the first, of its use twice over, measured on
    the last days before day 140 only.
    """
    use = np.concatenate([panel.use, 2 * panel.use[:, :1]], axis=1)
    use[: 140 - measured, 4] = np.nan
    again = [0, 1, 2, 3, 0]
    return replace(
        panel,
        ids=(*panel.ids, "new"),
        use=use,
        capacity=panel.capacity[again] * np.array([1, 1, 1, 1, 2.0]),
        customer_type=panel.customer_type[again],
        product=panel.product[again],
        temperature=panel.temperature[:, again],
        issued=panel.issued[:, :, again],
        shutdowns=Shutdowns.none(),
    )


def test_a_much_worse_model_hardly_counts_and_equal_ones_count_alike() -> None:
    actual = np.full((10, 3, 7), 50.0)
    near = np.broadcast_to(50.0 + 10 * (QUANTILES - 0.5), (10, 3, 7, len(QUANTILES)))
    far = near + 5.0
    assert np.all(weigh(np.stack([near, far], axis=1), actual)[:, 1] < 0.01)
    np.testing.assert_allclose(weigh(np.stack([near, near], axis=1), actual), 0.5)


def test_the_least_use_is_a_low_quantile_of_the_days_with_use_where_some_have_none() -> None:
    use = np.tile(np.arange(1.0, 101.0)[:, None], (1, 4))
    use[::2, 1] = 0.0  # leaves 2, 4 .. 100
    use[:3, 2] = 0.0  # 3 % of the days
    use[:2, 3] = 0.0  # 2 %: not more than the share
    panel = small_panel(days=100)
    found = least_use(with_use(panel, use).known_at(100))
    np.testing.assert_allclose(found, [0.0, 2 + 0.1 * 98, 4 + 0.1 * 96, 0.0])


def test_a_series_without_any_use_or_any_measured_day_has_no_least() -> None:
    use = small_panel().use.copy()
    use[:, 0], use[:, 1] = 0.0, np.nan
    assert least_use(with_use(small_panel(), use).known_at(160))[:2].tolist() == [0.0, 0.0]
    assert least_use(small_panel(days=0).known_at(0)).tolist() == [0.0] * 4


def test_quantiles_below_the_least_use_are_none_and_others_stay() -> None:
    quantiles = np.array([[[1.0, 4.9, 5.0, 9.0]], [[1.0, 4.9, 5.0, 9.0]]])
    assert with_atom(quantiles, np.array([5.0, 0.0])).tolist() == [
        [[0, 0, 5.0, 9.0]],
        [[1.0, 4.9, 5.0, 9.0]],
    ]


def test_rows_of_new_series_are_those_of_their_type_or_of_all() -> None:
    rows = np.array([[1.0, 9.0], [3.0, 5.0], [8.0, 1.0]])
    kinds = np.array([0, 0, 1, 0, 7])
    assert with_new_series(rows, kinds)[3:].tolist() == [[2.0, 7.0], [4.0, 5.0]]
    assert with_new_series(rows, kinds[:3]) is rows
    with pytest.raises(InputError, match="at least the 3"):
        with_new_series(rows, kinds[:2])


@pytest.mark.parametrize("measured", [0, 5, 60])
def test_a_tank_that_was_not_in_the_fit_is_answered_for_and_leaves_the_others_alone(
    fitted: FittedAuto, measured: int
) -> None:
    view = extended(small_panel(), measured).known_at(140)
    found = fitted(view, 7)
    assert found.shape == (5, 7, len(QUANTILES))
    typical = np.nanmean(2 * small_panel().use[100:140, 0])
    assert 0.4 * typical < found[4, :, 7].mean() < 2.5 * typical
    assert fitted.sample(view, 7, 10, np.random.default_rng(0)).shape == (10, 5, 7)
    assert fitted.ranks(view, 7).shape == (400, 5, 7)


def test_fewer_tanks_than_were_in_the_fit_are_refused(fitted: FittedAuto) -> None:
    with pytest.raises(InputError, match="at least the 4"):
        fitted(small_panel(3).known_at(140), 7)


def test_a_week_without_use_comes_back_as_one() -> None:
    """A series idle in long spells: the paths of a week have none as often as weeks had none,
    far more often than independent days would.
    """
    rng = np.random.default_rng(5)
    idle = np.repeat(rng.random((40, 4)) < 0.5, 14, axis=0)[:500]
    panel = with_use(small_panel(days=500), np.where(idle, 0.0, rng.uniform(50, 100, (500, 4))))
    model = AutoModel((RidgeModel(),), windows=52).fit(panel.known_at(490), 7)
    empty = (model.sample(panel.known_at(490), 7, 500, rng) == 0).all(axis=2).mean()
    assert 0.15 < empty < 0.7


def test_the_network_is_written_and_read_with_the_automatic_model(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed: pip install lmrs-rl[train]")
    view = small_panel().known_at(140)
    model = AutoModel(
        (NeuralModel(NeuralSettings(hidden=8, windows=200, epochs=1)), RidgeModel()), windows=4
    ).fit(view, 7)
    model.save(tmp_path)
    assert AutoModel.load(tmp_path)(view, 7).tobytes() == model(view, 7).tobytes()
