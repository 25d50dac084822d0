"""Fixtures for all tests: third-party data where they lie beside the checkout, and the tiny
world solved by hand.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from lmrs_rl.domain import Days, Network
from tests import tiny

# A property is tried on few examples by `make test` and on many by `make test-heavy`.
settings.register_profile("few", max_examples=20, deadline=None)
settings.register_profile("many", max_examples=150, deadline=None)
settings.load_profile("few")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of third-party data beside the checkout; tests that ask for it are skipped
    where it is absent.
    """
    path = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not path.is_dir():
        pytest.skip("needs the third-party data in shared/data beside the checkout")
    return path


@pytest.fixture
def tiny_network() -> Network:
    """Two tanks, one site, one vehicle, one driver on a line; see `tests.tiny`."""
    return tiny.network()


@pytest.fixture
def tiny_days() -> Days:
    """Five days of steady use in the tiny network."""
    return tiny.days()
