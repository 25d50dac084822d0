"""A plugin of pytest: heavy tests come last, and no further test begins once ``TEST_BUDGET_S``
seconds are over.
"""

from __future__ import annotations

import os
from time import monotonic
from typing import Any

DEADLINE = monotonic() + float(os.environ.get("TEST_BUDGET_S", "inf"))


class TimeLimit:
    """Stops a session between two tests."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def pytest_runtest_logfinish(self) -> None:
        """After each test."""
        if monotonic() > DEADLINE:
            self._session.shouldstop = "time is up"


def pytest_sessionstart(session: Any) -> None:
    """Watch this session."""
    session.config.pluginmanager.register(TimeLimit(session))


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Heavy tests after the others, in the order that they have."""
    items.sort(key=lambda item: item.get_closest_marker("heavy") is not None)
