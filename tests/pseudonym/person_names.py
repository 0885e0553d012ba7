"""Canonical forms of the sample names of CLDR, in every script that they are written in.

Usage: person_names.py PROBE FOLDER

PROBE is the program of canonical_probe.cc. The names come with the npm package cldr-person-names-full, which is
fetched into FOLDER once. Each name is made canonical by our code and by tests/vectors/canonical_identifiers.py.
"""

import json
import pathlib
import subprocess
import sys
import tarfile
import unicodedata

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vectors"))
import canonical_identifiers  # noqa: E402

PACKAGE = "cldr-person-names-full"
VERSION = "48.2.0"
# What that version holds.
NAMES = 2683
FEWEST_SCRIPTS = 27


def fetch(folder):
    """The package's archive."""
    archive = folder / f"{PACKAGE}-{VERSION}.tgz"
    if not archive.exists():
        subprocess.run(["npm", "pack", "--silent", "--pack-destination", str(folder), f"{PACKAGE}@{VERSION}"],
                       check=True, stdout=subprocess.DEVNULL, timeout=120)
    return archive


def texts_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from texts_in(member)


def sample_names(archive):
    """The parts of every sample name, and each name as a whole."""
    names = set()
    with tarfile.open(archive) as files:
        for member in files:
            if not member.name.endswith("/personNames.json"):
                continue
            for locale in json.load(files.extractfile(member))["main"].values():
                for sample in locale["personNames"].get("sampleName", {}).values():
                    parts = list(texts_in(sample))
                    names.update(parts)
                    names.add(" ".join(parts))
    return sorted(name for name in names if name)


def scripts_of(names):
    letters = {character for name in names for character in name if unicodedata.category(character)[0] == "L"}
    return {unicodedata.name(character, "?").split()[0] for character in letters} - {"?", "MODIFIER", "MASCULINE"}


class Probe:
    def __init__(self, program):
        self.program = program

    def ask(self, kind, given):
        """For each of the given bytes (canonical bytes, digest), or (None, message)."""
        lines = "".join(f"{kind} {value.hex()}\n" for value in given)
        answers = subprocess.run([self.program], input=lines, capture_output=True, text=True,
                                 check=True).stdout.splitlines()
        require(len(answers) == len(given), "as many answers as questions")
        return [self.read(answer) for answer in answers]

    @staticmethod
    def read(answer):
        first, second = answer.split(" ", 1)
        return (None, second) if first == "error" else (bytes.fromhex(first), second)


def require(condition, what):
    if not condition:
        raise AssertionError(what)


def spellings(name):
    """What the same name looks like elsewhere: other normal forms, folded, in other white space."""
    nfc = unicodedata.normalize("NFC", name)
    yield nfc
    yield unicodedata.normalize("NFD", name)
    yield nfc.casefold()
    yield "\u3000" + name.replace(" ", " \u00a0") + " "


def check(probe, kind, values):
    """Holds the answers against the other implementation, and what holds of every answer; how many were accepted."""
    answers = probe.ask(kind, values)
    again = probe.ask(kind, [answer or b"x" for answer, _ in answers])
    accepted = 0
    for value, (canonical, digest), same in zip(values, answers, again):
        expected, reasons = canonical_identifiers.evaluate(kind, value)
        require(canonical == expected, f"{value}: {canonical} instead of {expected} {reasons}")
        if canonical is None:
            continue
        accepted += 1
        require(1 <= len(canonical) <= canonical_identifiers.LIMIT, f"{value}: {len(canonical)} bytes")
        require(same == (canonical, digest), f"{value}: {canonical} is no fixed point")
    return accepted


def check_spellings(probe, names):
    pairs = [(name, spelling) for name in names for spelling in spellings(name)]
    answers = probe.ask("text", [name.encode() for name, _ in pairs])
    of_spellings = probe.ask("text", [spelling.encode() for _, spelling in pairs])
    for (name, spelling), answer, of_spelling in zip(pairs, answers, of_spellings):
        require(answer[0] and answer == of_spelling, f"{name!a} and {spelling!a} differ")
    return len(pairs)


def main():
    probe, folder = Probe(sys.argv[1]), pathlib.Path(sys.argv[2])
    names = sample_names(fetch(folder))
    scripts = scripts_of(names)
    require(len(names) == NAMES, f"{len(names)} names")
    require(len(scripts) >= FEWEST_SCRIPTS, f"{len(scripts)} scripts: {sorted(scripts)}")
    texts = [name.encode() for name in names]
    accepted = check(probe, "text", texts)
    # Names are made of what text accepts, but for those that carry bidirectional controls.
    plain = [name for name in names if not canonical_identifiers.any_of(name, canonical_identifiers.BIDI_CONTROL)]
    require(accepted == len(plain), f"{accepted} of {len(plain)} names accepted")
    check(probe, "email", [text.replace(b" ", b".") + b"@Example.org" for text in texts])
    check(probe, "opaque", texts)
    compared = check_spellings(probe, plain)
    print(f"{len(names)} names in {len(scripts)} scripts, {accepted} accepted as text, {compared} spellings compared")


if __name__ == "__main__":
    main()
