"""Plots as SVG, readable on a light and on a dark page."""
import math
import textwrap
from html import escape

# (colour on light, colour on dark): Okabe and Ito's, which people who see few colours can tell apart.
COLOURS = [("#0072b2", "#56b4e9"), ("#d55e00", "#e69f00"), ("#009e73", "#2fc79b"), ("#b0559a", "#e79fd0"),
           ("#7a6a00", "#f0e442"), ("#666666", "#aaaaaa")]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 380, 64, 190, 40, 50


class Plot:
    """Lines over a common x, the y axis by logarithm where asked."""

    def __init__(self, title, x_words, y_words, is_log=False):
        self.title, self.x_words, self.y_words, self.is_log, self.lines = title, x_words, y_words, is_log, []

    def line(self, name, points):
        """Adds a line of (x, y)."""
        self.lines.append((name, [(float(x), float(y)) for x, y in points]))

    def svg(self):
        """The whole picture."""
        xs = [x for _, points in self.lines for x, _ in points]
        ys = [y for _, points in self.lines for _, y in points]
        x_ticks, y_ticks = ticks(min(xs), max(xs)), self._y_ticks(min(ys), max(ys))
        left, right = min(min(xs), x_ticks[0]), max(max(xs), x_ticks[-1])
        low, high = self._scale(min(y_ticks[0], min(ys))), self._scale(max(y_ticks[-1], max(ys)))

        def place(x, y):
            return (LEFT + (x - left) / (right - left) * (WIDTH - LEFT - RIGHT),
                    HEIGHT - BOTTOM - (self._scale(y) - low) / (high - low) * (HEIGHT - TOP - BOTTOM))
        parts = [head(self.title), text(LEFT, 22, self.title, "title")]
        for tick in x_ticks:
            x, _ = place(tick, y_ticks[0])
            parts += [rule(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 5, "axis"),
                      text(x, HEIGHT - BOTTOM + 18, f"{tick:g}", "tick", "middle")]
        for tick in y_ticks:
            _, y = place(left, tick)
            parts += [rule(LEFT, y, WIDTH - RIGHT, y, "grid"), text(LEFT - 8, y + 4, f"{tick:g}", "tick", "end")]
        parts += [rule(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "axis"),
                  text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, self.x_words, "words", "middle"),
                  f'<text class="words" text-anchor="middle" '
                  f'transform="translate(16,{(HEIGHT - BOTTOM + TOP) / 2:.1f}) rotate(-90)">'
                  f'{escape(self.y_words)}</text>']
        for number, (name, points) in enumerate(self.lines):
            path = " ".join("{:.1f},{:.1f}".format(*place(x, y)) for x, y in points)
            dash = ' stroke-dasharray="6 4"' if number >= len(COLOURS) else ""
            colour, y = f"c{number % len(COLOURS)}", TOP + 14 + 20 * number
            parts += [f'<polyline class="{colour}"{dash} points="{path}"/>',
                      f'<line class="{colour}"{dash} x1="{WIDTH - RIGHT + 14}" x2="{WIDTH - RIGHT + 40}" '
                      f'y1="{y - 4}" y2="{y - 4}"/>', text(WIDTH - RIGHT + 46, y, name, "tick")]
        return written(parts)

    def _scale(self, y):
        return math.log(y) if self.is_log else y

    def _y_ticks(self, low, high):
        if not self.is_log:
            return ticks(low, high)
        found = [tick for tick in (1, 1.1, 1.2, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 50) if tick <= high * 1.05]
        return found if len(found) > 1 else [1, 1.1]


def written(parts):
    """The parts of a picture as text, in 120 columns."""
    lines = "\n".join([*parts, "</svg>"]).split("\n")
    return "\n".join(textwrap.fill(line, 118, break_long_words=False) for line in lines) + "\n"


def ticks(low, high):
    """Some five round numbers from below `low` to above `high`."""
    span = (high - low) or 1
    step = 10 ** math.floor(math.log10(span / 5))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 6)
    first = math.floor(low / step)
    return [step * number for number in range(first, math.ceil(high / step) + 1)]


def head(title, height=HEIGHT):
    """The opening, with the styles of both pages."""
    light = "".join(f".c{n}{{stroke:{a};fill:none;stroke-width:2}}.b{n}{{fill:{a}}}"
                    for n, (a, _) in enumerate(COLOURS))
    dark = "".join(f".c{n}{{stroke:{b}}}.b{n}{{fill:{b}}}" for n, (_, b) in enumerate(COLOURS))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">\n'
        f"<title>{escape(title)}</title>\n<style>\n"
        "text{font-family:system-ui,sans-serif;font-size:12px;fill:#24292f}.title{font-size:15px;font-weight:600}\n"
        ".grid{stroke:#8c959f;stroke-opacity:.3}.axis{stroke:#57606a}\n"
        + light.replace("}.", "}\n.")
        + "\n@media (prefers-color-scheme:dark){\ntext{fill:#e6edf3}.axis{stroke:#9198a1}\n"
        + dark.replace("}.", "}\n.") + "}\n</style>")


def rule(x1, y1, x2, y2, kind):
    """A straight line."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def text(x, y, words, kind, anchor="start"):
    """Words at a place."""
    return f'<text class="{kind}" text-anchor="{anchor}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def bars(words, rows, is_log=False):
    """Horizontal bars, by group and name: `rows` is {group: {name: value}}; by logarithm they begin at 1."""
    names = list(dict.fromkeys(name for group in rows.values() for name in group))
    greatest = max((value for group in rows.values() for value in group.values()), default=1) or 1
    scale = (lambda value: math.log(max(value, 1)) / math.log(max(greatest, 1.01))) if is_log else (
        lambda value: value / greatest)
    height, left, right = 60 + sum(24 + 15 * len(group) for group in rows.values()) + 20 * len(names), 130, 70
    parts = [head(words, height), text(16, 22, words, "title")]
    y = 44
    for number, name in enumerate(names):
        parts += [bar(16, y - 9, 14, number), text(36, y, name, "tick")]
        y += 20
    for group, values in rows.items():
        y += 14
        parts.append(text(left - 10, y + 10, group, "words", "end"))
        for name, value in values.items():
            width = max(scale(value) * (WIDTH - left - right), 1)
            parts += [bar(left, y, width, names.index(name)), text(left + width + 6, y + 10, f"{value:.4g}", "tick")]
            y += 15
        y += 8
    return written(parts)


def bar(x, y, width, number):
    """A bar in the colour of a number; beyond the colours it is pale."""
    pale = ' fill-opacity="0.5"' if number >= len(COLOURS) else ""
    return (f'<rect class="b{number % len(COLOURS)}"{pale} x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="12" '
            'rx="1"/>')
