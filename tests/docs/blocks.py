"""The code blocks of the documentation. Every one is of a kind, and each kind is held to what it says:

  cpp           a program (its first line is `// file: NAME.cc`) or a part of one: built by the target docs_programs,
                and programs are run by docs.programs
  c             a file of docs/examples: docs.c_examples
  cmake         configured by package.consumers, the one that finds what is installed also built
  js            run with node by docs.check
  console       run by docs.check, or docs.telehealth; what it prints is compared
  sh            run by docs.check, and succeeds
  sh installed  run by package.consumers, where the library is installed, beside the files of docs/examples
  sh checkout   builds, tests or measures the whole project: not run; docs.check looks whether the programs and
                presets are there
  text          a layout or an output of which each differs: not run

Indented blocks are forbidden but in two places: docs/formats has formulas, which vectors of independent code hold; and
docs/cli.md has synopses, which docs.check compares with the program's own help.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
KINDS = ("cpp", "c", "cmake", "js", "console", "sh", "sh installed", "sh checkout", "text")


def pages():
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md",
            *sorted((ROOT / "docs").rglob("*.md")), ROOT / "bench" / "README.md"]


def name_of(page):
    return str(page.relative_to(ROOT))


def fenced(page):
    """(kind, code) of each fenced block."""
    return re.findall(r"^```(.*)\n((?:.*\n)*?)^```$", page.read_text(), re.M)


def of_kind(page, kind):
    return [code for found, code in fenced(page) if found == kind]


def indented(page):
    """Each indented block, without its indentation; a block follows a blank line and is in no list."""
    text = re.sub(r"^```.*\n(?:.*\n)*?^```$", "", page.read_text(), flags=re.M)
    return [re.sub(r"^ {4}", "", block, flags=re.M)
            for block in re.findall(r"(?<=\n\n)(?: {4}.*\n)+", text)]


def commands(session):
    """(command, what it prints) of a console block. A line that ends in | or \\ goes on in the next one."""
    found = []
    for line in session.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], []])
        elif not found[-1][1] and found[-1][0].endswith(("|", "\\")):
            found[-1][0] += "\n" + line
        else:
            found[-1][1].append(line)
    return found
