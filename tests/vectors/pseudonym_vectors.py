"""The vectors of pseudonym format 1.

The first half implements the format from its specification and nothing else, so that an error in the
project's code cannot hide in its own test data. Section numbers are those of the specification
(docs/formats/pseudonym.md). The second half lists the scenarios.
"""

import hashlib
import hmac
import pathlib
import re
import struct

from canonical_identifiers import BIDI_CONTROL, BUILT_IN, CONTROL, KINDS, WHITE_SPACE, evaluate, kind_of


def require(condition, what):
    # Not `assert`: these checks hold under python -O too.
    if not condition:
        raise AssertionError(what)


# --- Sections 1 to 5: from an identity to a digest ---------------------------------------------------

def blake2b(key, message):
    return hashlib.blake2b(message, key=key, digest_size=32).digest()


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


PRF = {"blake2b": blake2b, "hmac-sha256": hmac_sha256}
SUITES = tuple(PRF)


def lp(data):
    return struct.pack("<I", len(data)) + data


def subkey(suite, root, label, context):
    """Section 2."""
    return PRF[suite](root, b"moniker/v1/" + label + b"\x00" + context)


def scope(app, conference):
    """Section 3; conference None stands for the app scope."""
    return lp(app) + (b"\x00" if conference is None else b"\x01" + lp(conference))


def canonical_value(issuer, kind, value):
    """Section 4; kind None stands for the issuer's."""
    canonical, reasons = evaluate(kind_of(issuer, kind), value)
    require(not reasons, reasons)
    return canonical


def digest(suite, root, app, conference, issuer, value, kind=None):
    """Sections 4 and 5."""
    key = subkey(suite, root, b"scope", scope(app, conference))
    return PRF[suite](key, lp(issuer) + canonical_value(issuer, kind, value))


def handle_digest(suite, root, app, conference, handle):
    """Enrolled pseudonyms: a scope key of its own, and the handle alone as subject."""
    key = subkey(suite, root, b"handle-scope", scope(app, conference))
    return PRF[suite](key, handle)


# --- Section 5: renderings ---------------------------------------------------------------------------

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
DATA_LENGTH = 30
ID_LENGTH = 1 + DATA_LENGTH + 1


def characters(data, count):
    """The first `count` groups of 5 bits, high bits first."""
    number = int.from_bytes(data, "big") >> (8 * len(data) - 5 * count)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(count)))


def double(element):
    """The product with a = 2 in GF(32) = GF(2)[x] / (x^5 + x^2 + 1)."""
    element <<= 1
    return element ^ 0b100101 if element & 0b100000 else element


def check_character(data):
    # Horner's rule: a * (v[1] + a * (v[2] + ... + a * v[30])).
    total = 0
    for character in reversed(data):
        total = double(total ^ ALPHABET.index(character))
    return ALPHABET[total]


def make_id(data):
    """The external ID with these 30 data characters."""
    require(len(data) == DATA_LENGTH, data)
    return "m" + data + check_character(data)


def external_id(d):
    return make_id(characters(d, DATA_LENGTH))


def label(d):
    code = characters(d[19:23], 6).upper()
    return code[:3] + "-" + code[3:]


# Section 8: the lists by their SHA-256, a word a line.
FORMATS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "formats"
WORD_LISTS = {
    "adjectives": "ca129bc7ae52876590fafc743a18bed4e4c50ae32f9a4da1ab634612f26cafee",
    "nouns": "625a5a57470b4c5d35ccf4d12eb16de62759df3cc05bbe463581e9f4cd67b9eb",
}


def word_list(kind):
    data = (FORMATS / f"words-1-{kind}.txt").read_bytes()
    require(hashlib.sha256(data).hexdigest() == WORD_LISTS[kind], kind)
    return data.decode("ascii").removesuffix("\n").split("\n")


ADJECTIVES = word_list("adjectives")
NOUNS = word_list("nouns")


def words(d):
    number = struct.unpack(">H", d[21:23])[0] % 100
    return f"{ADJECTIVES[d[19]]} {NOUNS[d[20]]} {number:02d}"


# Every label of a style, by its number: sections 5 and 8.
LABEL_COUNT = {"code": 2 ** 30, "words": 256 * 256 * 100}


def label_text(style, value):
    require(0 <= value < LABEL_COUNT[style], value)
    if style == "words":
        phrase, number = divmod(value, 100)
        return f"{ADJECTIVES[phrase // 256]} {NOUNS[phrase % 256]} {number:02d}"
    return label(bytes(19) + (value << 2).to_bytes(4, "big"))


def parse_label(data):
    """(style, number) of the label that the bytes are, or None."""
    text = data.decode("latin-1")
    code = re.fullmatch("([0-9A-HJKMNP-TV-Z]{3})-([0-9A-HJKMNP-TV-Z]{3})", text)
    if code:
        value = 0
        for character in "".join(code.groups()).lower():
            value = 32 * value + ALPHABET.index(character)
        return "code", value
    parts = re.fullmatch("([A-Z][a-z]+) ([A-Z][a-z]+) ([0-9]{2})", text)
    if parts and parts[1] in ADJECTIVES and parts[2] in NOUNS:
        return "words", (256 * ADJECTIVES.index(parts[1]) + NOUNS.index(parts[2])) * 100 + int(parts[3])
    return None


def uuid(d):
    octets = bytearray(d[:16])
    octets[6] = octets[6] & 0x0F | 0x80
    octets[8] = octets[8] & 0x3F | 0x80
    text = octets.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def avatar(d):
    return d[25]


FORGIVEN = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZoil", "abcdefgh1jk1mn0pqrstuvwxyz011")


def parse(text, mode):
    """The canonical external ID that the bytes stand for, or None."""
    # Latin-1 keeps one character a byte, and none above U+007F is in the alphabet or mapped into it.
    text = text.decode("latin-1")
    if mode == "forgiving":
        text = text.translate(FORGIVEN)
    if len(text) != ID_LENGTH or text[0] != "m" or any(c not in ALPHABET for c in text[1:]):
        return None
    return text if check_character(text[1:-1]) == text[-1] else None


# --- Sections 3, 4 and 7: what a field accepts -------------------------------------------------------

LETTERS_DIGITS = b"abcdefghijklmnopqrstuvwxyz0123456789"
LIMIT = {"app": 64, "conference": 255, "issuer": 64, "value": 1024}
REPERTOIRE = {"app": LETTERS_DIGITS + b"._-/", "issuer": LETTERS_DIGITS + b"._-"}


def field_faults(field, data):
    """Every reason for which the field refuses these bytes; a value is an opaque one."""
    if field == "value":
        return evaluate("opaque", data)[1]
    if not data:
        return ["empty"]
    faults = []
    if len(data) > LIMIT[field]:
        faults.append("too-long")
    if field in REPERTOIRE:
        if any(byte not in REPERTOIRE[field] for byte in data):
            faults.append("character")
        return faults
    try:
        points = [ord(character) for character in data.decode("utf-8")]
    except UnicodeDecodeError:
        return faults + ["not-utf8"]
    if not CONTROL.isdisjoint(points):
        faults.append("control")
    return faults


def faults(identity):
    found = [(field, reason) for field in LIMIT if field != "value" and identity[field] is not None
             for reason in field_faults(field, identity[field])]
    issuer, kind = identity["issuer"], identity["kind"]
    if kind and BUILT_IN.get(issuer, kind) != kind:
        return found + [("kind", "issuer")]
    return found + [("value", reason) for reason in evaluate(kind_of(issuer, kind), identity["value"])[1]]


# --- Vectors: building blocks ------------------------------------------------------------------------

# Section 10.
EXAMPLE = {"suite": "blake2b", "root": bytes(range(32)), "app": b"clinic-7", "conference": None,
           "issuer": b"mrn.hospital-a", "kind": None, "value": b"00123456"}


def example(**changes):
    """The identity of the worked example with some fields changed; text stands for its UTF-8."""
    require(changes.keys() <= EXAMPLE.keys(), changes)
    encoded = {key: text.encode("utf-8") if key in LIMIT and isinstance(text, str) else text
               for key, text in changes.items()}
    return {**EXAMPLE, **encoded}


def id_of(**changes):
    return external_id(digest(**example(**changes)))


def numbered_root(number):
    return hashlib.sha256(b"moniker test vector root" + struct.pack("<I", number)).digest()


def first_value(condition, **changes):
    """The first of n-0, n-1, ... whose digest meets the condition."""
    number = 0
    while not condition(digest(**example(value=f"n-{number}", **changes))):
        number += 1
    return f"n-{number}"


INPUT_KEYS = ("root-hex", "app-hex", "conference-hex", "issuer-hex", "value-hex")


def input_lines(identity):
    yield "suite", identity["suite"]
    for key in INPUT_KEYS:
        data = identity[key.removesuffix("-hex")]
        if data is not None:
            yield key, data.hex()
        if key == "issuer-hex" and identity["kind"]:
            yield "kind", identity["kind"]


def ok(name, scenario, **changes):
    identity = example(**changes)
    require(not faults(identity), name)
    d = digest(**identity)
    canonical = canonical_value(identity["issuer"], identity["kind"], identity["value"])
    of_kind = [("canonical-hex", canonical.hex())] if identity["kind"] else []
    return f"derive-{name}.txt", [
        ("type", "derive"), ("scenario", scenario), *input_lines(identity), ("expect", "ok"),
        *of_kind, ("digest-hex", d.hex()), ("external-id", external_id(d)), ("label", label(d)), ("words", words(d)),
        ("uuid", uuid(d)), ("avatar", str(avatar(d)))]


def error(name, scenario, reason, **changes):
    """`name` begins with the field at fault."""
    identity = example(**changes)
    field = name.split("-")[0]
    # One fault only: the format does not say which of several is reported.
    require(faults(identity) == [(field, reason)], f"{name}: {faults(identity)}")
    return f"derive-error-{name}.txt", [
        ("type", "derive"), ("scenario", scenario), *input_lines(identity), ("expect", "error"),
        ("field", field), ("reason", reason)]


def parsed(name, scenario, mode, text, expected):
    """`expected` is the external ID, or None for an error."""
    data = text.encode("utf-8") if isinstance(text, str) else text
    require(parse(data, mode) == expected, name)
    result = [("expect", "ok"), ("external-id", expected)] if expected else [("expect", "error")]
    return f"parse-{mode}-{name}.txt", [
        ("type", "parse"), ("scenario", scenario), ("mode", mode), ("input-hex", data.hex()), *result]


def labelled(name, scenario, text):
    """A label, or what is none: its name then begins with `error`."""
    data = text.encode("utf-8") if isinstance(text, str) else text
    found = parse_label(data)
    require((found is None) == name.startswith("error-"), name)
    result = [("expect", "error")]
    if found:
        style, value = found
        require(label_text(style, value).encode("ascii") == data, name)
        result = [("expect", "ok"), ("style", style), ("value", str(value)),
                  ("next", label_text(style, (value + 1) % LABEL_COUNT[style]))]
    return f"label-{name}.txt", [("type", "label"), ("scenario", scenario), ("input-hex", data.hex()), *result]


def checked(expect, name, scenario, candidate, **changes):
    identity = example(**changes)
    # A malformed candidate is the parser's business.
    require(not faults(identity) and parse(candidate.encode("ascii"), "strict"), name)
    require((external_id(digest(**identity)) == candidate) == (expect == "match"), name)
    return f"check-{expect}-{name}.txt", [
        ("type", "check"), ("scenario", scenario), *input_lines(identity), ("external-id", candidate),
        ("expect", expect)]


# --- Vectors: derive ---------------------------------------------------------------------------------

# Section 10: suite, conference, digest, external ID, label, avatar.
WORKED = (
    ("blake2b", None, "18ad55a10e0720d3c582350f689bfe7de83027c321b1bd6ed1d330b1c0eaee39",
     "m32pnb88e0wgd7hc26m7ph6zyfqm3092", "RCG-V3F", 211),
    ("blake2b", "visit-42", "5655a07e8820f52b9de92083e5594b3f5acb1002bec31ce9ce71ed08633d2a02",
     "masat0zm843tjq7f9421yapab7xdcp47", "0AZ-C67", 113),
    ("hmac-sha256", None, "4f30cf1366f9675b2bea2762975a78c3371350f59e5e2a2f7d25a741977b6245",
     "m9wrcy4v6z5knpaza4xh9epkrrcvh6m0", "YPF-5WA", 37),
    ("hmac-sha256", "visit-42", "e56604c533e5288fff9e19c6fec3eeb8de5f831fd285460bceca1c8c16d33ada",
     "mwnk09h9kwmm8zzwy373fxgzeq3f5z0c", "3Z9-8AH", 202),
)
# Section 8: the same four.
WORKED_WORDS = ("Snowbound Calcite 01", "Adjacent Raspberry 48", "Vivid Oleander 06", "Citrus Speedwell 18")
WORKED_UUID = "18ad55a1-0e07-80d3-8582-350f689bfe7d"

# The people of the project's sample data; no part of a name takes part in the derivation.
PEOPLE = (
    ("mrn.hospital-a", "00123456", "m32pnb88e0wgd7hc26m7ph6zyfqm3092"),
    ("mrn.hospital-a", "00123457", "mwvk50v2ag2fjasx0866240pzxh7d7h6"),
    ("staff.hospital-a", "s-0042", "mc6k8cxyv8banj5hvt6qvecrjqdz3xyp"),
    ("mrn.hospital-a", "00987654", "mk7856hx52rsrmtvy67craahpbkrfv40"),
    ("staff.hospital-a", "s-0107", "m82cr7hybbaqp3hdyaycgks8a1xxfefg"),
)

# (part of the file name, the conference, words for the scenario)
SCOPES = (("app", None, "app scope"), ("conference", "visit-42", "conference scope"))
# The same behind each suite.
EVERYWHERE = tuple((suite, *scope_of) for suite in SUITES for scope_of in SCOPES)


def self_check():
    """What the specification states about its own results."""
    for (suite, conference, d_hex, id_text, code, avatar_index), phrase in zip(WORKED, WORKED_WORDS):
        d = digest(**example(suite=suite, conference=conference))
        require((d.hex(), external_id(d), label(d), avatar(d)) == (d_hex, id_text, code, avatar_index),
                f"section 10: {suite}, {conference}")
        require(words(d) == phrase, f"section 8: {suite}, {conference}")
        # The numbers of section 8, read back from the renderings of D.
        require(parse_label(code.encode()) == ("code", int.from_bytes(d[19:23], "big") >> 2), code)
        require(parse_label(phrase.encode()) ==
                ("words", 100 * (256 * d[19] + d[20]) + (256 * d[21] + d[22]) % 100), phrase)
    require(uuid(digest(**EXAMPLE)) == WORKED_UUID, "section 10: UUID")
    for issuer, value, id_text in PEOPLE:
        require(id_of(issuer=issuer, value=value) == id_text, value)

    # Section 8: what the lists are.
    for words_of_list, longest in ((ADJECTIVES, 9), (NOUNS, 10)):
        require(len(words_of_list) == 256 and words_of_list == sorted(words_of_list), "section 8: size and order")
        require(all(re.fullmatch("[A-Z][a-z]{2,}", w) and len(w) <= longest for w in words_of_list), "section 8: form")
    require(len({*ADJECTIVES, *NOUNS}) == 512, "section 8: a word twice")

    # Section 5: the check character finds every wrong character and every swap of two.
    text = SAMPLE_ID
    for i in range(ID_LENGTH):
        wrong = [text[:i] + c + text[i + 1:] for c in ALPHABET if c != text[i]]
        swapped = [swap(text, i, j) for j in range(i) if text[i] != text[j]]
        require(not any(parse(t.encode("ascii"), "strict") for t in wrong + swapped), "section 5: check character")


def worked_examples():
    for suite, conference, *_ in WORKED:
        kind = "conference" if conference else "app"
        yield ok(f"worked-{suite}-{kind}", f"Worked example of section 10, {suite}, {kind} scope.",
                 suite=suite, conference=conference)
    for number, (issuer, value, _) in enumerate(PEOPLE, 1):
        yield ok(f"person-{number}", f"Person {number} of the sample data.", issuer=issuer, value=value)


def suites_and_scopes():
    values = (
        ("one-byte", "A value of one byte", "7"),
        ("longest", "A value of 1024 bytes", "0123456789abcdef" * 64),
        ("punctuation", "A value with ':' and '/'", "urn:example:mrn/7:00123456"),
        ("zeros", "A value of zeros only", "00000000"),
        ("latin", "A value in Latin letters beyond ASCII", "\u017b\u00f3\u0142kiewski-7"),
        ("han", "A value in Han characters", "\u738b\u5c0f\u660e"),
        ("arabic", "A value in Arabic letters", "\u0645\u0631\u064a\u0636-\u0664\u0662"),
        ("emoji", "A value of characters beyond the Basic Multilingual Plane, with joiners",
         "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U00020bb7"),
    )
    for name, what, value in values:
        for suite, kind, conference, words in EVERYWHERE:
            yield ok(f"value-{name}-{suite}-{kind}", f"{what}, {suite}, {words}.",
                     suite=suite, conference=conference, value=value)
    number = 0
    for suite in SUITES:
        for kind, conference, words in SCOPES:
            for _ in range(2):
                number += 1
                yield ok(f"root-{number}", f"Root key {number} without a pattern, {suite}, {words}.", suite=suite,
                         root=numbered_root(number), conference=conference and f"room {number}", value=f"id-{number}")
        yield ok(f"root-zero-{suite}", f"Root key of 32 zero bytes, {suite}.", suite=suite, root=bytes(32))
        yield ok(f"root-ones-{suite}", f"Root key of 32 bytes ff, {suite}.", suite=suite, root=b"\xff" * 32)


def separation():
    """Neighbours that share bytes but must not share a digest."""
    yield ok("split-issuer-short", "Issuer `ab` with value `cd`; compare derive-split-issuer-long.",
             issuer="ab", value="cd")
    yield ok("split-issuer-long", "Issuer `abc` with value `d`: the issuer's length takes part.",
             issuer="abc", value="d")
    yield ok("split-app-joined", "App `ab`, app scope; compare derive-split-app-conference.", app="ab")
    yield ok("split-app-conference", "App `a` with conference `b` is not app `ab`.", app="a", conference="b")
    yield ok("split-conference-short", "App `ab` with conference `c`; compare derive-split-conference-long.",
             app="ab", conference="c")
    yield ok("split-conference-long", "App `a` with conference `bc`: the app's length takes part.",
             app="a", conference="bc")
    yield ok("conference-named-as-app", "A conference with the app's own name is not the app scope.",
             conference="clinic-7")
    yield ok("value-without-zeros", "Leading zeros count: 123456 is not 00123456.", value="123456")
    yield ok("value-more-zeros", "Leading zeros count: 000123456 is not 00123456.", value="000123456")
    yield ok("value-upper-case", "Upper case in an opaque value stays (compare derive-value-lower-case).",
             value="Mrn-ABC")
    yield ok("value-lower-case", "The same letters in lower case are another value.", value="mrn-abc")
    yield ok("value-nfc", "An opaque value in NFC (compare derive-value-nfd).", value="Jos\u00e9")
    yield ok("value-nfd", "The same text in NFD is another opaque value: nothing is normalised.", value="Jose\u0301")
    yield ok("conference-nfc", "A conference in NFC (compare derive-conference-nfd).", conference="Caf\u00e9")
    yield ok("conference-nfd", "The same text in NFD is another conference.", conference="Cafe\u0301")


def accepted():
    """Fields at their limits and bytes that look suspicious but are allowed."""
    for suite in SUITES:
        yield ok(f"app-shortest-{suite}", f"App of 1 byte, {suite}.", suite=suite, app="z")
        yield ok(f"app-longest-{suite}", f"App of 64 bytes, {suite}.", suite=suite, app="a" * 64)
        yield ok(f"issuer-shortest-{suite}", f"Issuer of 1 byte, {suite}.", suite=suite, issuer="0")
        yield ok(f"issuer-longest-{suite}", f"Issuer of 64 bytes, {suite}.", suite=suite, issuer="i" * 64)
        yield ok(f"conference-shortest-{suite}", f"Conference of 1 byte, {suite}.", suite=suite, conference="1")
        yield ok(f"conference-longest-{suite}", f"Conference of 255 bytes, {suite}.", suite=suite, conference="c" * 255)
        yield ok(f"all-longest-{suite}", f"Every field at its longest, {suite}.", suite=suite,
                 app="a" * 64, conference="c" * 255, issuer="i" * 64, value="v" * 1024)
        yield ok(f"all-shortest-{suite}", f"Every field at its shortest, {suite}.", suite=suite,
                 app="a", conference="c", issuer="i", value="v")
    yield ok("app-every-character", "App with every character it may have.", app=REPERTOIRE["app"])
    yield ok("app-punctuation", "App that consists of punctuation.", app="/../-_")
    yield ok("issuer-every-character", "Issuer with every character it may have.", issuer=REPERTOIRE["issuer"])
    yield ok("issuer-punctuation", "Issuer that consists of punctuation.", issuer="-._")
    yield ok("conference-longest-multi-byte", "Conference of 255 bytes in 85 characters.", conference="\u4f1a" * 85)
    yield ok("conference-interior-blank", "Conference with a blank inside.", conference="Ward 7, bed 3")
    yield ok("conference-outer-blanks", "Conference with a blank at either end: only a value may not have them.",
             conference=" visit-42 ")
    yield ok("conference-separators", "Conference with '/', ':' and '%' in it.", conference="https://x/%20:1")
    yield ok("value-longest-multi-byte", "Value of 1024 bytes in 512 characters.", value="\u00e9" * 512)
    yield ok("value-interior-blanks", "White space inside an opaque value stays, runs included.", value="a  b c")
    yield ok("value-interior-no-break-space", "A no-break space inside a value is not a blank.", value="a\u00a0b")
    yield ok("value-interior-line-separator", "U+2028 inside a value is white space but no control character.",
             value="a\u2028b")
    yield ok("value-zero-width-space-end", "U+200B at the end: it has not the property White_Space.", value="a\u200b")
    yield ok("value-vowel-separator-end", "U+180E at the end: it lost the property White_Space in Unicode 6.3.",
             value="a\u180e")
    yield ok("value-bidi-control", "A bidirectional control is an error in kind `text` only.", value="a\u202eb")
    yield ok("value-tilde", "U+007E, the last character before the controls from U+007F.", value="~")
    yield ok("value-after-controls", "U+00A1, the first character that is neither control nor white space.",
             value="\u00a1")
    yield ok("value-around-surrogates", "U+D7FF and U+E000, the neighbours of the surrogates.", value="\ud7ff\ue000")
    yield ok("value-last-code-point", "U+10FFFF, a noncharacter but valid UTF-8.", value="\U0010ffff")
    yield ok("value-unassigned", "U+0378, which Unicode 15.0 has not assigned: an error in kind `text` only.",
             value="a\u0378")

    # Lengths at which an own implementation of a hash goes wrong: the message fills a block of BLAKE2b
    # (128 bytes) or leaves just or just not the room for the padding of SHA-256 (64 bytes, 9 of padding).
    issuer_part = len(lp(EXAMPLE["issuer"]))
    for suite, lengths in (("blake2b", (127, 128, 129, 256)), ("hmac-sha256", (55, 56, 64, 65))):
        for length in lengths:
            yield ok(f"block-subject-{length}-{suite}", f"A subject of {length} bytes, {suite}.",
                     suite=suite, value="v" * (length - issuer_part))
    scope_message = len(b"moniker/v1/scope\x00" + scope(EXAMPLE["app"], b""))
    yield ok("block-scope-128-blake2b", "The message that makes the scope's key is 128 bytes long.",
             conference="c" * (128 - scope_message))
    yield ok("block-scope-56-hmac-sha256", "The message that makes the scope's key is 56 bytes long.",
             suite="hmac-sha256", conference="c" * (56 - scope_message))


def renderings():
    """Digests that a careless rendering gets wrong."""
    cases = (
        ("id-zeros", "The external ID's data begin with zeros.", lambda d: external_id(d).startswith("m00")),
        ("id-check-zero", "The check character is 0.", lambda d: external_id(d).endswith("0")),
        ("id-check-z", "The check character is z.", lambda d: external_id(d).endswith("z")),
        ("label-zeros", "The label begins with zeros.", lambda d: label(d).startswith("00")),
        ("label-digits", "The label has digits only.", lambda d: label(d).replace("-", "").isdigit()),
        ("uuid-zero", "The UUID begins with a zero byte.", lambda d: d[0] == 0),
        ("uuid-version-kept", "Version and variant bits of the UUID are in the digest already.",
         lambda d: d[6] >> 4 == 8 and d[8] >> 6 == 2),
        ("uuid-ones", "Version and variant bits of the UUID are all ones in the digest.",
         lambda d: d[6] >> 4 == 15 and d[8] >> 6 == 3),
        ("avatar-lowest", "The avatar is 0.", lambda d: avatar(d) == 0),
        ("avatar-highest", "The avatar is 255.", lambda d: avatar(d) == 255),
        ("words-first", "The first adjective.", lambda d: d[19] == 0),
        ("words-last", "The last adjective.", lambda d: d[19] == 255),
        ("words-first-noun", "The first noun.", lambda d: d[20] == 0),
        ("words-last-noun", "The last noun.", lambda d: d[20] == 255),
        ("words-number-zero", "The number of the words is 00.", lambda d: words(d).endswith("00")),
        ("words-number-leading-zero", "The number of the words has a leading zero.",
         lambda d: re.search("0[1-9]$", words(d))),
        ("words-number-highest", "The number of the words is 99.", lambda d: words(d).endswith("99")),
        ("words-number-last-hundred", "D[21..22] is 65500 or more: their remainders are 00 to 35.",
         lambda d: d[21] == 255 and d[22] >= 220),
    )
    for number, (name, scenario, condition) in enumerate(cases):
        suite = SUITES[number % 2]
        yield ok(f"rendering-{name}", scenario, suite=suite, value=first_value(condition, suite=suite))


def size_refused(field, word):
    limit = LIMIT[field]
    yield error(f"{field}-empty", f"{word} without a byte.", "empty", **{field: ""})
    yield error(f"{field}-too-long", f"{word} of {limit + 1} bytes.", "too-long", **{field: "a" * (limit + 1)})


def refused():
    for field, word in (("app", "App"), ("issuer", "Issuer")):
        yield from size_refused(field, word)
        bad = (
            ("upper-case", "an upper case letter", "Clinic"),
            ("blank", "a blank", "clinic 7"),
            ("colon", "':', which follows '9'", "clinic:7"),
            ("comma", "',', which precedes '-'", "clinic,7"),
            ("backquote", "'`', which precedes 'a'", "clinic`7"),
            ("brace", "'{', which follows 'z'", "clinic{7"),
            ("non-ascii", "a letter beyond ASCII", "cl\u00ednica"),
            ("not-utf8", "a byte that is not UTF-8", b"clinic\xff"),
            ("nul", "a NUL", "clinic\x007"),
            ("line-feed", "a line feed at the end", "clinic\n"),
        )
        for name, what, data in bad:
            yield error(f"{field}-{name}", f"{word} with {what}.", "character", **{field: data})
    yield error("issuer-slash", "Issuer with '/', which only an app may have.", "character", issuer="hospital/a")

    not_utf8 = (
        ("continuation", "a continuation byte without a start", b"a\x80b"),
        ("truncated", "a sequence cut off at the end", b"a\xe2\x82"),
        ("interrupted", "a sequence cut off in the middle", b"a\xe2\x82b"),
        ("latin-1", "a letter in Latin-1", b"Jos\xe9"),
        ("overlong-2", "'/' in two bytes", b"a\xc0\xafb"),
        ("overlong-3", "'/' in three bytes", b"a\xe0\x80\xafb"),
        ("overlong-4", "'/' in four bytes", b"a\xf0\x80\x80\xafb"),
        ("overlong-nul", "NUL in two bytes", b"a\xc0\x80b"),
        ("surrogate", "a surrogate", b"a\xed\xa0\x80b"),
        ("surrogate-pair", "a pair of surrogates (CESU-8)", b"\xed\xa0\xbd\xed\xb8\x80"),
        ("beyond-unicode", "U+110000", b"a\xf4\x90\x80\x80b"),
        ("five-bytes", "a sequence of five bytes", b"a\xf8\x88\x80\x80\x80b"),
        ("byte-ff", "a byte ff", b"a\xffb"),
    )
    control = (
        ("nul", "NUL", "a\x00b"),
        ("tab", "a tabulator", "a\tb"),
        ("line-feed", "a line feed", "a\nb"),
        ("unit-separator", "U+001F", "a\x1fb"),
        ("delete", "U+007F", "a\x7fb"),
        ("first-c1", "U+0080", "a\u0080b"),
        ("next-line", "U+0085", "a\u0085b"),
        ("last-c1", "U+009F", "a\u009fb"),
    )
    for field, word in (("conference", "Conference"), ("value", "Value")):
        yield from size_refused(field, word)
        half = LIMIT[field] // 2 + 1
        yield error(f"{field}-too-long-multi-byte", f"{word} of {2 * half} bytes in {half} characters.", "too-long",
                    **{field: "\u00e9" * half})
        for name, what, data in not_utf8:
            yield error(f"{field}-not-utf8-{name}", f"{word} with {what}.", "not-utf8", **{field: data})
        for name, what, data in control:
            yield error(f"{field}-control-{name}", f"{word} with {what} inside.", "control", **{field: data})
    # Not at an end of a value, where these would be white space as well.
    yield error("conference-control-line-feed-end", "Conference with a line feed at the end.", "control",
                conference="visit-42\n")
    yield error("value-control-nul-end", "Value with a NUL at the end.", "control", value="00123456\x00")
    yield error("value-control-delete-start", "Value with U+007F at the start.", "control", value="\x7f00123456")

    yield error("value-white-space-only", "Value of one blank.", "white-space", value=" ")
    yield error("value-white-space-both", "Value with a blank at either end.", "white-space", value=" 00123456 ")
    for point in sorted(WHITE_SPACE - CONTROL):
        for where, text in (("start", chr(point) + "00123456"), ("end", "00123456" + chr(point))):
            # Both ends for the usual ones, the end alone for the others.
            if where == "end" or point in (0x20, 0xA0, 0x3000):
                yield error(f"value-white-space-{point:04x}-{where}", f"Value with U+{point:04X} at its {where}.",
                            "white-space", value=text)

    yield error("value-empty-hmac-sha256", "Value without a byte, hmac-sha256, conference scope.", "empty",
                suite="hmac-sha256", conference="visit-42", value="")
    yield error("app-empty-conference", "App without a byte in a conference scope.", "empty",
                app="", conference="visit-42")


# --- Vectors: derive-handle --------------------------------------------------------------------------

HANDLE_INPUT_KEYS = ("root-hex", "app-hex", "conference-hex", "handle-hex")


def handle(number):
    return hashlib.sha256(b"moniker test vector handle" + struct.pack("<I", number)).digest()


HANDLE_EXAMPLE = {"suite": "blake2b", "root": bytes(range(32)), "app": b"clinic-7", "conference": None,
                  "handle": handle(0)}


def enrolled(name, scenario, **changes):
    require(changes.keys() <= HANDLE_EXAMPLE.keys(), changes)
    identity = {**HANDLE_EXAMPLE, **changes}
    require(len(identity["handle"]) == 32, name)
    require(not any(field_faults(field, identity[field]) for field in ("app", "conference")
                    if identity[field] is not None), name)
    d = handle_digest(**identity)
    inputs = [(key, identity[key.removesuffix("-hex")]) for key in HANDLE_INPUT_KEYS]
    return f"derive-handle-{name}.txt", [
        ("type", "derive-handle"), ("scenario", scenario), ("suite", identity["suite"]),
        *((key, data.hex()) for key, data in inputs if data is not None), ("expect", "ok"), ("digest-hex", d.hex()),
        ("external-id", external_id(d)), ("label", label(d)), ("words", words(d)), ("uuid", uuid(d)),
        ("avatar", str(avatar(d)))]


def handles():
    number = 0
    for suite in SUITES:
        for kind, conference, phrase in SCOPES:
            where = {"suite": suite, "conference": conference and conference.encode("ascii")}
            for name, what, data in (("zeros", "A handle of 32 zero bytes", bytes(32)),
                                     ("ones", "A handle of 32 bytes ff", b"\xff" * 32),
                                     ("numbered", "A handle of the bytes 00 to 1f, as the root key",
                                      bytes(range(32)))):
                yield enrolled(f"{name}-{suite}-{kind}", f"{what}, {suite}, {phrase}.", handle=data, **where)
            for _ in range(2):
                number += 1
                yield enrolled(f"random-{number}", f"Handle {number} without a pattern, {suite}, {phrase}.",
                               root=numbered_root(number), handle=handle(number), **where)
        yield enrolled(f"root-zero-{suite}", f"Root key of 32 zero bytes, {suite}.", suite=suite, root=bytes(32))
        yield enrolled(f"longest-{suite}", f"App and conference at their longest, {suite}.", suite=suite,
                       app=b"a" * 64, conference=b"c" * 255)
        yield enrolled(f"shortest-{suite}", f"App and conference at their shortest, {suite}.", suite=suite,
                       app=b"a", conference=b"c")
    yield enrolled("conference-multi-byte", "Conference of 255 bytes in 85 characters.",
                   conference="\u4f1a".encode("utf-8") * 85)
    yield enrolled("split-app-joined", "App `ab`, app scope; compare derive-handle-split-app-conference.", app=b"ab")
    yield enrolled("split-app-conference", "App `a` with conference `b` is not app `ab`.", app=b"a", conference=b"b")
    yield enrolled("last-bit", "A handle that differs from derive-handle-numbered-blake2b-app in its last bit.",
                   handle=bytes(range(31)) + b"\x1e")

    # The subject of an identifier can have 32 bytes too; only the label of the scope's key tells the two apart.
    subject = lp(EXAMPLE["issuer"]) + b"00123456789012"
    for suite, kind, conference, phrase in EVERYWHERE:
        yield ok(f"same-bytes-as-handle-{suite}-{kind}",
                 f"A subject of 32 bytes, {suite}, {phrase}; compare derive-handle-same-bytes-{suite}-{kind}.",
                 suite=suite, conference=conference, value=subject[-14:].decode("ascii"))
        yield enrolled(f"same-bytes-{suite}-{kind}", "The subject of derive-same-bytes-as-handle-"
                       f"{suite}-{kind} as a handle: another digest.", suite=suite,
                       conference=conference and conference.encode("ascii"), handle=subject)


# --- Vectors: derive, kinds --------------------------------------------------------------------------

NAMES = dict(issuer="names.hospital-a", kind="text")
MAIL = dict(issuer="email", kind="email")
PHONE = dict(issuer="phone", kind="phone")


def spelled(family, canonical, name, scenario, value, **changes):
    """An accepted vector whose canonical value is also written out by hand."""
    identity = example(**changes, value=value)
    made = canonical_value(identity["issuer"], identity["kind"], identity["value"])
    require(made == canonical.encode("utf-8"), f"{name}: {made}")
    return ok(f"{family}-{name}", scenario, value=value, **changes)


def all_spelled(family, cases, what, value, canonical, **issuer):
    """The cases (name, scenario, value, canonical), and one value with every suite and scope."""
    for name, scenario, given, expected in cases:
        yield spelled(family, expected, name, scenario, given, **issuer)
    for suite, where, conference, words in EVERYWHERE:
        yield spelled(family, canonical, f"{suite}-{where}", f"{what}, {suite}, {words}.", value,
                      suite=suite, conference=conference, **issuer)


def all_refused(family, cases, **issuer):
    """The cases (name, scenario, reason, value)."""
    for name, scenario, reason, value in cases:
        yield error(f"value-{family}-{name}", scenario, reason, value=value, **issuer)


def text_accepted():
    cases = (
        ("latin", "Text in upper and lower case.", "Ada LOVELACE", "ada lovelace"),
        ("latin-canonical", "The same in canonical form.", "ada lovelace", "ada lovelace"),
        ("runs", "Blanks at the ends and a run inside.", "  Ada   Lovelace ", "ada lovelace"),
        ("white-space", "White space of other kinds: U+00A0, U+2003, U+2028, U+3000.",
         "\u3000Ada\u00a0\u2003Lovelace\u2028", "ada lovelace"),
        ("nfc", "Text in NFC.", "Zo\u00eb", "zo\u00eb"),
        ("nfd", "The same in NFD.", "Zoe\u0308", "zo\u00eb"),
        ("mark-order", "Two marks in the other than the canonical order.", "q\u0307\u0323", "q\u0323\u0307"),
        ("excluded", "U+0958, which normalisation takes apart and does not compose.", "\u0958", "\u0915\u093c"),
        ("singleton", "U+212B, the sign for angstrom.", "\u212b", "\u00e5"),
        ("hangul", "Hangul in letters becomes a syllable.", "\u1112\u1161\u11ab", "\ud55c"),
        ("fullwidth", "Fullwidth letters stay fullwidth: no compatibility mapping.", "\uff21\uff22", "\uff41\uff42"),
        ("sharp-s", "Full case folding: U+00DF becomes two letters.", "Stra\u00dfe", "strasse"),
        ("capital-sharp-s", "U+1E9E likewise.", "STRA\u1e9eE", "strasse"),
        ("ligature", "U+FB03 becomes three letters.", "o\ufb03ce", "office"),
        ("final-sigma", "U+03C2 folds like any sigma.", "\u039f\u0394\u039f\u03a3 \u03bf\u03b4\u03cc\u03c2",
         "\u03bf\u03b4\u03bf\u03c3 \u03bf\u03b4\u03cc\u03c3"),
        ("dotted-i", "U+0130 becomes i and U+0307: no Turkish rule.", "\u0130\u015fik", "i\u0307\u015fik"),
        ("dotless-i", "U+0131 is another letter than i.", "\u0131", "\u0131"),
        ("recomposed", "U+01F0 folds to two code points that the last pass composes.", "\u01f0", "\u01f0"),
        ("ypogegrammeni", "U+0345 folds to a letter after the mark that stands behind it.", "\u03b1\u0345\u0301",
         "\u03ac\u03b9"),
        ("fold-composes", "The letter that folding makes of U+0345 composes with what follows.",
         "\u1fb3\u0308", "\u03b1\u03ca"),
        ("cherokee", "Cherokee folds to upper case.", "\uab70", "\u13a0"),
        ("mark-after-blank", "A mark behind a leading blank stays.", " \u0308x", "\u0308x"),
        ("joiner", "U+200D stays.", "\u0dc1\u0dca\u200d\u0dbb\u0dd3", "\u0dc1\u0dca\u200d\u0dbb\u0dd3"),
        ("zero-width-space", "U+200B is no white space.", "a\u200b", "a\u200b"),
        ("private-use", "A code point for private use.", "\ue000\U000f0000", "\ue000\U000f0000"),
        ("new-in-15", "Code points that Unicode 15.0 added.", "\U00011f04\U00031350", "\U00011f04\U00031350"),
        ("longest", "1024 bytes.", "A" * 1024, "a" * 1024),
        ("shrinks", "1024 bytes of which one remains.", " " * 1023 + "A", "a"),
        ("grows", "A canonical form longer than what was given.", "\U0001d160" * 85,
         "\U0001d158\U0001d165\U0001d16e" * 85),
    )
    yield from all_spelled("text", cases, "Text", " Zoe\u0308  STRASSE", "zo\u00eb strasse", **NAMES)


def text_refused():
    cases = (
        ("empty", "Text without a byte.", "empty", ""),
        ("too-long", "Text of 1025 bytes.", "too-long", "a" * 1025),
        ("too-long-canonical", "Text of 344 bytes with a canonical form of 1032.", "too-long", "\U0001d160" * 86),
        ("not-utf8", "Text in Latin-1.", "not-utf8", b"Zo\xeb"),
        ("surrogate", "Text with a surrogate.", "not-utf8", b"a\xed\xa0\x80"),
        ("tab", "Text with a tab.", "control", "Ada\tLovelace"),
        ("line-feed-end", "Text with a line feed at the end.", "control", "Ada\n"),
        ("next-line", "Text with U+0085.", "control", "Ada\u0085Lovelace"),
        ("nul", "Text with a NUL.", "control", "a\x00b"),
        ("blank", "Text of one blank.", "white-space", " "),
        ("blanks", "Text of white space only.", "white-space", "\u00a0\u3000 "),
        ("unassigned", "Text with U+0378.", "unassigned", "a\u0378"),
        ("noncharacter", "Text with U+FFFE.", "unassigned", "a\ufffe"),
        ("last-code-point", "Text with U+10FFFF.", "unassigned", "a\U0010ffff"),
        ("of-15-1", "Text with U+2FFC, which Unicode 15.1 assigns.", "unassigned", "a\u2ffc"),
        ("of-16", "Text with U+1C89, which Unicode 16.0 assigns.", "unassigned", "a\u1c89"),
    )
    yield from all_refused("text", cases, **NAMES)
    for point in sorted(BIDI_CONTROL):
        yield error(f"value-text-bidi-{point:04x}", f"Text with U+{point:04X}.", "bidi-control",
                    value=f"a{chr(point)}b", **NAMES)


def email_accepted():
    cases = (
        ("ascii", "An address in upper and lower case.", "Ada.Lovelace@Example.ORG", "ada.lovelace@example.org"),
        ("canonical", "The same in canonical form.", "ada.lovelace@example.org", "ada.lovelace@example.org"),
        ("dots-and-tag", "Dots and a tag stay.", "a.d.a+news@example.org", "a.d.a+news@example.org"),
        ("quoted", "Quotes are characters like others.", "\"a\"@example.org", "\"a\"@example.org"),
        ("two-ats", "The last @ divides.", "a@B@example.org", "a@b@example.org"),
        ("local-nfd", "A local part in NFD.", "Zoe\u0308@example.org", "zo\u00eb@example.org"),
        ("local-folded", "A local part that folding makes longer.", "stra\u00dfe@example.org", "strasse@example.org"),
        ("one-label", "A domain of one label.", "root@localhost", "root@localhost"),
        ("hyphens", "Hyphens inside of labels.", "a@b-c.d--e", "a@b-c.d--e"),
        ("digits", "Labels of digits, but the last.", "a@1.2.3com", "a@1.2.3com"),
        ("longest-label", "A label of 63 bytes.", "a@" + "b" * 63 + ".c", "a@" + "b" * 63 + ".c"),
        ("longest-domain", "A domain of 253 bytes.", "a@" + "abcdefghi." * 25 + "abc", "a@" + "abcdefghi." * 25 + "abc"),
        ("longest", "An address of 1024 bytes.", "A" * 1022 + "@b", "a" * 1022 + "@b"),
        ("idn", "A domain with a letter beyond ASCII.", "a@B\u00fccher.example", "a@xn--bcher-kva.example"),
        ("idn-nfd", "The same in NFD.", "a@bu\u0308cher.example", "a@xn--bcher-kva.example"),
        ("idn-upper-case", "The same in upper case.", "a@B\u00dcCHER.EXAMPLE", "a@xn--bcher-kva.example"),
        ("idn-a-label", "The same in ASCII.", "a@XN--Bcher-KVA.example", "a@xn--bcher-kva.example"),
        ("idn-sharp-s", "U+00DF in a domain is a letter of its own: non-transitional.", "a@fa\u00df.example",
         "a@xn--fa-hia.example"),
        ("idn-capital-sharp-s", "U+1E9E in a domain is ss, as in Unicode 15.0.", "a@FA\u1e9e.example",
         "a@fass.example"),
        ("idn-final-sigma", "U+03C2 likewise.", "a@\u03b2\u03cc\u03bb\u03bf\u03c2.example", "a@xn--nxasmm1c.example"),
        ("idn-joiner", "U+200D after a virama stays.", "a@\u0dc1\u0dca\u200d\u0dbb\u0dd3.example",
         "a@xn--10cl1a0b660p.example"),
        ("idn-non-joiner", "U+200C between Arabic letters stays.",
         "a@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example", "a@xn--mgba3gch31f060k.example"),
        ("idn-japanese", "A domain in Japanese.", "a@\u4f8b\u3048.\u30c6\u30b9\u30c8", "a@xn--r8jz45g.xn--zckzah"),
        ("idn-full-stop", "U+3002 divides labels.", "a@b\u3002example", "a@b.example"),
        ("idn-fullwidth", "Fullwidth letters in a domain become ASCII.", "a@\uff22.example", "a@b.example"),
        ("idn-soft-hyphen", "U+00AD in a domain is left out.", "a@ex\u00adample.org", "a@example.org"),
    )
    yield from all_spelled("email", cases, "An address", "Ada@Example.org", "ada@example.org", **MAIL)


def email_refused():
    cases = (
        ("empty", "An address without a byte.", "empty", ""),
        ("too-long", "An address of 1025 bytes.", "too-long", "a" * 1023 + "@b"),
        ("too-long-canonical", "An address with a canonical form of 1025 bytes.", "too-long",
         "\U0001d160" * 85 + "@bcde"),
        ("not-utf8", "An address in Latin-1.", "not-utf8", b"zo\xeb@example.org"),
        ("not-utf8-domain", "An address with a domain in Latin-1.", "not-utf8", b"a@b\xfccher.example"),
        ("line-feed", "A line feed at the end.", "control", "a@example.org\n"),
        ("bidi", "U+202E in the local part.", "bidi-control", "a\u202eb@example.org"),
        ("bidi-domain", "U+200F in the domain.", "bidi-control", "a@ex\u200fample.org"),
        ("unassigned", "U+0378 in the local part.", "unassigned", "a\u0378@example.org"),
        ("unassigned-domain", "U+0378 in the domain.", "unassigned", "a@b\u0378.example"),
        ("blank-start", "A blank at the start.", "white-space", " ada@example.org"),
        ("blank-end", "A blank at the end.", "white-space", "ada@example.org "),
        ("blank-inside", "A blank in the local part.", "white-space", "ada l@example.org"),
        ("blank-quoted", "A blank between quotes.", "white-space", "\"a b\"@example.org"),
        ("no-break-space", "U+00A0 in the local part.", "white-space", "ada\u00a0l@example.org"),
        ("no-at", "No @.", "no-at", "example.org"),
        ("fullwidth-at", "A fullwidth @ is none.", "no-at", "a\uff20example.org"),
        ("no-local-part", "Nothing before the @.", "local-part", "@example.org"),
        ("no-domain", "Nothing behind the @.", "domain", "ada@"),
        ("underscore", "An underscore in the domain.", "domain", "a@b_c.example"),
        ("dot-end", "A dot at the end.", "domain", "a@example.org."),
        ("dot-start", "A dot at the start of the domain.", "domain", "a@.example.org"),
        ("dots", "Two dots in a row.", "domain", "a@example..org"),
        ("hyphen-start", "A label that begins with a hyphen.", "domain", "a@-b.example"),
        ("hyphen-end", "A label that ends in a hyphen.", "domain", "a@b-.example"),
        ("hyphens-reserved", "Hyphens at the third and fourth place.", "domain", "a@ab--c.example"),
        ("label-too-long", "A label of 64 bytes.", "domain", "a@" + "b" * 64 + ".c"),
        ("domain-too-long", "A domain of 254 bytes.", "domain", "a@" + "abcdefghi." * 25 + "abcd"),
        ("ipv4", "An IPv4 address.", "domain", "a@127.0.0.1"),
        ("ipv4-literal", "An IPv4 address in brackets.", "domain", "a@[127.0.0.1]"),
        ("ipv6-literal", "An IPv6 address in brackets.", "domain", "a@[IPv6:::1]"),
        ("number", "A last label of digits.", "domain", "a@example.7"),
        ("angle-brackets", "An address in angle brackets.", "domain", "<ada@example.org>"),
        ("idn-symbol", "A symbol in the domain.", "domain", "a@\u2603.example"),
        ("idn-not-equal", "U+2260 in the domain.", "domain", "a@b\u2260c.example"),
        ("idn-underscore", "An underscore beside a letter beyond ASCII.", "domain", "a@b\u00fc_c.example"),
        ("idn-maps-to-slash", "U+2100, which UTS 46 maps to a, slash, c.", "domain", "a@\u2100.example"),
        ("idn-mark-start", "A label that begins with a mark.", "domain", "a@\u0301b.example"),
        ("idn-both-directions", "A label with letters of both directions.", "domain", "a@\u05d0b.example"),
        ("idn-joiner", "U+200D where none may be.", "domain", "a@b\u200dc.example"),
        ("idn-hyphens", "Hyphens at the third and fourth place beside a letter beyond ASCII.", "domain",
         "a@ab--\u00fc.example"),
        ("idn-dot-end", "A dot at the end, beyond ASCII.", "domain", "a@b\u00fc.example\u3002"),
        ("idn-label-too-long", "A label that has more than 63 bytes in Punycode.", "domain",
         "a@" + "\u00fc" * 62 + ".example"),
        ("idn-number", "A last label of fullwidth digits.", "domain", "a@b\u00fc.\uff11\uff12"),
        ("idn-not-punycode", "xn-- and no Punycode.", "domain", "a@xn--zz99999999999.example"),
        ("idn-empty-label", "xn-- and nothing.", "domain", "a@xn--.example"),
        ("idn-a-label-symbol", "Punycode of a symbol.", "domain", "a@xn--n3h.example"),
    )
    yield from all_refused("email", cases, **MAIL)


def phone_accepted():
    cases = (
        ("plain", "A number.", "+15550100199", "+15550100199"),
        ("separated", "With blanks, a hyphen and brackets.", "+1 (555) 010-0199", "+15550100199"),
        ("dots", "With dots.", "+1.555.010.0199", "+15550100199"),
        ("runs", "Separators in a run need not fit.", "+1 ((-.. 5550100199", "+15550100199"),
        ("shortest", "7 digits.", "+2901234", "+2901234"),
        ("longest", "15 digits.", "+123456789012345", "+123456789012345"),
        ("zeros", "Zeros behind the first digit.", "+40 0000000", "+400000000"),
        ("longest-given", "1024 bytes of which 8 remain.", "+1" + " " * 1016 + "234567", "+1234567"),
    )
    yield from all_spelled("phone", cases, "A number", "+1 555 010 0199", "+15550100199", **PHONE)


def phone_refused():
    cases = (
        ("empty", "A number without a byte.", "empty", ""),
        ("too-long", "A number of 1025 bytes.", "too-long", "+1" + " " * 1017 + "234567"),
        ("no-plus", "No +.", "no-plus", "15550100199"),
        ("plus-only", "Nothing but +.", "digits", "+"),
        ("six-digits", "6 digits.", "digits", "+123456"),
        ("sixteen-digits", "16 digits.", "digits", "+1234567890123456"),
        ("zero", "A country code that begins with 0.", "country-code", "+01555010019"),
        ("blank-end", "A blank at the end.", "character", "+15550100199 "),
        ("blank-after-plus", "A blank after the +.", "character", "+ 15550100199"),
        ("bracket-after-plus", "A bracket before the first digit.", "character", "+(1)5550100199"),
        ("bracket-end", "A bracket behind the last digit.", "character", "+1 555 010 (0199)"),
        ("letter", "Letters.", "character", "+1555FLO010099"),
        ("extension", "An extension.", "character", "+15550100199x42"),
        ("second-plus", "A second +.", "character", "+1555+0100199"),
        ("slash", "A slash between digits.", "character", "+1555/0100199"),
        ("no-break-space", "U+00A0 between digits.", "character", "+1555\u00a00100199"),
        ("tab", "A tab between digits.", "character", "+1555\t0100199"),
        ("fullwidth-digit", "A fullwidth digit.", "character", "+15550100199\uff11"),
        ("arabic-digit", "An Arabic digit.", "character", "+15550100199\u0661"),
        ("not-utf8", "A byte ff.", "character", b"+15550100199\xff1"),
    )
    yield from all_refused("phone", cases, **PHONE)


def kinds_and_issuers():
    yield spelled("kind", "ada@example.org", "email-of-other-issuer", "Kind email of an issuer with another name.",
                  "Ada@Example.org", issuer="email.work", kind="email")
    yield spelled("kind", "+15550100199", "phone-of-other-issuer", "Kind phone of an issuer with another name.",
                  "+1 555 010 0199", issuer="phone.work", kind="phone")
    yield spelled("kind", "Ada@Example.org", "opaque-of-other-issuer", "Kind opaque, said.",
                  "Ada@Example.org", issuer="email.work", kind="opaque")
    yield spelled("kind", "ada@example.org", "built-in-email", "No kind said: issuer email has the kind email.",
                  "ada@example.org", issuer="email")
    yield spelled("kind", "+15550100199", "built-in-phone", "No kind said: issuer phone has the kind phone.",
                  "+15550100199", issuer="phone")
    yield error("value-built-in-email", "No kind said: issuer email takes addresses only.", "no-at",
                issuer="email", value="00123456")
    yield error("value-built-in-phone", "No kind said: issuer phone takes numbers only.", "no-plus",
                issuer="phone", value="15550100199")
    for issuer, value in (("email", "ada@example.org"), ("phone", "+15550100199")):
        for kind in KINDS:
            if kind != issuer:
                yield error(f"kind-{issuer}-{kind}", f"Issuer {issuer} with the kind {kind}.", "issuer",
                            issuer=issuer, kind=kind, value=value)


def kinds_checked():
    cases = (
        ("match", "text-case", "Text in another case.", NAMES, "Ada Lovelace", "ADA LOVELACE"),
        ("match", "text-nfd", "Text in another normal form.", NAMES, "Zo\u00eb", "ZOE\u0308"),
        ("match", "email-case", "An address in another case.", MAIL, "ada@example.org", "Ada@EXAMPLE.org"),
        ("match", "email-idn", "A domain in ASCII.", MAIL, "a@b\u00fccher.example", "a@xn--bcher-kva.example"),
        ("match", "phone-separated", "A number with separators.", PHONE, "+15550100199", "+1 555 010-0199"),
        ("no-match", "text-width", "Text of another width.", NAMES, "AB", "\uff21\uff22"),
        ("no-match", "text-accent", "Text without its accent.", NAMES, "Zo\u00eb", "Zoe"),
        ("no-match", "text-blank", "Text without its blank.", NAMES, "Ada Lovelace", "AdaLovelace"),
        ("no-match", "email-dots", "An address without its dots.", MAIL, "a.d.a@example.org", "ada@example.org"),
        ("no-match", "email-tag", "An address without its tag.", MAIL, "ada+news@example.org", "ada@example.org"),
        ("no-match", "email-sharp-s", "A domain with ss for U+00DF.", MAIL, "a@fa\u00df.example", "a@fass.example"),
        ("no-match", "phone-digit", "Another number.", PHONE, "+15550100199", "+15550100198"),
    )
    for expect, name, scenario, kind, value, other in cases:
        yield checked(expect, f"kind-{name}", scenario, id_of(value=value, **kind), value=other, **kind)


# --- Vectors: parse ----------------------------------------------------------------------------------

SAMPLE_ID = WORKED[0][3]
# Every character of the alphabet but y and z, in order.
ALPHABET_ID = make_id(ALPHABET[:DATA_LENGTH])
ZERO_ID = WORKED[2][3]


def put(text, position, character):
    require(text[position] != character, text)
    return text[:position] + character + text[position + 1:]


def swap(text, i, j):
    require(text[i] != text[j], text)
    return put(put(text, i, text[j]), j, text[i])


def parse_accepted():
    for name, scenario, text in (
            ("worked", "The external ID of the first worked example.", SAMPLE_ID),
            ("alphabet", "An external ID with nearly every character of the alphabet.", ALPHABET_ID),
            ("lowest", "The external ID of 150 zero bits.", make_id("0" * DATA_LENGTH)),
            ("highest", "The external ID of 150 one bits.", make_id("z" * DATA_LENGTH)),
            ("yz", "The last two characters of the alphabet.", make_id("yz" * (DATA_LENGTH // 2))),
            ("first-only", "Only the first data character is not 0.", make_id("1" + "0" * (DATA_LENGTH - 1))),
            ("last-only", "Only the last data character is not 0.", make_id("0" * (DATA_LENGTH - 1) + "1"))):
        yield parsed(name, scenario, "strict", text, text)

    yield parsed("canonical", "A canonical external ID stays as it is.", "forgiving", SAMPLE_ID, SAMPLE_ID)
    for name, scenario, text, canonical in (
            ("upper-case", "Upper case throughout, the first M included.", ALPHABET_ID.upper(), ALPHABET_ID),
            ("mixed-case", "Upper and lower case mixed.", "m" + ALPHABET_ID[1:].upper(), ALPHABET_ID),
            ("first-upper-case", "Only the first character is in upper case.", "M" + SAMPLE_ID[1:], SAMPLE_ID),
            ("o", "`o` for 0.", ALPHABET_ID.replace("0", "o"), ALPHABET_ID),
            ("upper-o", "`O` for 0: to lower case first, then to the digit.",
             ALPHABET_ID.replace("0", "O"), ALPHABET_ID),
            ("i", "`i` for 1.", ALPHABET_ID.replace("1", "i"), ALPHABET_ID),
            ("upper-i", "`I` for 1.", ALPHABET_ID.replace("1", "I"), ALPHABET_ID),
            ("l", "`l` for 1.", ALPHABET_ID.replace("1", "l"), ALPHABET_ID),
            ("upper-l", "`L` for 1.", ALPHABET_ID.replace("1", "L"), ALPHABET_ID),
            ("check-character", "`O` for a check character 0.", put(ZERO_ID, 31, "O"), ZERO_ID),
            ("everything", "Every mapping at once.", "MoI" + ALPHABET_ID[3:].upper(), ALPHABET_ID)):
        yield parsed(name, scenario, "forgiving", text, canonical)


def parse_refused():
    both = ("strict", "forgiving")
    data = SAMPLE_ID[1:-1]
    cases = (
        ("empty", "No byte at all.", both, ""),
        ("m-only", "The first character alone.", both, "m"),
        ("short", "The last character is missing.", both, SAMPLE_ID[:-1]),
        ("short-inside", "A character inside is missing.", both, SAMPLE_ID[:15] + SAMPLE_ID[16:]),
        ("without-m", "The first character is missing.", both, SAMPLE_ID[1:]),
        ("long", "One character too many at the end.", both, SAMPLE_ID + "0"),
        ("long-data", "31 data characters and the check character that 0 more leaves right.", both,
         "m" + data + "0" + SAMPLE_ID[-1]),
        ("twice", "Two external IDs in a row.", both, SAMPLE_ID * 2),
        ("first-n", "The first character is n.", both, put(SAMPLE_ID, 0, "n")),
        ("first-0", "The first character is 0.", both, put(SAMPLE_ID, 0, "0")),
        ("check-wrong", "The check character is wrong.", both, put(SAMPLE_ID, 31, "3")),
        ("substituted-first", "The first data character is wrong.", both, put(SAMPLE_ID, 1, "4")),
        ("substituted-middle", "A data character in the middle is wrong.", both, put(SAMPLE_ID, 16, "d")),
        ("substituted-last", "The last data character is wrong.", both, put(SAMPLE_ID, 30, "8")),
        ("swap-neighbours", "Two neighbours are swapped.", both, swap(SAMPLE_ID, 1, 2)),
        ("swap-distant", "The first and the last data character are swapped.", both, swap(SAMPLE_ID, 1, 30)),
        ("swap-middle", "Two characters twelve apart are swapped.", both, swap(SAMPLE_ID, 8, 20)),
        ("swap-check", "The check character and its neighbour are swapped.", both, swap(SAMPLE_ID, 30, 31)),
        ("swap-m", "The first two characters are swapped.", both, swap(SAMPLE_ID, 0, 1)),
        ("u", "`u` is not in the alphabet and stands for nothing.", both, ALPHABET_ID.replace("v", "u")),
        ("trailing-line-feed", "A line feed at the end.", both, SAMPLE_ID + "\n"),
        ("trailing-cr-lf", "CR and LF at the end.", both, SAMPLE_ID + "\r\n"),
        ("trailing-blank", "A blank at the end.", both, SAMPLE_ID + " "),
        ("leading-blank", "A blank at the start.", both, " " + SAMPLE_ID),
        ("leading-tab", "A tabulator at the start.", both, "\t" + SAMPLE_ID),
        ("leading-bom", "A byte order mark at the start.", both, "\ufeff" + SAMPLE_ID),
        ("line-feed-as-last", "32 bytes, the last a line feed.", both, SAMPLE_ID[:-1] + "\n"),
        ("trailing-nul", "A NUL at the end.", both, SAMPLE_ID + "\x00"),
        ("nul-inside", "A NUL for the character 0.", both, SAMPLE_ID.replace("0", "\x00")),
        ("after-nul", "More text behind a NUL.", both, SAMPLE_ID + "\x00" + SAMPLE_ID),
        ("hyphen-inside", "A hyphen between two groups.", both, SAMPLE_ID[:16] + "-" + SAMPLE_ID[16:]),
        ("hyphen-for-character", "A hyphen for a data character.", both, put(SAMPLE_ID, 16, "-")),
        ("non-ascii-32-characters", "A fullwidth digit: 32 characters, 34 bytes.", both, put(SAMPLE_ID, 1, "\uff13")),
        ("non-ascii-32-bytes", "A letter beyond ASCII: 31 characters, 32 bytes.", both,
         SAMPLE_ID[:1] + "\u00e9" + SAMPLE_ID[3:]),
        ("cyrillic", "The Cyrillic letter that looks like c.", both, SAMPLE_ID.replace("c", "\u0441")),
        ("high-bit", "The right bytes, one with its top bit set.", both,
         SAMPLE_ID[:4].encode() + bytes([ord(SAMPLE_ID[4]) | 0x80]) + SAMPLE_ID[5:].encode()),
        ("byte-ff", "A byte ff, which is not UTF-8.", both, SAMPLE_ID[:4].encode() + b"\xff" + SAMPLE_ID[5:].encode()),
        ("label", "A label.", both, WORKED[0][4]),
        ("uuid", "A UUID rendering.", both, WORKED_UUID),
        ("upper-case", "Upper case throughout.", ("strict",), SAMPLE_ID.upper()),
        ("first-upper-case", "Only the first character is in upper case.", ("strict",), "M" + SAMPLE_ID[1:]),
        ("one-upper-case", "Only one data character is in upper case.", ("strict",), SAMPLE_ID.replace("c", "C")),
        ("o", "`o` for 0.", ("strict",), ALPHABET_ID.replace("0", "o")),
        ("i", "`i` for 1.", ("strict",), ALPHABET_ID.replace("1", "i")),
        ("l", "`l` for 1.", ("strict",), ALPHABET_ID.replace("1", "l")),
        ("upper-u", "`U` is not in the alphabet either.", ("forgiving",), ALPHABET_ID.upper().replace("V", "U")),
        ("mapped-wrong", "`o` where the character is not 0: it is mapped, and the check character is wrong.",
         ("forgiving",), put(ALPHABET_ID, 12, "o")),
        ("upper-case-wrong", "Upper case, and two neighbours swapped.", ("forgiving",), swap(SAMPLE_ID, 1, 2).upper()),
        ("kelvin-sign", "U+212A, whose lower case in Unicode is k: only ASCII is mapped.", ("forgiving",),
         ALPHABET_ID.replace("k", "\u212a")),
        ("dotless-i", "U+0131 for 1: only ASCII is mapped.", ("forgiving",), ALPHABET_ID.replace("1", "\u0131")),
        ("fullwidth-m", "A fullwidth M: only ASCII is mapped.", ("forgiving",), "\uff2d" + SAMPLE_ID[1:]),
    )
    for name, scenario, modes, text in cases:
        for mode in modes:
            yield parsed(f"error-{name}", scenario, mode, text, None)


# --- Vectors: label ----------------------------------------------------------------------------------

EXAMPLE_WORDS = "Amber Heron 42"


def labels():
    code = WORKED[0][4]
    last_code, last_words = (label_text(style, count - 1) for style, count in LABEL_COUNT.items())
    for name, scenario, text in (
            ("code-worked", "The code of the first worked example.", code),
            ("code-lowest", "The first code.", label_text("code", 0)),
            ("code-highest", "The last code: the first one is next.", last_code),
            ("code-carry", "The last character is the highest: the next code changes two.", "RCG-V3Z"),
            ("code-carry-over-hyphen", "The second half is the highest: the next code changes the first.", "RCG-ZZZ"),
            ("code-skips-i", "H is followed by J.", "000-00H"),
            ("code-skips-u", "T is followed by V.", "000-00T"),
            ("code-digits", "A code of digits.", "012-345"),
            ("words-example", "The words that the format has as an example.", EXAMPLE_WORDS),
            ("words-worked", "The words of the first worked example.", WORKED_WORDS[0]),
            ("words-lowest", "The first adjective, the first noun, 00.", label_text("words", 0)),
            ("words-highest", "The last of everything: the first label is next.", last_words),
            ("words-leading-zero", "A number with a leading zero.", "Amber Heron 07"),
            ("words-carry", "The number is 99: the next label has the next noun.", "Amber Heron 99"),
            ("words-carry-twice", "The last noun and 99: the next label has the next adjective.",
             f"Amber {NOUNS[-1]} 99")):
        yield labelled(name, scenario, text)
    longest = f"{max(ADJECTIVES, key=len)} {max(NOUNS, key=len)} 00"
    require(len(longest) == 23, longest)
    yield labelled("words-longest", "The longest words, 23 characters in all.", longest)

    for name, scenario, text in (
            ("empty", "No byte at all.", ""),
            ("code-lower-case", "A code in lower case.", code.lower()),
            ("code-one-lower-case", "A code with one letter in lower case.", "RcG-V3F"),
            ("code-without-hyphen", "A code without its hyphen.", code.replace("-", "")),
            ("code-hyphen-early", "A code with its hyphen too early.", "RC-GV3F"),
            ("code-blank", "A code with a blank for its hyphen.", code.replace("-", " ")),
            ("code-second-hyphen", "A code with a hyphen for a character.", "RCG-V-F"),
            ("code-minus-sign", "U+2212 for the hyphen: 7 characters, 9 bytes.", code.replace("-", "\u2212")),
            ("code-short", "A code without its last character.", code[:-1]),
            ("code-long", "A code with a character more.", code + "0"),
            ("code-i", "`I`, which is not in the alphabet.", "RCG-V3I"),
            ("code-l", "`L`, which is not in the alphabet.", "RCG-V3L"),
            ("code-o", "`O`, which is not in the alphabet.", "RCG-V3O"),
            ("code-u", "`U`, which is not in the alphabet.", "RCG-V3U"),
            ("code-above-letters", "`[`, which follows `Z`.", "RCG-V3["),
            ("code-below-letters", "`@`, which precedes `A`.", "RCG-V3@"),
            ("code-above-digits", "`:`, which follows `9`.", "RCG-V3:"),
            ("code-below-digits", "`/`, which precedes `0`.", "RCG-V3/"),
            ("code-byte-ff", "A byte ff.", b"RCG-V3\xff"),
            ("code-leading-blank", "A blank before a code.", " " + code),
            ("code-trailing-blank", "A blank behind a code.", code + " "),
            ("code-trailing-line-feed", "A line feed behind a code.", code + "\n"),
            ("code-trailing-nul", "A NUL behind a code.", code + "\x00"),
            ("code-role", "A display name.", "Patient " + code),
            ("words-lower-case", "Words in lower case.", EXAMPLE_WORDS.lower()),
            ("words-upper-case", "Words in upper case.", EXAMPLE_WORDS.upper()),
            ("words-one-digit", "One digit.", "Amber Heron 4"),
            ("words-three-digits", "Three digits.", "Amber Heron 142"),
            ("words-without-number", "No number.", "Amber Heron"),
            ("words-empty-number", "A blank and no number.", "Amber Heron "),
            ("words-no-digits", "Letters for the digits.", "Amber Heron 4O"),
            ("words-no-first-digit", "A letter for the first digit.", "Amber Heron O4"),
            ("words-sign", "A sign for a digit.", "Amber Heron +4"),
            ("words-above-digits", "`:`, which follows `9`.", "Amber Heron 4:"),
            ("words-below-digits", "`/`, which precedes `0`.", "Amber Heron /4"),
            ("words-fullwidth-digits", "Fullwidth digits.", "Amber Heron \uff14\uff12"),
            ("words-swapped", "The noun first.", "Heron Amber 42"),
            ("words-two-adjectives", "Two adjectives.", f"Amber {ADJECTIVES[0]} 42"),
            ("words-two-nouns", "Two nouns.", f"{NOUNS[0]} Heron 42"),
            ("words-unknown-adjective", "An adjective of no list.", "Vermillion Heron 42"),
            ("words-unknown-noun", "A noun of no list.", "Amber Herring 42"),
            ("words-beginning-of-adjective", "The beginning of an adjective.", "Ambe Heron 42"),
            ("words-beginning-of-noun", "The beginning of a noun.", "Amber Hero 42"),
            ("words-more-than-noun", "A noun and a letter more.", "Amber Herons 42"),
            ("words-before-first", "A word before the first of the list.", "Aaa Heron 42"),
            ("words-after-last", "A word behind the last of the list.", "Amber Zzz 42"),
            ("words-without-adjective", "No adjective.", "Heron 42"),
            ("words-empty-adjective", "Nothing before the first blank.", " Heron 42"),
            ("words-empty-noun", "Nothing between the blanks.", "Amber  42"),
            ("words-two-blanks", "Two blanks between the words.", "Amber  Heron 42"),
            ("words-two-blanks-before-number", "Two blanks before the number.", "Amber Heron  42"),
            ("words-hyphen", "A hyphen between the words.", "Amber-Heron 42"),
            ("words-hyphen-before-number", "A hyphen before the number.", "Amber Heron-42"),
            ("words-no-break-space", "No-break spaces.", "Amber\u00a0Heron\u00a042"),
            ("words-tab", "A tabulator between the words.", "Amber\tHeron 42"),
            ("words-joined", "No blank between the words.", "AmberHeron 42"),
            ("words-number-joined", "No blank before the number.", "Amber Heron42"),
            ("words-leading-blank", "A blank at the start.", " " + EXAMPLE_WORDS),
            ("words-trailing-blank", "A blank at the end.", EXAMPLE_WORDS + " "),
            ("words-trailing-line-feed", "A line feed at the end.", EXAMPLE_WORDS + "\n"),
            ("words-trailing-nul", "A NUL at the end.", EXAMPLE_WORDS + "\x00"),
            ("words-nul-inside", "A NUL behind the adjective.", "Amber\x00 Heron 42"),
            ("words-high-bit", "The right bytes, one with its top bit set.", b"Amber H\xe5ron 42"),
            ("words-cyrillic", "A Cyrillic letter that looks like e.", "Amber H\u0435ron 42"),
            ("words-role", "A display name.", "Patient " + EXAMPLE_WORDS),
            ("blank", "One blank.", " "),
            ("blanks", "Blanks alone.", " " * 14),
            ("external-id", "An external ID.", SAMPLE_ID)):
        yield labelled(f"error-{name}", scenario, text)


# --- Vectors: check ----------------------------------------------------------------------------------

def checks():
    for suite, kind, conference, words in EVERYWHERE:
        where = dict(suite=suite, conference=conference)
        yield checked("match", f"{suite}-{kind}", f"The right identifier, {suite}, {words}.",
                      id_of(**where), **where)
        yield checked("no-match", f"value-{suite}-{kind}", f"The external ID of another value, {suite}, {words}.",
                      id_of(value="00123457", **where), **where)
    old_root = dict(root=numbered_root(100), value="id-100")
    yield checked("match", "numbered-root", "The right identifier with a root key without a pattern.",
                  id_of(**old_root), **old_root)

    here = id_of()
    for name, scenario, changes in (
            ("leading-zeros", "The value has lost its leading zeros.", dict(value="123456")),
            ("issuer", "The same value of another issuer.", dict(issuer="mrn.hospital-b")),
            ("app", "The external ID of another app.", dict(app="clinic-8")),
            ("app-for-conference", "The external ID of the app scope in a conference.", dict(conference="visit-42")),
            ("epoch", "The external ID of another epoch's root key.", dict(root=numbered_root(101))),
            ("suite", "The external ID of the other suite.", dict(suite="hmac-sha256"))):
        yield checked("no-match", name, scenario, here, **changes)
    in_conference = id_of(conference="visit-42")
    yield checked("no-match", "conference", "The external ID of another conference.", in_conference,
                  conference="visit-43")
    yield checked("no-match", "conference-for-app", "The external ID of a conference in the app scope.", in_conference)
    yield checked("no-match", "nfd", "The external ID of the value in NFC, the value in NFD.",
                  id_of(value="Jos\u00e9"), value="Jose\u0301")

    data = here[1:-1]
    for name, scenario, other in (
            ("first-character", "A valid external ID that differs in the first data character and the check character.",
             put(data, 0, "4")),
            ("last-character", "A valid external ID that differs in the last data character and the check character.",
             put(data, DATA_LENGTH - 1, "8")),
            ("lowest", "A valid external ID of zeros only.", "0" * DATA_LENGTH)):
        yield checked("no-match", name, scenario, make_id(other))
    # Two data characters changed so that the check character stays the same.
    same_check = next(other for other in (put(data, 0, "4")[:1] + c + data[2:] for c in ALPHABET)
                      if check_character(other) == here[-1])
    yield checked("no-match", "same-check-character",
                  "A valid external ID that differs in two data characters and has the same check character.",
                  make_id(same_check))


def vectors():
    self_check()
    inputs_of = {}
    for part in (worked_examples, suites_and_scopes, separation, accepted, renderings, refused, handles,
                 text_accepted, text_refused, email_accepted, email_refused, phone_accepted, phone_refused,
                 kinds_and_issuers, kinds_checked, parse_accepted, parse_refused, labels, checks):
        for name, lines in part():
            found = dict(lines)
            if "digest-hex" in found:
                # The scenarios on separation compare files; here all of them are compared.
                # Of a kind, spellings that have one canonical form are meant to share a digest.
                inputs = [found.get(key) for key in ("suite", *INPUT_KEYS, "handle-hex")]
                inputs[-2] = found.get("canonical-hex", inputs[-2])
                require(inputs_of.setdefault(found["digest-hex"], inputs) == inputs, name)
            yield name, lines
