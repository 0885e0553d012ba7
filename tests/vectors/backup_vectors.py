"""The vectors of backup format 1 (docs/formats/backup.md) and of tombstones (docs/formats/mapping-store.md, sections
4.9 and 6.1), made from these pages alone."""

import struct

import xchacha20poly1305
from keyring_vectors import flip, numbered
from pseudonym_vectors import PRF, lp, subkey

SUITES = tuple(PRF)
STORAGE_KEY = numbered("storage key")
INTEGRITY_KEY = numbered("integrity key")
VAULT_ID = numbered("vault ID", 16)
SALT = numbered("backup salt")
CHUNK = 65_536
TAG = 16


# --- Backups: sections 1 to 3 --------------------------------------------------------------------------

def header(epoch=1, *, magic=b"mnkb", number=1, how=1, vault_id=VAULT_ID, salt=SALT):
    return magic + struct.pack("<BBI", number, how, epoch) + vault_id + salt


def chunk(suite, head, number, is_last, plain):
    key = subkey(suite, STORAGE_KEY, b"backup-seal", VAULT_ID + head[-32:])
    nonce = bytes(15) + struct.pack("<QB", number, is_last)
    return xchacha20poly1305.seal(key, nonce, b"moniker/v1/backup\x00" + head, plain)


def parts(plain):
    """At least one; none but the last is shorter than a chunk."""
    return [plain[at:at + CHUNK] for at in range(0, max(len(plain), 1), CHUNK)]


def backup(suite, plain, head=None):
    head = head or header()
    pieces = parts(plain)
    return [head] + [chunk(suite, head, number, number == len(pieces) - 1, piece)
                     for number, piece in enumerate(pieces)]


def rows(*listed):
    return (b"".join(b"\x01" + bytes([table]) + lp(tag) + lp(sealed) for table, tag, sealed in listed)
            + b"\x00" + struct.pack("<Q", len(listed)))


def stream_lines(scenario, suite, data):
    return [("type", "backup"), ("scenario", scenario), ("suite", suite), ("storage-key-hex", STORAGE_KEY.hex()),
            ("storage-epoch", "1"), ("vault-id-hex", VAULT_ID.hex()), ("backup-hex", data.hex())]


def ok(name, scenario, plain, suite="blake2b"):
    return f"backup-ok-{name}.txt", [*stream_lines(scenario, suite, b"".join(backup(suite, plain))), ("expect", "ok"),
                                     ("plain-size", str(len(plain))), ("plain-end-hex", plain[-256:].hex())]


def error(name, scenario, data, code="altered", suite="blake2b"):
    return f"backup-error-{name}.txt", [*stream_lines(scenario, suite, data), ("expect", "error"), ("code", code)]


SMALL = rows((0, b"manifest", b"sealed manifest"), (0, b"settings", b"sealed settings"),
             (1, numbered("person tag", 16), b"sealed person"))


def long(size):
    """Bytes without a pattern."""
    return b"".join(numbered(f"backup {at}") for at in range(0, size, 32))[:size]


def backups():
    for suite in SUITES:
        yield ok(f"rows-{suite}", f"Three rows, {suite}.", SMALL, suite)
    yield ok("chunk-full", "A last chunk that is full.", long(CHUNK))
    yield ok("chunk-second", "A second chunk of one byte.", long(CHUNK + 1))
    head, only = backup("blake2b", SMALL)
    two = backup("blake2b", long(CHUNK + 40))
    yield error("empty", "No byte.", b"")
    yield error("header-truncated", "The header without its last byte.", head[:-1])
    yield error("header-alone", "No chunk.", head)
    yield error("magic", "Another file.", b"mnkc" + head[4:] + only)
    yield error("format-0", "Format 0.", b"".join(backup("blake2b", SMALL, header(number=0))))
    yield error("format-2", "A newer format.", b"".join(backup("blake2b", SMALL, header(number=2))), "newer_format")
    yield error("how-2", "Sealed in another way.", b"".join(backup("blake2b", SMALL, header(how=2))))
    yield error("epoch-2", "An epoch that the keyring does not have.", header(2) + only, "not_found")
    yield error("vault", "A backup of another vault.", header(vault_id=numbered("other vault", 16)) + only)
    yield error("salt", "Another salt.", flip(head, len(head) - 1) + only)
    yield error("chunk-bit-first", "The first bit of the first chunk.", head + flip(only, 0))
    yield error("chunk-bit-last", "The last byte of the authentication tag.", head + flip(only, len(only) - 1))
    yield error("chunk-empty", "A last chunk without a byte.", head + chunk("blake2b", head, 0, True, b""))
    yield error("chunk-not-last", "The only chunk does not say that it is the last.",
                head + chunk("blake2b", head, 0, False, SMALL))
    yield error("chunk-cut", "The last chunk is missing.", b"".join(two[:2]))
    yield error("chunk-swapped", "Chunks in another order.", two[0] + two[2] + two[1])
    yield error("chunk-twice", "The first chunk twice.", two[0] + two[1] + two[1] + two[2])
    yield error("chunk-of-other", "The second chunk of another backup.",
                two[0] + two[1] + backup("blake2b", long(CHUNK + 40), header(salt=numbered("other salt")))[2])
    yield error("chunk-number", "The first chunk has the number 1.", head + chunk("blake2b", head, 1, True, SMALL))
    yield error("trailing", "A byte behind the end.", head + only + b"\x00")


# --- Tombstones: mapping-store.md, sections 4.9 and 6.1 ------------------------------------------------

PERSON = numbered("person tag", 16)
TIME = 1_795_000_000_123
COUNTER = 77
RECORD = 128


def payload(time=TIME, counter=COUNTER, number=1):
    return struct.pack("<BQQ", number, time, counter)


def log_text(person=PERSON, counter=COUNTER, time=TIME, *, magic=b"mnkt", number=1, vault_id=VAULT_ID):
    return magic + bytes([number]) + vault_id + person + struct.pack("<QQ", counter, time)


def log_record(suite="blake2b", use=b"anchor-tombstone", **changes):
    text = log_text(**changes)
    record = text + PRF[suite](subkey(suite, INTEGRITY_KEY, use, VAULT_ID), text)
    return record + bytes(RECORD - len(record))


def payload_lines(scenario, data):
    return [("type", "tombstone"), ("scenario", scenario), ("tag-hex", PERSON.hex()), ("payload-hex", data.hex())]


def log_lines(scenario, suite, data):
    return [("type", "tombstone-log"), ("scenario", scenario), ("suite", suite),
            ("integrity-key-hex", INTEGRITY_KEY.hex()), ("vault-id-hex", VAULT_ID.hex()), ("log-hex", data.hex())]


def log_ok(name, scenario, records, suite="blake2b", gap=b""):
    data = gap + b"".join(log_record(suite, person=person, counter=counter, time=time)
                          for person, counter, time in records)
    said = " ".join(f"{person.hex()}/{counter}/{time}" for person, counter, time in records)
    return f"tombstone-log-ok-{name}.txt", [*log_lines(scenario, suite, data), ("expect", "ok"), ("tombstones", said)]


def log_error(name, scenario, data):
    return f"tombstone-log-error-{name}.txt", [*log_lines(scenario, "blake2b", data), ("expect", "error"),
                                               ("code", "altered")]


def tombstones():
    highest = 2**64 - 1
    for name, scenario, time, counter in (("plain", "A tombstone.", TIME, COUNTER),
                                          ("lowest", "The lowest numbers.", 0, 1),
                                          ("highest", "The highest numbers.", highest, highest)):
        yield f"tombstone-ok-{name}.txt", [*payload_lines(scenario, payload(time, counter)), ("expect", "ok"),
                                           ("time-ms", str(time)), ("counter", str(counter))]
    for name, scenario, data in (("empty", "No byte.", b""), ("format-0", "Format 0.", payload(number=0)),
                                 ("format-2", "Format 2.", payload(number=2)),
                                 ("counter-0", "The counter 0.", payload(counter=0)),
                                 ("truncated", "Without the last byte.", payload()[:-1]),
                                 ("trailing", "A byte behind the end.", payload() + b"\x00")):
        yield f"tombstone-error-{name}.txt", [*payload_lines(scenario, data), ("expect", "error"),
                                              ("code", "altered")]

    others = [(numbered(f"person {number}", 16), number, number * 1000) for number in (1, 2, 3)]
    yield log_ok("none", "An empty log.", [])
    for suite in SUITES:
        yield log_ok(f"one-{suite}", f"One record, {suite}.", [(PERSON, COUNTER, TIME)], suite)
    yield log_ok("three", "Three records.", others)
    yield log_ok("gap", "Zeros that a failing machine has left.", others, gap=bytes(RECORD))
    record = log_record()
    used = len(log_text()) + 32
    yield log_error("truncated", "A record without its last byte.", record[:-1])
    for name, at in (("magic", 0), ("format", 4), ("vault", 5), ("person", 21), ("counter", 37), ("time", 45),
                     ("authenticator", 53), ("authenticator-last", used - 1), ("zeros-first", used),
                     ("zeros-last", RECORD - 1)):
        yield log_error(f"bit-{name}", f"A bit of byte {at}.", flip(record, at))
    yield log_error("format-2", "Format 2.", log_record(number=2))
    yield log_error("counter-0", "The counter 0.", log_record(counter=0))
    yield log_error("other-vault", "A record of another vault.", log_record(vault_id=numbered("other vault", 16)))
    yield log_error("other-use", "Authenticated as a head.", log_record(use=b"anchor-head"))
    yield log_error("second", "The second of two records is altered.", record + flip(record, 30))


def vectors():
    yield from backups()
    yield from tombstones()
