"""SVG drawings as text: elements, and frames that map numbers to pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

COLOURS = ("#1971c2", "#e8590c", "#2f9e44", "#9c36b5", "#c92a2a", "#0b7285", "#846358", "#495057")
"""Colours that most people can tell apart; dispatchers and vehicles take them in turn."""


def tag(name: str, content: str = "", **attributes: object) -> str:
    """An element of HTML or SVG.

    Parameters
    ----------
    name : of the element
    content : markup inside, as it is
    attributes : values are escaped; ``stroke_width`` becomes ``stroke-width``, ``class_`` ``class``
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>"


def text(x: float, y: float, words: str, **attributes: object) -> str:
    """Text at a point [px]; ``words`` are escaped."""
    return tag("text", escape(words), x=x, y=y, **attributes)


def title(words: str) -> str:
    """A tooltip of the element around it; ``words`` are escaped."""
    return tag("title", escape(words))


def path(points: Iterable[Sequence[float]], fill: str = "none", **attributes: object) -> str:
    """A line through points [px], or the area that it encloses where ``fill`` is a colour."""
    steps = " ".join(
        f"{'L' if k else 'M'}{_short(float(x))} {_short(float(y))}"
        for k, (x, y) in enumerate(points)
    )
    return tag("path", "", d=steps, fill=fill, **attributes)


def picture(width: float, height: float, content: str, label: str) -> str:
    """A whole drawing that scales with the page; screen readers say ``label``."""
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
    """The box of a chart and the numbers at its edges.

    Attributes
    ----------
    x, y : (least, most) number shown
    left, top, width, height : [px] of the box
    """

    x: tuple[float, float]
    y: tuple[float, float]
    left: float
    top: float
    width: float
    height: float

    def px(self, x: float) -> float:
        """Distance [px] from the left edge of the drawing."""
        return self.left + self.width * (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1.0)

    def py(self, y: float) -> float:
        """Distance [px] from the upper edge of the drawing; larger numbers are higher up."""
        return self.top + self.height * (1.0 - (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1.0))

    def points(self, x: Iterable[float], y: Iterable[float]) -> list[tuple[float, float]]:
        """Pixel coordinates of points."""
        return [(self.px(float(a)), self.py(float(b))) for a, b in zip(x, y, strict=True)]


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """About ``about`` round numbers from ``low`` to ``high``, multiples of 1, 2 or 5 times a power
    of ten.
    """
    span = high - low
    if not span > 0:
        return [low]
    raw = span / max(about, 1)
    unit = 10.0 ** np.floor(np.log10(raw))
    step = float(unit * next(m for m in (1, 2, 5, 10) if raw <= m * unit * (1 + 1e-9)))
    # Margins keep ticks that rounding puts just outside; multiples gather no rounding, sums do.
    first = int(np.ceil(low / step - 1e-9))
    return [k * step for k in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def _short(value: object) -> str:
    # Finer than can be seen, and a report has many points.
    return f"{value:.5g}" if isinstance(value, float) else str(value)
