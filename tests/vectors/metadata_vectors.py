"""The vectors of metadata format 1.

The first half implements the format from its specification (docs/formats/metadata.md; section numbers are its own) and
nothing else. The second half lists the scenarios: what is refused has the one fault that its scenario names, and a
fault behind the iv is sealed with a right one, so that nothing but the check of that fault can find it.
"""

import struct

from keyring_vectors import flip, numbered
from pseudonym_vectors import PRF, SUITES, id_of, lp, parse, require, subkey
from xchacha20poly1305 import xchacha20

# --- Sections 2 to 5 ---------------------------------------------------------------------------------

FORMAT = 1
STEP = 64
HEADER_SIZE = 5
IV_SIZE = 24
ID_SIZE = 32
MAX_TEXT = 4096

FIELDS = ("role", "locale", "shard", "flags", "expiry")
NUMBER = {name: number for number, name in enumerate(FIELDS, 1)}
LAYOUT = {"shard": "<I", "flags": "<I", "expiry": "<Q"}
LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = b"0123456789"


def role_faults(role):
    if not role:
        return ["empty"]
    faults = ["too-long"] if len(role) > 40 else []
    if any(c not in LETTERS + b" -" for c in role) or role[0] not in LETTERS or role[-1] not in LETTERS:
        faults.append("character")
    return faults


def locale_faults(locale):
    faults = [] if 2 <= len(locale) <= 35 else ["length"]
    subtags = locale.split(b"-")
    shaped = all(1 <= len(tag) <= 8 and all(c in LETTERS + DIGITS for c in tag) for tag in subtags)
    first = subtags[0]
    if not shaped or len(first) < 2 or any(c not in LETTERS for c in first):
        faults.append("subtags")
    return faults


def metadata_faults(metadata):
    if not metadata:
        return [("metadata", "no-field")]
    return ([("role", fault) for fault in role_faults(metadata.get("role", b"A"))]
            + [("locale", fault) for fault in locale_faults(metadata.get("locale", b"en"))])


def field(number, value):
    return bytes([number, len(value)]) + value


def payload_of(metadata):
    """Section 3."""
    payload = bytes([1])
    for name in FIELDS:
        if name in metadata:
            value = metadata[name]
            payload += field(NUMBER[name], struct.pack(LAYOUT[name], value) if name in LAYOUT else value)
    return payload


def padded(payload):
    payload += b"\x80"
    return payload + bytes(-len(payload) % STEP)


def header_of(epoch, version=FORMAT):
    return bytes([version]) + struct.pack("<I", epoch)


def keys(place):
    """Section 2: K_mac and K_enc."""
    return tuple(subkey(place["suite"], place["root"], label, lp(place["app"]))
                 for label in (b"metadata-mac", b"metadata-encrypt"))


def iv_of(place, header, block):
    message = b"moniker/v1/metadata" + b"\x00" + header + place["id"].encode("ascii") + block
    return PRF[place["suite"]](keys(place)[0], message)[:IV_SIZE]


def seal_block(place, block, version=FORMAT):
    """Section 4: the sealed bytes of a padded payload, whatever is in it."""
    header = header_of(place["epoch"], version)
    iv = iv_of(place, header, block)
    return header + iv + xchacha20(keys(place)[1], iv, block)


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def base64url(data):
    """RFC 4648, section 5, without padding."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 6)
    return "".join(ALPHABET[int(bits[at:at + 6], 2)] for at in range(0, len(bits), 6))


def from_base64url(text):
    """The bytes; None unless base64url() makes this very text of them."""
    if any(c not in ALPHABET for c in text) or len(text) % 4 == 1:
        return None
    bits = "".join(f"{ALPHABET.index(c):06b}" for c in text)
    data = bytes(int(bits[at:at + 8], 2) for at in range(0, len(bits) - 7, 8))
    return data if base64url(data) == text else None


def text_of(place, sealed):
    return place["id"] + "." + base64url(sealed)


def split(text):
    """The sealed bytes of a text of the right shape, else None."""
    if len(text) > MAX_TEXT or len(text) <= ID_SIZE or text[ID_SIZE] != "." or \
            parse(text[:ID_SIZE].encode("latin-1"), "strict") is None:
        return None
    sealed = from_base64url(text[ID_SIZE + 1:])
    size = len(sealed or b"") - HEADER_SIZE - IV_SIZE
    return sealed if size > 0 and size % STEP == 0 else None


def decode(payload):
    """Section 3, backwards; None if it is malformed."""
    metadata, at, last = {}, 1, 0
    if payload[:1] != b"\x01":
        return None
    while at < len(payload):
        number, size = payload[at], payload[at + 1] if at + 1 < len(payload) else 256
        value = payload[at + 2:at + 2 + size]
        if len(value) != size or not last < number <= len(FIELDS):
            return None
        name = FIELDS[number - 1]
        if name in LAYOUT:
            if size != struct.calcsize(LAYOUT[name]):
                return None
            metadata[name] = struct.unpack(LAYOUT[name], value)[0]
        else:
            metadata[name] = value
        at, last = at + 2 + size, number
    return None if metadata_faults(metadata) else metadata


def open_text(place, text):
    """Section 5: (code, metadata) with the keyring whose only identity key is the place's."""
    sealed = split(text)
    if sealed is None:
        return "invalid_argument", None
    header, iv, cipher = sealed[:HEADER_SIZE], sealed[HEADER_SIZE:HEADER_SIZE + IV_SIZE], sealed[HEADER_SIZE + IV_SIZE:]
    if header[0] > FORMAT:
        return "newer_format", None
    if header != header_of(place["epoch"]):
        return "altered", None
    block = xchacha20(keys(place)[1], iv, cipher)
    if iv_of({**place, "id": text[:ID_SIZE]}, header, block) != iv:
        return "altered", None
    payload = block.rstrip(b"\x00")
    if payload[-1:] != b"\x80" or padded(payload[:-1]) != block:
        return "altered", None
    metadata = decode(payload[:-1])
    return ("altered", None) if metadata is None else ("ok", metadata)


# --- Vectors: building blocks ------------------------------------------------------------------------

EXAMPLE = {"suite": "blake2b", "root": bytes(range(32)), "app": b"clinic-7", "epoch": 1, "id": id_of()}
OTHER_ID = id_of(value="00123457")

# The worked example of section 7.
WORKED = {"role": b"Clinician", "locale": b"en-GB", "shard": 7, "flags": 5, "expiry": 1767225600}
ALL_LONGEST = {"role": b"R" * 40, "locale": b"abcdefgh-abcdefgh-abcdefgh-abcdefgh"[:35], "shard": 2**32 - 1,
               "flags": 2**32 - 1, "expiry": 2**64 - 1}


def at(**changes):
    require(changes.keys() <= EXAMPLE.keys(), changes)
    return {**EXAMPLE, **changes}


def place_lines(place, with_id):
    yield "suite", place["suite"]
    yield "root-hex", place["root"].hex()
    yield "app-hex", place["app"].hex()
    yield "epoch", str(place["epoch"])
    if with_id:
        yield "external-id", place["id"]


def metadata_lines(metadata):
    for name in FIELDS:
        if name in metadata:
            yield (name, str(metadata[name])) if name in LAYOUT else (name + "-hex", metadata[name].hex())


def sealed(name, scenario, metadata, **changes):
    place = at(**changes)
    require(not metadata_faults(metadata), name)
    payload = payload_of(metadata)
    data = seal_block(place, padded(payload))
    text = text_of(place, data)
    require(open_text(place, text) == ("ok", metadata), name)
    return f"seal-{name}.txt", [
        ("type", "seal"), ("scenario", scenario), *place_lines(place, True), *metadata_lines(metadata), ("expect", "ok"),
        ("payload-hex", payload.hex()), ("sealed-hex", data.hex()), ("text", text)]


def refused(name, scenario, reason, metadata):
    """`name` begins with the field at fault."""
    require(metadata_faults(metadata) == [(name.split("-")[0], reason)], name)
    return f"seal-error-{name}.txt", [
        ("type", "seal"), ("scenario", scenario), *place_lines(EXAMPLE, True), *metadata_lines(metadata),
        ("expect", "error"), ("field", name.split("-")[0]), ("reason", reason)]


def unopened(code, name, scenario, text, **changes):
    """The text does not open with the place's keyring."""
    place = at(**changes)
    require(open_text(place, text) == (code, None), f"{name}: {open_text(place, text)}")
    return f"open-{code.replace('_', '-')}-{name}.txt", [
        ("type", "open"), ("scenario", scenario), *place_lines(place, False), ("text-hex", text.encode("utf-8").hex()),
        ("expect", "error"), ("code", code)]


def misformed(name, scenario, payload=None, block=None):
    """Altered although the iv is right: `payload`, or what is to stand in place of the padded one."""
    block = padded(payload) if block is None else block
    return unopened("altered", name, scenario, text_of(EXAMPLE, seal_block(EXAMPLE, block)))


def parsed(name, scenario, mode, text, expected):
    return f"parse-{mode}-{name}.txt", [
        ("type", "parse"), ("scenario", scenario), ("mode", mode), ("input-hex", text.encode("utf-8").hex()),
        *([("expect", "ok"), ("external-id", expected)] if expected else [("expect", "error")])]


# --- Vectors -----------------------------------------------------------------------------------------

def seals():
    for suite in SUITES:
        yield sealed(f"worked-{suite}", f"Worked example of section 7, {suite}.", WORKED, suite=suite)
        for name in FIELDS:
            yield sealed(f"only-{name}-{suite}", f"The field {name} alone, {suite}.", {name: WORKED[name]}, suite=suite)
        yield sealed(f"longest-{suite}", f"Every field at its longest or highest: two steps, {suite}.", ALL_LONGEST,
                     suite=suite)
        yield sealed(f"epoch-{suite}", f"Identity epoch 4294967295 in the header, {suite}.", WORKED, suite=suite,
                     epoch=2**32 - 1)
        yield sealed(f"root-{suite}", f"A root key without a pattern, {suite}.", WORKED, suite=suite,
                     root=numbered(f"metadata {suite}"))
    for first in FIELDS:
        for second in FIELDS[NUMBER[first]:]:
            yield sealed(f"pair-{first}-{second}", f"The fields {first} and {second}.",
                         {first: WORKED[first], second: WORKED[second]})
    yield sealed("epoch-2", "Identity epoch 2: the header takes part.", WORKED, epoch=2)
    yield sealed("epoch-bytes", "Identity epoch 67305985, 01 02 03 04 as bytes: little endian.", WORKED, epoch=0x04030201)
    yield sealed("app", "Another app with the same root key.", WORKED, app=b"clinic-8")
    yield sealed("app-longest", "An app of 64 bytes.", WORKED, app=b"a" * 64)
    yield sealed("other-id", "The same metadata for another ID is wholly different.", WORKED, id=OTHER_ID)
    yield sealed("conference-id", "An ID of a conference scope.", WORKED, id=id_of(conference="visit-42"))
    yield sealed("role-shortest", "A role of one letter.", {"role": b"x"})
    yield sealed("role-blanks", "A role with blanks and hyphens inside.", {"role": b"Nurse - ward  B-C d"})
    yield sealed("locale-shortest", "A locale of two letters.", {"locale": b"de"})
    yield sealed("locale-first-longest", "A first subtag of eight letters.", {"locale": b"Abcdefgh"})
    yield sealed("locale-as-given", "The case of a locale is kept.", {"locale": b"ZH-hant-tw"})
    yield sealed("locale-private", "A private use part, with a subtag of one letter and digits.",
                 {"locale": b"de-1996-x-1a"})
    yield sealed("numbers-zero", "Numbers that are zero are there all the same.", {"shard": 0, "flags": 0, "expiry": 0})
    yield sealed("numbers-bytes", "Little endian: the bytes count from 01.",
                 {"shard": 0x04030201, "flags": 0x08070605, "expiry": 0x100F0E0D0C0B0A09})

    # 1 byte of version, 42 of a full role: a locale makes the payload as long as is wanted.
    for size in (62, 63, 64, 65):
        metadata = {"role": b"R" * 40, "locale": b"ab-abcdefgh-abcdefgh"[:size - 45]}
        require(len(payload_of(metadata)) == size, size)
        steps = "one step" if size < 64 else "two steps"
        yield sealed(f"payload-{size}", f"A payload of {size} bytes: {steps}.", metadata)


def seal_errors():
    yield refused("metadata-none", "No field at all.", "no-field", {})
    yield refused("role-empty", "An empty role.", "empty", {"role": b""})
    yield refused("role-41", "A role of 41 bytes.", "too-long", {"role": b"R" * 41})
    for name, what, role in (("digit", "a digit", b"Nurse 2"), ("first-blank", "a blank in front", b" Nurse"),
                             ("last-hyphen", "a hyphen at the end", b"Nurse-"), ("umlaut", "a letter beyond ASCII",
                                                                                "\u00c4rztin".encode("utf-8")),
                             ("nul", "a NUL", b"Nur\x00se"), ("full-stop", "a full stop", b"Dr. X")):
        yield refused(f"role-{name}", f"A role with {what}.", "character", {"role": role})
    yield refused("locale-36", "A locale of 36 bytes.", "length", {"locale": b"abcdefgh-" * 3 + b"abcdefg-a"})
    for name, what, locale in (("digit-first", "a digit in its first subtag", b"d1-DE"),
                               ("one-letter-first", "a first subtag of one letter", b"x-abc"),
                               ("nine", "a subtag of nine letters", b"de-abcdefghi"),
                               ("two-hyphens", "two hyphens in a row", b"de--DE"), ("last-hyphen", "a hyphen at the end", b"de-"),
                               ("underscore", "an underscore", b"de_DE"), ("nul", "a NUL", b"de-\x00"),
                               ("beyond-ascii", "a letter beyond ASCII", "de-\u00e9".encode("utf-8"))):
        yield refused(f"locale-{name}", f"A locale with {what}.", "subtags", {"locale": locale})


def opens():
    good = seal_block(EXAMPLE, padded(payload_of(WORKED)))
    text = text_of(EXAMPLE, good)

    def with_sealed(data):
        return text_of(EXAMPLE, data)

    # The header.
    yield unopened("newer_format", "version-2", "Format 2 in the header, and nothing else is looked at.",
                   with_sealed(flip(good, 0, 0x03)))
    yield unopened("newer_format", "version-255", "Format 255 in the header.", with_sealed(flip(good, 0, 0xFE)))
    yield unopened("newer_format", "version-2-sealed", "Format 2, sealed properly.",
                   with_sealed(seal_block(EXAMPLE, padded(payload_of(WORKED)), version=2)))
    yield unopened("altered", "version-0", "Format 0 in the header.", with_sealed(flip(good, 0)))
    yield unopened("altered", "version-0-sealed", "Format 0, sealed properly.",
                   with_sealed(seal_block(EXAMPLE, padded(payload_of(WORKED)), version=0)))
    for byte in range(1, HEADER_SIZE):
        yield unopened("altered", f"epoch-byte-{byte}", f"A bit of byte {byte} of the header changed: an epoch that is "
                       "not there.", with_sealed(flip(good, byte, 0x02)))
    yield unopened("altered", "epoch-unknown", "Sealed with the key of epoch 2 that the keyring has as epoch 1.",
                   text_of(at(epoch=2), seal_block(at(epoch=2), padded(payload_of(WORKED)))))
    yield unopened("altered", "epoch-other-key", "Epoch 1 of a keyring with another root key.", text,
                   root=numbered("another root"))
    yield unopened("altered", "epoch-rewritten", "Sealed in epoch 2, the header rewritten to 1.",
                   with_sealed(header_of(1) + seal_block(at(epoch=2), padded(payload_of(WORKED)))[HEADER_SIZE:]))

    # Authentication.
    yield unopened("altered", "iv-first-bit", "The first bit of the iv changed.", with_sealed(flip(good, 5, 0x80)))
    yield unopened("altered", "iv-last-bit", "The last bit of the iv changed.", with_sealed(flip(good, 28)))
    yield unopened("altered", "iv-zero", "An iv of zeros.", with_sealed(good[:5] + bytes(24) + good[29:]))
    yield unopened("altered", "cipher-first-bit", "The first bit of the ciphertext changed.",
                   with_sealed(flip(good, 29, 0x80)))
    yield unopened("altered", "cipher-padding-bit", "A bit of the encrypted padding changed.",
                   with_sealed(flip(good, len(good) - 2, 0x10)))
    yield unopened("altered", "cipher-last-bit", "The last bit of the ciphertext changed.",
                   with_sealed(flip(good, len(good) - 1)))
    yield unopened("altered", "other-id", "Moved to another ID.", OTHER_ID + text[ID_SIZE:])
    yield unopened("altered", "other-app", "Another app with the same root key.", text, app=b"clinic-8")
    yield unopened("altered", "other-suite", "The same root key in the other suite.", text, suite="hmac-sha256")
    longer = seal_block(EXAMPLE, padded(payload_of(ALL_LONGEST)))
    yield unopened("altered", "step-cut", "The second step cut off.", with_sealed(longer[:-STEP]))
    yield unopened("altered", "step-added", "A further step of zeros.", with_sealed(good + bytes(STEP)))
    yield unopened("altered", "steps-swapped", "The two steps changed places.",
                   with_sealed(longer[:29] + longer[29 + STEP:] + longer[29:29 + STEP]))
    yield unopened("altered", "keys-swapped", "K_mac and K_enc changed places.", with_sealed(swapped_keys()))

    # Padding.
    payload = payload_of(WORKED)
    yield misformed("padding-zeros", "Zeros alone.", block=bytes(STEP))
    yield misformed("padding-none", "No 80 behind the payload.", block=payload + bytes(STEP - len(payload)))
    yield misformed("padding-other-byte", "81 in place of 80.", block=padded(payload).replace(b"\x80", b"\x81"))
    yield misformed("padding-not-zero", "A byte other than zero behind 80.",
                    block=(padded(payload)[:-1] + b"\x01"))
    yield misformed("padding-step-more", "A whole step of zeros more than is needed.", block=padded(payload) + bytes(STEP))
    yield misformed("padding-only", "80 first: no payload.", block=padded(b""))

    # The payload.
    yield misformed("payload-version-0", "Version 0 of the payload.", b"\x00" + payload[1:])
    yield misformed("payload-version-2", "Version 2 of the payload under format 1.", b"\x02" + payload[1:])
    yield misformed("payload-no-field", "A payload without a field.", b"\x01")
    yield misformed("field-0", "A field of number 0.", b"\x01" + field(0, b"abcd"))
    yield misformed("field-unknown", "A field of number 6.", payload + field(6, b"abcd"))
    yield misformed("field-255", "A field of number 255.", payload + field(255, b""))
    yield misformed("field-order", "Flags before shard.",
                    b"\x01" + field(4, struct.pack("<I", 5)) + field(3, struct.pack("<I", 7)))
    yield misformed("field-twice", "Shard twice, equal.", b"\x01" + 2 * field(3, struct.pack("<I", 7)))
    yield misformed("field-twice-role", "Role twice, different.", b"\x01" + field(1, b"Nurse") + field(1, b"Doctor"))
    for name, number, size in (("shard", 3, 3), ("shard", 3, 5), ("shard", 3, 0), ("flags", 4, 3), ("flags", 4, 8),
                               ("expiry", 5, 7), ("expiry", 5, 4), ("expiry", 5, 9)):
        yield misformed(f"length-{name}-{size}", f"{name} of {size} bytes.", b"\x01" + field(number, bytes(size)))
    yield misformed("length-beyond", "A length beyond the end of the payload.", b"\x01\x01\x06Nurse")
    yield misformed("length-missing", "A number without a length.", payload_of({"shard": 7}) + b"\x04")
    yield misformed("trailing-byte", "A zero byte behind the last field.", payload + b"\x00")
    yield misformed("role-empty", "An empty role.", b"\x01" + field(1, b""))
    yield misformed("role-41", "A role of 41 bytes.", b"\x01" + field(1, b"R" * 41))
    yield misformed("role-digit", "A role with a digit.", b"\x01" + field(1, b"Nurse 2"))
    yield misformed("role-not-utf8", "A role that is not UTF-8.", b"\x01" + field(1, b"N\xff"))
    yield misformed("locale-1", "A locale of one letter.", b"\x01" + field(2, b"d"))
    yield misformed("locale-underscore", "A locale with an underscore.", b"\x01" + field(2, b"de_DE"))
    yield misformed("locale-36", "A locale of 36 bytes.", b"\x01" + field(2, b"abcdefgh-" * 3 + b"abcdefg-a"))

    # The text.
    two_left = with_sealed(longer)
    last = ALPHABET.index(two_left[-1])
    require(last % 16 == 0, "a text with four trailing bits")
    for bit in range(4):
        yield unopened("invalid_argument", f"trailing-bit-{bit}", f"Bit {bit} of the last character, which stands for "
                       "nothing, is set.", two_left[:-1] + ALPHABET[last | 1 << bit])
    yield unopened("invalid_argument", "base64-padded", "Padded with ==.", two_left + "==")
    for name, what, character in (("plus", "'+' of the other base64 alphabet", "+"), ("slash", "'/' of it", "/"),
                                  ("equals", "'='", "="), ("full-stop", "a second full stop", "."), ("blank", "a blank", " "),
                                  ("nul", "a NUL", "\x00"), ("beyond-ascii", "a letter beyond ASCII", "\u00e9")):
        yield unopened("invalid_argument", f"base64-{name}", f"A character of the metadata is {what}.",
                       text[:60] + character + text[60 + len(character.encode("utf-8")):])
    yield unopened("invalid_argument", "line-feed", "A line feed at the end.", text + "\n")
    for name, what, cut in (("short", "one character less", text[:-1]), ("long", "one character more", text + "A"),
                            ("byte-less", "one byte less", with_sealed(good[:-1])),
                            ("byte-more", "one byte more", with_sealed(good + b"\x00")),
                            ("no-step", "no ciphertext", with_sealed(good[:29])),
                            ("empty", "nothing behind the full stop", EXAMPLE["id"] + "."),
                            ("none", "the ID alone", EXAMPLE["id"]),
                            ("no-full-stop", "no full stop", text[:ID_SIZE] + text[ID_SIZE + 1:]),
                            ("colon", "a colon in place of the full stop", text.replace(".", ":")),
                            ("nothing", "no byte", ""),
                            ("too-long", "more than 4096 bytes", with_sealed(good + 47 * bytes(STEP)))):
        yield unopened("invalid_argument", f"length-{name}", f"Not the length of metadata: {what}.", cut)
    yield unopened("altered", "longest", "The longest text there may be, with 47 steps.",
                   with_sealed(good + 46 * bytes(STEP)))
    yield unopened("invalid_argument", "id-check", "The check character of the ID is wrong.",
                   text[:31] + "3" + text[ID_SIZE:])
    yield unopened("invalid_argument", "id-upper-case", "The ID in upper case.", text[:ID_SIZE].upper() + text[ID_SIZE:])


def swapped_keys():
    mac, encrypt = keys(EXAMPLE)
    block = padded(payload_of(WORKED))
    message = b"moniker/v1/metadata" + b"\x00" + header_of(1) + EXAMPLE["id"].encode("ascii") + block
    iv = PRF[EXAMPLE["suite"]](encrypt, message)[:IV_SIZE]
    return header_of(1) + iv + xchacha20(mac, iv, block)


def parses():
    text = text_of(EXAMPLE, seal_block(EXAMPLE, padded(payload_of(WORKED))))
    two = text_of(EXAMPLE, seal_block(EXAMPLE, padded(payload_of(ALL_LONGEST))))
    own, rest = EXAMPLE["id"], text[ID_SIZE:]
    typed = own[:1].upper() + own[1:].upper().replace("0", "O").replace("1", "I")
    for mode in ("strict", "forgiving"):
        yield parsed("metadata", f"With metadata of one step, {mode}.", mode, text, own)
        yield parsed("metadata-two", f"With metadata of two steps, {mode}.", mode, two, own)
        yield parsed("not-sealed", f"A parser looks at the shape alone: 124 times '-', {mode}.", mode,
                     own + "." + "-" * 124, own)
        yield parsed("longest", f"The longest text, {mode}.", mode,
                     own + "." + base64url(bytes(29 + 47 * STEP)), own)
        yield parsed("too-long", f"Beyond 4096 bytes, {mode}.", mode, own + "." + base64url(bytes(29 + 48 * STEP)), None)
        yield parsed("file-name", f"A file's name, {mode}.", mode, own + ".mp3", None)
        yield parsed("no-metadata", f"Nothing behind the full stop, {mode}.", mode, own + ".", None)
        yield parsed("short", f"One character less, {mode}.", mode, text[:-1], None)
        yield parsed("check", f"A wrong check character before metadata, {mode}.", mode, own[:-1] + "3" + rest, None)
        yield parsed("trailing-bit", f"A trailing bit set, {mode}.", mode,
                     two[:-1] + ALPHABET[ALPHABET.index(two[-1]) | 1], None)
    yield parsed("typed", "Upper case and lookalikes before metadata, forgiving.", "forgiving", typed + rest, own)
    yield parsed("typed", "Upper case and lookalikes before metadata, strict.", "strict", typed + rest, None)


def vectors():
    yield from seals()
    yield from seal_errors()
    yield from opens()
    yield from parses()
