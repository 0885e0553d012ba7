"""Canonical identifiers: section 4 of docs/formats/pseudonym.md, from its text and the standard library.

Python's tables of Unicode are older or newer than 15.0, depending on its version. So what depends on the version is
written out here, and the vectors keep to code points for which the rest is the same in all of them: what `unicodedata`
calls assigned, and the few listed below.
"""

import re
import unicodedata

KINDS = ("opaque", "text", "email", "phone")
BUILT_IN = {b"email": "email", b"phone": "phone"}
LIMIT = 1024

# Unicode general category Cc. The tables are written out: unicodedata changes with Python's version.
CONTROL = {*range(0x00, 0x20), *range(0x7F, 0xA0)}
# Unicode property White_Space.
WHITE_SPACE = {*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
               0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
# Unicode property Bidi_Control.
BIDI_CONTROL = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
# New in 15.0 (blocks Kawi and CJK Extension H), so unknown to Python up to 3.11.
NEW_IN_15 = {0x11F04, 0x31350}
# Assigned by 15.1 and 16.0, so known to later ones.
LATER = {0x2FFC, 0x31EF, 0x2EBF0, 0x1C89, 0x1C8A, 0xA7CB}

SEPARATORS = b" -.()"
DIGITS = b"0123456789"


def kind_of(issuer, kind):
    """The kind that holds: `kind`, or where it is None the issuer's."""
    return kind or BUILT_IN.get(issuer, "opaque")


def evaluate(kind, given):
    """(canonical bytes, []) or (None, every reason for which the kind refuses the given bytes)."""
    if not given:
        return None, ["empty"]
    value, reasons = {"opaque": opaque, "text": text, "email": email, "phone": phone}[kind](given)
    if len(given) > LIMIT:
        reasons = ["too-long", *reasons]
    elif not reasons and len(value) > LIMIT:
        reasons = ["too-long"]
    return (None, reasons) if reasons else (value, [])


def decode(given):
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError:
        return None


def is_assigned(character):
    point = ord(character)
    return point in NEW_IN_15 or (point not in LATER and unicodedata.category(character) != "Cn")


def any_of(characters, points):
    return any(ord(character) in points for character in characters)


def opaque(given):
    characters = decode(given)
    if characters is None:
        return None, ["not-utf8"]
    reasons = ["control"] if any_of(characters, CONTROL) else []
    if any_of((characters[0], characters[-1]), WHITE_SPACE):
        reasons.append("white-space")
    return given, reasons


def text_faults(characters):
    if any_of(characters, CONTROL):
        yield "control"
    if any_of(characters, BIDI_CONTROL):
        yield "bidi-control"
    if not all(is_assigned(character) for character in characters):
        yield "unassigned"


def nfc(characters):
    return unicodedata.normalize("NFC", characters)


def canonical_text(characters):
    folded = nfc(nfc(characters).casefold())
    blanks = "".join(" " if ord(character) in WHITE_SPACE else character for character in folded)
    return " ".join(part for part in blanks.split(" ") if part)


def text(given):
    characters = decode(given)
    if characters is None:
        return None, ["not-utf8"]
    reasons = list(text_faults(characters))
    value = canonical_text(characters)
    if not value:
        reasons.append("white-space")
    return value.encode("utf-8"), reasons


def email(given):
    characters = decode(given)
    if characters is None:
        return None, ["not-utf8"]
    reasons = list(text_faults(characters))
    if any_of(characters, WHITE_SPACE - CONTROL):
        reasons.append("white-space")
    if reasons:
        return None, reasons
    local, at, domain = characters.rpartition("@")
    if not at:
        return None, ["no-at"]
    ascii_domain = domain_to_ascii(domain)
    reasons = [reason for reason, bad in (("local-part", not local), ("domain", ascii_domain is None)) if bad]
    return None if reasons else f"{canonical_text(local)}@{ascii_domain}".encode("utf-8"), reasons


def phone(given):
    reasons = [] if given[:1] == b"+" else ["no-plus"]
    rest = given[1:] if not reasons else given
    digits = bytes(byte for byte in rest if byte in DIGITS)
    if any(byte not in DIGITS + SEPARATORS for byte in rest) or rest.strip(SEPARATORS) != rest:
        reasons.append("character")
    if not 7 <= len(digits) <= 15:
        reasons.append("digits")
    if digits[:1] == b"0":
        reasons.append("country-code")
    return b"+" + digits, reasons


# --- Domains -----------------------------------------------------------------------------------------

# UTS 46 to the extent that the vectors use it, with the rules in place of its tables.
FULL_STOPS = "\u3002\uff0e\uff61"
IGNORED = "\u00ad\u200b\u2060\ufeff"
DEVIATIONS = "\u00df\u03c2\u200c\u200d"
CAPITAL_SHARP_S = "\u1e9e"
VIRAMA = 9
LABEL_CATEGORIES = {"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"}
LETTERS_DIGITS_HYPHENS = re.compile("[a-z0-9-]{1,63}")


def mapped(character):
    if character in FULL_STOPS:
        return "."
    if character in IGNORED:
        return ""
    if character in DEVIATIONS:
        return character
    if character == CAPITAL_SHARP_S:
        return "ss"
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())


def uts46(characters):
    return nfc("".join(mapped(character) for character in characters))


def joiner_is_in_place(label, place):
    """RFC 5892, appendix A.1 and A.2; of the joining types only that letters of Arabic join."""
    before = label[place - 1] if place else ""
    after = label[place + 1:place + 2]
    if before and unicodedata.combining(before) == VIRAMA:
        return True
    arabic = [c and unicodedata.bidirectional(c) == "AL" for c in (before, after)]
    return label[place] == "\u200c" and all(arabic)


def is_u_label(label):
    """A label beyond ASCII that RFC 5891, section 4.2.3, has nothing against."""
    if label[:1] == "-" or label[-1:] == "-" or label[2:4] == "--" or unicodedata.category(label[0])[0] == "M":
        return False
    for place, character in enumerate(label):
        if character in "\u200c\u200d":
            if not joiner_is_in_place(label, place):
                return False
        elif character != "-" and unicodedata.category(character) not in LABEL_CATEGORIES:
            return False
    classes = {unicodedata.bidirectional(character) for character in label}
    return not (classes & {"R", "AL"} and "L" in classes)


def from_a_label(label):
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return None
    return decoded if decoded and not decoded.isascii() and uts46(decoded) == decoded else None


def label_to_ascii(label):
    if not label.isascii():
        label_in_ascii = "xn--" + label.encode("punycode").decode("ascii") if is_u_label(label) else ""
    elif label.startswith("xn--"):
        decoded = from_a_label(label)
        label_in_ascii = label if decoded and is_u_label(decoded) else ""
    else:
        label_in_ascii = "" if label[2:4] == "--" else label
    fits = LETTERS_DIGITS_HYPHENS.fullmatch(label_in_ascii) and label_in_ascii.strip("-") == label_in_ascii
    return label_in_ascii if fits else None


def domain_to_ascii(domain):
    """The domain in ASCII, or None for what is no domain."""
    labels = [label_to_ascii(label) for label in uts46(domain).split(".")]
    if None in labels or labels[-1].isdigit():
        return None
    whole = ".".join(labels)
    return whole if len(whole) <= 253 else None
