"""A bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from lmrs_rl.cli.progress import day_reporter
from lmrs_rl.domain import Costs, Executed, OrderParameters, Plan
from lmrs_rl.simulation import DayOutcome, Decision
from lmrs_rl.simulation.costs import DayCosts
from tests import tiny


def record(unmet_kg: float = 0.0) -> DayOutcome:
    """The first day, with the tiny trip."""
    hours = np.zeros((24, 2))
    unmet = hours.copy()
    unmet[3, 1] = unmet_kg
    executed = Executed(0, 1440, (tiny.trip(),), hours, hours, unmet)
    parameters = OrderParameters.shared(2, x_kg=0.0)
    decision = Decision(parameters, (), Plan(0, (), (), Costs(0.0, 0.0, 0.0, 0.0)))
    costs = DayCosts(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return DayOutcome(0, decision, executed, costs, 60.0, tiny.snapshot())


def test_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with day_reporter(2, Console(file=io.StringIO())) as on_day:
        on_day(record())
        on_day(record(unmet_kg=1.5))
    assert (
        capsys.readouterr().out
        == "day 1/2: 1 trips, 1,000 kg\nday 1/2: 1 trips, 1,000 kg, 1 dry tank-hours\n"
    )


def test_a_bar_on_a_terminal() -> None:
    screen = io.StringIO()
    with day_reporter(2, Console(file=screen, force_terminal=True, width=120)) as on_day:
        on_day(record())
    assert "1/2" in screen.getvalue()
    assert "1,000 kg" in screen.getvalue()
