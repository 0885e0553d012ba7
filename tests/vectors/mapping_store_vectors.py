"""The vectors of mapping store format 1: tags, sealed records and payloads.

The first half reads the format from its specification (docs/formats/mapping-store.md; section numbers are its own)
and nothing else. The second half writes tags, records and payloads and lists the scenarios: as with the keyring,
the reader has to find in each the one fault that the scenario names.
"""

import struct

import xchacha20poly1305
from keyring_vectors import (CONTROLS, NOT_UTF8, SUITES as SUITE_NUMBERS, Cursor, Truncated, flip, named_faults,
                             numbered, text_faults)
from pseudonym_vectors import (ALPHABET, CONTROL, DATA_LENGTH, PRF, WHITE_SPACE, WORKED, WORKED_UUID, digest, example,
                               external_id, lp, make_id, parse, require, subkey, uuid)

SUITES = tuple(SUITE_NUMBERS.values())

# --- Section 2: tags ---------------------------------------------------------------------------------


def tag(suite, index_key, vault_id, use, text):
    return PRF[suite](subkey(suite, index_key, b"tag-" + use.encode("ascii"), vault_id), text)[:16]


def uuid_octets(text):
    """U, from the external ID or from the UUID rendering."""
    if len(text) == 36:
        return bytes.fromhex(text.replace("-", ""))
    require(parse(text.encode("ascii"), "strict") == text, text)
    number = 0
    for character in text[1:-1]:
        number = number << 5 | ALPHABET.index(character)
    octets = bytearray((number >> 5 * DATA_LENGTH - 128).to_bytes(16, "big"))
    octets[6] = octets[6] & 0x0F | 0x80
    octets[8] = octets[8] & 0x3F | 0x80
    return bytes(octets)


def participant_faults(data):
    if not data:
        return ["empty"]
    faults = ["too-long"] if len(data) > 256 else []
    try:
        points = {ord(character) for character in data.decode("utf-8")}
    except UnicodeDecodeError:
        return faults + ["not-utf8"]
    if points & CONTROL:
        faults.append("control")
    if points & WHITE_SPACE - CONTROL:
        faults.append("white-space")
    return faults


# --- Section 3: sealed records -----------------------------------------------------------------------

META, PERSON, EXTERNAL_ID, PARTICIPANT, AUDIT = range(5)
TABLES = ("meta", "person", "external_id", "participant", "audit")
HEADER_SIZE = 10
NONCE_END = HEADER_SIZE + 24


class Altered(Exception):
    """Carries the names of all the rules that are broken."""


def pad(payload):
    return payload + b"\x80" + bytes(-(len(payload) + 1) % 64)


def associated_data(vault_id, table, record_tag, header):
    return b"moniker/v1/record\x00" + vault_id + bytes([table]) + lp(record_tag) + header


def open_record(place, record):
    """Version and payload; the place is where and under which keys the record was found."""
    try:
        cursor = Cursor(record)
        record_format, how, epoch, version = (cursor.number(size) for size in (1, 1, 4, 4))
        nonce = cursor.take(24)
        sealed = cursor.take(cursor.rest())
        if len(sealed) < xchacha20poly1305.TAG_SIZE:
            raise Truncated
    except Truncated:
        raise Altered("truncated") from None
    faults = []
    if record_format != 1:
        faults.append("record format")
    if how != 1:
        faults.append("how it is sealed")
    if epoch != place["storage-epoch"]:
        faults.append("storage epoch")
    if version == 0:
        faults.append("record version")
    length = len(sealed) - xchacha20poly1305.TAG_SIZE
    if length == 0 or length % 64:
        faults.append("length of the ciphertext")

    key = subkey(place["suite"], place["storage-key"], b"record-seal", place["vault-id"])
    plain = xchacha20poly1305.unseal(
        key, nonce, associated_data(place["vault-id"], place["table"], place["tag"], record[:HEADER_SIZE]), sealed)
    if plain is None:
        faults.append("authentication")
    else:
        payload = plain.rstrip(b"\x00")[:-1]
        if length and not length % 64 and pad(payload) != plain:
            faults.append("padding")
    if faults:
        raise Altered(*faults)
    return version, payload


# --- Section 4: payloads -----------------------------------------------------------------------------

NAME_CHARACTERS = b"abcdefghijklmnopqrstuvwxyz0123456789_"


def payload_format(cursor, faults):
    if cursor.number(1) != 1:
        faults.append("payload format")


def read_person(cursor, faults):
    payload_format(cursor, faults)
    if cursor.number(1) != 1:
        faults.append("kind")
    issuer, value, name = cursor.lp(), cursor.lp(), cursor.lp()
    faults += named_faults("issuer", issuer) + named_faults("value", value) + text_faults("name", name, 1, 1024)
    count = cursor.number(2)
    if count > 64:
        faults.append("number of fields")
    fields = [(cursor.lp(), cursor.lp()) for _ in range(count)]
    for field_name, text in fields:
        if not 1 <= len(field_name) <= 64:
            faults.append("field name: length")
        if any(byte not in NAME_CHARACTERS for byte in field_name):
            faults.append("field name: character")
        faults += text_faults("text", text, 0, 4096, (0x09, 0x0A))
    names = [field_name for field_name, _ in fields]
    if names != sorted(set(names)):
        faults.append("order of the fields")
    return {"issuer": issuer, "value": value, "name": name, "fields": fields}


def read_link(cursor, faults):
    payload_format(cursor, faults)
    person_tag, epoch, d, scope, conference = (cursor.take(16), cursor.number(4), cursor.take(32), cursor.number(1),
                                               cursor.lp())
    if epoch == 0:
        faults.append("identity epoch")
    if scope == 0:
        if conference:
            faults.append("app scope with a conference")
    elif scope == 1:
        faults += named_faults("conference", conference)
    else:
        faults.append("scope")
    return {"person_tag": person_tag, "epoch": epoch, "d": d, "conference": conference if scope else None}


def read_audit(cursor, faults):
    payload_format(cursor, faults)
    time = cursor.number(8)
    if cursor.number(1) != 1:
        faults.append("operation")
    actor, purpose = cursor.lp(), cursor.lp()
    faults += text_faults("actor", actor, 1, 128) + text_faults("purpose", purpose, 1, 128)
    asked = cursor.number(4)
    persons = [cursor.take(16) for _ in range(cursor.number(4))]
    return {"time": time, "actor": actor, "purpose": purpose, "asked": asked, "persons": persons}


def read_settings(cursor, faults):
    payload_format(cursor, faults)
    application_id, user_version, template = cursor.number(4), cursor.number(4), cursor.lp()
    if len(template) > 1024:
        faults.append("avatar template: length")
    return {"application_id": application_id, "user_version": user_version, "template": template}


READERS = {"person": read_person, "link": read_link, "audit": read_audit, "settings": read_settings}


def read_payload(kind, data):
    cursor, faults = Cursor(data), []
    try:
        content = READERS[kind](cursor, faults)
    except Truncated:
        raise Altered(*faults, "truncated") from None
    if cursor.rest():
        faults.append("trailing bytes")
    if faults:
        raise Altered(*faults)
    return content


# --- Writing -----------------------------------------------------------------------------------------

INDEX_KEY = numbered("index key")
STORAGE_KEY = numbered("storage key")
VAULT_ID = numbered("store vault", 16)
NONCE = numbered("record nonce", 24)
WORKED_ID = WORKED[0][3]


def refuse(read, faults, name):
    """`read` must find these faults and no others."""
    try:
        read()
    except Altered as found:
        require(found.args == tuple(faults), f"{name}: {found.args}")
    else:
        require(False, f"{name} is read")


def u8(number):
    return struct.pack("<B", number)


def u16(number):
    return struct.pack("<H", number)


def u32(number):
    return struct.pack("<I", number)


def u64(number):
    return struct.pack("<Q", number)


# A writer takes counts apart from what is counted, for the scenarios in which they differ.

def person(issuer=b"mrn.hospital-a", value=b"00123456", name="Zo\u00eb \u017b\u00f3\u0142kiewska".encode("utf-8"),
           fields=(), *, payload_format=1, kind=1, count=None):
    return (u8(payload_format) + u8(kind) + lp(issuer) + lp(value) + lp(name)
            + u16(len(fields) if count is None else count)
            + b"".join(lp(field_name) + lp(text) for field_name, text in fields))


def link(person_tag=numbered("person tag", 16), epoch=1, d=bytes.fromhex(WORKED[0][2]), conference=None, *,
         payload_format=1, scope=None):
    return (u8(payload_format) + person_tag + u32(epoch) + d
            + u8((0 if conference is None else 1) if scope is None else scope) + lp(conference or b""))


def audit(time=1700000000123, actor=b"token-server", purpose=b"call transfer", asked=2,
          persons=(numbered("person tag", 16),), *, payload_format=1, operation=1, count=None):
    return (u8(payload_format) + u64(time) + u8(operation) + lp(actor) + lp(purpose) + u32(asked)
            + u32(len(persons) if count is None else count) + b"".join(persons))


def settings(application_id=0x6D6E6B73, user_version=1, template=b"", *, payload_format=1):
    return u8(payload_format) + u32(application_id) + u32(user_version) + lp(template)


WRITERS = {"person": person, "link": link, "audit": audit, "settings": settings}

# --- Vectors: tag ------------------------------------------------------------------------------------

SUBJECT = {"issuer": b"mrn.hospital-a", "value": b"00123456"}


def tag_head(scenario, suite, index_key, vault_id, use):
    return [("type", "tag"), ("scenario", scenario), ("suite", suite), ("index-key-hex", index_key.hex()),
            ("vault-id-hex", vault_id.hex()), ("use", use)]


def person_tag(name, scenario, suite="blake2b", index_key=INDEX_KEY, vault_id=VAULT_ID, **subject):
    subject = {**SUBJECT, **subject}
    require(not any(named_faults(field, data) for field, data in subject.items()), name)
    result = tag(suite, index_key, vault_id, "person", lp(subject["issuer"]) + subject["value"])
    return f"tag-person-{name}.txt", [
        *tag_head(scenario, suite, index_key, vault_id, "person"), ("issuer-hex", subject["issuer"].hex()),
        ("value-hex", subject["value"].hex()), ("expect", "ok"), ("tag-hex", result.hex())]


def external_id_tag(name, scenario, text, suite="blake2b", index_key=INDEX_KEY, vault_id=VAULT_ID):
    key = "uuid" if len(text) == 36 else "external-id"
    result = tag(suite, index_key, vault_id, "external-id", uuid_octets(text))
    return f"tag-{key}-{name}.txt", [
        *tag_head(scenario, suite, index_key, vault_id, "external-id"), (key, text),
        ("expect", "ok"), ("tag-hex", result.hex())]


def participant_tag(name, scenario, participant, suite="blake2b", index_key=INDEX_KEY, vault_id=VAULT_ID):
    require(not participant_faults(participant), name)
    result = tag(suite, index_key, vault_id, "participant", lp(participant))
    return f"tag-participant-{name}.txt", [
        *tag_head(scenario, suite, index_key, vault_id, "participant"), ("participant-id-hex", participant.hex()),
        ("expect", "ok"), ("tag-hex", result.hex())]


def participant_error(name, scenario, reason, participant):
    require(participant_faults(participant) == [reason], f"{name}: {participant_faults(participant)}")
    return f"tag-participant-error-{name}.txt", [
        *tag_head(scenario, "blake2b", INDEX_KEY, VAULT_ID, "participant"),
        ("participant-id-hex", participant.hex()), ("expect", "error"), ("reason", reason)]


def tags():
    others = (("index-key", "another index key", {"index_key": numbered("another index key")}),
              ("vault", "another vault", {"vault_id": numbered("another vault", 16)}),
              ("zeros", "an index key and a vault ID of zeros", {"index_key": bytes(32), "vault_id": bytes(16)}))
    for suite in SUITES:
        yield person_tag(f"worked-{suite}", f"The person of the worked example, {suite}.", suite)
        yield person_tag(f"longest-{suite}", f"Issuer and value at their longest, {suite}.", suite,
                         issuer=b"i" * 64, value=b"v" * 1024)
        d = digest(**example(suite=suite))
        yield external_id_tag(f"worked-{suite}", f"The external ID of the worked example, {suite}.", external_id(d),
                              suite)
        yield external_id_tag(f"worked-{suite}", f"The UUID of the worked example, {suite}: its external ID's tag.",
                              uuid(d), suite)
        yield participant_tag(f"plain-{suite}", f"A participant ID, {suite}.", b"PA_7Xk2vQmB9tZr", suite)
        yield participant_tag(f"longest-{suite}", f"Participant ID of 256 bytes, {suite}.", b"p" * 256, suite)
    for name, what, changes in others:
        yield person_tag(f"other-{name}", f"The person of the worked example with {what}.", **changes)
        yield external_id_tag(f"other-{name}", f"The external ID of the worked example with {what}.", WORKED_ID,
                              **changes)
        yield participant_tag(f"other-{name}", f"The participant ID with {what}.", b"PA_7Xk2vQmB9tZr", **changes)

    yield person_tag("shortest", "Issuer and value at their shortest.", issuer=b"i", value=b"v")
    yield person_tag("split-short", "Issuer `ab` with value `cd`; compare tag-person-split-long.",
                     issuer=b"ab", value=b"cd")
    yield person_tag("split-long", "Issuer `abc` with value `d`: the issuer's length takes part.",
                     issuer=b"abc", value=b"d")
    yield person_tag("without-zeros", "Leading zeros count: 123456 is not 00123456.", value=b"123456")
    yield person_tag("utf-8", "A value beyond ASCII.", value="Jos\u00e9 \u738b".encode("utf-8"))

    for name, scenario, text in (
            ("lowest", "The external ID of 150 zero bits: version and variant are set in the tag's input.",
             make_id("0" * DATA_LENGTH)),
            ("highest", "The external ID of 150 one bits.", make_id("z" * DATA_LENGTH)),
            ("alphabet", "An external ID with nearly every character of the alphabet.",
             make_id(ALPHABET[:DATA_LENGTH]))):
        yield external_id_tag(name, scenario, text)
        octets = uuid_octets(text).hex()
        yield external_id_tag(name, f"The UUID that belongs to tag-external-id-{name}: the same tag.", "-".join(
            (octets[:8], octets[8:12], octets[12:16], octets[16:20], octets[20:])))
    # Bits 48 to 51, 64, 65 and those from 128 of an external ID are not in the UUID.
    data = WORKED_ID[1:-1]
    for name, scenario, bits in (
            ("behind-uuid", "Differs from the worked example in bits 128 to 149 only: the same tag.",
             range(128, 150)),
            ("version-bits", "Differs from the worked example in the bits that the UUID's version replaces: "
             "the same tag.", range(48, 52)),
            ("variant-bits", "Differs from the worked example in the bits that the UUID's variant replaces: "
             "the same tag.", range(64, 66)),
            ("last-bit-of-uuid", "Differs from the worked example in bit 127, the last one of the UUID: another tag.",
             range(127, 128))):
        number = sum(ALPHABET.index(c) << 5 * place for place, c in enumerate(reversed(data)))
        for bit in bits:
            number ^= 1 << 149 - bit
        text = make_id("".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(DATA_LENGTH))))
        require((uuid_octets(text) == uuid_octets(WORKED_ID)) == scenario.endswith("the same tag."), name)
        yield external_id_tag(name, scenario, text)

    for name, scenario, participant in (
            ("shortest", "Participant ID of 1 byte.", b"0"),
            ("longest-multi-byte", "Participant ID of 256 bytes in 128 characters.", "\u00e9".encode("utf-8") * 128),
            ("external-id", "A participant ID that reads like an external ID: its tag is another than that one's.",
             WORKED_ID.encode("ascii")),
            ("uuid-octets", "The 16 bytes that an external ID's tag is made of, all ASCII.",
             uuid_octets(WORKED_ID).hex()[:16].encode("ascii")),
            ("punctuation", "A participant ID of punctuation.", b"<sip:+49.30/1;x=\"y\"@h>"),
            ("upper-case", "Upper case counts.", b"pa_7XK2VQMB9TZR"),
            ("nfc", "A participant ID in NFC (compare tag-participant-nfd).", "Jos\u00e9".encode("utf-8")),
            ("nfd", "The same text in NFD is another participant ID.", "Jose\u0301".encode("utf-8")),
            ("zero-width-space", "U+200B has not the property White_Space.", "a\u200bb".encode("utf-8")),
            ("tilde", "U+007E, the last character before the controls from U+007F.", b"~"),
            ("after-controls", "U+00A1, the first character that is neither control nor white space.",
             "\u00a1".encode("utf-8")),
            ("last-code-point", "U+10FFFF, a noncharacter but valid UTF-8.", "\U0010ffff".encode("utf-8"))):
        yield participant_tag(name, scenario, participant)

    yield participant_error("empty", "Participant ID without a byte.", "empty", b"")
    yield participant_error("too-long", "Participant ID of 257 bytes.", "too-long", b"p" * 257)
    yield participant_error("too-long-multi-byte", "Participant ID of 258 bytes in 129 characters.", "too-long",
                            "\u00e9".encode("utf-8") * 129)
    for name, what, data in NOT_UTF8:
        yield participant_error(f"not-utf8-{name}", f"Participant ID with {what}.", "not-utf8", b"a" + data + b"b")
    yield participant_error("not-utf8-end", "Participant ID that ends inside a character.", "not-utf8", b"a\xe2\x82")
    # Some of these have the property White_Space as well; they count as control characters.
    for name, what, data in CONTROLS:
        yield participant_error(f"control-{name}", f"Participant ID with {what}.", "control", b"a" + data + b"b")
    for point in sorted(WHITE_SPACE - CONTROL):
        yield participant_error(f"white-space-{point:04x}", f"Participant ID with U+{point:04X} inside.",
                                "white-space", b"a" + chr(point).encode("utf-8") + b"b")
    yield participant_error("white-space-start", "Participant ID with a blank at its start.", "white-space", b" a")
    yield participant_error("white-space-end", "Participant ID with a blank at its end.", "white-space", b"a ")


# --- Vectors: record ---------------------------------------------------------------------------------

PLACE = {"suite": "blake2b", "storage-key": STORAGE_KEY, "storage-epoch": 1, "vault-id": VAULT_ID, "table": PERSON,
         "tag": numbered("person tag", 16)}


def place(**changes):
    changes = {key.replace("_", "-"): value for key, value in changes.items()}
    require(changes.keys() <= PLACE.keys(), changes)
    return {**PLACE, **changes}


def make_record(where, payload, *, record_format=1, how=1, epoch=None, version=1, nonce=NONCE, plain=None,
                label=b"record-seal", changed_tag=lp, prefix=b"moniker/v1/record\x00", header_in=HEADER_SIZE):
    """A record that opens at this place but for what the further arguments change."""
    header = struct.pack("<BBII", record_format, how, where["storage-epoch"] if epoch is None else epoch, version)
    key = subkey(where["suite"], where["storage-key"], label, where["vault-id"])
    associated = (prefix + where["vault-id"] + bytes([where["table"]]) + changed_tag(where["tag"])
                  + header[:header_in])
    return header + nonce + xchacha20poly1305.seal(key, nonce, associated, pad(payload) if plain is None else plain)


def record_lines(scenario, where, record):
    return [("type", "record"), ("scenario", scenario), ("suite", where["suite"]),
            ("storage-key-hex", where["storage-key"].hex()), ("storage-epoch", str(where["storage-epoch"])),
            ("vault-id-hex", where["vault-id"].hex()), ("table", str(where["table"])),
            ("tag-hex", where["tag"].hex()), ("record-hex", record.hex())]


def record_ok(name, scenario, payload, version=1, nonce=NONCE, **where):
    where = place(**where)
    record = make_record(where, payload, version=version, nonce=nonce)
    require(open_record(where, record) == (version, payload), name)
    return f"record-ok-{name}.txt", [*record_lines(scenario, where, record), ("expect", "ok"),
                                     ("version", str(version)), ("payload-hex", payload.hex())]


def record_error(fault, name, scenario, record, **where):
    """`fault` is a rule or, where one change breaks two that cannot be told apart, several."""
    where = place(**where)
    refuse(lambda: open_record(where, record), [fault] if isinstance(fault, str) else fault, name)
    return f"record-error-{name}.txt", [*record_lines(scenario, where, record), ("expect", "error"),
                                        ("code", "altered")]


TABLE_EXAMPLES = (
    (META, b"settings", settings(template=b"https://cdn.example.org/avatars/{index}.svg")),
    (PERSON, PLACE["tag"], person()),
    (EXTERNAL_ID, tag("blake2b", INDEX_KEY, VAULT_ID, "external-id", uuid_octets(WORKED_ID)), link()),
    (PARTICIPANT, tag("blake2b", INDEX_KEY, VAULT_ID, "participant", lp(b"PA_7Xk2vQmB9tZr")), link()),
    (AUDIT, (1).to_bytes(8, "big"), audit()),
)


def records():
    for table, record_tag, payload in TABLE_EXAMPLES:
        for suite in SUITES:
            yield record_ok(f"table-{table}-{suite}", f"A record of table {TABLES[table]}, {suite}.", payload,
                            suite=suite, table=table, tag=record_tag)
    text = numbered("payload 1") + numbered("payload 2")
    for size in (1, 62, 63, 64, 65, 1000):
        yield record_ok(f"size-{size}", f"A payload of {size} bytes in {len(pad(bytes(size)))} bytes of ciphertext.",
                        (text * 16)[:size])
    for name, scenario, payload in (
            ("like-padding", "A payload that ends as padding does.", b"payload\x80\x00\x00"),
            ("like-padding-63", "A payload of 63 bytes that ends as padding does.", bytes(61) + b"\x80\x00"),
            ("like-padding-64", "A payload of 64 bytes that would be whole with its padding.", pad(b"payload")),
            ("zeros", "A payload of 64 zero bytes.", bytes(64)),
            ("ends-in-zeros", "A payload of 100 bytes that ends in zeros.", b"payload" + bytes(93))):
        yield record_ok(name, scenario, payload)
    yield record_ok("epoch", "A storage epoch of which every byte counts.", b"payload", storage_epoch=0x01020304)
    yield record_ok("epoch-highest", "The highest storage epoch.", b"payload", storage_epoch=2**32 - 1)
    yield record_ok("version", "A version of which every byte counts.", b"payload", version=0x01020304)
    yield record_ok("version-highest", "The highest version.", b"payload", version=2**32 - 1)
    yield record_ok("audit-number", "An audit entry with a number of which several bytes count.", audit(),
                    table=AUDIT, tag=(0x010203).to_bytes(8, "big"))
    yield record_ok("zeros-everywhere", "Storage key, vault ID, tag and nonce of zeros.", b"payload", nonce=bytes(24),
                    storage_key=bytes(32), vault_id=bytes(16), tag=bytes(16))


def records_refused():
    where = place()
    right = make_record(where, person())
    require(len(right) == NONCE_END + 64 + 16, "one block")
    long = make_record(where, person(fields=[(b"note", b"x" * 100)]))
    authentication = "authentication"

    for table in (META, EXTERNAL_ID, PARTICIPANT, AUDIT):
        yield record_error(authentication, f"table-{table}", f"A record of table 1 in table {table}.", right,
                           table=table)
    yield record_error(authentication, "tag-other", "The record of another tag.", right, tag=flip(where["tag"], 15))
    yield record_error(authentication, "tag-first-byte", "The record of a tag that differs in its first byte.", right,
                       tag=flip(where["tag"], 0, 0x80))
    yield record_error(authentication, "audit-number", "An audit entry under the next number.",
                       make_record(place(table=AUDIT, tag=(1).to_bytes(8, "big")), audit()), table=AUDIT,
                       tag=(2).to_bytes(8, "big"))
    yield record_error(authentication, "vault", "The record of another vault under the same storage key.", right,
                       vault_id=numbered("another vault", 16))
    yield record_error(authentication, "storage-key", "The record of another storage key.", right,
                       storage_key=numbered("another storage key"))
    yield record_error(authentication, "suite", "The record of a keyring of the other suite.", right,
                       suite="hmac-sha256")

    # Not in the keyring (one fault), and changed after sealing (then it does not authenticate either).
    for name, scenario, epoch in (("next", "Sealed properly, but the keyring has not the storage epoch.", 2),
                                  ("zero", "Sealed properly with storage epoch 0, which no keyring has.", 0),
                                  ("highest", "Sealed properly with the highest storage epoch.", 2**32 - 1)):
        yield record_error("storage epoch", f"epoch-{name}", scenario, make_record(where, person(), epoch=epoch))
    yield record_error(("storage epoch", authentication), "epoch-changed",
                       "The storage epoch is changed to one that the keyring has not.", flip(right, 2, 0x02))
    yield record_error(authentication, "epoch-changed-back",
                       "The storage epoch was 2 when the record was sealed, and is changed to the keyring's 1.",
                       flip(make_record(where, person(), epoch=2), 2, 0x03))
    yield record_error(authentication, "version-changed", "The version is changed.", flip(right, 6, 0x02))
    yield record_error(authentication, "version-changed-high", "The highest bit of the version is changed.",
                       flip(right, 9, 0x80))
    yield record_error("record version", "version-zero", "Sealed properly with version 0.",
                       make_record(where, person(), version=0))
    for field, words, rule, argument in (("format", "record format", "record format", "record_format"),
                                         ("how", "way of sealing", "how it is sealed", "how")):
        for number in (0, 2, 255):
            yield record_error(rule, f"{field}-{number}", f"Sealed properly with {words} {number}.",
                               make_record(where, person(), **{argument: number}))
        yield record_error((rule, authentication), f"{field}-changed", f"The {words} is changed.",
                           flip(right, 0 if field == "format" else 1, 0x03))

    for name, what, position, mask in (
            ("nonce-first", "a bit of the nonce's first byte", HEADER_SIZE, 0x01),
            ("nonce-last", "a bit of the nonce's last byte", NONCE_END - 1, 0x80),
            ("ciphertext-first", "a bit of the ciphertext's first byte", NONCE_END, 0x01),
            ("ciphertext-last", "the last bit of the ciphertext", NONCE_END + 63, 0x80),
            ("tag-bit-first", "a bit of the authentication tag's first byte", NONCE_END + 64, 0x01),
            ("tag-bit-last", "the last bit of the authentication tag", NONCE_END + 79, 0x80)):
        yield record_error(authentication, f"bit-{name}", f"Changed: {what}.", flip(right, position, mask))
    yield record_error(authentication, "swapped-blocks", "Two blocks of the ciphertext are swapped.",
                       long[:NONCE_END] + long[NONCE_END + 64:NONCE_END + 128] + long[NONCE_END:NONCE_END + 64]
                       + long[NONCE_END + 128:])
    yield record_error(authentication, "tag-of-other", "The authentication tag of another record.",
                       right[:-16] + make_record(where, person(value=b"00123457"))[-16:])

    yield record_error("truncated", "empty", "No byte at all.", b"")
    for name, scenario, size in (
            ("format", "The record ends behind its format.", 1),
            ("epoch", "The record ends inside the storage epoch.", 4),
            ("version", "The record ends inside the version.", 9),
            ("header", "The record ends behind the version.", HEADER_SIZE),
            ("nonce", "The last byte of the nonce is missing.", NONCE_END - 1),
            ("nonce-end", "The record ends behind the nonce.", NONCE_END),
            ("tag-less", "The record has 15 bytes behind the nonce, less than a tag.", NONCE_END + 15)):
        yield record_error("truncated", f"truncated-{name}", scenario, right[:size])
    for name, scenario, record in (
            ("tag-size", "The record has 16 bytes behind the nonce, as many as a tag.", right[:NONCE_END + 16]),
            ("ciphertext", "The record ends behind the ciphertext.", right[:-16]),
            ("last", "The last byte of the record is missing.", right[:-1]),
            ("inside", "A byte of the ciphertext is missing.", right[:NONCE_END + 8] + right[NONCE_END + 9:])):
        yield record_error(("length of the ciphertext", authentication), f"truncated-{name}", scenario, record)
    yield record_error(authentication, "truncated-block", "The last block of the ciphertext is missing.",
                       long[:-16 - 64] + long[-16:])
    yield record_error(authentication, "truncated-64", "The last 64 bytes of the record are missing.", long[:-64])
    yield record_error(("length of the ciphertext", authentication), "trailing", "A byte behind the record.",
                       right + b"\x00")
    yield record_error(authentication, "trailing-64", "64 bytes behind the record.", right + bytes(64))

    for size in (0, 1, 63, 65, 96, 127):
        yield record_error("length of the ciphertext", f"length-{size}",
                           f"Sealed properly, but the ciphertext has {size} bytes.",
                           make_record(where, b"", plain=(b"payload" * 20)[:size - 1] + b"\x80" if size else b""))
    payload = b"payload"
    for name, scenario, plain in (
            ("zeros", "64 zero bytes.", bytes(64)),
            ("none", "64 bytes of payload and no padding.", b"p" * 64),
            ("missing", "The 0x80 is missing: zeros follow the payload.", payload.ljust(64, b"\x00")),
            ("01", "0x01 for 0x80.", (payload + b"\x01").ljust(64, b"\x00")),
            ("81", "0x81 for 0x80.", (payload + b"\x81").ljust(64, b"\x00")),
            ("c0", "0xc0 for 0x80.", (payload + b"\xc0").ljust(64, b"\x00")),
            ("not-zero", "A byte behind the 0x80 is not 0.", (payload + b"\x80\x00\x01").ljust(64, b"\x00")),
            ("last-not-zero", "The last byte behind the 0x80 is not 0.",
             (payload + b"\x80").ljust(63, b"\x00") + b"\x01"),
            ("pkcs-7", "Padding as in PKCS #7.", payload.ljust(64, bytes([57]))),
            ("ff", "Padding of bytes ff.", (payload + b"\x80").ljust(64, b"\xff")),
            ("long", "A block too many: the 0x80 ends the first of two.", b"p" * 63 + b"\x80" + bytes(64)),
            ("long-inside", "A block too many: the 0x80 is inside the first of two.", pad(payload) + bytes(64)),
            ("long-two", "Two blocks too many.", pad(payload) + bytes(128)),
            ("zeros-two", "128 zero bytes.", bytes(128))):
        yield record_error("padding", f"padding-{name}", f"Sealed properly, but the padding is wrong: {scenario}",
                           make_record(where, b"", plain=plain))

    # Mistakes that an implementation could make on both sides and not notice.
    for name, scenario, how in (
            ("label", "Sealed under the subkey of another label.", {"label": b"record"}),
            ("tag-bare", "Sealed with associated data that lack the tag's length.", {"changed_tag": bytes}),
            ("no-nul", "Sealed with associated data that lack the NUL.", {"prefix": b"moniker/v1/record"}),
            ("no-header", "Sealed with associated data that lack the record's first ten bytes.", {"header_in": 0}),
            ("no-version", "Sealed with associated data that lack the version.", {"header_in": 6})):
        yield record_error(authentication, f"sealed-{name}", scenario, make_record(where, person(), **how))


# --- Vectors: payload --------------------------------------------------------------------------------

def payload_lines(kind, scenario, data):
    return [("type", "payload"), ("scenario", scenario), ("payload", kind), ("payload-hex", data.hex())]


def person_members(issuer, value, name, fields):
    yield from (("kind", "opaque"), ("issuer-hex", issuer.hex()), ("value-hex", value.hex()), ("name-hex", name.hex()),
                ("fields", str(len(fields))))
    for number, (field_name, text) in enumerate(fields, 1):
        yield f"field-{number}-name-hex", field_name.hex()
        yield f"field-{number}-text-hex", text.hex()


def link_members(person_tag, epoch, d, conference):
    yield from (("person-tag-hex", person_tag.hex()), ("identity-epoch", str(epoch)), ("digest-hex", d.hex()),
                ("scope", "app" if conference is None else "conference"))
    if conference is not None:
        yield "conference-hex", conference.hex()


def audit_members(time, actor, purpose, asked, persons):
    yield from (("time-ms", str(time)), ("operation", "resolve"), ("actor-hex", actor.hex()),
                ("purpose-hex", purpose.hex()), ("asked", str(asked)), ("persons", str(len(persons))))
    for number, person_tag in enumerate(persons, 1):
        yield f"person-{number}-tag-hex", person_tag.hex()


def settings_members(application_id, user_version, template):
    return (("application-id", str(application_id)), ("user-version", str(user_version)),
            ("avatar-template-hex", template.hex()))


MEMBERS = {"person": person_members, "link": link_members, "audit": audit_members, "settings": settings_members}


def payload_ok(kind, name, scenario, /, **members):
    data = WRITERS[kind](**members)
    content = read_payload(kind, data)
    # Written from what was read, and read as it was to be written.
    require(WRITERS[kind](**content) == data and all(content[key] == value for key, value in members.items()), name)
    return f"payload-{kind}-ok-{name}.txt", [*payload_lines(kind, scenario, data), ("expect", "ok"),
                                             *MEMBERS[kind](**content)]


def payload_bytes_error(kind, fault, name, scenario, data):
    refuse(lambda: read_payload(kind, data), [fault], f"{kind}, {name}")
    return f"payload-{kind}-error-{name}.txt", [*payload_lines(kind, scenario, data), ("expect", "error"),
                                                ("code", "altered")]


def payload_error(kind, fault, name, scenario, /, **changes):
    return payload_bytes_error(kind, fault, name, scenario, WRITERS[kind](**changes))


def payload_frame(kind, right, boundaries, lengths, **changes):
    """What every payload has: its format, its end and lengths inside. `boundaries` are the places at which it is cut
    off, `lengths` the places of the lengths of its texts."""
    for number in (0, 2, 255):
        yield payload_error(kind, "payload format", f"format-{number}", f"Payload format {number}.",
                            payload_format=number, **changes)
    yield payload_bytes_error(kind, "truncated", "empty", "No byte at all.", b"")
    for place_name, size in (*boundaries, ("the last byte", len(right) - 1)):
        require(0 < size < len(right), place_name)
        yield payload_bytes_error(kind, "truncated", f"truncated-{size}", f"The payload ends before {place_name}.",
                                  right[:size])
    for name, scenario, behind in (("nul", "A zero byte behind the payload.", b"\x00"),
                                   ("padding", "Padding that was not taken off.", b"\x80")):
        yield payload_bytes_error(kind, "trailing bytes", f"trailing-{name}", scenario, right + behind)
    for field, place_of in lengths:
        length = int.from_bytes(right[place_of:place_of + 4], "little")
        for name, words, number in (("more", "leads beyond the end", len(right) - place_of - 3),
                                    ("highest", "is the highest number", 2**32 - 1)):
            require(length < number, field)
            yield payload_bytes_error(kind, "truncated", f"{field}-length-{name}",
                                      f"The length of the {field.replace('-', ' ')} {words}.",
                                      right[:place_of] + u32(number) + right[place_of + 4:])


def text_errors(kind, argument, word, lowest, highest, allowed=b"", wrap=lambda data: data):
    """A text with these limits; `wrap` makes the argument of the writer from it."""
    field = word.replace(" ", "-")
    if lowest:
        yield payload_error(kind, f"{word}: length", f"{field}-empty", f"{word.capitalize()} without a byte.",
                            **{argument: wrap(b"")})
    yield payload_error(kind, f"{word}: length", f"{field}-too-long", f"{word.capitalize()} of {highest + 1} bytes.",
                        **{argument: wrap(b"a" * (highest + 1))})
    half = highest // 2 + 1
    yield payload_error(kind, f"{word}: length", f"{field}-too-long-multi-byte",
                        f"{word.capitalize()} of {2 * half} bytes in {half} characters.",
                        **{argument: wrap("\u00e9".encode("utf-8") * half)})
    for name, what, data in NOT_UTF8:
        yield payload_error(kind, f"{word}: not-utf8", f"{field}-not-utf8-{name}", f"{word.capitalize()} with {what}.",
                            **{argument: wrap(b"a" + data + b"b")})
    for name, what, data in CONTROLS:
        if data not in (bytes([byte]) for byte in allowed):
            yield payload_error(kind, f"{word}: control", f"{field}-control-{name}",
                                f"{word.capitalize()} with {what}.", **{argument: wrap(b"a" + data + b"b")})


FIELDS = ((b"born", b"1970-01-01"), (b"room", b"7"))


def persons():
    kind = "person"
    yield payload_ok(kind, "plain", "A person without further fields.")
    yield payload_ok(kind, "fields", "A person with two further fields.", fields=list(FIELDS))
    yield payload_ok(kind, "shortest", "Every text at its shortest.", issuer=b"i", value=b"v", name=b"n",
                     fields=[(b"a", b"")])
    yield payload_ok(kind, "longest", "Every text at its longest.", issuer=b"i" * 64, value=b"v" * 1024,
                     name=b"n" * 1024, fields=[(b"f" * 64, b"t" * 4096)])
    yield payload_ok(kind, "longest-multi-byte", "Name and text at their longest in two bytes a character.",
                     name="\u00e9".encode("utf-8") * 512, fields=[(b"note", "\u00e9".encode("utf-8") * 2048)])
    yield payload_ok(kind, "fields-64", "64 further fields.",
                     fields=[(f"field_{number:02}".encode("ascii"), str(number).encode("ascii"))
                             for number in range(64)])
    yield payload_ok(kind, "order", "Names in ascending order of bytes: digits, '_', letters; a prefix first.",
                     fields=[(name, b"x") for name in (b"0", b"10", b"9", b"_", b"__", b"a", b"a0", b"a_", b"aa",
                                                       b"aab", b"ab", b"b")])
    yield payload_ok(kind, "name-characters", "A field name with every character that it may have.",
                     fields=[(NAME_CHARACTERS, b"x")])
    yield payload_ok(kind, "text-tab-line-feed", "Tabulators and line feeds in a text.",
                     fields=[(b"note", b"\tfirst\n\n\tsecond\n")])
    yield payload_ok(kind, "outer-blanks", "Blanks at the ends of name and text: only the value may not have them.",
                     name=b" Jo ", fields=[(b"note", b" x ")])
    yield payload_ok(kind, "unusual-name", "A name with a bidirectional control, an emoji and U+10FFFF.",
                     name="\u202eX\U0001f469\u200d\U0001f467\U0010ffff".encode("utf-8"))
    yield payload_ok(kind, "value-utf-8", "A value beyond ASCII, with white space inside.",
                     value="Jos\u00e9\u3000\u738b".encode("utf-8"))

    right = person(fields=FIELDS)
    issuer_at = 2
    value_at = issuer_at + len(lp(b"mrn.hospital-a"))
    name_at = value_at + len(lp(b"00123456"))
    count_at = len(person()) - 2
    field_at = count_at + 2
    text_at = field_at + len(lp(b"born"))
    yield from payload_frame(
        kind, right,
        (("the kind", 1), ("the issuer's length", 2), ("the last byte of the issuer's length", 5),
         ("the issuer", 6), ("the issuer's last byte", value_at - 1), ("the value's length", value_at),
         ("the value's last byte", name_at - 1), ("the name's length", name_at), ("the name's last byte", count_at - 1),
         ("the number of fields", count_at), ("the last byte of the number of fields", count_at + 1),
         ("the first field", field_at), ("the first field's name", field_at + 4),
         ("the first field's text", text_at), ("the second field", text_at + len(lp(FIELDS[0][1])))),
        (("issuer", issuer_at), ("value", value_at), ("name", name_at), ("field-name", field_at), ("text", text_at)),
        fields=FIELDS)

    for number in (0, 2, 255):
        yield payload_error(kind, "kind", f"kind-{number}", f"Kind {number}.", kind=number)
    for name, scenario, reason, data in (
            ("empty", "Issuer without a byte.", "empty", b""),
            ("too-long", "Issuer of 65 bytes.", "too-long", b"i" * 65),
            ("upper-case", "Issuer with an upper case letter.", "character", b"MRN"),
            ("slash", "Issuer with '/', which only an app may have.", "character", b"hospital/a"),
            ("blank", "Issuer with a blank.", "character", b"hospital a"),
            ("non-ascii", "Issuer with a letter beyond ASCII.", "character", "cl\u00ednica".encode("utf-8")),
            ("nul", "Issuer with a NUL.", "character", b"hospital\x00a")):
        yield payload_error(kind, f"issuer: {reason}", f"issuer-{name}", scenario, issuer=data)
    for name, scenario, reason, data in (
            ("empty", "Value without a byte.", "empty", b""),
            ("too-long", "Value of 1025 bytes.", "too-long", b"v" * 1025),
            ("white-space-start", "Value with a blank at its start.", "white-space", b" 7"),
            ("white-space-end", "Value with a blank at its end.", "white-space", b"7 "),
            ("white-space-3000", "Value with U+3000 at its end.", "white-space", "7\u3000".encode("utf-8")),
            ("white-space-2028", "Value with U+2028 at its start.", "white-space", "\u20287".encode("utf-8"))):
        yield payload_error(kind, f"value: {reason}", f"value-{name}", scenario, value=data)
    for name, what, data in NOT_UTF8:
        yield payload_error(kind, "value: not-utf8", f"value-not-utf8-{name}", f"Value with {what}.",
                            value=b"a" + data + b"b")
    for name, what, data in CONTROLS:
        yield payload_error(kind, "value: control", f"value-control-{name}", f"Value with {what}.",
                            value=b"a" + data + b"b")
    yield from text_errors(kind, "name", "name", 1, 1024)
    yield from text_errors(kind, "fields", "text", 0, 4096, b"\t\n", lambda data: [(b"note", data)])
    # The second of two fields, to see that not only the first is looked at.
    yield payload_error(kind, "text: control", "text-second", "The text of the second field has a NUL.",
                        fields=[FIELDS[0], (b"room", b"7\x00")])

    yield payload_error(kind, "field name: length", "field-name-empty", "Field name without a byte.",
                        fields=[(b"", b"x")])
    yield payload_error(kind, "field name: length", "field-name-too-long", "Field name of 65 bytes.",
                        fields=[(b"f" * 65, b"x")])
    for name, what, data in (
            ("upper-case", "an upper case letter", b"Born"),
            ("hyphen", "'-', which an issuer may have", b"born-in"),
            ("dot", "'.', which an issuer may have", b"born.in"),
            ("slash", "'/', which precedes '0'", b"born/in"),
            ("colon", "':', which follows '9'", b"born:in"),
            ("caret", "'^', which precedes '_'", b"born^in"),
            ("backquote", "'`', between '_' and 'a'", b"born`in"),
            ("brace", "'{', which follows 'z'", b"born{in"),
            ("blank", "a blank", b"born in"),
            ("non-ascii", "a letter beyond ASCII", "gr\u00f6\u00dfe".encode("utf-8")),
            ("nul", "a NUL", b"born\x00in"),
            ("byte-ff", "a byte ff", b"born\xff")):
        yield payload_error(kind, "field name: character", f"field-name-{name}", f"Field name with {what}.",
                            fields=[(data, b"x")])
    for name, scenario, names in (
            ("descending", "Two fields in descending order.", (b"room", b"born")),
            ("by-length", "Fields in order of their names' lengths.", (b"b", b"aa")),
            ("underscore", "'_' behind a letter in the order, as some locales have it.", (b"aa", b"a_")),
            ("digit", "A digit behind a letter in the order.", (b"aa", b"a0")),
            ("prefix", "A name before its own prefix.", (b"ab", b"a")),
            ("number", "Names in order of the numbers that they are.", (b"9", b"10")),
            ("last", "Only the last field is out of order.", (b"a", b"c", b"d", b"b")),
            ("duplicate", "One field twice.", (b"born", b"born")),
            ("duplicate-apart", "One field twice with another between.", (b"born", b"room", b"born"))):
        yield payload_error(kind, "order of the fields", f"order-{name}", scenario,
                            fields=[(each, str(number).encode("ascii")) for number, each in enumerate(names)])
    yield payload_error(kind, "number of fields", "fields-65", "65 further fields.",
                        fields=[(f"field_{number:02}".encode("ascii"), b"x") for number in range(65)])
    yield payload_error(kind, "truncated", "count-more", "The number of fields is too great by one.", fields=FIELDS,
                        count=3)
    yield payload_error(kind, "trailing bytes", "count-less", "The number of fields is too small by one.",
                        fields=FIELDS, count=1)


def links():
    kind = "link"
    yield payload_ok(kind, "app", "A link of the app scope.")
    yield payload_ok(kind, "conference", "A link of a conference.", conference=b"visit-42",
                     d=bytes.fromhex(WORKED[1][2]))
    yield payload_ok(kind, "conference-shortest", "A conference of 1 byte.", conference=b"1")
    yield payload_ok(kind, "conference-longest", "A conference of 255 bytes.", conference=b"c" * 255)
    yield payload_ok(kind, "conference-multi-byte", "A conference of 255 bytes in 85 characters.",
                     conference="\u4f1a".encode("utf-8") * 85)
    yield payload_ok(kind, "conference-blanks", "A conference with blanks at its ends.", conference=b" visit-42 ")
    yield payload_ok(kind, "epoch", "An identity epoch of which every byte counts.", epoch=0x01020304)
    yield payload_ok(kind, "epoch-highest", "The highest identity epoch.", epoch=2**32 - 1)
    yield payload_ok(kind, "zeros", "A person tag and a digest of zeros.", person_tag=bytes(16), d=bytes(32))

    right = link(conference=b"visit-42")
    yield from payload_frame(
        kind, right,
        (("the person tag", 1), ("the person tag's last byte", 16), ("the identity epoch", 17),
         ("the identity epoch's last byte", 20), ("the digest", 21), ("the digest's last byte", 52),
         ("the scope", 53), ("the conference's length", 54), ("the last byte of the conference's length", 57),
         ("the conference", 58)),
        (("conference", 54),), conference=b"visit-42")
    yield payload_bytes_error(kind, "truncated", "truncated-app", "App scope; the conference's length is missing.",
                              link()[:-4])
    yield payload_error(kind, "identity epoch", "epoch-0", "Identity epoch 0.", epoch=0)
    for number in (2, 255):
        yield payload_error(kind, "scope", f"scope-{number}", f"Scope {number}, with a conference.", scope=number,
                            conference=b"visit-42")
    yield payload_error(kind, "scope", "scope-2-empty", "Scope 2, without a conference.", scope=2)
    yield payload_error(kind, "app scope with a conference", "scope-app-conference", "App scope with a conference.",
                        scope=0, conference=b"visit-42")
    yield payload_error(kind, "conference: empty", "conference-empty", "Conference scope without a conference.",
                        conference=b"")
    yield payload_error(kind, "conference: too-long", "conference-too-long", "Conference of 256 bytes.",
                        conference=b"c" * 256)
    for name, what, data in NOT_UTF8:
        yield payload_error(kind, "conference: not-utf8", f"conference-not-utf8-{name}", f"Conference with {what}.",
                            conference=b"a" + data + b"b")
    for name, what, data in CONTROLS:
        yield payload_error(kind, "conference: control", f"conference-control-{name}", f"Conference with {what}.",
                            conference=b"a" + data + b"b")


def audits():
    kind = "audit"
    three = [numbered(f"person tag {number}", 16) for number in (2, 0, 1)]
    require(three != sorted(three), "tags that are not in order")
    yield payload_ok(kind, "plain", "Two IDs asked for, one person answered.",
                     persons=[numbered("person tag", 16)])
    yield payload_ok(kind, "none", "One ID asked for, nobody answered.", asked=1, persons=[])
    yield payload_ok(kind, "three", "Three persons; their tags stand in the order of the answer, which is not theirs.",
                     asked=3, persons=three)
    yield payload_ok(kind, "many", "300 persons, so that two bytes of their number count.", asked=300,
                     persons=[numbered(f"person tag {number}", 16) for number in range(300)])
    yield payload_ok(kind, "shortest", "Actor and purpose of 1 byte.", actor=b"a", purpose=b"p", persons=[])
    yield payload_ok(kind, "longest", "Actor and purpose of 128 bytes.", actor=b"a" * 128, purpose=b"p" * 128,
                     persons=[])
    yield payload_ok(kind, "multi-byte", "Actor and purpose of 128 bytes in 64 characters, with blanks.",
                     actor="\u00e9".encode("utf-8") * 64, purpose=" \u0416".encode("utf-8") * 42 + b"  ", persons=[])
    yield payload_ok(kind, "time-lowest", "Time 0.", time=0, persons=[])
    yield payload_ok(kind, "time-highest", "The highest time that 8 bytes hold: times have no sign and no limit.",
                     time=2**64 - 1, persons=[])
    yield payload_ok(kind, "asked-highest", "The highest number of IDs asked for.", asked=2**32 - 1, persons=[])

    right = audit(persons=three)
    actor_at = 10
    purpose_at = actor_at + len(lp(b"token-server"))
    asked_at = purpose_at + len(lp(b"call transfer"))
    yield from payload_frame(
        kind, right,
        (("the time", 1), ("the time's last byte", 8), ("the operation", 9), ("the actor's length", actor_at),
         ("the actor", actor_at + 4), ("the actor's last byte", purpose_at - 1), ("the purpose's length", purpose_at),
         ("the purpose's last byte", asked_at - 1), ("the number of IDs", asked_at),
         ("the last byte of the number of IDs", asked_at + 3), ("the number of persons", asked_at + 4),
         ("the last byte of the number of persons", asked_at + 7), ("the first person tag", asked_at + 8),
         ("the last byte of the first person tag", asked_at + 23), ("the third person tag", asked_at + 40)),
        (("actor", actor_at), ("purpose", purpose_at)), persons=three)
    for number in (0, 2, 255):
        yield payload_error(kind, "operation", f"operation-{number}", f"Operation {number}.", operation=number)
    for argument in ("actor", "purpose"):
        yield from text_errors(kind, argument, argument, 1, 128)
    yield payload_error(kind, "truncated", "count-more", "The number of persons is too great by one.", asked=4,
                        persons=three, count=4)
    yield payload_error(kind, "trailing bytes", "count-less", "The number of persons is too small by one.", asked=3,
                        persons=three, count=2)
    yield payload_error(kind, "truncated", "count-overflow",
                        "A number of persons whose tags would have 2 to the power of 32 bytes; there are none.",
                        asked=2**32 - 1, persons=[], count=2**28)
    yield payload_error(kind, "truncated", "count-highest", "The highest number of persons.", asked=2**32 - 1,
                        persons=three, count=2**32 - 1)


def settings_payloads():
    kind = "settings"
    yield payload_ok(kind, "plain", "Settings without an avatar URL template.")
    yield payload_ok(kind, "template", "Settings with an avatar URL template.",
                     template=b"https://cdn.example.org/avatars/{index}.svg")
    yield payload_ok(kind, "template-shortest", "A template of 1 byte.", template=b"/")
    yield payload_ok(kind, "template-longest", "A template of 1024 bytes.", template=b"https://h/" + b"a" * 1014)
    yield payload_ok(kind, "other-store", "Numbers of another store: comparing them is not the payload's matter.",
                     application_id=0x01020304, user_version=0x05060708)
    yield payload_ok(kind, "lowest", "Both numbers 0.", application_id=0, user_version=0)
    yield payload_ok(kind, "highest", "Both numbers at their highest: they have no sign.",
                     application_id=2**32 - 1, user_version=2**32 - 1)

    right = settings(template=b"https://h/")
    yield from payload_frame(
        kind, right,
        (("the application_id", 1), ("the application_id's last byte", 4), ("the user_version", 5),
         ("the user_version's last byte", 8), ("the template's length", 9),
         ("the last byte of the template's length", 12), ("the template", 13)),
        (("template", 9),), template=b"https://h/")
    yield payload_error(kind, "avatar template: length", "template-too-long", "A template of 1025 bytes.",
                        template=b"https://h/" + b"a" * 1015)


def self_check():
    require(uuid_octets(WORKED_ID) == uuid_octets(WORKED_UUID), "the UUID from the external ID")
    require([len(pad(bytes(size))) for size in (0, 1, 63, 64)] == [64, 64, 64, 128], "padding")


def vectors():
    self_check()
    # Different inputs, different tags; but for the external IDs and UUIDs that share their first 16 bytes.
    inputs_of = {}
    for part in (tags, records, records_refused, persons, links, audits, settings_payloads):
        for name, lines in part():
            found = dict(lines)
            if found["type"] == "tag" and "tag-hex" in found:
                text = found.get("external-id") or found.get("uuid")
                inputs = [found.get(key) for key in ("suite", "index-key-hex", "vault-id-hex", "use", "issuer-hex",
                                                     "value-hex", "participant-id-hex")]
                inputs.append(text and uuid_octets(text))
                require(inputs_of.setdefault(found["tag-hex"], inputs) == inputs, name)
            yield name, lines
