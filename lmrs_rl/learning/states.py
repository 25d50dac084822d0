"""Modules and optimisers as named arrays, so that a run is saved without pickles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

Arrays = dict[str, Any]


def module_arrays(name: str, module: Any) -> Arrays:
    """Copies of a module's arrays, named ``name/KEY``."""
    return {
        f"{name}/{key}": value.detach().cpu().numpy().copy()
        for key, value in module.state_dict().items()
    }


def load_module(name: str, module: Any, arrays: Mapping[str, Any]) -> None:
    """Load `module_arrays` into a module; all of them must be present."""
    module.load_state_dict(
        {key: torch.as_tensor(value) for key, value in _under(name, arrays).items()}
    )


def adam_arrays(name: str, optimizer: Any) -> Arrays:
    """Copies of Adam's state of each parameter, named ``name/NUMBER/KEY``."""
    state = optimizer.state_dict()["state"]
    return {
        f"{name}/{k}/{key}": torch.as_tensor(value).cpu().numpy().copy()
        for k, each in state.items()
        for key, value in each.items()
    }


def load_adam(name: str, optimizer: Any, arrays: Mapping[str, Any]) -> None:
    """Load `adam_arrays` into an optimiser."""
    state: dict[int, dict[str, torch.Tensor]] = {}
    for path, value in _under(name, arrays).items():
        number, key = path.split("/")
        state.setdefault(int(number), {})[key] = torch.as_tensor(value)
    # The groups stay those of the new optimiser, whose settings come from the recipe.
    optimizer.load_state_dict(
        {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
    )


def _under(name: str, arrays: Mapping[str, Any]) -> Arrays:
    return {
        key.removeprefix(f"{name}/"): value
        for key, value in arrays.items()
        if key.startswith(f"{name}/")
    }
