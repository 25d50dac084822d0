"""Gymnasium's own errors with the four parts of an `InputError`."""

from __future__ import annotations

import gymnasium as gym

from lmrs_rl.domain import InputError


class ResetNeededError(InputError, gym.error.ResetNeeded):
    """A call that needs a running episode, before the first reset or after the last day."""


class InvalidActionError(InputError, gym.error.InvalidAction):
    """An action of the wrong shape, or with numbers outside [-1, 1]."""
