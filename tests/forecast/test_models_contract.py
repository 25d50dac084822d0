"""One contract for every model: shape, order, finiteness, determinism, and an answer however
little is known.
"""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import Panel
from tests.forecast.every_model import NAMES, fitted, make
from tests.forecast.small_panels import small_panel, strange_panels

STRANGE = strange_panels()


def check(result: FloatArray, series: int, days: int) -> None:
    assert result.shape == (series, days, len(QUANTILES))
    assert result.dtype == np.float64
    assert np.all(np.isfinite(result))
    assert np.all(result >= 0)
    assert np.all(np.diff(result, axis=2) >= 0)


def arrays(panel: Panel) -> dict[str, bytes]:
    return {
        name: getattr(panel, name).tobytes()
        for name in ("use", "capacity", "customer_type", "product", "temperature", "issued")
    }


@pytest.mark.parametrize("days", [1, 7, 14])
@pytest.mark.parametrize("name", NAMES)
def test_quantiles_are_finite_ordered_and_not_negative(name: str, days: int) -> None:
    view = small_panel().known_at(150)
    check(fitted(name, days=days)(view, days), 4, days)


@pytest.mark.parametrize("case", STRANGE)
@pytest.mark.parametrize("name", NAMES)
def test_an_answer_however_little_is_known(name: str, case: str) -> None:
    panel = STRANGE[case]
    view = panel.known_at(panel.days)
    check(make(name).fit(view, 7)(view, 7), len(panel.ids), 7)


@pytest.mark.parametrize(
    "case", ["no history", "a series never measured among others", "one day", "no weather"]
)
@pytest.mark.parametrize("name", NAMES)
def test_a_model_fitted_on_much_answers_for_little(name: str, case: str) -> None:
    panel = STRANGE[case]
    check(fitted(name)(panel.known_at(panel.days), 7), 4, 7)


@pytest.mark.parametrize("name", NAMES)
def test_one_day_of_a_longer_fit_may_be_asked(name: str) -> None:
    view = small_panel().known_at(150)
    check(fitted(name, days=14)(view, 1), 4, 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_later_morning_may_be_asked(name: str) -> None:
    panel = small_panel()
    model = fitted(name)
    later = model(panel.known_at(155), 7)
    check(later, 4, 7)
    assert not np.array_equal(later, model(panel.known_at(150), 7))


@pytest.mark.parametrize("name", NAMES)
def test_two_fits_say_the_same_to_the_bit_whatever_random_numbers_were_drawn(name: str) -> None:
    view = small_panel().known_at(150)
    first = fitted(name)(view, 7)
    np.random.seed(2)  # noqa: NPY002
    assert first.tobytes() == make(name).fit(view, 7)(view, 7).tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_asking_changes_neither_the_view_nor_the_next_answer(name: str) -> None:
    panel = small_panel()
    view = panel.known_at(150)
    before = arrays(panel), arrays(view.past)
    model = make(name).fit(view, 7)
    first = model(view, 7)
    answer = first.tobytes()
    first[:] = -1.0
    assert model(view, 7).tobytes() == answer
    assert before == (arrays(panel), arrays(view.past))


@pytest.mark.parametrize("name", NAMES)
def test_the_size_of_the_unit_is_no_information(name: str) -> None:
    """Use and capacity in grammes give the same forecast in grammes: scales are relative to the
    series.
    """
    panel = small_panel()
    grammes = Panel(
        panel.ids,
        panel.first_day,
        panel.use * 1024,
        panel.capacity * 1024,
        panel.customer_type,
        panel.product,
        panel.temperature,
        panel.issued,
        panel.holidays,
        panel.shutdowns,
    )
    one = fitted(name)(panel.known_at(150), 7)
    view = grammes.known_at(150)
    other = make(name).fit(view, 7)(view, 7)
    np.testing.assert_allclose(
        other[:, :, 7], 1024 * one[:, :, 7], rtol=0.05, atol=1e-3 * float(other.max())
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_name_is_a_word_for_tables_and_files(name: str) -> None:
    said = make(name).name
    assert said
    assert said == said.strip()
    assert "/" not in said
