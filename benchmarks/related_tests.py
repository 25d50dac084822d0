"""Which test files may notice a change of a module, the nearest first: found by names and imports.

The mirror of ``lmrs_rl/a/b.py`` is ``tests/a/test_b.py``. Nothing is listed by hand, so that
modules and tests can move.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

OPTIONAL = {"torch", "stable_baselines3", "cmaes", "onnx", "onnxscript", "tensorboard"}
"""Packages of training: modules that need one as they are imported are told apart."""


class Tree:
    """The modules of a package and the tests beside it.

    Parameters
    ----------
    root : folder that holds both
    package, tests : their names
    """

    def __init__(self, root: Path, package: str = "lmrs_rl", tests: str = "tests") -> None:
        self.root, self.package, self.tests = root, package, tests

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Dotted name of each module of the package to its path from the root."""
        return self._named(self.package)

    @cached_property
    def test_modules(self) -> dict[str, Path]:
        """The same of the tests, helpers among them."""
        return self._named(self.tests)

    @cached_property
    def defined(self) -> dict[str, set[str]]:
        """Module to the names that it defines at its top."""
        return {name: set(_defined(self._tree(path))) for name, path in self.modules.items()}

    @cached_property
    def uses(self) -> dict[str, set[str]]:
        """Test module to the modules of the package that it imports itself, anywhere in it."""
        found = {}
        for name, path in self.test_modules.items():
            wanted = _imported(self._tree(path), name, False)
            found[name] = {module for each in wanted for module in self._modules_of(each)}
        return found

    def light(self, name: str) -> bool:
        """Whether a module can be imported without any of `OPTIONAL`."""
        return name not in self._heavy

    def compiled(self, name: str) -> bool:
        """Whether numba compiles functions of a module: by its own decorators or a module's."""
        tree = self._tree(self.modules[name])
        makers = {
            alias.asname or alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module and self._numba(node.module)
            for alias in node.names
        }
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        decorators = [each for function in functions for each in function.decorator_list]
        names = {
            node.id for each in decorators for node in ast.walk(each) if isinstance(node, ast.Name)
        }
        return bool(names & (makers | {"numba"}))

    def _numba(self, module: str) -> bool:
        return module == "numba" or "numba" in self._outside.get(module, ())

    def related(self, name: str) -> list[Path]:
        """Test files by nearness: mirror, importers, the mirror's folder, importers by a helper."""
        path = self.modules[name]
        inside = Path(self.tests, *path.parts[1:-1])
        mirror = inside / f"test_{path.stem}.py"
        folder = inside
        while not (self.root / folder).is_dir():
            folder = folder.parent
        ranked: dict[Path, tuple[int, int, str]] = {}
        for test, where in self.test_modules.items():
            if not where.name.startswith("test_"):
                continue
            rank = self._rank(name, test, where == mirror, where.parent == folder)
            if rank is not None:
                ranked[where] = (rank, -_shared(where.parent, inside), str(where))
        return sorted(ranked, key=lambda each: ranked[each])

    def _rank(self, name: str, test: str, is_mirror: bool, beside: bool) -> int | None:
        steps = (is_mirror, name in self.uses[test], beside and self.tests in test)
        by_helper = any(name in self.uses[helper] for helper in self._helpers(test))
        return next((k for k, met in enumerate((*steps, by_helper)) if met), None)

    def _helpers(self, test: str) -> set[str]:
        tree = self._tree(self.test_modules[test])
        wanted = _imported(tree, test, False)
        return {each for name in wanted for each in (name, name.rpartition(".")[0])} & (
            self.test_modules.keys() - {self.tests, test}
        )

    @cached_property
    def _inside(self) -> dict[str, set[str]]:
        """Module to those of the package that it imports as it is imported."""
        found = {}
        for name, path in self.modules.items():
            wanted = _imported(self._tree(path), name, True)
            found[name] = {module for each in wanted for module in self._modules_of(each)} - {name}
        return found

    @cached_property
    def _outside(self) -> dict[str, set[str]]:
        """Module to the packages of others that it imports as it is imported."""
        top = {
            name: {each.split(".")[0] for each in _imported(self._tree(path), name, True)}
            for name, path in self.modules.items()
        }
        return {name: each - {self.package} for name, each in top.items()}

    @cached_property
    def _heavy(self) -> set[str]:
        heavy = {name for name in self.modules if self._outside[name] & OPTIONAL}
        while True:
            more = {name for name in self.modules if self._inside[name] & heavy} - heavy
            if not more:
                return heavy
            heavy |= more

    def _modules_of(self, wanted: str) -> set[str]:
        """Modules behind an imported name: itself, or what of its package defines the name."""
        if wanted in self.modules:
            return {wanted}
        package, _, name = wanted.rpartition(".")
        of_file = package in self.modules and self.modules[package].stem != "__init__"
        if of_file or name in self.defined.get(package, ()):
            return {package}
        inside = package + "."
        return {
            each for each in self.modules if each.startswith(inside) and name in self.defined[each]
        }

    def _named(self, folder: str) -> dict[str, Path]:
        found = {}
        for path in sorted((self.root / folder).rglob("*.py")):
            where = path.relative_to(self.root)
            parts = where.parent.parts if path.stem == "__init__" else where.with_suffix("").parts
            found[".".join(parts)] = where
        return found

    def _tree(self, path: Path) -> ast.Module:
        return ast.parse((self.root / path).read_text(encoding="utf-8"))


def _shared(one: Path, other: Path) -> int:
    same = [a == b for a, b in zip(one.parts, other.parts, strict=False)]
    return next((k for k, equal in enumerate(same) if not equal), len(same))


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for each in targets if isinstance(each, ast.Name))


def _imported(tree: ast.Module, name: str, at_the_top: bool) -> set[str]:
    """Full names of what is imported: modules, and names from modules."""
    found: set[str] = set()
    for node in tree.body if at_the_top else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            up = name.split(".")[: -node.level] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return found
