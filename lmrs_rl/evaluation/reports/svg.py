"""Pictures as text: SVG elements and the way from numbers to places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

COLOURS = ("#1971c2", "#e8590c", "#2f9e44", "#9c36b5", "#c92a2a", "#0b7285", "#846358", "#495057")
"""Told apart by most eyes; dispatchers and vehicles take them in turn."""


def tag(name: str, content: str = "", **attributes: object) -> str:
    """An element; ``content`` is markup, values of attributes are escaped; ``stroke_width``
    becomes ``stroke-width``, ``class_`` ``class``.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>"


def text(x: float, y: float, words: str, **attributes: object) -> str:
    """Words at a place."""
    return tag("text", escape(words), x=x, y=y, **attributes)


def title(words: str) -> str:
    """Words that show where one points at the element that they stand in."""
    return tag("title", escape(words))


def path(points: Iterable[Sequence[float]], fill: str = "none", **attributes: object) -> str:
    """A line through points [px], or what it encloses."""
    steps = " ".join(
        f"{'L' if k else 'M'}{_short(float(x))} {_short(float(y))}"
        for k, (x, y) in enumerate(points)
    )
    return tag("path", "", d=steps, fill=fill, **attributes)


def picture(width: float, height: float, content: str, label: str) -> str:
    """A whole drawing that scales with its place; ``label`` is read to those who cannot see it."""
    box = f"0 0 {_short(width)} {_short(height)}"
    return tag(
        "svg",
        content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=box,
        role="img",
        aria_label=label,
    )


@dataclass(frozen=True)
class Frame:
    """Where numbers lie in a drawing: ``x`` and ``y`` are (least, most), the box is ``left``,
    ``top``, ``width``, ``height`` [px].
    """

    x: tuple[float, float]
    y: tuple[float, float]
    left: float
    top: float
    width: float
    height: float

    def px(self, x: float) -> float:
        """[px] from the left."""
        return self.left + self.width * (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1.0)

    def py(self, y: float) -> float:
        """[px] from the top; more is higher."""
        return self.top + self.height * (1.0 - (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1.0))

    def points(self, x: Iterable[float], y: Iterable[float]) -> list[tuple[float, float]]:
        """[px] of pairs."""
        return [(self.px(float(a)), self.py(float(b))) for a, b in zip(x, y, strict=True)]


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers from ``low`` to ``high``, about so many."""
    span = high - low
    if not span > 0:
        return [low]
    raw = span / max(about, 1)
    unit = 10.0 ** np.floor(np.log10(raw))
    step = float(unit * next(m for m in (1, 2, 5, 10) if raw <= m * unit * (1 + 1e-9)))
    first = int(np.ceil(low / step - 1e-9))
    return [k * step for k in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def _short(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)
