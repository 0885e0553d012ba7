"""Reads a header out to Doxygen: its plain comments become those that Doxygen takes, the parts of a contract
("Errors:") become paragraphs, and what Doxygen would take for a command or markup of its own is escaped.

Usage: read_comments.py HEADER
"""

import pathlib
import re
import sys

# What begins a part of a contract, and the alias of the Doxyfile that it becomes.
PARTS = (("Errors: ", r"\\errors "), ("Errors also: ", r"\\errors "), ("REQUIRES: ", r"\\requires "),
         ("Thread safety: ", r"\\threads "), ("Format: ", r"\\format "))
NOT_FOR_READERS = ("NOLINT", "namespace ", "clang-format")


def told(text):
    """A line of a comment as Doxygen is to read it."""
    text = re.sub(r"[\\@<>#&$%]", r"\\\g<0>", text)
    text = re.sub(r"`([^`]*)`", r"<code>\1</code>", text)
    for words, alias in PARTS:
        text = re.sub(rf"(^|(?<=[.;:)] )){words}", alias, text)
    return text


def from_slashes(lines, stem):
    """Of comments that begin with two slashes. The one that the header begins with is also told of the class that the
    header is called after."""
    column = None  # where a comment behind code began, which the next line may continue
    named = re.compile(rf"(class|struct) {stem.replace('_', '')} .*{{", re.I)
    for number, line in enumerate(lines):
        if lines[number - 1] == "" and named.fullmatch(line):
            yield from (f"//! {told(text[3:])}" for text in lines[:lines.index("")])
        alone = re.fullmatch(r"( *)// ?(.*)", line)
        behind = re.fullmatch(r"( *[^ /].*?) +// (.*)", line)
        if number == 0:
            yield r"//! \file"
        if alone and column == len(alone[1]):
            yield f"{alone[1]}//!< {told(alone[2])}"
            continue
        column = None
        if alone:
            yield f"{alone[1]}//! {told(alone[2])}"
        elif behind and not behind[2].startswith(NOT_FOR_READERS) and not behind[1].startswith("#"):
            column = line.index("// ", len(behind[1]))
            yield f"{behind[1]} //!< {told(behind[2])}"
        else:
            yield line


def from_blocks(text):
    """Of the comments of the headers for C. The first one is the head of the file, laid out by hand."""
    first = True
    for comment, code in re.findall(r"(/\*.*?\*/)|((?:(?!/\*).)+)", text, re.S):
        if code:
            yield code
            behind = code.rsplit("\n", 1)[-1].strip() != ""
            continue
        body = re.sub(r"^ \* ?", "", comment[2:-2].strip(), flags=re.M)
        if first:
            yield "/*! \\file\n\\verbatim\n" + body + "\n\\endverbatim */"
        elif body.startswith("----"):
            yield comment
        else:
            yield f"/*!{'<' if behind else ''} " + "\n".join(told(line) for line in body.split("\n")) + " */"
        first = False


def main():
    with open(sys.argv[1], encoding="utf-8") as header:
        text = header.read()
    stem = pathlib.Path(sys.argv[1]).stem
    print("".join(from_blocks(text)) if text.startswith("/*") else "\n".join(from_slashes(text.splitlines(), stem)))


if __name__ == "__main__":
    main()
