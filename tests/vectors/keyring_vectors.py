"""The vectors of keyring file format 1.

The first half reads the format from its specification (docs/formats/keyring.md; section numbers are its own) and
nothing else. The second half writes files and lists the scenarios: the reader has to find in each file exactly the
fault that the scenario names, so that no vector is refused for another reason.
"""

import hashlib
import struct

import xchacha20poly1305
from pseudonym_vectors import CONTROL, field_faults, require, subkey

# --- Shared with mapping_store_vectors ---------------------------------------------------------------


class Truncated(Exception):
    """The bytes end inside a field."""


class Cursor:
    def __init__(self, data):
        self.data = data
        self.position = 0

    def rest(self):
        return len(self.data) - self.position

    def take(self, size):
        if size > self.rest():
            raise Truncated
        self.position += size
        return self.data[self.position - size:self.position]

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def lp(self):
        return self.take(self.number(4))


def text_faults(name, data, lowest, highest, allowed=()):
    """UTF-8 of so many bytes, without control characters other than the allowed ones."""
    faults = [] if lowest <= len(data) <= highest else [f"{name}: length"]
    try:
        points = {ord(character) for character in data.decode("utf-8")}
    except UnicodeDecodeError:
        return faults + [f"{name}: not-utf8"]
    if not CONTROL.isdisjoint(points - set(allowed)):
        faults.append(f"{name}: control")
    return faults


def named_faults(field, data):
    """The faults of a field of the pseudonym format."""
    return [f"{field}: {reason}" for reason in field_faults(field, data)]


def numbered(text, size=32):
    """Bytes without a pattern."""
    return hashlib.sha256(b"moniker test vector " + text.encode("utf-8")).digest()[:size]


def flip(data, position, mask=0x01):
    changed = bytearray(data)
    changed[position] ^= mask
    return bytes(changed)


# Bytes that are not UTF-8 and characters of the category Cc, each alone or inside other text.
NOT_UTF8 = (
    ("continuation", "a continuation byte without a start", b"\x80"),
    ("latin-1", "a letter in Latin-1", b"\xe9"),
    ("truncated", "a sequence cut off", b"\xe2\x82"),
    ("overlong", "'/' in two bytes", b"\xc0\xaf"),
    ("surrogate", "a surrogate", b"\xed\xa0\x80"),
    ("beyond-unicode", "U+110000", b"\xf4\x90\x80\x80"),
)
CONTROLS = (
    ("nul", "NUL", b"\x00"),
    ("tab", "a tabulator", b"\t"),
    ("line-feed", "a line feed", b"\n"),
    ("carriage-return", "a carriage return", b"\r"),
    ("unit-separator", "U+001F", b"\x1f"),
    ("delete", "U+007F", b"\x7f"),
    ("first-c1", "U+0080", b"\xc2\x80"),
    ("next-line", "U+0085", b"\xc2\x85"),
    ("last-c1", "U+009F", b"\xc2\x9f"),
)

# --- Section 2: protector key ------------------------------------------------------------------------

PASSPHRASE_1 = b" p\xc3\xa4ss \x00\xff\n"
PASSPHRASE_2 = b"p"
SALT_1 = b"moniker-keyring1"
SALT_2 = b"moniker-keyring2"

# P, made by the reference program (Debian's argon2 0~20171227-0.3); the standard library has no Argon2.
ARGON2ID = {
    # printf ' p\303\244ss \000\377\n' | argon2 moniker-keyring1 -id -v 13 -t 1 -k 65536 -p 1 -l 32 -r
    (PASSPHRASE_1, SALT_1, 1, 65536):
        bytes.fromhex("361797fce26088853e022215e340be3223c18f1bb80383548f8688ae1cd8c98e"),
    # printf ' p\303\244ss \000\377' | argon2 moniker-keyring1 -id -v 13 -t 1 -k 65536 -p 1 -l 32 -r
    (PASSPHRASE_1[:-1], SALT_1, 1, 65536):
        bytes.fromhex("63a60e3990d3b1af2aed647ba7075121881c1a0f5944d6287e2fcd994799602b"),
    # printf 'p' | argon2 moniker-keyring2 -id -v 13 -t 2 -k 65536 -p 1 -l 32 -r
    (PASSPHRASE_2, SALT_2, 2, 65536):
        bytes.fromhex("b498e299f1d1c6b3fe5cea4ccadf604c3080fb80ff66821ba589489d5382fa8f"),
    # printf 'p' | argon2 moniker-keyring2 -id -v 13 -t 2 -k 65537 -p 1 -l 32 -r
    (PASSPHRASE_2, SALT_2, 2, 65537):
        bytes.fromhex("2401c25166ecac5ca38fc431783f7ce6da8e3fcd2c7dc58687ab82ad2443698d"),
}

KEY_FILE, PASSPHRASE = 1, 2
PROTECTORS = {KEY_FILE: "key-file", PASSPHRASE: "passphrase"}
SUITES = {1: "blake2b", 2: "hmac-sha256"}
IDENTITY, STORAGE, INDEX = 1, 2, 3
KINDS = {IDENTITY: "identity", STORAGE: "storage", INDEX: "index"}
DERIVED, ENROLLED = 1, 2
MODES = {DERIVED: "derived", ENROLLED: "enrolled"}
MAGIC = b"mnkkeys\n"


# --- Reading -----------------------------------------------------------------------------------------

class Refused(Exception):
    def __init__(self, code, *rules):
        super().__init__(code, rules)
        self.code = code
        self.rules = rules


def altered(*rules):
    return Refused("altered", *rules)


def read_header(cursor):
    """Section 1, all but the sealed body: the fields, or Refused with every rule that the header breaks."""
    if cursor.take(8) != MAGIC:
        raise altered("magic")
    version = cursor.number(2)
    if version > 1:
        raise Refused("newer_format", "version")
    faults = [] if version == 1 else ["version"]

    suite, protector = cursor.number(1), cursor.number(1)
    if suite not in SUITES:
        faults.append("suite")
    salt = cursor.take(32)
    passes, memory = cursor.number(4), cursor.number(4)
    path = cursor.take(cursor.number(2))
    if protector == KEY_FILE:
        if passes:
            faults.append("passes with a key file")
        if memory:
            faults.append("memory with a key file")
        faults += text_faults("path", path, 1, 4096)
        if path and not path.startswith(b"/"):
            faults.append("path: not absolute")
    elif protector == PASSPHRASE:
        if not 1 <= passes <= 64:
            faults.append("passes")
        if not 65536 <= memory <= 4194304:
            faults.append("memory")
        if path:
            faults.append("path with a passphrase")
    else:
        faults.append("protector")

    commitment = cursor.take(32)
    associated = cursor.data[:cursor.position]
    nonce = cursor.take(24)
    if cursor.number(4) != cursor.rest():
        faults.append("length of the sealed body")
    if faults:
        raise altered(*faults)
    return {"suite": SUITES[suite], "protector": protector, "salt": salt, "passes": passes, "memory": memory,
            "path": path, "commitment": commitment, "nonce": nonce, "associated": associated}


def protector_key(header, protector, secret):
    """Section 2: P."""
    if protector != header["protector"]:
        raise Refused("invalid_argument", "protector")
    if protector == KEY_FILE:
        return secret
    if not 1 <= len(secret) <= 1024:
        raise Refused("invalid_argument", "length of the passphrase")
    return ARGON2ID[secret, header["salt"][:16], header["passes"], header["memory"]]


def read_body(suite, body):
    """Section 3."""
    cursor = Cursor(body)
    faults = []
    vault_id, mode, app = cursor.take(16), cursor.number(1), cursor.lp()
    if mode not in MODES:
        faults.append("mode")
    faults += named_faults("app", app)
    count = cursor.number(2)
    if not 3 <= count <= 4096:
        faults.append("number of keys")
    keys = [(cursor.number(1), cursor.number(4), cursor.number(1), cursor.number(8), cursor.take(32))
            for _ in range(count)]
    if cursor.rest():
        faults.append("bytes behind the keys")
    for kind, epoch, algorithm, *_ in keys:
        if kind not in KINDS:
            faults.append("kind")
        if epoch == 0:
            faults.append("epoch")
        if kind in KINDS and algorithm != (1 if kind == STORAGE or suite == "blake2b" else 2):
            faults.append("algorithm")
    pairs = [key[:2] for key in keys]
    if pairs != sorted(set(pairs)):
        faults.append("order of the keys")
    # Fewer than three keys lack a kind: that is the same fault.
    if count >= 3 and not KINDS.keys() <= {kind for kind, *_ in keys}:
        faults.append("no key of a kind")
    if faults:
        raise altered(*faults)
    return {"vault_id": vault_id, "mode": mode, "app": app, "keys": keys}


def read(data, protector, secret):
    """What the file holds; Refused if it is refused."""
    try:
        cursor = Cursor(data)
        header = read_header(cursor)
        p = protector_key(header, protector, secret)
        suite, salt = header["suite"], header["salt"]
        if subkey(suite, p, b"keyring-commit", salt) != header["commitment"]:
            raise Refused("wrong_key", "commitment")
        body = xchacha20poly1305.unseal(subkey(suite, p, b"keyring-seal", salt), header["nonce"],
                                        header["associated"], cursor.take(cursor.rest()))
        if body is None:
            raise altered("authentication")
        return {"suite": suite, "path": header["path"], **read_body(suite, body)}
    except Truncated:
        raise altered("truncated") from None


# --- Writing -----------------------------------------------------------------------------------------

SALT = numbered("keyring salt")
NONCE = numbered("keyring nonce", 24)
P = numbered("keyring protector key")
VAULT_ID = numbered("keyring vault", 16)
PATH = b"/etc/moniker/vault.key"
TIME = 1700000000


def make_key(kind, epoch, suite="blake2b", **changes):
    """(kind, epoch, algorithm, time, key)"""
    right = {"algorithm": 2 if kind != STORAGE and suite == "hmac-sha256" else 1, "time": TIME + 86400 * (epoch % 1000),
             "key": numbered(f"keyring key {kind} {epoch}")}
    require(changes.keys() <= right.keys(), changes)
    return kind, epoch, *{**right, **changes}.values()


def one_of_each(suite="blake2b"):
    return [make_key(kind, 1, suite) for kind in KINDS]


def make_body(vault_id=VAULT_ID, mode=DERIVED, app=b"clinic-7", keys=None, suite="blake2b", *,
              app_length=None, count=None, behind=b""):
    keys = one_of_each(suite) if keys is None else keys
    return (vault_id + struct.pack("<BI", mode, len(app) if app_length is None else app_length) + app
            + struct.pack("<H", len(keys) if count is None else count)
            + b"".join(struct.pack("<BIBQ32s", *key) for key in keys) + behind)


def make_file(body=None, *, suite="blake2b", protector=KEY_FILE, path=None, salt=SALT, passes=0, memory=0, p=P,
              nonce=NONCE, magic=MAGIC, version=1, suite_byte=None, path_length=None, commitment_changes=None,
              seal_with=None, seal_label=b"keyring-seal", associated=None, length=None, behind=b""):
    """A file that is right but for what the arguments change; everything else fits the change."""
    path = (PATH if protector == KEY_FILE else b"") if path is None else path
    body = make_body(suite=suite) if body is None else body
    if suite_byte is None:
        suite_byte = {name: number for number, name in SUITES.items()}[suite]
    head = (magic + struct.pack("<HBB", version, suite_byte, protector) + salt
            + struct.pack("<IIH", passes, memory, len(path) if path_length is None else path_length) + path)
    commitment = subkey(suite, p, b"keyring-commit", salt)
    head += commitment_changes(commitment) if commitment_changes else commitment
    key = subkey(suite, seal_with or p, seal_label, salt)
    sealed = xchacha20poly1305.seal(key, nonce, associated(head) if associated else head, body)
    return head + nonce + struct.pack("<I", len(sealed) if length is None else length) + sealed + behind


def vector(name, scenario, data, protector, secret, expected):
    """`expected` is a code, or the lines behind `expect: ok`."""
    secret_key = {KEY_FILE: "protector-key-hex", PASSPHRASE: "passphrase-hex"}[protector]
    result = [("expect", "error"), ("code", expected)] if isinstance(expected, str) else [("expect", "ok"), *expected]
    return f"{name}.txt", [
        ("type", "keyring"), ("scenario", scenario), ("protector", PROTECTORS[protector]),
        (secret_key, secret.hex()), ("file-hex", data.hex()), *result]


def ok(name, scenario, *, suite="blake2b", vault_id=VAULT_ID, mode=DERIVED, app=b"clinic-7", keys=None,
       protector=KEY_FILE, secret=P, path=None, **how):
    keys = one_of_each(suite) if keys is None else keys
    path = (PATH if protector == KEY_FILE else b"") if path is None else path
    data = make_file(make_body(vault_id, mode, app=app, keys=keys, suite=suite), suite=suite, protector=protector,
                     path=path, **how)
    require(read(data, protector, secret) ==
            {"suite": suite, "path": path, "vault_id": vault_id, "mode": mode, "app": app, "keys": keys},
            name)
    lines = [("suite", suite), ("mode", MODES[mode]), ("vault-id-hex", vault_id.hex()), ("app", app.decode("ascii")),
             *([("key-file-path", path.decode("utf-8"))] if path else []), ("keys", str(len(keys)))]
    for number, (kind, epoch, algorithm, time, key) in enumerate(keys, 1):
        lines.append((f"key-{number}", f"{KINDS[kind]} {epoch} {algorithm} {time} {key.hex()}"))
    return vector(f"ok-{name}", scenario, data, protector, secret, lines)


def error(code, rule, name, scenario, data, *, protector=KEY_FILE, secret=P):
    """The reader must find this one fault and no other."""
    try:
        read(data, protector, secret)
    except Refused as refused:
        require((refused.code, refused.rules) == (code, (rule,)), f"{name}: {refused.code}, {refused.rules}")
    else:
        require(False, f"{name} is read")
    return vector(f"{code.replace('_', '-')}-{name}", scenario, data, protector, secret, code)


def error_body(rule, name, scenario, suite="blake2b", **changes):
    """A body that breaks a rule of section 3, sealed as it should be."""
    return error("altered", rule, f"body-{name}", scenario, make_file(make_body(suite=suite, **changes), suite=suite))


# --- Vectors -----------------------------------------------------------------------------------------

WITH_PASSPHRASE_1 = {"protector": PASSPHRASE, "salt": SALT_1 + SALT[16:], "passes": 1, "memory": 65536,
                     "p": ARGON2ID[PASSPHRASE_1, SALT_1, 1, 65536]}
WITH_PASSPHRASE_2 = {"protector": PASSPHRASE, "salt": SALT_2 + SALT[16:], "passes": 2, "memory": 65536,
                     "p": ARGON2ID[PASSPHRASE_2, SALT_2, 2, 65536]}
PASSES_AT, MEMORY_AT, PATH_LENGTH_AT, PATH_AT = 44, 48, 52, 54


def accepted():
    for suite in SUITES.values():
        yield ok(f"key-file-{suite}", f"Key file, {suite}, one key of each kind.", suite=suite)
        yield ok(f"epochs-{suite}", f"Several epochs of each kind, {suite}; identity 2 and 3, storage 1 and index 1 "
                 "are destroyed.", suite=suite,
                 keys=[make_key(*pair, suite) for pair in ((IDENTITY, 1), (IDENTITY, 4), (STORAGE, 2), (STORAGE, 3),
                                                           (INDEX, 2))])
        yield ok(f"enrolled-{suite}", f"Key file, {suite}, mode enrolled.", suite=suite, mode=ENROLLED)
        yield ok(f"enrolled-epochs-{suite}", f"Several epochs of each kind, {suite}, mode enrolled.", suite=suite,
                 mode=ENROLLED, keys=[make_key(kind, epoch, suite) for kind in KINDS for epoch in (2, 3, 5)])
        yield ok(f"app-longest-{suite}", f"App of 64 bytes, {suite}.", suite=suite, app=b"a" * 64)
        yield ok(f"app-shortest-{suite}", f"App of 1 byte, {suite}.", suite=suite, app=b"z")
    yield ok("passphrase-blake2b",
             "Passphrase, blake2b, 1 pass; blanks, NUL, a byte that is not UTF-8 and a line feed at the end count.",
             secret=PASSPHRASE_1, **WITH_PASSPHRASE_1)
    yield ok("passphrase-hmac-sha256", "Passphrase of 1 byte, hmac-sha256, 2 passes.", suite="hmac-sha256",
             secret=PASSPHRASE_2, **WITH_PASSPHRASE_2)
    yield ok("passphrase-enrolled", "Passphrase of 1 byte, blake2b, 2 passes, mode enrolled.", mode=ENROLLED,
             secret=PASSPHRASE_2, **WITH_PASSPHRASE_2)

    yield ok("app-every-character", "App with every character it may have.",
             app=b"abcdefghijklmnopqrstuvwxyz0123456789._-/")
    for name, scenario, path in (
            ("shortest", "Path of 1 byte.", b"/"),
            ("longest", "Path of 4096 bytes.", b"/" + b"k" * 4095),
            ("longest-multi-byte", "Path of 4096 bytes in 1366 characters.", b"/" + "\u4f1a".encode("utf-8") * 1365),
            ("utf-8", "Path with letters beyond ASCII and beyond the Basic Multilingual Plane.",
             "/srv/schl\u00fcssel/\u0416/\u738b/\U0001f511".encode("utf-8")),
            ("after-controls", "Path with U+007E and U+00A0, the neighbours of the controls.",
             "/a~b\u00a0c".encode("utf-8")),
            ("not-normal", "Path with '//', '.', '..', a blank and ': ' in it: it is not looked into.",
             b"//mnt/./a b/../c: d/")):
        yield ok(f"path-{name}", scenario, path=path)
    yield ok("many-keys", "300 keys, so that both bytes of their number count.",
             keys=[make_key(IDENTITY, epoch) for epoch in range(1, 299)] + [make_key(STORAGE, 7), make_key(INDEX, 9)])
    yield ok("epoch-order", "Epochs whose order as numbers is not their order as little endian bytes.",
             keys=[make_key(IDENTITY, 1), make_key(IDENTITY, 255), make_key(IDENTITY, 256), make_key(IDENTITY, 65536),
                   make_key(STORAGE, 2**24 + 2), make_key(INDEX, 2**32 - 1)])
    yield ok("time-lowest", "Keys made at second 0.", keys=[make_key(kind, 1, time=0) for kind in KINDS])
    yield ok("time-beyond-32-bits", "Keys made in the years 2038 and 2106, beyond 31 and 32 bits.",
             keys=[make_key(IDENTITY, 1, time=2**31), make_key(STORAGE, 1, time=2**32), make_key(INDEX, 1)])
    yield ok("time-highest", "A key with the highest time that 8 bytes hold: times have no sign and no limit.",
             keys=[make_key(IDENTITY, 1, time=2**64 - 1), make_key(STORAGE, 1), make_key(INDEX, 1)])
    yield ok("vault-id-zeros", "Vault ID of zeros only.", vault_id=bytes(16))
    yield ok("same-key", "The same key bytes in several places.",
             keys=[make_key(kind, epoch, key=bytes(range(32))) for kind in KINDS for epoch in (1, 2)])
    yield ok("protector-key-zeros", "P, salt and nonce of zeros only.", secret=bytes(32), p=bytes(32), salt=bytes(32),
             nonce=bytes(24))


def versions():
    body = make_body(behind=b"something new")
    yield error("newer_format", "version", "version-2", "Version 2, everything else as in version 1.",
                make_file(version=2))
    yield error("newer_format", "version", "version-2-garbage", "Version 2, and nothing behind it is as in version 1.",
                MAGIC + b"\x02\x00" + numbered("garbage") * 3)
    yield error("newer_format", "version", "version-2-end", "Version 2, and the file ends behind it.",
                MAGIC + b"\x02\x00")
    yield error("newer_format", "version", "version-2-long", "Version 2 with more in the body and bytes behind it.",
                make_file(body, version=2, behind=b"more"))
    yield error("newer_format", "version", "version-2-wrong-key", "Version 2: whether the key is right is not asked.",
                make_file(version=2), secret=numbered("another protector key"))
    yield error("newer_format", "version", "version-256", "Version 256: the number has two bytes.",
                make_file(version=256))
    yield error("newer_format", "version", "version-65535", "The highest version.", make_file(version=65535))
    yield error("altered", "version", "version-0", "Version 0.", make_file(version=0))


def envelope():
    right = make_file()
    path_end = PATH_AT + len(PATH)
    for name, scenario, magic in (
            ("first", "The first byte of the magic is wrong.", flip(MAGIC, 0)),
            ("last", "The last byte of the magic is wrong.", MAGIC[:-1] + b"\r"),
            ("upper-case", "The magic in upper case.", MAGIC.upper()),
            ("zeros", "Eight zero bytes for the magic.", bytes(8))):
        yield error("altered", "magic", f"magic-{name}", scenario, make_file(magic=magic))
    yield error("altered", "magic", "magic-cr-lf", "A transfer as text made CR LF of the magic's line feed.",
                make_file(magic=MAGIC[:-1] + b"\r\n"))
    yield error("altered", "magic", "magic-key-file", "A key file in place of the keyring.",
                b"moniker-key-1:" + P.hex().encode("ascii") + b"\n")
    yield error("altered", "magic", "magic-missing", "The file begins with the version.", right[8:])

    cuts = (
        ("empty", "No byte at all.", 0),
        ("magic-1", "The file ends inside the magic.", 1),
        ("magic-7", "The last byte of the magic is missing.", 7),
        ("magic", "The file ends behind the magic.", 8),
        ("version-1", "The file ends inside the version.", 9),
        ("version", "The file ends behind the version.", 10),
        ("suite", "The file ends behind the suite.", 11),
        ("protector", "The file ends behind the protector.", 12),
        ("salt-31", "The last byte of the salt is missing.", 43),
        ("salt", "The file ends behind the salt.", PASSES_AT),
        ("passes", "The file ends behind the passes.", MEMORY_AT),
        ("memory", "The file ends behind the memory.", PATH_LENGTH_AT),
        ("path-length-1", "The file ends inside the length of the path.", PATH_LENGTH_AT + 1),
        ("path-length", "The file ends behind the length of the path.", PATH_AT),
        ("path-1", "The last byte of the path is missing.", path_end - 1),
        ("path", "The file ends behind the path.", path_end),
        ("commitment-31", "The last byte of the commitment is missing.", path_end + 31),
        ("commitment", "The file ends behind the commitment.", path_end + 32),
        ("nonce-23", "The last byte of the nonce is missing.", path_end + 55),
        ("nonce", "The file ends behind the nonce.", path_end + 56),
        ("length-3", "The file ends inside the length of the sealed body.", path_end + 59),
    )
    for name, scenario, size in cuts:
        yield error("altered", "truncated", f"truncated-{name}", scenario, right[:size])
    for name, scenario, size in (
            ("length", "The file ends behind the length of the sealed body.", path_end + 60),
            ("body-1", "Only the first byte of the sealed body is there.", path_end + 61),
            ("tag", "The authentication tag is missing.", len(right) - 16),
            ("last", "The last byte of the file is missing.", len(right) - 1)):
        yield error("altered", "length of the sealed body", f"truncated-{name}", scenario, right[:size])

    rule = "length of the sealed body"
    size = len(right) - path_end - 60
    for name, scenario, behind in (("nul", "A zero byte behind the sealed body.", b"\x00"),
                                   ("line-feed", "A line feed behind the sealed body.", b"\n"),
                                   ("twice", "The whole file twice.", right)):
        yield error("altered", rule, f"trailing-{name}", scenario, make_file(behind=behind))
    for name, scenario, length in (
            ("zero", "The length of the sealed body is 0.", 0),
            ("less", "The length of the sealed body is too small by one.", size - 1),
            ("more", "The length of the sealed body is too great by one.", size + 1),
            ("without-tag", "The length of the sealed body leaves out the tag.", size - 16),
            ("high-byte", "The highest byte of the length of the sealed body is not 0.", size + 2**24),
            ("highest", "The length of the sealed body is the highest number.", 2**32 - 1)):
        yield error("altered", rule, f"length-{name}", scenario, make_file(length=length))
    for count in (0, 15):
        yield error("altered", "authentication", f"length-short-{count}",
                    f"A sealed body of {count} bytes, less than a tag; its length says so.",
                    make_file(length=count)[:path_end + 60 + count])


def header_values():
    for number in (0, 3, 255):
        yield error("altered", "suite", f"suite-{number}", f"Suite {number}.", make_file(suite_byte=number))
    for number in (0, 3, 255):
        yield error("altered", "protector", f"protector-{number}", f"Protector {number}.",
                    make_file(protector=number, path=PATH))

    # Refused before Argon2 runs; made with the P of other parameters, which no reader should get to see.
    for field, name, scenario, value in (
            ("passes", "zero", "0 passes.", 0),
            ("passes", "too-many", "65 passes.", 65),
            ("passes", "high-byte", "2 to the power of 24 passes and one more.", 2**24 + 1),
            ("passes", "highest", "The highest number of passes.", 2**32 - 1),
            ("memory", "zero", "No memory.", 0),
            ("memory", "too-little", "1 KiB less than 64 MiB of memory.", 65535),
            ("memory", "too-much", "1 KiB more than 4 GiB of memory.", 4194305),
            ("memory", "highest", "The highest number of KiB of memory.", 2**32 - 1)):
        yield error("altered", field, f"{field}-{name}", scenario, make_file(**{**WITH_PASSPHRASE_1, field: value}),
                    protector=PASSPHRASE, secret=PASSPHRASE_1)
    yield error("altered", "path with a passphrase", "path-passphrase", "A path in a file with a passphrase.",
                make_file(**WITH_PASSPHRASE_1, path=PATH), protector=PASSPHRASE, secret=PASSPHRASE_1)
    for field, value in (("passes", 1), ("memory", 1), ("passes", 3), ("memory", 262144)):
        yield error("altered", f"{field} with a key file", f"{field}-key-file-{value}",
                    f"Key file, and the field for Argon2id's {field} is {value}.", make_file(**{field: value}))

    yield error("altered", "path: length", "path-empty", "No path with a key file.", make_file(path=b""))
    yield error("altered", "path: length", "path-too-long", "Path of 4097 bytes.", make_file(path=b"/" + b"k" * 4096))
    yield error("altered", "truncated", "path-length-highest", "The path's length leads beyond the end of the file.",
                make_file(path_length=65535))
    for name, scenario, path in (
            ("relative", "Path that is not absolute.", b"vault.key"),
            ("dot", "Path that begins with './'.", b"./vault.key"),
            ("home", "Path that begins with '~'.", b"~/vault.key"),
            ("drive", "Path that begins with a drive.", b"C:/vault.key"),
            ("blank", "Path with a blank before '/'.", b" /vault.key")):
        yield error("altered", "path: not absolute", f"path-{name}", scenario, make_file(path=path))
    for name, what, data in NOT_UTF8:
        yield error("altered", "path: not-utf8", f"path-not-utf8-{name}", f"Path with {what}.",
                    make_file(path=b"/a" + data + b"b"))
    yield error("altered", "path: not-utf8", "path-not-utf8-end", "Path that ends inside a character.",
                make_file(path=b"/a\xe2\x82"))
    for name, what, data in CONTROLS:
        yield error("altered", "path: control", f"path-control-{name}", f"Path with {what}.",
                    make_file(path=b"/a" + data + b"b"))
    yield error("altered", "path: control", "path-control-nul-end", "Path with a NUL at its end.",
                make_file(path=PATH + b"\x00"))


def wrong_keys():
    right = make_file()
    other = numbered("another protector key")
    yield error("wrong_key", "commitment", "key-file-other", "The key of another key file.", right, secret=other)
    yield error("wrong_key", "commitment", "key-file-bit", "A protector key that differs in its last bit.", right,
                secret=flip(P, 31))
    yield error("wrong_key", "commitment", "key-file-hmac-sha256", "The key of another key file, hmac-sha256.",
                make_file(suite="hmac-sha256"), secret=other)
    for position in (0, 15, 16, 31):
        yield error("wrong_key", "commitment", f"salt-{position}", f"A bit of the salt's byte {position} is changed.",
                    flip(right, 12 + position, 0x80))
    start = PATH_AT + len(PATH)
    for position in (0, 31):
        yield error("wrong_key", "commitment", f"commitment-{position}",
                    f"A bit of the commitment's byte {position} is changed.", flip(right, start + position))
    # The body, the tag included, fits the changed commitment: only the comparison finds it.
    yield error("wrong_key", "commitment", "commitment-sealed",
                "The commitment is another key's, and the body is sealed with it as associated data.",
                make_file(commitment_changes=lambda _: subkey("blake2b", other, b"keyring-commit", SALT)))
    yield error("wrong_key", "commitment", "commitment-half",
                "Only the first 16 bytes of the commitment are right; the body is sealed with it as associated data.",
                make_file(commitment_changes=lambda commitment: commitment[:16] + bytes(16)))
    yield error("wrong_key", "commitment", "suite-changed",
                "The suite is changed to the other one: another PRF, so another commitment.", flip(right, 10, 0x03))
    yield error("wrong_key", "commitment", "passphrase", "The passphrase lacks the line feed at its end.",
                make_file(**WITH_PASSPHRASE_1), protector=PASSPHRASE, secret=PASSPHRASE_1[:-1])
    yield error("wrong_key", "commitment", "memory-changed",
                "A bit of Argon2id's memory is changed; 65537 KiB are allowed, but make another key.",
                flip(make_file(**WITH_PASSPHRASE_2), MEMORY_AT), protector=PASSPHRASE, secret=PASSPHRASE_2)


def arguments():
    with_passphrase = make_file(**WITH_PASSPHRASE_1)
    for name, scenario, secret in (("empty", "Passphrase without a byte.", b""),
                                   ("too-long", "Passphrase of 1025 bytes.", b"p" * 1025)):
        yield error("invalid_argument", "length of the passphrase", f"passphrase-{name}", scenario, with_passphrase,
                    protector=PASSPHRASE, secret=secret)
    yield error("invalid_argument", "protector", "key-file-for-passphrase",
                "A key file for a keyring that a passphrase protects.", with_passphrase)
    yield error("invalid_argument", "protector", "passphrase-for-key-file",
                "A passphrase for a keyring that a key file protects.", make_file(),
                protector=PASSPHRASE, secret=PASSPHRASE_1)


def authentication():
    right = make_file()
    enrolled = make_file(make_body(mode=ENROLLED))
    start = PATH_AT + len(PATH)
    nonce, body = start + 32, start + 60
    for name, scenario, position, mask in (
            ("nonce-first", "A bit of the nonce's first byte is changed.", nonce, 0x01),
            ("nonce-last", "A bit of the nonce's last byte is changed.", nonce + 23, 0x80),
            ("ciphertext-first", "A bit of the ciphertext's first byte is changed.", body, 0x01),
            ("ciphertext-mode", "The ciphertext's bits that turn mode 1 into mode 2 are changed.", body + 16, 0x03),
            ("ciphertext-last", "The last bit of the ciphertext is changed.", len(right) - 17, 0x80),
            ("tag-first", "A bit of the tag's first byte is changed.", len(right) - 16, 0x01),
            ("tag-last", "The last bit of the tag is changed.", len(right) - 1, 0x80),
            ("path-letter", "A letter of the path is changed.", start - 1, 0x02)):
        yield error("altered", "authentication", name, scenario, flip(right, position, mask))
    yield error("altered", "authentication", "ciphertext-mode-back",
                "The ciphertext's bits that turn mode 2 into mode 1 are changed.", flip(enrolled, body + 16, 0x03))
    require(flip(right, start - 1, 0x02)[PATH_AT:start] == b"/etc/moniker/vault.ke{", "path-letter")
    for name, scenario, associated in (
            ("associated-none", "Sealed without associated data.", lambda head: b""),
            ("associated-fixed", "Sealed with the fields before the path alone.", lambda head: head[:PATH_AT]),
            ("associated-without-path", "Sealed with everything but the path.",
             lambda head: head[:PATH_AT] + head[-32:]),
            ("associated-without-commitment", "Sealed with everything but the commitment.", lambda head: head[:-32]),
            ("associated-with-nonce", "Sealed with the nonce as further associated data.",
             lambda head: head + NONCE)):
        yield error("altered", "authentication", name, scenario, make_file(associated=associated))
    yield error("altered", "authentication", "sealed-other-key",
                "The commitment is right, but the body is sealed under another protector key.",
                make_file(seal_with=numbered("another protector key")))
    yield error("altered", "authentication", "sealed-commit-label",
                "The body is sealed under the key that the commitment is.", make_file(seal_label=b"keyring-commit"))
    other = make_file(make_body(numbered("another vault", 16)), salt=numbered("another salt"))
    yield error("altered", "authentication", "body-of-other-file",
                "Nonce and body of another file that the same key file protects.", right[:nonce] + other[nonce:])


def bodies():
    right = make_body()
    app_end = 16 + 1 + 4 + len(b"clinic-7")
    for name, scenario, size in (
            ("empty", "No byte in the body.", 0),
            ("vault-id", "The body ends inside the vault ID.", 15),
            ("mode", "The body ends behind the vault ID.", 16),
            ("app-length-0", "The body ends behind the mode.", 17),
            ("app-length", "The body ends inside the length of the app.", 20),
            ("app-0", "The body ends behind the length of the app.", 21),
            ("app", "The last byte of the app is missing.", app_end - 1),
            ("count-0", "The body ends behind the app.", app_end),
            ("count", "The body ends inside the number of keys.", app_end + 1),
            ("keys", "The number of keys is there, the keys are not.", app_end + 2),
            ("key", "The last key is missing.", len(right) - 46),
            ("last", "The last byte of the last key is missing.", len(right) - 1)):
        yield error("altered", "truncated", f"body-truncated-{name}", scenario, make_file(right[:size]))
    yield error_body("truncated", "app-length-more", "The app's length leads beyond the end of the body.",
                     app_length=len(right))
    yield error_body("truncated", "app-length-highest", "The app's length is the highest number.",
                     app_length=2**32 - 1)

    for mode in (0, 3, 255):
        yield error_body("mode", f"mode-{mode}", f"Mode {mode}.", mode=mode)
    # The mode changes no other rule.
    yield error_body("order of the keys", "enrolled-order", "Mode enrolled, a storage key before the identity key.",
                     mode=ENROLLED, keys=[one_of_each()[place] for place in (1, 0, 2)])
    yield error_body("no key of a kind", "enrolled-no-index", "Mode enrolled, three keys and no index key.",
                     mode=ENROLLED, keys=[*one_of_each()[:2], make_key(STORAGE, 2)])
    yield error_body("bytes behind the keys", "enrolled-trailing", "Mode enrolled, a zero byte behind the keys.",
                     mode=ENROLLED, behind=b"\x00")

    for name, scenario, rule, app in (
            ("empty", "App without a byte.", "empty", b""),
            ("too-long", "App of 65 bytes.", "too-long", b"a" * 65),
            ("upper-case", "App with an upper case letter.", "character", b"Clinic"),
            ("blank", "App with a blank.", "character", b"clinic 7"),
            ("colon", "App with ':', which follows '9'.", "character", b"clinic:7"),
            ("comma", "App with ',', which precedes '-'.", "character", b"clinic,7"),
            ("non-ascii", "App with a letter beyond ASCII.", "character", "cl\u00ednica".encode("utf-8")),
            ("nul", "App with a NUL.", "character", b"clinic\x007"),
            ("line-feed", "App with a line feed at its end.", "character", b"clinic\n")):
        yield error_body(f"app: {rule}", f"app-{name}", scenario, app=app)

    three = one_of_each()
    identity, storage, index = three
    yield error_body("number of keys", "keys-none", "No key.", keys=[])
    for name, keys in (("identity", [storage, index]), ("storage", [identity, index]), ("index", [identity, storage])):
        yield error_body("number of keys", f"keys-two-{name}", f"Two keys; there is no {name} key.", keys=keys)
    yield error_body("no key of a kind", "keys-no-identity", "Three keys and no identity key.",
                     keys=[storage, make_key(STORAGE, 2), index])
    yield error_body("no key of a kind", "keys-no-storage", "Three keys and no storage key.",
                     keys=[identity, make_key(IDENTITY, 2), index])
    yield error_body("no key of a kind", "keys-no-index", "Three keys and no index key.",
                     keys=[identity, storage, make_key(STORAGE, 2)])
    yield error_body("no key of a kind", "keys-identity-only", "Three identity keys.",
                     keys=[make_key(IDENTITY, epoch) for epoch in (1, 2, 3)])
    for name, scenario, keys in (
            ("kinds", "A storage key before the identity key.", [storage, identity, index]),
            ("kinds-reversed", "The kinds in descending order.", [index, storage, identity]),
            ("epochs", "The identity epochs in descending order.", [make_key(IDENTITY, 2), *three]),
            ("epochs-last", "The index epochs in descending order.", [*three[:2], make_key(INDEX, 3), index]),
            ("by-epoch", "The keys in order of epoch, then of kind.",
             [*three, *(make_key(kind, 2) for kind in KINDS)]),
            ("little-endian", "Identity epochs 256 and 1: in order of their bytes, not of their numbers.",
             [make_key(IDENTITY, 256), *three])):
        yield error_body("order of the keys", f"order-{name}", scenario, keys=keys)
    yield error_body("order of the keys", "duplicate", "The identity key twice.", keys=[identity, *three])
    yield error_body("order of the keys", "duplicate-other-key", "Two keys of one storage epoch.",
                     keys=[identity, storage, make_key(STORAGE, 1, key=numbered("another key")), index])
    yield error_body("order of the keys", "duplicate-last", "The index key twice.", keys=[*three, index])
    for kind, name in KINDS.items():
        yield error_body("epoch", f"epoch-0-{name}", f"A key of {name} epoch 0.",
                         keys=sorted([*three, make_key(kind, 0)]))
    yield error_body("epoch", "epoch-0-only", "The only identity epoch is 0.",
                     keys=[make_key(IDENTITY, 0), storage, index])
    yield error_body("kind", "kind-0", "A key of kind 0.", keys=[make_key(0, 1), *three])
    yield error_body("kind", "kind-4", "A key of kind 4.", keys=[*three, make_key(4, 1)])
    yield error_body("kind", "kind-255", "A key of kind 255.", keys=[*three, make_key(255, 1)])

    for suite in SUITES.values():
        for kind, word in KINDS.items():
            right_one = make_key(kind, 1, suite)[2]
            for algorithm in (0, 3 - right_one, 3):
                yield error_body("algorithm", f"algorithm-{word}-{suite}-{algorithm}",
                                 f"The {word} key's algorithm is {algorithm}, {suite}.", suite=suite,
                                 keys=[make_key(each, 1, suite, **({"algorithm": algorithm} if each == kind else {}))
                                       for each in KINDS])
    yield error_body("algorithm", "algorithm-old-epoch", "The algorithm of a key that is no longer in use is wrong.",
                     keys=[make_key(IDENTITY, 1, algorithm=2), make_key(IDENTITY, 2), storage, index])

    yield error_body("bytes behind the keys", "trailing", "A zero byte behind the keys.", behind=b"\x00")
    yield error_body("bytes behind the keys", "trailing-key", "A fourth key behind three counted ones.",
                     count=3, keys=[*three, make_key(INDEX, 2)])
    yield error_body("truncated", "count-more", "The number of keys is too great by one.", count=4)
    yield error_body("truncated", "count-swapped", "The number of keys in big endian.", count=0x0300)


def vectors():
    for part in (accepted, versions, envelope, header_values, wrong_keys, arguments, authentication, bodies):
        yield from part()
