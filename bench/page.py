"""docs/performance.md and its plots: what the scripts of this folder have in common. Standard library alone."""

import math
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs", "performance.md")
IMAGES = os.path.join(ROOT, "docs", "images")

# Readable on white and, where the reader's system asks for it, on black; and for the colour-blind.
STYLE = """<style>
text { fill: #1b1f24; font: 12px sans-serif } .grid { stroke: #d0d7de } .note { fill: #57606a }
.c0 { stroke: #0a58ca; fill: #0a58ca } .c1 { stroke: #b35900; fill: #b35900 } .c2 { stroke: #57606a; fill: #57606a }
.c3 { stroke: #1a7f37; fill: #1a7f37 } .c4 { stroke: #8250df; fill: #8250df } polyline { fill: none !important; stroke-width: 2 }
text.c0, text.c1, text.c2, text.c3, text.c4 { stroke: none } .paper { fill: #ffffff }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .grid { stroke: #3d444d } .note { fill: #9198a1 } .paper { fill: #0d1117 }
.c0 { stroke: #58a6ff; fill: #58a6ff } .c1 { stroke: #f0883e; fill: #f0883e } .c2 { stroke: #9198a1; fill: #9198a1 }
.c3 { stroke: #3fb950; fill: #3fb950 } .c4 { stroke: #bc8cff; fill: #bc8cff }
}
</style>"""


def said_by(*command):
    """The first line, or nothing if there is no such program."""
    try:
        output = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    except FileNotFoundError:
        return ""
    return output.decode().split("\n")[0]


def commit():
    """That of the sources; this page is no part of them."""
    changed = said_by("git", "status", "--porcelain", "--", ".", ":!docs")
    return said_by("git", "rev-parse", "--short", "HEAD") + ("-dirty" if changed else "")


def machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    return (f"{model}, {os.cpu_count()} processors; {said_by('c++', '--version')}; commit "
            f"{commit()}; load {os.getloadavg()[0]:.1f} at the end")


def write_section(name, lines):
    """Between the markers of that name, which the page has to have; the rest of the page stays."""
    begin, end = f"<!-- bench {name} begins -->\n", f"<!-- bench {name} ends -->"
    with open(PAGE, encoding="utf-8") as file:
        before, rest = file.read().split(begin)
    after = rest.split(end, 1)[1]
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(before + begin + "\n".join(lines).rstrip("\n") + "\n" + end + after)


def write_plot(name, parts):
    with open(os.path.join(IMAGES, name), "w", encoding="utf-8") as file:
        file.write("\n".join(parts) + "\n")


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def opening(width, height, title):
    return [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">', f"<title>{escaped(title)}</title>", STYLE,
            f'<rect class="paper" width="{width}" height="{height}"/>',
            f'<text x="16" y="22" font-weight="bold">{escaped(title)}</text>']


def short(value):
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g}{unit}"
    return f"{value:.3g}"


class Scale:
    """From values to places; decades and, between few of them, their 2 and 5 if logarithmic."""

    def __init__(self, low, high, start, end, logarithmic):
        self.logarithmic = logarithmic
        if logarithmic:
            self.low, self.high = math.log10(low), math.log10(high)
        else:
            self.low, self.high = low, high
        self.start, self.end = start, end

    def at(self, value):
        value = math.log10(value) if self.logarithmic else value
        return self.start + (self.end - self.start) * (value - self.low) / ((self.high - self.low) or 1)

    def ticks(self):
        if not self.logarithmic:
            step = 10 ** math.floor(math.log10((self.high - self.low) or 1))
            step = next(step * part for part in (0.2, 0.5, 1, 2) if (self.high - self.low) / (step * part) <= 8)
            first = math.ceil(self.low / step)
            return [step * i for i in range(first, math.floor(self.high / step + 1e-9) + 1)]
        parts = (1, 2, 5) if self.high - self.low < 2.5 else (1,)
        values = [part * 10.0 ** power for power in range(math.floor(self.low), math.ceil(self.high) + 1) for part in parts]
        return [value for value in values if self.low - 1e-9 <= math.log10(value) <= self.high + 1e-9]


def lines_plot(title, x_title, y_title, series, logarithmic_x=True, logarithmic_y=False, x_unit=None, y_unit=short):
    """`series`: (name, [(x, y)...])."""
    width, height, left, right, top, bottom = 680, 360, 70, 24, 60, 50
    points = [point for _, values in series for point in values]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    across = Scale(min(xs), max(xs), left, width - right, logarithmic_x)
    up = Scale(min(ys) if logarithmic_y else 0, max(ys) * 1.05, height - bottom, top, logarithmic_y)
    parts = opening(width, height, title)
    for value in up.ticks():
        parts.append(f'<path class="grid" d="M{left} {up.at(value):.1f}H{width - right}"/>'
                     f'<text x="{left - 8}" y="{up.at(value) + 4:.1f}" text-anchor="end">{y_unit(value)}</text>')
    for value in across.ticks():
        parts.append(f'<text x="{across.at(value):.1f}" y="{height - bottom + 18}" text-anchor="middle">'
                     f'{(x_unit or short)(value)}</text>')
    parts.append(f'<text class="note" x="{(left + width - right) / 2}" y="{height - 10}" text-anchor="middle">{escaped(x_title)}</text>')
    parts.append(f'<text class="note" x="16" y="{top - 18}">{escaped(y_title)}</text>')
    place = width - right
    for i, (name, _) in reversed(list(enumerate(series))):
        parts.append(f'<text class="c{i}" x="{place}" y="{top - 18}" text-anchor="end">{escaped(name)}</text>')
        place -= 7 * len(name) + 18
    for i, (_, values) in enumerate(series):
        parts.append(f'<polyline class="c{i}" points="' + " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in values) + '"/>')
    return parts + ["</svg>"]


def bars_plot(title, bars, unit=short):
    """`bars`: (name, value, whether it is ours); logarithmic if the values are far apart."""
    left, width, step, top = 300, 400, 26, 40
    values = [value for _, value, _ in bars]
    logarithmic = max(values) / min(values) > 100
    across = Scale(min(values) / 3 if logarithmic else 0, max(values), 2, width, logarithmic)
    parts = opening(left + width + 80, top + step * len(bars) + (26 if logarithmic else 10), title)
    for i, (name, value, is_ours) in enumerate(bars):
        y = top + i * step
        length = across.at(value)
        parts.append(f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{escaped(name)}</text>'
                     f'<rect class="c{0 if is_ours else 2}" x="{left}" y="{y + 2}" width="{length:.1f}" height="18"/>'
                     f'<text x="{left + length + 6:.1f}" y="{y + 15}">{unit(value)}</text>')
    if logarithmic:
        parts.append(f'<text class="note" x="{left}" y="{top + step * len(bars) + 14}">lengths are logarithmic</text>')
    return parts + ["</svg>"]
