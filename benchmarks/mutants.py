"""Mutants of a source: small changes that its tests should notice.

Why not a package: mutmut puts a trampoline before every function, which numba cannot compile, and
has no seeded sample; cosmic-ray has neither deleted statements nor swapped minima, and most of its
mutants replace one arithmetic operator by all others. Both choose mutants by file, not by what a
test can see: here docstrings, texts, annotations, decorators and ``__repr__`` are left alone.
"""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass
from itertools import pairwise

COMPARED: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Lt: ("<", ("<=", ">")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: (r"is\s+not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: (r"not\s+in", ("in",)),
}
"""Operators as written, and what they become: the limit moved, the other side."""
COMPUTED: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
_PAIRS = (
    ("min", "max"),
    ("minimum", "maximum"),
    ("argmin", "argmax"),
    ("nanmin", "nanmax"),
    ("floor", "ceil"),
    ("any", "all"),
)
SWAPPED = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}
"""Functions and methods that become each other."""
TELLS = {"print", "logging", "log", "logger", "warnings"}
"""Names whose calls tell people something."""
UNSEEN_KEYWORDS = {"strict", "match_args", "slots", "repr"}
"""Arguments that guard and do not decide."""
UNSEEN_FUNCTIONS = {"__repr__", "__str__"}


@dataclass(frozen=True)
class Edit:
    """A change of a source: the characters from ``start`` to ``end`` become ``text``.

    Attributes
    ----------
    kind : of the change, for people
    line : number of its first line, from 1
    """

    kind: str
    line: int
    start: int
    end: int
    text: str

    def apply(self, source: str) -> str:
        """The mutated source."""
        return source[: self.start] + self.text + source[self.end :]

    def lines(self, source: str) -> tuple[str, str]:
        """The first line that it changes, before and after, without indentation."""
        begin = source.rfind("\n", 0, self.start) + 1
        before, after = source[begin:], self.apply(source)[begin:]
        return before.split("\n", 1)[0].strip(), after.split("\n", 1)[0].strip()


def sites(source: str) -> list[tuple[Edit, ...]]:
    """Places that can be mutated, in order, each with what it can become."""
    found = _Finder(source)
    found.visit(ast.parse(source))
    return sorted(found.sites, key=lambda each: (each[0].start, each[0].kind))


def parses(source: str) -> bool:
    """Whether a mutated source is Python still."""
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


class _Finder(ast.NodeVisitor):
    """Collects sites on a walk through what tests can see."""

    def __init__(self, source: str) -> None:
        self.source, self.sites = source, list[tuple[Edit, ...]]()
        self._lines = source.splitlines(keepends=True)
        lengths = [0, *map(len, self._lines)]
        self._begin = [sum(lengths[: k + 1]) for k in range(len(lengths))]
        self._depth = 0

    # Where texts, types and decoration are.

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Defaults and body."""
        if node.name in UNSEEN_FUNCTIONS:
            return
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        self._depth += 1
        for each in node.body:
            self.visit(each)
        self._depth -= 1

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """The body alone."""
        for each in node.body:
            self.visit(each)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """The value alone."""
        if node.value is not None:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        """What is computed; an entry or attribute may also be left as it was."""
        if any(isinstance(each, ast.Name) and each.id == "__all__" for each in node.targets):
            return
        if all(isinstance(each, ast.Subscript | ast.Attribute) for each in node.targets):
            self._delete(node)
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """No error; its text is left alone."""
        self._delete(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Left alone: it is for people and type checkers."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A text."""

    def visit_keyword(self, node: ast.keyword) -> None:
        """The argument, unless it only guards."""
        if node.arg not in UNSEEN_KEYWORDS:
            self.visit(node.value)

    def visit_Expr(self, node: ast.Expr) -> None:
        """A call may be left out; docstrings and what is told to people are left alone."""
        if not isinstance(node.value, ast.Call) or _root(node.value.func) in TELLS:
            return
        self._delete(node)
        self.visit(node.value)

    # What is mutated.

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Another operator, or nothing."""
        self._delete(node)
        self._operator(node.op, node.target, node.value, "=")
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        """Left out."""
        self._delete(node)

    def visit_Break(self, node: ast.Break) -> None:
        """Left out."""
        self._delete(node)

    def visit_If(self, node: ast.If) -> None:
        """An early return may be left out."""
        for each in node.body:
            if isinstance(each, ast.Return):
                self._delete(each)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Another operator; texts are joined and types are united as before."""
        texts = any(
            isinstance(side, ast.JoinedStr) or _is_text(side) for side in (node.left, node.right)
        )
        types = isinstance(node.op, ast.BitOr) and (not self._depth or _is_type(node.right))
        if not texts and not types:
            self._operator(node.op, node.left, node.right)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """The limit moved, or the other side."""
        sides = pairwise((node.left, *node.comparators))
        for op, (left, right) in zip(node.ops, sides, strict=True):
            pattern, texts = COMPARED[type(op)]
            token = pattern if pattern[0] not in "in" else rf"\b{pattern}\b"
            self._between("comparison", left, right, token, texts)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """``and`` for ``or`` and the other way round."""
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in pairwise(node.values):
            self._between("boolean", left, right, rf"\b{old}\b", (new,))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Without ``not``, minus or ``~``."""
        if not isinstance(node.op, ast.UAdd):
            start, inner = self._at(node)[0], self._at(node.operand)[0]
            if not self.source[start:inner].endswith("("):
                self.sites.append((Edit("dropped sign", node.lineno, start, inner, ""),))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """One more, one less; the other truth."""
        value, (start, end) = node.value, self._at(node)
        if isinstance(value, bool):
            texts: tuple[str, ...] = (str(not value),)
        elif isinstance(value, int | float):
            texts = (repr(value + 1), repr(value - 1) if value >= 1 else f"({value - 1!r})")
        else:
            return
        self.sites.append(tuple(Edit("constant", node.lineno, start, end, text) for text in texts))

    def visit_Call(self, node: ast.Call) -> None:
        """The least for the most."""
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        if name in SWAPPED:
            end = self._at(function)[1]
            edit = Edit("swapped", function.end_lineno or 0, end - len(name), end, SWAPPED[name])
            self.sites.append((edit,))
        self.generic_visit(node)

    # Where in the text.

    def _at(self, node: ast.AST) -> tuple[int, int]:
        places = ("lineno", "col_offset"), ("end_lineno", "end_col_offset")
        first, last = (self._place(*(getattr(node, name) for name in each)) for each in places)
        return first, last

    def _place(self, line: int, column: int) -> int:
        inside = self._lines[line - 1].encode()[:column].decode()
        return self._begin[line - 1] + len(inside)

    def _delete(self, node: ast.stmt) -> None:
        start, end = self._at(node)
        self.sites.append((Edit("deleted", node.lineno, start, end, "pass"),))

    def _operator(self, op: ast.operator, left: ast.expr, right: ast.expr, after: str = "") -> None:
        if type(op) in COMPUTED:
            old, new = COMPUTED[type(op)]
            self._between("operator", left, right, re.escape(old + after), (new + after,))

    def _between(
        self, kind: str, left: ast.expr, right: ast.expr, token: str, texts: tuple[str, ...]
    ) -> None:
        """Replace the operator that stands between two operands."""
        begin, end = self._at(left)[1], self._at(right)[0]
        found = re.search(token, self.source[begin:end])
        if found is None or "#" in self.source[begin:end]:
            return
        start, stop = begin + found.start(), begin + found.end()
        line = self.source.count("\n", 0, start) + 1
        self.sites.append(tuple(Edit(kind, line, start, stop, text) for text in texts))


def _root(function: ast.expr) -> str:
    while isinstance(function, ast.Attribute):
        function = function.value
    return function.id if isinstance(function, ast.Name) else ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_type(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is None
    return isinstance(node, ast.Name) and (hasattr(builtins, node.id) or node.id[0].isupper())
