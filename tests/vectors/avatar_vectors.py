"""The 256 pictures of pseudonym format 1, drawn from the document: the tables and the hash are read from
section 9 of docs/formats/pseudonym.md, so that they cannot say anything else than what is drawn."""

import hashlib
import os
import re
import urllib.parse

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "formats", "pseudonym.md")


def require(condition, what):
    # Not `assert`: these checks hold under python -O too.
    if not condition:
        raise AssertionError(what)


def section():
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    return re.search(r"^## 9\. Avatars\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]


def paths(text, of):
    """The paths of the table whose first column is `of`."""
    rows = re.search(rf"^\| {of} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.M)[1]
    found = re.findall(r"^\| (\d) \| [a-z]+ \| `([^`]+)` \|$", rows, re.M)
    require([int(number) for number, _ in found] == list(range(8)), f"the table of a {of} is not whole")
    return [path for _, path in found]


def colours(text):
    """(tone, hue): the colours of ground, form and figure."""
    found = re.findall(r"^\| (\d) \| (\d) [a-z]+ \| `(\w{6})` \| `(\w{6})` \| `(\w{6})` \|$", text, re.M)
    table = {(int(tone), int(hue)): rest for tone, hue, *rest in found}
    require(len(found) == 16 and set(table) == {(tone, hue) for tone in range(4) for hue in range(4)},
            "the table of colours is not whole")
    return table


def draw():
    """The pictures, as text, by index."""
    text = section()
    forms, figures, table = paths(text, "form"), paths(text, "figure"), colours(text)
    template = re.search(r"^    (<svg .*</svg>)$", text, re.M)[1]
    pictures = []
    for index in range(256):
        form, figure, tone = index // 32, index // 4 % 8, index % 4
        hue = (form + form // 4 + figure + figure // 4) % 4
        ground, form_colour, figure_colour = table[tone, hue]
        filled = {"GROUND": ground, "FORM-COLOUR": form_colour, "FIGURE-COLOUR": figure_colour,
                  "FORM": forms[form], "FIGURE": figures[figure]}
        pictures.append(re.sub("GROUND|FORM-COLOUR|FIGURE-COLOUR|FORM|FIGURE", lambda word: filled[word[0]], template))
    require(sha256(pictures) == re.search(r"^    ([0-9a-f]{64})$", text, re.M)[1],
            "the hash of section 9 is not that of its pictures")
    return pictures


def sha256(pictures):
    return hashlib.sha256("".join(pictures).encode("ascii")).hexdigest()


def data_url(picture):
    return "data:image/svg+xml," + urllib.parse.quote(picture, safe="/:=.")


def vectors():
    pictures = draw()
    for form in range(8):
        lines = [("type", "avatar"), ("scenario", f"The pictures of form {form}.")]
        for index in range(32 * form, 32 * form + 32):
            lines.append((f"svg-{index}", pictures[index]))
        yield f"form-{form}.txt", lines
    yield "urls.txt", [("type", "avatar-url"), ("scenario", "The first and the last picture as a URL.")] + [
        (f"url-{index}", data_url(pictures[index])) for index in (0, 255)]
