#!/usr/bin/env python3
"""Writes the test vectors, or checks that the files in the tree are the ones it would write.

Each family of vectors is a folder beside this script and a function that yields
(file name, list of (key, value)) pairs. README.md describes the files.
"""

import argparse
import os
import sys

# The families are modules beside this script; running it must leave nothing but vectors in the tree.
sys.dont_write_bytecode = True

import avatar_vectors
import backup_vectors
import keyring_vectors
import mapping_store_vectors
import metadata_vectors
import pseudonym_vectors

FAMILIES = {
    "avatar": avatar_vectors.vectors,
    "backup": backup_vectors.vectors,
    "keyring": keyring_vectors.vectors,
    "mapping-store": mapping_store_vectors.vectors,
    "metadata": metadata_vectors.vectors,
    "pseudonym": pseudonym_vectors.vectors,
}

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = "# Written by tests/vectors/make_vectors.py; do not edit.\n"


def render(lines):
    # No blank after the colon of an empty value: editors and git object to trailing white space.
    text = HEADER + "".join(f"{key}: {value}\n" if value else f"{key}:\n" for key, value in lines)
    return text.encode("utf-8")


def wanted(family):
    """The files the family should consist of: name -> bytes."""
    files = {}
    for name, lines in FAMILIES[family]():
        if name in files:
            raise ValueError(f"{family}/{name} is made twice")
        files[name] = render(lines)
    return files


def present(family):
    folder = os.path.join(HERE, family)
    return set(os.listdir(folder)) if os.path.isdir(folder) else set()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def check(family, files):
    """Yields one line for each file that is not as it should be."""
    names = present(family)
    for name in sorted(names | files.keys()):
        if name not in names:
            yield f"missing: {family}/{name}"
        elif name not in files:
            yield f"superfluous: {family}/{name}"
        elif read(os.path.join(HERE, family, name)) != files[name]:
            yield f"differs: {family}/{name}"


def write(family, files):
    folder = os.path.join(HERE, family)
    os.makedirs(folder, exist_ok=True)
    for name in present(family) - files.keys():
        os.remove(os.path.join(folder, name))
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


def main():
    parser = argparse.ArgumentParser(description="Write the test vectors, or check those in the tree.")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; name the files that differ, are missing or are superfluous")
    arguments = parser.parse_args()

    # All families are made before the first is written: a failing one leaves the tree as it was.
    families = {family: wanted(family) for family in FAMILIES}
    if arguments.check:
        problems = [line for family, files in families.items() for line in check(family, files)]
        for line in problems:
            print(line)
        return 1 if problems else 0
    for family, files in families.items():
        write(family, files)
        print(f"{family}: {len(files)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
