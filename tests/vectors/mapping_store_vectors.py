"""The vectors of mapping store format 2: tags, sealed records and payloads.

The first half reads the format from its specification (docs/formats/mapping-store.md; section numbers are its own)
and nothing else. The second half writes tags, records and payloads and lists the scenarios: as with the keyring,
the reader has to find in each the one fault that the scenario names.
"""

import itertools
import struct
import unicodedata

import xchacha20poly1305
from keyring_vectors import (CONTROLS, NOT_UTF8, SUITES as SUITE_NUMBERS, Cursor, Truncated, flip, named_faults,
                             numbered, text_faults)
from pseudonym_vectors import (ALPHABET, CONTROL, DATA_LENGTH, PRF, WHITE_SPACE, WORKED, WORKED_UUID, digest, example,
                               external_id, field_faults, lp, make_id, parse, require, subkey, uuid)

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

META, PERSON, EXTERNAL_ID, PARTICIPANT, AUDIT, IDENTIFIER, ROSTER = range(7)
TABLES = ("meta", "person", "external_id", "participant", "audit", "identifier", "roster", "tombstone")
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


# --- Canonical identifiers (docs/formats/pseudonym.md) -----------------------------------------------

OPAQUE, TEXT, EMAIL, PHONE = 1, 2, 3, 4
KINDS = {OPAQUE: "opaque", TEXT: "text", EMAIL: "email", PHONE: "phone"}
# Unicode property Bidi_Control.
BIDI_CONTROL = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
UNASSIGNED = {0x0378}
# Code points of the scenarios that are younger than Unicode 3.2 (version 8.0).
YOUNGER = {0x13F8}


def folded(text):
    """None if kind `text` does not accept it; white space is left as it is."""
    for character in text:
        # Python's tables need not be those of the format's Unicode version. What Unicode 3.2 had assigned has the
        # same normal forms and foldings in both.
        require(ord(character) in UNASSIGNED | YOUNGER | BIDI_CONTROL
                or unicodedata.ucd_3_2_0.category(character) != "Cn", ascii(character))
    if {ord(character) for character in text} & (CONTROL | BIDI_CONTROL | UNASSIGNED):
        return None
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def canonical_text(text):
    text = folded(text)
    if text is None:
        return None
    words = "".join(" " if ord(character) in WHITE_SPACE else character for character in text).split(" ")
    return " ".join(word for word in words if word) or None


def ascii_domain(domain):
    """Enough of UTS 46 for the domains of the scenarios, which have nothing but letters, '-' and '.'."""
    require(all(character.isalpha() or character in "-." for character in domain), domain)
    labels = unicodedata.normalize("NFC", domain).lower().split(".")
    require(all(labels), domain)
    return ".".join(label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
                    for label in labels)


def canonical_email(text):
    local, at, domain = text.rpartition("@")
    local = folded(local)
    if not at or local is None or {ord(character) for character in text} & WHITE_SPACE:
        return None
    require(local and domain, text)
    return local + "@" + ascii_domain(domain)


def canonical_phone(text):
    digits = "0123456789"
    if not text.startswith("+") or not text[1:2] in digits or not text[-1] in digits:
        return None
    number = "".join(character for character in text[1:] if character not in " -.()")
    return "+" + number if 7 <= len(number) <= 15 and not set(number) - set(digits) else None


CANONICAL = {TEXT: canonical_text, EMAIL: canonical_email, PHONE: canonical_phone}


def canonical(kind, data):
    """The value, or None if the kind does not accept these bytes."""
    if kind == OPAQUE:
        return None if field_faults("value", data) else data
    try:
        value = CANONICAL[kind](data.decode("utf-8"))
    except UnicodeDecodeError:
        return None
    return None if value is None else value.encode("utf-8")


def identifier_faults(kind, issuer, value, given):
    faults = named_faults("issuer", issuer)
    if kind not in KINDS:
        return faults + ["kind"]
    reasons = [reason for reason in field_faults("value", value) if kind == OPAQUE or reason != "white-space"]
    if reasons:
        return faults + [f"value: {reason}" for reason in reasons]
    if canonical(kind, value) != value:
        faults.append("value: not canonical")
    if len(given) > 1024:
        faults.append("given: too-long")
    elif given and given == value:
        faults.append("given: the value itself")
    elif given and canonical(kind, given) != value:
        faults.append("given: of no or another value")
    return faults


# --- Section 4: payloads -----------------------------------------------------------------------------

NAME_CHARACTERS = b"abcdefghijklmnopqrstuvwxyz0123456789_"
# The number of labels of each style.
CODE, WORDS = 1, 2
LABELS = {CODE: 2**30, WORDS: 256 * 256 * 100}
LATEST = {"person": 3, "link": 3, "audit": 2, "settings": 3, "issuers": 1, "identifier": 1, "roster": 1,
          "manifest": 1}


def payload_format(kind, cursor, faults):
    number = cursor.number(1)
    if not 1 <= number <= LATEST[kind]:
        faults.append("payload format")
    return number


def read_person_head(cursor, faults):
    """What payload format 1 has not, up to the identifiers."""
    handle = cursor.take(cursor.number(1))
    if len(handle) not in (0, 32):
        faults.append("length of the handle")
    merged = cursor.number(1)
    if merged > 1:
        faults.append("merged flag")
    # What follows a wrong flag is nobody's rule: here an even one is followed by no tag.
    merged_into = cursor.take(16) if merged % 2 else None
    absorbed = [cursor.take(16) for _ in range(cursor.number(1))]
    if len(absorbed) > 64:
        faults.append("number of persons merged into this one")
    if absorbed != sorted(set(absorbed)):
        faults.append("order of the persons merged into this one")
    if merged_into in absorbed:
        faults.append("circle")
    if not handle and (merged or absorbed):
        faults.append("derived and merged")
    return handle, merged_into, absorbed


def read_identifiers(cursor, faults, highest):
    count = cursor.number(1)
    if not 1 <= count <= highest:
        faults.append("number of identifiers")
    identifiers = [(cursor.number(1), cursor.lp(), cursor.lp(), cursor.lp()) for _ in range(count)]
    for each in identifiers:
        faults += identifier_faults(*each)
    if len({each[1:3] for each in identifiers}) < count:
        faults.append("identifier twice")
    return identifiers


def read_identifier_1(cursor, faults):
    kind = cursor.number(1)
    if kind != OPAQUE:
        faults.append("kind")
    issuer, value = cursor.lp(), cursor.lp()
    faults += identifier_faults(OPAQUE, issuer, value, b"")
    return kind, issuer, value, b""


def read_person(cursor, faults):
    number = payload_format("person", cursor, faults)
    if number == 1:
        handle, merged_into, absorbed, identifiers = b"", None, [], [read_identifier_1(cursor, faults)]
    else:
        handle, merged_into, absorbed = read_person_head(cursor, faults)
        identifiers = read_identifiers(cursor, faults, 64 if handle else 1)
    name = cursor.lp()
    faults += text_faults("name", name, 1, 1024)
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
    return {"payload_format": number, "handle": handle, "merged_into": merged_into, "absorbed": absorbed,
            "identifiers": identifiers, "name": name, "fields": fields}


def read_labels(cursor, faults, scope):
    labels = [(cursor.number(1), cursor.number(4)) for _ in range(cursor.number(1))]
    if len(labels) > 2:
        faults.append("number of labels")
    for style, value in labels:
        if style not in LABELS:
            faults.append("label style")
        elif value >= LABELS[style]:
            faults.append("label value")
    styles = [style for style, _ in labels]
    if styles != sorted(set(styles)):
        faults.append("order of the labels")
    if labels and scope == 0:
        faults.append("app scope with a label")
    return labels


def read_link(cursor, faults):
    number = payload_format("link", cursor, faults)
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
    labels, participant_id = [], b""
    if number != 1:
        labels, participant_id = read_labels(cursor, faults, scope), cursor.lp()
        if participant_id:
            faults += [f"participant ID: {reason}" for reason in participant_faults(participant_id)]
            if labels:
                faults.append("participant ID with a label")
    day = retention = 0
    if number == 3:
        day, retention = cursor.number(4), cursor.number(2)
        if day == 0:
            faults.append("day")
        if scope == 0:
            faults.append("app scope with a day")
        if participant_id:
            faults.append("participant ID with a day")
    return {"payload_format": number, "person_tag": person_tag, "epoch": epoch, "d": d,
            "conference": conference if scope else None, "labels": labels, "participant_id": participant_id,
            "day": day, "retention": retention}


OPERATIONS = {1: "resolve", 2: "refused_resolve", 3: "break_glass_resolve", 4: "state_accepted", 5: "erase",
              6: "expire", 7: "restore", 8: "policy", 9: "mark"}
REFUSED = 2
NEEDING_A_REASON = (1, 2, 3)
NO_ONE_SCOPE = 255


def read_audit_scope(cursor, faults):
    """None for none or several, b"" for the app."""
    scope, conference = cursor.number(1), cursor.lp()
    if scope == 1:
        faults += named_faults("conference", conference)
        return conference
    if scope not in (0, NO_ONE_SCOPE):
        faults.append("scope")
    if conference:
        faults.append("conference without its scope")
    return b"" if scope == 0 else None


def read_audit(cursor, faults):
    number = payload_format("audit", cursor, faults)
    time, operation = cursor.number(8), cursor.number(1)
    if operation not in ((1,) if number == 1 else OPERATIONS):
        faults.append("operation")
    flags = 0 if number == 1 else cursor.number(1)
    if flags > 1:
        faults.append("flags")
    actor, purpose = cursor.lp(), cursor.lp()
    lowest = 1 if operation in NEEDING_A_REASON else 0
    faults += text_faults("actor", actor, lowest, 128) + text_faults("purpose", purpose, lowest, 128)
    scope = None if number == 1 else read_audit_scope(cursor, faults)
    asked = cursor.number(4)
    persons = [cursor.take(16) for _ in range(cursor.number(4))]
    if operation == REFUSED and persons:
        faults.append("refused and answered")
    mark = None if number == 1 else cursor.take(32)
    return {"payload_format": number, "time": time, "operation": operation, "flags": flags, "actor": actor,
            "purpose": purpose, "scope": scope, "asked": asked, "persons": persons, "mark": mark}


def read_settings(cursor, faults):
    number = payload_format("settings", cursor, faults)
    application_id, user_version = cursor.number(4), cursor.number(4)
    epochs = None if number == 1 else tuple(cursor.number(4) for _ in range(3))
    for word, epoch in zip(("identity", "storage", "index"), epochs or ()):
        if epoch == 0:
            faults.append(f"{word} epoch")
    template = cursor.lp()
    faults += text_faults("avatar template", template, 0, 1024)
    anchor = b"" if number == 1 else cursor.lp()
    faults += text_faults("anchor", anchor, 0, 4096)
    policy = tuple(cursor.number(4) for _ in range(3)) if number == 3 else None
    if policy == (0, 0, 0):
        faults.append("policy of format 2")
    return {"payload_format": number, "application_id": application_id, "user_version": user_version,
            "epochs": epochs, "template": template, "anchor": anchor, "policy": policy}


def read_issuers(cursor, faults):
    payload_format("issuers", cursor, faults)
    count = cursor.number(2)
    if count > 4096:
        faults.append("number of issuers")
    issuers = [(cursor.number(1), cursor.lp()) for _ in range(count)]
    for kind, issuer in issuers:
        if kind not in KINDS:
            faults.append("kind")
        faults += named_faults("issuer", issuer)
    names = [issuer for _, issuer in issuers]
    if names != sorted(set(names)):
        faults.append("order of the issuers")
    return {"issuers": issuers}


def read_identifier(cursor, faults):
    payload_format("identifier", cursor, faults)
    return {"person_tag": cursor.take(16)}


def read_roster(cursor, faults):
    payload_format("roster", cursor, faults)
    owner = cursor.take(16)
    # U has them, whatever the digest was.
    if owner[6] >> 4 != 8:
        faults.append("owner: version")
    if owner[8] >> 6 != 2:
        faults.append("owner: variant")
    return {"owner": owner}


def read_manifest(cursor, faults):
    payload_format("manifest", cursor, faults)
    counter, integrity_key = cursor.number(8), cursor.take(32)
    if counter == 0:
        faults.append("counter")
    if cursor.number(1) != len(TABLES):
        faults.append("number of tables")
    tables = tuple((cursor.number(8), cursor.take(32)) for _ in TABLES)
    entries, head, next_key = cursor.number(8), cursor.take(32), cursor.take(32)
    return {"counter": counter, "integrity_key": integrity_key, "tables": tables, "entries": entries, "head": head,
            "next_key": next_key}


READERS = {"person": read_person, "link": read_link, "audit": read_audit, "settings": read_settings,
           "issuers": read_issuers, "identifier": read_identifier, "roster": read_roster, "manifest": read_manifest}


def read_payload(kind, data, found_under=None):
    """`found_under`: the tag of a person's record, if it is known."""
    cursor, faults = Cursor(data), []
    try:
        content = READERS[kind](cursor, faults)
    except Truncated:
        raise Altered(*faults, "truncated") from None
    if cursor.rest():
        faults.append("trailing bytes")
    if found_under is not None and found_under in (content["merged_into"], *content["absorbed"]):
        faults.append("merged into itself")
    if faults:
        raise Altered(*faults)
    return content


# --- Section 4.8: digests of rows; section 6: anchors -------------------------------------------------


def integrity_subkey(suite, integrity_key, vault_id, use):
    return subkey(suite, integrity_key, use, vault_id)


def row_digest(suite, integrity_key, vault_id, table, record_tag, sealed):
    return PRF[suite](integrity_subkey(suite, integrity_key, vault_id, b"manifest-row"),
                      bytes([table]) + lp(record_tag) + lp(sealed))


def table_digest(digests):
    total = bytes(32)
    for each in digests:
        total = bytes(a ^ b for a, b in zip(total, each))
    return total


ANCHOR_HEAD_SIZE = 4 + 1 + 16 + 8 + 32 + 8 + 32 + 32


def read_anchor_head(suite, integrity_key, vault_id, data):
    try:
        cursor = Cursor(data)
        magic, head_format, vault = cursor.take(4), cursor.number(1), cursor.take(16)
        counter, manifest_digest, entries, head = cursor.number(8), cursor.take(32), cursor.number(8), cursor.take(32)
        mark = cursor.take(32)
    except Truncated:
        raise Altered("truncated") from None
    faults = [] if magic == b"mnka" else ["magic"]
    if head_format != 1:
        faults.append("format")
    if vault != vault_id:
        faults.append("vault ID")
    if cursor.rest():
        faults.append("trailing bytes")
    key = integrity_subkey(suite, integrity_key, vault_id, b"anchor-head")
    if PRF[suite](key, data[:ANCHOR_HEAD_SIZE - 32]) != mark:
        faults.append("authentication")
    if faults:
        raise Altered(*faults)
    return counter, manifest_digest, entries, head


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

SUBJECT = {"issuer": b"mrn.hospital-a", "value": b"00123456"}
HANDLE = numbered("handle")


def identifier(issuer=SUBJECT["issuer"], value=SUBJECT["value"], kind=OPAQUE, given=b""):
    return kind, issuer, value, given


def person(identifiers=(identifier(),), name="Zo\u00eb \u017b\u00f3\u0142kiewska".encode("utf-8"), fields=(), *,
           handle=b"", merged_into=None, absorbed=(), payload_format=2, merged_flag=None, absorbed_count=None,
           identifier_count=None, count=None):
    if payload_format == 1:
        (kind, issuer, value, given), = identifiers
        require(not (handle or merged_into or absorbed or given), "payload format 1 has none of these")
        head = u8(kind) + lp(issuer) + lp(value)
    else:
        flag = (0 if merged_into is None else 1) if merged_flag is None else merged_flag
        head = (u8(len(handle)) + handle + u8(flag) + (merged_into or b"")
                + u8(len(absorbed) if absorbed_count is None else absorbed_count) + b"".join(absorbed)
                + u8(len(identifiers) if identifier_count is None else identifier_count)
                + b"".join(u8(kind) + lp(issuer) + lp(value) + lp(given)
                           for kind, issuer, value, given in identifiers))
    return (u8(payload_format) + head + lp(name) + u16(len(fields) if count is None else count)
            + b"".join(lp(field_name) + lp(text) for field_name, text in fields))


def link(person_tag=numbered("person tag", 16), epoch=1, d=bytes.fromhex(WORKED[0][2]), conference=None, labels=(),
         participant_id=b"", *, day=0, retention=0, payload_format=None, scope=None, label_count=None):
    if payload_format is None:
        payload_format = 3 if day else 2
    data = (u8(payload_format) + person_tag + u32(epoch) + d
            + u8((0 if conference is None else 1) if scope is None else scope) + lp(conference or b""))
    if payload_format == 1:
        require(not (labels or participant_id), "payload format 1 has neither")
        return data
    return (data + u8(len(labels) if label_count is None else label_count)
            + b"".join(u8(style) + u32(value) for style, value in labels) + lp(participant_id)
            + (u32(day) + u16(retention) if payload_format == 3 else b""))


def audit(time=1700000000123, actor=b"token-server", purpose=b"call transfer", asked=2,
          persons=(numbered("person tag", 16),), *, payload_format=2, operation=1, flags=0, scope=None, count=None,
          mark=None, scope_number=None, conference=None):
    """`scope` as read_audit_scope answers it."""
    tags = u32(asked) + u32(len(persons) if count is None else count) + b"".join(persons)
    head = u8(payload_format) + u64(time) + u8(operation)
    if payload_format == 1:
        require(not flags and scope is None and mark is None, "payload format 1 has none of these")
        return head + lp(actor) + lp(purpose) + tags
    if scope_number is None:
        scope_number = NO_ONE_SCOPE if scope is None else 1 if scope else 0
    return (head + u8(flags) + lp(actor) + lp(purpose) + u8(scope_number)
            + lp((scope or b"") if conference is None else conference) + tags
            + (numbered("audit mark") if mark is None else mark))


def settings(application_id=0x6D6E6B73, user_version=2, epochs=(1, 1, 1), template=b"", anchor=b"", *,
             policy=None, payload_format=None):
    if payload_format is None:
        payload_format = 2 if policy is None else 3
    head = u8(payload_format) + u32(application_id) + u32(user_version)
    if payload_format == 1:
        require(not anchor, "payload format 1 has none")
        return head + lp(template)
    return (head + b"".join(u32(epoch) for epoch in epochs) + lp(template) + lp(anchor)
            + b"".join(u32(number) for number in policy or ()))


def issuers(issuers=(), *, payload_format=1, count=None):
    return (u8(payload_format) + u16(len(issuers) if count is None else count)
            + b"".join(u8(kind) + lp(issuer) for kind, issuer in issuers))


def identifier_entry(person_tag=numbered("person tag", 16), *, payload_format=1):
    return u8(payload_format) + person_tag


def roster(owner=uuid_octets(WORKED[1][3]), *, payload_format=1):
    return u8(payload_format) + owner


INTEGRITY_KEY = numbered("integrity key")
ROWS = tuple((number * 1000 + 1, numbered(f"digest of table {number}")) for number in range(len(TABLES)))


def manifest(counter=42, integrity_key=INTEGRITY_KEY, tables=ROWS, entries=3, head=numbered("audit head"),
             next_key=numbered("audit key"), *, payload_format=1, count=None):
    return (u8(payload_format) + u64(counter) + integrity_key + u8(len(tables) if count is None else count)
            + b"".join(u64(rows) + each for rows, each in tables) + u64(entries) + head + next_key)


def anchor_head(suite="blake2b", integrity_key=INTEGRITY_KEY, vault_id=VAULT_ID, payload=None, *, magic=b"mnka",
                head_format=1, vault=None, key_use=b"anchor-head"):
    """The head that the manifest with this payload leaves."""
    payload = manifest() if payload is None else payload
    content = read_payload("manifest", payload)
    manifest_digest = PRF[suite](integrity_subkey(suite, integrity_key, vault_id, b"manifest"), payload)
    body = (magic + u8(head_format) + (vault_id if vault is None else vault) + u64(content["counter"])
            + manifest_digest + u64(content["entries"]) + content["head"])
    return body + PRF[suite](integrity_subkey(suite, integrity_key, vault_id, key_use), body)


WRITERS = {"person": person, "link": link, "audit": audit, "settings": settings, "issuers": issuers,
           "identifier": identifier_entry, "roster": roster, "manifest": manifest}

# --- Vectors: tag ------------------------------------------------------------------------------------

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


def roster_tag(name, scenario, conference=b"visit-42", style=CODE, value=123456789, suite="blake2b",
               index_key=INDEX_KEY, vault_id=VAULT_ID):
    require(not field_faults("conference", conference) and value < LABELS[style], name)
    result = tag(suite, index_key, vault_id, "roster", lp(conference) + u8(style) + u32(value))
    return f"tag-roster-{name}.txt", [
        *tag_head(scenario, suite, index_key, vault_id, "roster"), ("conference-hex", conference.hex()),
        ("style", str(style)), ("value", str(value)), ("expect", "ok"), ("tag-hex", result.hex())]


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
        yield roster_tag(f"code-{suite}", f"A label code in a conference, {suite}.", suite=suite)
        yield roster_tag(f"words-{suite}", f"Words in a conference, {suite}.", style=WORDS, value=1234567, suite=suite)
        yield roster_tag(f"longest-{suite}", f"A conference of 255 bytes, {suite}.", b"c" * 255, suite=suite)
    for name, what, changes in others:
        yield person_tag(f"other-{name}", f"The person of the worked example with {what}.", **changes)
        yield external_id_tag(f"other-{name}", f"The external ID of the worked example with {what}.", WORKED_ID,
                              **changes)
        yield participant_tag(f"other-{name}", f"The participant ID with {what}.", b"PA_7Xk2vQmB9tZr", **changes)
        yield roster_tag(f"other-{name}", f"The label code with {what}.", **changes)

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

    for name, scenario, conference, style, value in (
            ("conference-shortest", "A conference of 1 byte.", b"1", CODE, 5),
            ("conference-multi-byte", "A conference of 255 bytes in 85 characters.",
             "\u4f1a".encode("utf-8") * 85, CODE, 5),
            ("conference-nfc", "A conference in NFC (compare tag-roster-conference-nfd).",
             "Caf\u00e9".encode("utf-8"), CODE, 5),
            ("conference-nfd", "The same text in NFD is another conference.", "Cafe\u0301".encode("utf-8"), CODE, 5),
            ("conference-other", "The label of tag-roster-code-blake2b in another conference.", b"visit-43", CODE,
             123456789),
            ("conference-participant", "A conference that reads like a participant ID.", b"PA_7Xk2vQmB9tZr", CODE, 5),
            ("style-code", "A value as code (compare tag-roster-style-words).", b"visit-42", CODE, 6553599),
            ("style-words", "The same value as words is another label.", b"visit-42", WORDS, 6553599),
            ("value-code-lowest", "The first code.", b"visit-42", CODE, 0),
            ("value-code-highest", "The last code.", b"visit-42", CODE, LABELS[CODE] - 1),
            ("value-words-lowest", "The first words.", b"visit-42", WORDS, 0),
            ("value-bytes", "A value of which every byte counts.", b"visit-42", CODE, 0x01020304),
            ("value-bytes-swapped", "The same bytes in the other order.", b"visit-42", CODE, 0x04030201)):
        yield roster_tag(name, scenario, conference, style, value)

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
    (META, "", b"settings", settings(template=b"https://cdn.example.org/avatars/{index}.svg")),
    (META, "-manifest", b"manifest", manifest()),
    (META, "-issuers", b"issuers", issuers([(EMAIL, b"email"), (OPAQUE, SUBJECT["issuer"])])),
    (PERSON, "", PLACE["tag"], person()),
    (PERSON, "-enrolled", numbered("tag of an enrolled person", 16), person(handle=HANDLE)),
    (PERSON, "-format-1", PLACE["tag"], person(payload_format=1)),
    (EXTERNAL_ID, "", tag("blake2b", INDEX_KEY, VAULT_ID, "external-id", uuid_octets(WORKED_ID)), link()),
    (PARTICIPANT, "", tag("blake2b", INDEX_KEY, VAULT_ID, "participant", lp(b"PA_7Xk2vQmB9tZr")),
     link(participant_id=b"PA_7Xk2vQmB9tZr")),
    (AUDIT, "", (1).to_bytes(8, "big"), audit()),
    (IDENTIFIER, "", tag("blake2b", INDEX_KEY, VAULT_ID, "person", lp(SUBJECT["issuer"]) + SUBJECT["value"]),
     identifier_entry(numbered("tag of an enrolled person", 16))),
    (ROSTER, "", tag("blake2b", INDEX_KEY, VAULT_ID, "roster", lp(b"visit-42") + u8(CODE) + u32(123456789)), roster()),
)


def records():
    for table, name, record_tag, payload in TABLE_EXAMPLES:
        for suite in SUITES:
            words = name.replace("-", ", ", 1).replace("-", " ")
            yield record_ok(f"table-{table}{name}-{suite}", f"A record of table {TABLES[table]}{words}, {suite}.",
                            payload, suite=suite, table=table, tag=record_tag)
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
    payload_1 = person(payload_format=1)
    right = make_record(where, payload_1)
    require(len(right) == NONCE_END + 64 + 16, "one block")
    long = make_record(where, person(fields=[(b"note", b"x" * 100)], payload_format=1))
    authentication = "authentication"

    for table in (META, EXTERNAL_ID, PARTICIPANT, AUDIT, IDENTIFIER, ROSTER):
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
        yield record_error("storage epoch", f"epoch-{name}", scenario, make_record(where, payload_1, epoch=epoch))
    yield record_error(("storage epoch", authentication), "epoch-changed",
                       "The storage epoch is changed to one that the keyring has not.", flip(right, 2, 0x02))
    yield record_error(authentication, "epoch-changed-back",
                       "The storage epoch was 2 when the record was sealed, and is changed to the keyring's 1.",
                       flip(make_record(where, payload_1, epoch=2), 2, 0x03))
    yield record_error(authentication, "version-changed", "The version is changed.", flip(right, 6, 0x02))
    yield record_error(authentication, "version-changed-high", "The highest bit of the version is changed.",
                       flip(right, 9, 0x80))
    yield record_error("record version", "version-zero", "Sealed properly with version 0.",
                       make_record(where, payload_1, version=0))
    for field, words, rule, argument in (("format", "record format", "record format", "record_format"),
                                         ("how", "way of sealing", "how it is sealed", "how")):
        for number in (0, 2, 255):
            yield record_error(rule, f"{field}-{number}", f"Sealed properly with {words} {number}.",
                               make_record(where, payload_1, **{argument: number}))
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
    other = make_record(where, person([identifier(value=b"00123457")], payload_format=1))
    yield record_error(authentication, "tag-of-other", "The authentication tag of another record.",
                       right[:-16] + other[-16:])

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
        yield record_error(authentication, f"sealed-{name}", scenario, make_record(where, payload_1, **how))


# --- Vectors: payload --------------------------------------------------------------------------------

def payload_lines(kind, scenario, data, found_under=None):
    """Vectors of older payload formats say so in their scenarios; the members are the same."""
    if is_old(kind, data):
        scenario = f"Payload format {data[0]}: {scenario}"
    tag_line = [] if found_under is None else [("tag-hex", found_under.hex())]
    return [("type", "payload"), ("scenario", scenario), ("payload", kind), *tag_line, ("payload-hex", data.hex())]


def is_old(kind, data):
    """Formats that are never written. Format 2 is still that of what needs nothing of a later one."""
    return bool(data) and data[0] == 1 < LATEST[kind]


def payload_file(kind, expect, name, data):
    return f"payload-{kind}-{expect}-{f'format-{data[0]}-' if is_old(kind, data) else ''}{name}.txt"


def person_members(payload_format, handle, merged_into, absorbed, identifiers, name, fields):
    if payload_format == 3:
        yield "honey", "1"
    if handle:
        yield "handle-hex", handle.hex()
    if merged_into is not None:
        yield "merged-into-hex", merged_into.hex()
    yield "absorbed", str(len(absorbed))
    for number, each in enumerate(absorbed, 1):
        yield f"absorbed-{number}-hex", each.hex()
    yield "identifiers", str(len(identifiers))
    for number, (kind, issuer, value, given) in enumerate(identifiers, 1):
        yield f"identifier-{number}-kind", KINDS[kind]
        yield f"identifier-{number}-issuer-hex", issuer.hex()
        yield f"identifier-{number}-value-hex", value.hex()
        yield f"identifier-{number}-given-hex", given.hex()
    yield from (("name-hex", name.hex()), ("fields", str(len(fields))))
    for number, (field_name, text) in enumerate(fields, 1):
        yield f"field-{number}-name-hex", field_name.hex()
        yield f"field-{number}-text-hex", text.hex()


def link_members(payload_format, person_tag, epoch, d, conference, labels, participant_id, day, retention):
    yield from (("person-tag-hex", person_tag.hex()), ("identity-epoch", str(epoch)), ("digest-hex", d.hex()),
                ("scope", "app" if conference is None else "conference"))
    if conference is not None:
        yield "conference-hex", conference.hex()
    yield "labels", str(len(labels))
    for number, (style, value) in enumerate(labels, 1):
        yield f"label-{number}-style", str(style)
        yield f"label-{number}-value", str(value)
    yield "participant-id-hex", participant_id.hex()
    if day:
        yield from (("day", str(day)), ("retention-days", str(retention)))


def audit_members(payload_format, time, operation, flags, actor, purpose, scope, asked, persons, mark):
    yield from (("time-ms", str(time)), ("operation", OPERATIONS[operation]), ("honey", str(flags)),
                ("actor-hex", actor.hex()), ("purpose-hex", purpose.hex()),
                ("scope", "none" if scope is None else "conference" if scope else "app"))
    if scope:
        yield "conference-hex", scope.hex()
    yield from (("asked", str(asked)), ("persons", str(len(persons))))
    for number, person_tag in enumerate(persons, 1):
        yield f"person-{number}-tag-hex", person_tag.hex()
    if mark is not None:
        yield "mark-hex", mark.hex()


def settings_members(payload_format, application_id, user_version, epochs, template, anchor, policy):
    yield from (("application-id", str(application_id)), ("user-version", str(user_version)))
    yield from zip(("identity-epoch", "storage-epoch", "index-epoch"), map(str, epochs or ()))
    yield "avatar-template-hex", template.hex()
    if payload_format > 1:
        yield "anchor-hex", anchor.hex()
    if policy is not None:
        yield from zip(("hour-budget", "day-budget", "retention-days"), map(str, policy))


def issuers_members(issuers):
    yield "issuers", str(len(issuers))
    for number, (kind, issuer) in enumerate(issuers, 1):
        yield f"issuer-{number}-kind", KINDS[kind]
        yield f"issuer-{number}-hex", issuer.hex()


def identifier_members(person_tag):
    yield "person-tag-hex", person_tag.hex()


def roster_members(owner):
    yield "owner-hex", owner.hex()


def manifest_members(counter, integrity_key, tables, entries, head, next_key):
    yield from (("counter", str(counter)), ("integrity-key-hex", integrity_key.hex()))
    for number, (rows, each) in enumerate(tables):
        yield f"table-{number}-rows", str(rows)
        yield f"table-{number}-digest-hex", each.hex()
    yield from (("audit-entries", str(entries)), ("audit-head-hex", head.hex()), ("audit-key-hex", next_key.hex()))


MEMBERS = {"person": person_members, "link": link_members, "audit": audit_members, "settings": settings_members,
           "issuers": issuers_members, "identifier": identifier_members, "roster": roster_members,
           "manifest": manifest_members}


def payload_ok(kind, name, scenario, /, found_under=None, **members):
    data = WRITERS[kind](**members)
    content = read_payload(kind, data, found_under)
    # Written from what was read, and read as it was to be written.
    require(WRITERS[kind](**content) == data
            and all(content.get(key, value) == value for key, value in members.items()), name)
    return payload_file(kind, "ok", name, data), [*payload_lines(kind, scenario, data, found_under), ("expect", "ok"),
                                                  *MEMBERS[kind](**content)]


def payload_bytes_error(kind, fault, name, scenario, data, found_under=None):
    """`fault` is a rule or, where one change breaks two that cannot be told apart, several."""
    refuse(lambda: read_payload(kind, data, found_under), [fault] if isinstance(fault, str) else fault,
           f"{kind}, {name}")
    return payload_file(kind, "error", name, data), [*payload_lines(kind, scenario, data, found_under),
                                                     ("expect", "error"), ("code", "altered")]


def payload_error(kind, fault, name, scenario, /, found_under=None, **changes):
    return payload_bytes_error(kind, fault, name, scenario, WRITERS[kind](**changes), found_under)


def payload_frame(kind, right, boundaries, lengths, **changes):
    """What every payload has: its format, its end and lengths inside. `boundaries` are the places at which it is cut
    off, `lengths` the places of the lengths of its texts."""
    require(right == WRITERS[kind](**changes), kind)
    if not is_old(kind, right):
        for number in (0, LATEST[kind] + 1, 255):
            yield payload_error(kind, "payload format", f"format-{number}", f"Payload format {number}.",
                                **{**changes, "payload_format": number})
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


def text_errors(kind, argument, word, lowest, highest, allowed=b"", wrap=lambda data: data, **others):
    """A text with these limits; `wrap` makes the argument of the writer from it."""
    field = word.replace(" ", "-")
    if lowest:
        yield payload_error(kind, f"{word}: length", f"{field}-empty", f"{word.capitalize()} without a byte.",
                            **{argument: wrap(b"")}, **others)
    yield payload_error(kind, f"{word}: length", f"{field}-too-long", f"{word.capitalize()} of {highest + 1} bytes.",
                        **{argument: wrap(b"a" * (highest + 1))}, **others)
    half = highest // 2 + 1
    yield payload_error(kind, f"{word}: length", f"{field}-too-long-multi-byte",
                        f"{word.capitalize()} of {2 * half} bytes in {half} characters.",
                        **{argument: wrap("\u00e9".encode("utf-8") * half)}, **others)
    for name, what, data in NOT_UTF8:
        yield payload_error(kind, f"{word}: not-utf8", f"{field}-not-utf8-{name}", f"{word.capitalize()} with {what}.",
                            **{argument: wrap(b"a" + data + b"b")}, **others)
    for name, what, data in CONTROLS:
        if data not in (bytes([byte]) for byte in allowed):
            yield payload_error(kind, f"{word}: control", f"{field}-control-{name}",
                                f"{word.capitalize()} with {what}.", **{argument: wrap(b"a" + data + b"b")}, **others)


FIELDS = ((b"born", b"1970-01-01"), (b"room", b"7"))


FORMATS = (2, 1)


def persons():
    for number in FORMATS:
        yield from persons_accepted(payload_format=number)
        yield from persons_refused(payload_format=number)
        yield from texts_refused(payload_format=number)
    # One number for the other: what is read in the wrong places need not be one fault.
    yield payload_bytes_error("person", ("length of the handle", "number of identifiers", "truncated"),
                              "changed-to-2", "A payload of format 1 that says it is of format 2.",
                              b"\x02" + person(payload_format=1)[1:])
    yield payload_bytes_error("person", ("kind", "truncated"), "changed", "It is a payload of format 2.",
                              b"\x01" + person(handle=HANDLE)[1:])
    yield from identifiers_accepted()
    yield from identifiers_refused()
    yield from merges_accepted()
    yield from merges_refused()
    yield from honey()


def honey():
    """Payload format 3: what format 2 says, of somebody who is to be told of."""
    kind = "person"
    for name, scenario, members in (
            ("plain", "A person without further fields.", {}),
            ("fields", "A person with two further fields.", {"fields": list(FIELDS)}),
            ("enrolled", "An enrolled person.", {"handle": HANDLE}),
            ("merged", "An enrolled person, merged both ways.",
             {"handle": HANDLE, "merged_into": numbered("person tag", 16), "absorbed": [TAG_1, TAG_2]})):
        yield payload_ok(kind, f"honey-{name}", scenario, payload_format=3, **members)
        require(len(person(payload_format=3, **members)) == len(person(**members)), "the length does not tell")
    yield payload_error(kind, "derived and merged", "honey-derived-merged", "Merged into another, derived.",
                        payload_format=3, merged_into=TAG_1)
    yield payload_error(kind, "merged flag", "honey-merged-flag-2", "The merged flag is 2.", payload_format=3,
                        handle=HANDLE, merged_flag=2)
    data = person(payload_format=3)
    yield payload_bytes_error(kind, "truncated", "honey-truncated", "The last byte is missing.", data[:-1])
    yield payload_bytes_error(kind, "trailing bytes", "honey-trailing", "A byte behind the person.", data + b"\x00")


def persons_accepted(**which):
    """What both payload formats can say."""
    kind = "person"
    yield payload_ok(kind, "plain", "A person without further fields.", **which)
    yield payload_ok(kind, "fields", "A person with two further fields.", fields=list(FIELDS), **which)
    yield payload_ok(kind, "shortest", "Every text at its shortest.", identifiers=[identifier(b"i", b"v")], name=b"n",
                     fields=[(b"a", b"")], **which)
    yield payload_ok(kind, "longest", "Every text at its longest.", identifiers=[identifier(b"i" * 64, b"v" * 1024)],
                     name=b"n" * 1024, fields=[(b"f" * 64, b"t" * 4096)], **which)
    yield payload_ok(kind, "longest-multi-byte", "Name and text at their longest in two bytes a character.",
                     name="\u00e9".encode("utf-8") * 512, fields=[(b"note", "\u00e9".encode("utf-8") * 2048)], **which)
    yield payload_ok(kind, "fields-64", "64 further fields.",
                     fields=[(f"field_{number:02}".encode("ascii"), str(number).encode("ascii"))
                             for number in range(64)], **which)
    yield payload_ok(kind, "order", "Names in ascending order of bytes: digits, '_', letters; a prefix first.",
                     fields=[(name, b"x") for name in (b"0", b"10", b"9", b"_", b"__", b"a", b"a0", b"a_", b"aa",
                                                       b"aab", b"ab", b"b")], **which)
    yield payload_ok(kind, "name-characters", "A field name with every character that it may have.",
                     fields=[(NAME_CHARACTERS, b"x")], **which)
    yield payload_ok(kind, "text-tab-line-feed", "Tabulators and line feeds in a text.",
                     fields=[(b"note", b"\tfirst\n\n\tsecond\n")], **which)
    yield payload_ok(kind, "outer-blanks", "Blanks at the ends of name and text: only the value may not have them.",
                     name=b" Jo ", fields=[(b"note", b" x ")], **which)
    yield payload_ok(kind, "unusual-name", "A name with a bidirectional control, an emoji and U+10FFFF.",
                     name="\u202eX\U0001f469\u200d\U0001f467\U0010ffff".encode("utf-8"), **which)
    yield payload_ok(kind, "value-utf-8", "A value beyond ASCII, with white space inside.",
                     identifiers=[identifier(value="Jos\u00e9\u3000\u738b".encode("utf-8"))], **which)


TAG_1, TAG_2 = sorted((numbered("person tag 1", 16), numbered("person tag 2", 16)))


def cuts(parts):
    """Of (name, bytes) the places, as payload_frame wants them. A part without a name belongs to the one before."""
    position = 0
    for name, data in parts:
        if name and position:
            yield name, position
        position += len(data)


def frame_of_person(number):
    """A person with everything that the payload format has; its parts in the order of the specification."""
    head = [("", u8(number))]
    if number == 1:
        changes = {"identifiers": [identifier()]}
        identifiers = [("the kind", u8(OPAQUE)), ("the issuer's length", u32(14)), ("the issuer", SUBJECT["issuer"]),
                       ("the value's length", u32(8)), ("the value", SUBJECT["value"])]
    else:
        changes = {"identifiers": [identifier(), identifier(b"email", b"jo@example.org", EMAIL, b"Jo@example.org")],
                   "handle": HANDLE, "merged_into": numbered("person tag", 16), "absorbed": [TAG_1, TAG_2]}
        head += [("the length of the handle", u8(32)), ("the handle", HANDLE), ("the merged flag", u8(1)),
                 ("the tag that it was merged into", changes["merged_into"]),
                 ("the number of persons merged into it", u8(2)), ("the first of their tags", TAG_1),
                 ("the second of their tags", TAG_2), ("the number of identifiers", u8(2))]
        identifiers = [("the kind", u8(OPAQUE)), ("the issuer's length", u32(14)), ("the issuer", SUBJECT["issuer"]),
                       ("the value's length", u32(8)), ("the value", SUBJECT["value"]),
                       ("the given spelling's length", u32(0)),
                       ("the second kind", u8(EMAIL)), ("the second issuer's length", u32(5)),
                       ("the second issuer", b"email"), ("the second value's length", u32(14)),
                       ("the second value", b"jo@example.org"), ("the second given spelling's length", u32(14)),
                       ("the second given spelling", b"Jo@example.org")]
    name = "Zo\u00eb \u017b\u00f3\u0142kiewska".encode("utf-8")
    parts = [*head, *identifiers, ("the name's length", u32(len(name))), ("the name", name),
             ("the number of fields", u16(2)), ("the first field", u32(4)), ("the first field's name", b"born"),
             ("the first field's text", u32(10)), ("", b"1970-01-01"), ("the second field", u32(4)), ("", b"room"),
             ("the second field's text", u32(1)), ("", b"7")]
    return {**changes, "fields": FIELDS}, parts


def persons_refused(**which):
    """Faults that both payload formats can have, but for those of names and fields."""
    kind = "person"
    number = which["payload_format"]
    changes, parts = frame_of_person(number)
    places = dict(cuts(parts))
    lengths = [("issuer", places["the issuer's length"]), ("value", places["the value's length"]),
               ("name", places["the name's length"]), ("field-name", places["the first field"]),
               ("text", places["the first field's text"])]
    if number == 2:
        lengths.append(("given", places["the second given spelling's length"]))
    # Inside a number and one byte before the end of a text too.
    inside = [(f"the last byte of {name}", place + size - 1)
              for (name, place), size in ((each, 4 if each[0].endswith("length") else 2)
                                          for each in places.items()
                                          if each[0].endswith("length") or each[0] == "the number of fields")]
    ends = [("the issuer's last byte", places["the value's length"] - 1),
            ("the value's last byte", places["the value's length"] + 4 + len(SUBJECT["value"]) - 1),
            ("the name's last byte", places["the number of fields"] - 1)]
    if number == 2:
        ends.append(("the handle's last byte", places["the merged flag"] - 1))
    yield from payload_frame(kind, b"".join(data for _, data in parts), (*places.items(), *inside, *ends), lengths,
                             **changes, **which)

    def of(**changed):
        return {"identifiers": [identifier(**changed)], **which}

    for wrong in (0, 2, 255) if number == 1 else (0, 5, 255):
        yield payload_error(kind, "kind", f"kind-{wrong}", f"Kind {wrong}.", **of(kind=wrong))
    for name, scenario, reason, data in (
            ("empty", "Issuer without a byte.", "empty", b""),
            ("too-long", "Issuer of 65 bytes.", "too-long", b"i" * 65),
            ("upper-case", "Issuer with an upper case letter.", "character", b"MRN"),
            ("slash", "Issuer with '/', which only an app may have.", "character", b"hospital/a"),
            ("blank", "Issuer with a blank.", "character", b"hospital a"),
            ("non-ascii", "Issuer with a letter beyond ASCII.", "character", "cl\u00ednica".encode("utf-8")),
            ("nul", "Issuer with a NUL.", "character", b"hospital\x00a")):
        yield payload_error(kind, f"issuer: {reason}", f"issuer-{name}", scenario, **of(issuer=data))
    for name, scenario, reason, data in (
            ("empty", "Value without a byte.", "empty", b""),
            ("too-long", "Value of 1025 bytes.", "too-long", b"v" * 1025),
            ("white-space-start", "Value with a blank at its start.", "white-space", b" 7"),
            ("white-space-end", "Value with a blank at its end.", "white-space", b"7 "),
            ("white-space-3000", "Value with U+3000 at its end.", "white-space", "7\u3000".encode("utf-8")),
            ("white-space-2028", "Value with U+2028 at its start.", "white-space", "\u20287".encode("utf-8"))):
        yield payload_error(kind, f"value: {reason}", f"value-{name}", scenario, **of(value=data))
    for name, what, data in NOT_UTF8:
        yield payload_error(kind, "value: not-utf8", f"value-not-utf8-{name}", f"Value with {what}.",
                            **of(value=b"a" + data + b"b"))
    for name, what, data in CONTROLS:
        yield payload_error(kind, "value: control", f"value-control-{name}", f"Value with {what}.",
                            **of(value=b"a" + data + b"b"))


def texts_refused(**which):
    """Names and further fields."""
    kind = "person"
    yield from text_errors(kind, "name", "name", 1, 1024, **which)
    yield from text_errors(kind, "fields", "text", 0, 4096, b"\t\n", lambda data: [(b"note", data)], **which)
    # The second of two fields, to see that not only the first is looked at.
    yield payload_error(kind, "text: control", "text-second", "The text of the second field has a NUL.",
                        fields=[FIELDS[0], (b"room", b"7\x00")], **which)

    yield payload_error(kind, "field name: length", "field-name-empty", "Field name without a byte.",
                        fields=[(b"", b"x")], **which)
    yield payload_error(kind, "field name: length", "field-name-too-long", "Field name of 65 bytes.",
                        fields=[(b"f" * 65, b"x")], **which)
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
                            fields=[(data, b"x")], **which)
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
                            fields=[(each, str(number).encode("ascii")) for number, each in enumerate(names)], **which)
    yield payload_error(kind, "number of fields", "fields-65", "65 further fields.",
                        fields=[(f"field_{number:02}".encode("ascii"), b"x") for number in range(65)], **which)
    yield payload_error(kind, "truncated", "count-more", "The number of fields is too great by one.", fields=FIELDS,
                        count=3, **which)
    yield payload_error(kind, "trailing bytes", "count-less", "The number of fields is too small by one.",
                        fields=FIELDS, count=1, **which)


# (kind, name, scenario, value, given)
VALUES = (
    (TEXT, "plain", "Kind text: letters beyond ASCII and a blank.", "jos\u00e9 m\u00fcller", ""),
    (TEXT, "not-folded-twice", "Kind text: U+1E96, whose folding NFC composes to U+1E96 again.", "\u1e96", ""),
    (TEXT, "not-folded-thrice", "Kind text: U+0390, whose folding has three code points and composes to U+0390.",
     "\u0390", ""),
    (TEXT, "cherokee", "Kind text: U+13A0; folding leads from the small letter to the capital one.", "\u13a0", ""),
    (TEXT, "longest", "Kind text: a value of 1024 bytes in 512 characters.", "\u00e9" * 512, ""),
    (TEXT, "zero-width-space", "Kind text: U+200B is no white space.", "a\u200bb", ""),
    (TEXT, "given-case", "Kind text: given in upper case.", "jo ann", "JO Ann"),
    (TEXT, "given-white-space", "Kind text: given with white space at the ends and several sorts of it inside.",
     "jos\u00e9 m\u00fcller", " \u3000Jos\u00e9\u00a0\u2003\u2028M\u00fcller "),
    (TEXT, "given-nfd", "Kind text: given in NFD.", "jos\u00e9", "jose\u0301"),
    (TEXT, "given-longest", "Kind text: given in 1024 bytes, most of them blanks.", "jo ann",
     "Jo" + " " * 1019 + "ann"),
    (TEXT, "given-kelvin", "Kind text: given with U+212A, which is K.", "k-7", "\u212a-7"),
    (TEXT, "given-sharp-s", "Kind text: given with U+00DF, whose folding is longer.", "strasse", "Stra\u00dfe"),
    (TEXT, "given-sigma", "Kind text: given with a final sigma.", "\u03bf\u03b4\u03bf\u03c3",
     "\u039f\u03b4\u03bf\u03c2"),
    (TEXT, "given-dotted-i", "Kind text: given with U+0130, whose folding is i with a dot above.", "i\u0307zmir",
     "\u0130zmir"),
    (EMAIL, "plain", "Kind email: dots and a tag stay.", "jo.ann+x@example.org", ""),
    (EMAIL, "non-ascii", "Kind email: a local part beyond ASCII.", "jos\u00e9@example.org", ""),
    (EMAIL, "ascii-domain", "Kind email: a domain beyond ASCII in its ASCII form.", "jo@xn--bcher-kva.example", ""),
    (EMAIL, "given-case", "Kind email: given in mixed case.", "jo.ann+x@example.org", "Jo.Ann+X@Example.ORG"),
    (EMAIL, "given-domain", "Kind email: given with a domain beyond ASCII.", "jo@xn--bcher-kva.example",
     "jo@B\u00fccher.example"),
    (EMAIL, "given-sharp-s", "Kind email: a sharp s stays in a domain, but not in a local part.",
     "strasse@xn--strae-oqa.example", "stra\u00dfe@stra\u00dfe.example"),
    (PHONE, "plain", "Kind phone.", "+49301234567", ""),
    (PHONE, "shortest", "Kind phone: 7 digits.", "+1234567", ""),
    (PHONE, "longest", "Kind phone: 15 digits.", "+123456789012345", ""),
    (PHONE, "given", "Kind phone: given with blanks, '-', '.', '(' and ')'.", "+49301234567", "+49 (30) 123-45.67"),
)

# (kind, name, scenario, value): accepted by no kind but opaque, or not canonical.
WRONG_VALUES = (
    (TEXT, "upper-case", "Kind text: an upper case letter.", "Jo"),
    (TEXT, "nfd", "Kind text: a letter in NFD.", "jose\u0301"),
    (TEXT, "kelvin", "Kind text: U+212A.", "\u212a-7"),
    (TEXT, "sharp-s", "Kind text: U+00DF.", "stra\u00dfe"),
    (TEXT, "final-sigma", "Kind text: a final sigma.", "\u03bf\u03b4\u03bf\u03c2"),
    (TEXT, "cherokee-small", "Kind text: U+13F8, a small letter whose folding is a capital one.", "\u13f8"),
    (TEXT, "blank-start", "Kind text: a blank at the start.", " jo"),
    (TEXT, "blank-end", "Kind text: a blank at the end.", "jo "),
    (TEXT, "blanks", "Kind text: two blanks inside.", "jo  ann"),
    (TEXT, "no-break-space", "Kind text: a no-break space inside.", "jo\u00a0ann"),
    (TEXT, "line-separator", "Kind text: U+2028 inside.", "jo\u2028ann"),
    (TEXT, "blank-only", "Kind text: nothing but a blank.", " "),
    (TEXT, "bidi-override", "Kind text: U+202E.", "jo\u202eann"),
    (TEXT, "bidi-mark", "Kind text: U+200F.", "jo\u200fann"),
    (TEXT, "bidi-isolate", "Kind text: U+2069.", "jo\u2069ann"),
    (TEXT, "bidi-arabic", "Kind text: U+061C.", "jo\u061cann"),
    (TEXT, "unassigned", "Kind text: U+0378, which is not assigned.", "jo\u0378"),
    (EMAIL, "upper-case-local", "Kind email: an upper case letter in the local part.", "Jo@example.org"),
    (EMAIL, "upper-case-domain", "Kind email: an upper case letter in the domain.", "jo@Example.org"),
    (EMAIL, "non-ascii-domain", "Kind email: a domain that is not in its ASCII form.", "jo@b\u00fccher.example"),
    (EMAIL, "upper-case-punycode", "Kind email: an upper case letter in a domain's ASCII form.",
     "jo@xn--bcher-kVa.example"),
    (EMAIL, "blank-local", "Kind email: a blank in the local part.", "jo ann@example.org"),
    (EMAIL, "blank-start", "Kind email: a blank at the start.", " jo@example.org"),
    (EMAIL, "blank-end", "Kind email: a blank at the end.", "jo@example.org "),
    (EMAIL, "nfd", "Kind email: a local part in NFD.", "jose\u0301@example.org"),
    (EMAIL, "bidi", "Kind email: U+202E in the local part.", "jo\u202e@example.org"),
    (EMAIL, "no-at", "Kind email: no '@'.", "example.org"),
    (PHONE, "no-plus", "Kind phone: no '+'.", "49301234567"),
    (PHONE, "zeros", "Kind phone: '00' for '+'.", "0049301234567"),
    (PHONE, "too-short", "Kind phone: 6 digits.", "+123456"),
    (PHONE, "too-long", "Kind phone: 16 digits.", "+1234567890123456"),
    (PHONE, "blank", "Kind phone: a blank inside.", "+49 301234567"),
    (PHONE, "hyphen", "Kind phone: '-' inside.", "+49-301234567"),
    (PHONE, "slash", "Kind phone: '/' inside.", "+4930/1234567"),
    (PHONE, "letter", "Kind phone: a letter inside.", "+4930123456a"),
    (PHONE, "plus-twice", "Kind phone: '+' twice.", "++49301234567"),
    (PHONE, "plus-only", "Kind phone: '+' alone.", "+"),
    (PHONE, "arabic-digits", "Kind phone: digits beyond ASCII.", "+" + "".join(chr(0x660 + n) for n in range(1, 9))),
    (PHONE, "line-end", "Kind phone: U+2028 at the end.", "+49301234567\u2028"),
)

# (kind, name, scenario, value, given)
WRONG_GIVEN = (
    (TEXT, "same-text", "Given as the value itself, kind text: it must be left out.", "jo", b"jo"),
    (EMAIL, "same-email", "Given as the value itself, kind email.", "jo@example.org", b"jo@example.org"),
    (PHONE, "same-phone", "Given as the value itself, kind phone.", "+49301234567", b"+49301234567"),
    (OPAQUE, "same-opaque", "Given as the value itself, kind opaque.", "00123456", b"00123456"),
    (OPAQUE, "opaque", "Given otherwise, kind opaque, which has only one spelling.", "jo", b"Jo"),
    (TEXT, "other-text", "Given is another identifier, kind text.", "jo", b"Jon"),
    (EMAIL, "other-email", "Given is another identifier, kind email.", "jo@example.org", b"Jo@example.com"),
    (PHONE, "other-phone", "Given is another identifier, kind phone.", "+49301234567", b"+49 30 1234568"),
    (TEXT, "text-control", "Given with a tabulator, which kind text does not accept.", "jo ann", b"Jo\tAnn"),
    (TEXT, "text-not-utf8", "Given in Latin-1.", "jos\u00e9", b"Jos\xe9"),
    (PHONE, "phone-no-plus", "Given without '+', which kind phone does not accept.", "+49301234567", b"49 30 1234567"),
)

EMAIL_OF_JO = identifier(b"email", b"jo@example.org", EMAIL, b"Jo@Example.org")
EVERY_KIND = [identifier(), identifier(b"staff", b"jo ann", TEXT), EMAIL_OF_JO,
              identifier(b"phone", b"+49301234567", PHONE, b"+49 30 1234567")]


def identifiers_accepted():
    kind = "person"
    for number, name, scenario, value, given in VALUES:
        yield payload_ok(kind, f"value-{KINDS[number]}-{name}", scenario, identifiers=[
            identifier(KINDS[number].encode("ascii"), value.encode("utf-8"), number, given.encode("utf-8"))])
    enrolled = {"handle": HANDLE}
    yield payload_ok(kind, "enrolled", "An enrolled person: a handle.", **enrolled)
    yield payload_ok(kind, "enrolled-zeros", "A handle of 32 zero bytes.", handle=bytes(32))
    yield payload_ok(kind, "enrolled-ones", "A handle of 32 bytes ff.", handle=b"\xff" * 32)
    yield payload_ok(kind, "enrolled-fields", "An enrolled person with two further fields.", fields=list(FIELDS),
                     **enrolled)
    yield payload_ok(kind, "identifiers-kinds", "Four identifiers, one of each kind.", identifiers=EVERY_KIND,
                     **enrolled)
    yield payload_ok(kind, "identifiers-order", "The same identifiers the other way round: they have no order.",
                     identifiers=EVERY_KIND[::-1], **enrolled)
    yield payload_ok(kind, "identifiers-one-issuer", "Two identifiers of one issuer.",
                     identifiers=[identifier(), identifier(value=b"00123457")], **enrolled)
    yield payload_ok(kind, "identifiers-one-value", "The same value of two issuers.",
                     identifiers=[identifier(), identifier(b"mrn.hospital-b")], **enrolled)
    yield payload_ok(kind, "identifiers-split", "Issuer `ab` with value `cd`, issuer `abc` with value `d`.",
                     identifiers=[identifier(b"ab", b"cd"), identifier(b"abc", b"d")], **enrolled)
    yield payload_ok(kind, "identifiers-64", "64 identifiers.", identifiers=some_identifiers(64), **enrolled)


def some_identifiers(count):
    return [identifier(value=f"{number:08}".encode("ascii")) for number in range(count)]


def identifiers_refused():
    kind = "person"
    for number, name, scenario, value in WRONG_VALUES:
        yield payload_error(kind, "value: not canonical", f"value-{KINDS[number]}-{name}", scenario, identifiers=[
            identifier(KINDS[number].encode("ascii"), value.encode("utf-8"), number)])
    for number, before, behind in ((TEXT, b"jo", b"ann"), (EMAIL, b"jo", b"@example.org"),
                                   (PHONE, b"+4930", b"123456")):
        word = KINDS[number]
        for reason, what, data in (("empty", "no byte", b""), ("not-utf8", "a byte ff", before + b"\xff" + behind),
                                   ("control", "a tabulator", before + b"\t" + behind)):
            yield payload_error(kind, f"value: {reason}", f"value-{word}-{reason}", f"Kind {word}: {what}.",
                                identifiers=[identifier(word.encode("ascii"), data, number)])
    yield payload_error(kind, "value: too-long", "value-text-too-long", "Kind text: a value of 1025 bytes.",
                        identifiers=[identifier(b"text", b"t" * 1025, TEXT)])
    yield payload_error(kind, "given: too-long", "given-too-long", "Given in 1025 bytes, most of them blanks.",
                        identifiers=[identifier(b"text", b"jo ann", TEXT, b"Jo" + b" " * 1020 + b"ann")])
    for number, name, scenario, value, given in WRONG_GIVEN:
        fault = "given: the value itself" if "same" in name else "given: of no or another value"
        yield payload_error(kind, fault, f"given-{name}", scenario, identifiers=[
            identifier(KINDS[number].encode("ascii"), value.encode("utf-8"), number, given)])

    enrolled = {"handle": HANDLE}
    # Not only the first one is looked at.
    for fault, name, scenario, second in (
            ("kind", "kind-0", "Kind 0", identifier(b"staff", b"jo ann", 0)),
            ("kind", "kind-5", "Kind 5", identifier(b"staff", b"jo ann", 5)),
            ("issuer: character", "issuer", "An issuer with a blank", identifier(b"hospital a")),
            ("value: white-space", "value", "A value with a blank at its end", identifier(b"staff", b"jo ")),
            ("value: not canonical", "email", "An email with an upper case letter",
             identifier(b"email", b"Jo@example.org", EMAIL)),
            ("given: the value itself", "given", "An email given as the value itself",
             identifier(b"email", b"jo@example.org", EMAIL, b"jo@example.org"))):
        yield payload_error(kind, fault, f"second-{name}", f"{scenario}, the second of two identifiers.",
                            identifiers=[identifier(), second], **enrolled)
    for name, scenario, identifiers in (
            ("adjacent", "One identifier twice.", [identifier()] * 2),
            ("apart", "One identifier twice with another between.", [identifier(), EMAIL_OF_JO, identifier()]),
            ("given", "One identifier twice in two spellings.",
             [EMAIL_OF_JO, identifier(b"email", b"jo@example.org", EMAIL, b"JO@example.org")]),
            ("kind", "One issuer and value twice under two kinds: one subject.",
             [identifier(b"staff", b"jo ann", TEXT), identifier(b"staff", b"jo ann")])):
        yield payload_error(kind, "identifier twice", f"twice-{name}", scenario, identifiers=identifiers, **enrolled)
    rule = "number of identifiers"
    yield payload_error(kind, rule, "identifiers-0", "No identifier, enrolled.", identifiers=[], **enrolled)
    yield payload_error(kind, rule, "identifiers-65", "65 identifiers.", identifiers=some_identifiers(65), **enrolled)
    yield payload_error(kind, rule, "derived-identifiers-0", "No identifier, derived.", identifiers=[])
    yield payload_error(kind, rule, "derived-identifiers-2", "Two identifiers, derived.",
                        identifiers=[identifier(), EMAIL_OF_JO])
    yield payload_error(kind, "truncated", "identifiers-more", "The number of identifiers is too great by one.",
                        identifier_count=2, **enrolled)
    yield payload_error(kind, "truncated", "identifiers-less", "The number of identifiers is too small by one.",
                        identifiers=[identifier(), EMAIL_OF_JO], identifier_count=1, **enrolled)
    for length in (1, 16, 31, 33, 64, 255):
        yield payload_error(kind, "length of the handle", f"handle-{length}", f"A handle of {length} bytes.",
                            handle=(HANDLE * 8)[:length])


def merges_accepted():
    kind = "person"
    own = numbered("person tag", 16)
    some = sorted(numbered(f"person tag {number}", 16) for number in range(64))
    enrolled = {"handle": HANDLE}
    yield payload_ok(kind, "merged", "A person who was found to be another one.", merged_into=TAG_1, **enrolled)
    yield payload_ok(kind, "merged-zeros", "Merged into the person of a tag of zeros.", merged_into=bytes(16),
                     **enrolled)
    yield payload_ok(kind, "merged-identifiers", "A merged person keeps several identifiers and fields.",
                     merged_into=TAG_1, identifiers=EVERY_KIND, fields=list(FIELDS), **enrolled)
    yield payload_ok(kind, "absorbed", "One person was merged into this one.", absorbed=[TAG_1], **enrolled)
    yield payload_ok(kind, "absorbed-order", "Tags in ascending order of bytes, which have no sign.",
                     absorbed=[bytes(16), bytes(15) + b"\x01", b"\x00\x01" + bytes(14), b"\x7f" * 16, b"\x80" * 16,
                               b"\xff" * 16], **enrolled)
    yield payload_ok(kind, "absorbed-64", "64 persons were merged into this one.", absorbed=some, **enrolled)
    yield payload_ok(kind, "merged-and-absorbed", "Merged into another, after others were merged into this one.",
                     merged_into=own, absorbed=[TAG_1, TAG_2], **enrolled)
    yield payload_ok(kind, "tag-merged", "Merged into a tag that differs from its own in the last bit.",
                     found_under=own, merged_into=flip(own, 15), **enrolled)
    yield payload_ok(kind, "tag-absorbed", "A tag that differs from its own in the last bit was merged into it.",
                     found_under=own, absorbed=[flip(own, 15)], **enrolled)
    yield payload_ok(kind, "everything", "Everything that a person can have.", merged_into=own,
                     absorbed=[TAG_1, TAG_2], identifiers=EVERY_KIND, fields=list(FIELDS), **enrolled)


def merges_refused():
    kind = "person"
    own = numbered("person tag", 16)
    enrolled = {"handle": HANDLE}
    yield payload_error(kind, "merged flag", "merged-2", "Merged flag 2, no tag.", merged_flag=2, **enrolled)
    for flag in (3, 255):
        yield payload_error(kind, "merged flag", f"merged-{flag}", f"Merged flag {flag}, and a tag.", merged_flag=flag,
                            merged_into=TAG_1, **enrolled)
    rule = "order of the persons merged into this one"
    for name, scenario, absorbed in (
            ("descending", "Two tags in descending order.", [TAG_2, TAG_1]),
            ("signed", "A tag that begins with 80 before one that begins with 7f.", [b"\x80" * 16, b"\x7f" * 16]),
            ("little-endian", "Tags in order of their last bytes.",
             [b"\x01" + bytes(15), bytes(15) + b"\x01"]),
            ("last", "Only the last tag is out of order.", [bytes([first]) * 16 for first in (1, 3, 4, 2)]),
            ("twice", "One tag twice.", [TAG_1, TAG_1]),
            ("twice-last", "One tag twice behind another.", [TAG_1, TAG_2, TAG_2])):
        yield payload_error(kind, rule, f"absorbed-{name}", scenario, absorbed=absorbed, **enrolled)
    yield payload_error(kind, "number of persons merged into this one", "absorbed-65", "65 tags.",
                        absorbed=sorted(numbered(f"person tag {number}", 16) for number in range(65)), **enrolled)
    yield payload_error(kind, "circle", "circle", "Merged into a person who was merged into this one.",
                        merged_into=TAG_2, absorbed=[TAG_1, TAG_2], **enrolled)
    yield payload_error(kind, "merged into itself", "tag-merged", "Merged into itself.", found_under=own,
                        merged_into=own, **enrolled)
    yield payload_error(kind, "merged into itself", "tag-absorbed", "It was merged into itself, its list says.",
                        found_under=own, absorbed=[own], **enrolled)
    rule = "derived and merged"
    yield payload_error(kind, rule, "derived-merged", "Merged into another, derived.", merged_into=TAG_1)
    yield payload_error(kind, rule, "derived-absorbed", "Another one was merged into this one, derived.",
                        absorbed=[TAG_1])


def links():
    for number in FORMATS:
        yield from links_of(payload_format=number)
    yield from labels_accepted()
    yield from labels_refused()
    yield from days()


def days():
    """Payload format 3."""
    kind = "link"
    for name, scenario, members in (
            ("first", "The first day, without a retention.", {"day": 1}),
            ("retention", "A day and a retention.", {"day": 19676, "retention": 30}),
            ("bytes", "Numbers of which every byte counts.", {"day": 0x01020304, "retention": 0x0506}),
            ("highest", "The highest numbers: they have no sign.", {"day": 2**32 - 1, "retention": 2**16 - 1}),
            ("labels", "A link with everything.", {"day": 19676, "retention": 30,
                                                   "labels": [(CODE, 5), (WORDS, 6)]})):
        yield payload_ok(kind, f"day-{name}", scenario, **members, **IN_CONFERENCE)
    yield payload_error(kind, "day", "day-0", "Day 0: that is format 2.", payload_format=3, **IN_CONFERENCE)
    yield payload_error(kind, "day", "day-0-retention", "A retention without a day.", payload_format=3, retention=30,
                        **IN_CONFERENCE)
    yield payload_error(kind, "app scope with a day", "day-app", "App scope with a day.", day=19676)
    yield payload_error(kind, "participant ID with a day", "day-participant",
                        "A participant ID with a day, which its pseudonym has.", day=19676,
                        participant_id=b"PA_7Xk2vQmB9tZr", **IN_CONFERENCE)
    data = link(day=19676, retention=30, **IN_CONFERENCE)
    for missing in range(1, 7):
        yield payload_bytes_error(kind, "truncated", f"truncated-day-{missing}",
                                  f"Cut off {missing} bytes before its end.", data[:-missing])
    yield payload_bytes_error(kind, "trailing bytes", "trailing-day", "A byte behind the retention.", data + b"\x00")
    yield payload_bytes_error(kind, "trailing bytes", "day-changed-to-2", "Format 2 has no day.",
                              b"\x02" + data[1:])
    yield payload_bytes_error(kind, "truncated", "day-changed-to-3", "Format 3 has a day.",
                              b"\x03" + link(**IN_CONFERENCE)[1:])


def links_of(**which):
    """What both payload formats can say, and faults that both can have."""
    kind = "link"
    yield payload_ok(kind, "app", "A link of the app scope.", **which)
    yield payload_ok(kind, "conference", "A link of a conference.", conference=b"visit-42",
                     d=bytes.fromhex(WORKED[1][2]), **which)
    yield payload_ok(kind, "conference-shortest", "A conference of 1 byte.", conference=b"1", **which)
    yield payload_ok(kind, "conference-longest", "A conference of 255 bytes.", conference=b"c" * 255, **which)
    yield payload_ok(kind, "conference-multi-byte", "A conference of 255 bytes in 85 characters.",
                     conference="\u4f1a".encode("utf-8") * 85, **which)
    yield payload_ok(kind, "conference-blanks", "A conference with blanks at its ends.", conference=b" visit-42 ",
                     **which)
    yield payload_ok(kind, "epoch", "An identity epoch of which every byte counts.", epoch=0x01020304, **which)
    yield payload_ok(kind, "epoch-highest", "The highest identity epoch.", epoch=2**32 - 1, **which)
    yield payload_ok(kind, "zeros", "A person tag and a digest of zeros.", person_tag=bytes(16), d=bytes(32), **which)

    old = which["payload_format"] == 1
    changes = {"conference": b"visit-42", **({} if old else {"labels": [(CODE, 5), (WORDS, 6)]}), **which}
    behind = () if old else (
        ("the number of labels", 66), ("the first label", 67), ("the first label's value", 68),
        ("the last byte of the first label's value", 71), ("the second label", 72),
        ("the second label's value", 73), ("the participant ID's length", 77))
    yield from payload_frame(
        kind, link(**changes),
        (("the person tag", 1), ("the person tag's last byte", 16), ("the identity epoch", 17),
         ("the identity epoch's last byte", 20), ("the digest", 21), ("the digest's last byte", 52),
         ("the scope", 53), ("the conference's length", 54), ("the last byte of the conference's length", 57),
         ("the conference", 58), *behind),
        (("conference", 54), *(() if old else (("participant-id", 77),))), **changes)
    app = link(**which)[:54]
    yield payload_bytes_error(kind, "truncated", "truncated-app", "App scope; the conference's length is missing.", app)
    yield payload_error(kind, "identity epoch", "epoch-0", "Identity epoch 0.", epoch=0, **which)
    for number in (2, 255):
        yield payload_error(kind, "scope", f"scope-{number}", f"Scope {number}, with a conference.", scope=number,
                            conference=b"visit-42", **which)
    yield payload_error(kind, "scope", "scope-2-empty", "Scope 2, without a conference.", scope=2, **which)
    yield payload_error(kind, "app scope with a conference", "scope-app-conference", "App scope with a conference.",
                        scope=0, conference=b"visit-42", **which)
    yield payload_error(kind, "conference: empty", "conference-empty", "Conference scope without a conference.",
                        conference=b"", **which)
    yield payload_error(kind, "conference: too-long", "conference-too-long", "Conference of 256 bytes.",
                        conference=b"c" * 256, **which)
    for name, what, data in NOT_UTF8:
        yield payload_error(kind, "conference: not-utf8", f"conference-not-utf8-{name}", f"Conference with {what}.",
                            conference=b"a" + data + b"b", **which)
    for name, what, data in CONTROLS:
        yield payload_error(kind, "conference: control", f"conference-control-{name}", f"Conference with {what}.",
                            conference=b"a" + data + b"b", **which)


IN_CONFERENCE = {"conference": b"visit-42", "d": bytes.fromhex(WORKED[1][2])}


def labels_accepted():
    kind = "link"
    for name, scenario, labels in (
            ("code", "The roster gave a code.", [(CODE, 123456789)]),
            ("words", "The roster gave words.", [(WORDS, 1234567)]),
            ("both", "The roster gave a code and words.", [(CODE, 123456789), (WORDS, 1234567)]),
            ("lowest", "The first code and the first words.", [(CODE, 0), (WORDS, 0)]),
            ("highest", "The last code and the last words.", [(CODE, LABELS[CODE] - 1), (WORDS, LABELS[WORDS] - 1)]),
            ("bytes", "A code of which every byte counts.", [(CODE, 0x01020304)])):
        yield payload_ok(kind, f"labels-{name}", scenario, labels=labels, **IN_CONFERENCE)
    for name, scenario, participant_id in (
            ("plain", "A participant ID.", b"PA_7Xk2vQmB9tZr"),
            ("shortest", "Participant ID of 1 byte.", b"0"),
            ("longest", "Participant ID of 256 bytes.", b"p" * 256),
            ("longest-multi-byte", "Participant ID of 256 bytes in 128 characters.", "\u00e9".encode("utf-8") * 128),
            ("external-id", "A participant ID that reads like an external ID.", WORKED_ID.encode("ascii"))):
        yield payload_ok(kind, f"participant-{name}", scenario, participant_id=participant_id, **IN_CONFERENCE)
    yield payload_ok(kind, "participant-app", "A participant ID, app scope.", participant_id=b"PA_7Xk2vQmB9tZr")


def labels_refused():
    kind = "link"
    for fault, name, scenario, labels in (
            ("label style", "style-0", "A label of style 0.", [(0, 5)]),
            ("label style", "style-3", "A label of style 3.", [(3, 5)]),
            ("label style", "style-255", "A label of style 255.", [(255, 5)]),
            ("label style", "style-second", "The second label is of style 3.", [(CODE, 5), (3, 5)]),
            ("label value", "code-too-high", "A code of 31 bits.", [(CODE, LABELS[CODE])]),
            ("label value", "code-highest", "The highest number as code.", [(CODE, 2**32 - 1)]),
            ("label value", "words-too-high", "Words beyond the last.", [(WORDS, LABELS[WORDS])]),
            ("label value", "words-like-code", "Words with the value of the last code.", [(WORDS, LABELS[CODE] - 1)]),
            ("label value", "second-value", "The second label's value is beyond the last.",
             [(CODE, 5), (WORDS, LABELS[WORDS])]),
            ("order of the labels", "descending", "Words before the code.", [(WORDS, 5), (CODE, 5)]),
            ("order of the labels", "twice", "One label twice.", [(CODE, 5), (CODE, 5)]),
            ("order of the labels", "twice-values", "Two codes.", [(CODE, 5), (CODE, 6)]),
            (("number of labels", "label style"), "3", "Three labels; the third is of a third style.",
             [(CODE, 5), (WORDS, 5), (3, 5)]),
            (("number of labels", "order of the labels"), "3-words", "Three labels; two of them are words.",
             [(CODE, 5), (WORDS, 5), (WORDS, 6)])):
        yield payload_error(kind, fault, f"labels-{name}", scenario, labels=labels, **IN_CONFERENCE)
    yield payload_error(kind, "app scope with a label", "labels-app", "App scope with a label: it has no roster.",
                        labels=[(CODE, 5)])
    yield payload_error(kind, "participant ID with a label", "labels-participant",
                        "A label and a participant ID: the label belongs to the link of the external ID.",
                        labels=[(CODE, 5)], participant_id=b"PA_7Xk2vQmB9tZr", **IN_CONFERENCE)
    yield payload_error(kind, "truncated", "labels-more", "The number of labels is too great by one.",
                        labels=[(CODE, 5)], label_count=2, **IN_CONFERENCE)
    yield payload_error(kind, "truncated", "labels-highest", "The highest number of labels.", labels=[(CODE, 5)],
                        label_count=255, **IN_CONFERENCE)
    yield payload_bytes_error(kind, "trailing bytes", "changed", "It is a payload of format 2.",
                              b"\x01" + link(labels=[(CODE, 5)], **IN_CONFERENCE)[1:])

    def refused(name, scenario, reason, data):
        return payload_error(kind, f"participant ID: {reason}", f"participant-{name}", scenario, participant_id=data,
                             **IN_CONFERENCE)

    yield refused("too-long", "Participant ID of 257 bytes.", "too-long", b"p" * 257)
    yield refused("too-long-multi-byte", "Participant ID of 258 bytes in 129 characters.", "too-long",
                  "\u00e9".encode("utf-8") * 129)
    for name, what, data in NOT_UTF8:
        yield refused(f"not-utf8-{name}", f"Participant ID with {what}.", "not-utf8", b"a" + data + b"b")
    for name, what, data in CONTROLS:
        yield refused(f"control-{name}", f"Participant ID with {what}.", "control", b"a" + data + b"b")
    for name, what, data in (("blank", "a blank inside", b"a b"), ("blank-start", "a blank at its start", b" a"),
                             ("blank-end", "a blank at its end", b"a "),
                             ("no-break-space", "U+00A0 inside", "a\u00a0b".encode("utf-8")),
                             ("3000", "U+3000 at its end", "a\u3000".encode("utf-8"))):
        yield refused(f"white-space-{name}", f"Participant ID with {what}.", "white-space", data)


def audits():
    kind = "audit"
    for number in FORMATS:
        yield from audits_accepted(payload_format=number)
        yield from audits_refused(payload_format=number)
        for argument in ("actor", "purpose"):
            yield from text_errors(kind, argument, argument, 1, 128, payload_format=number)
    for number, name in OPERATIONS.items():
        persons = [] if number == REFUSED else [numbered("person tag", 16)]
        yield payload_ok(kind, f"operation-{number}", f"Operation {number}.", operation=number, persons=persons)
        if number not in NEEDING_A_REASON:
            yield payload_ok(kind, f"operation-{number}-of-nobody", f"Operation {number} without actor and purpose.",
                             operation=number, actor=b"", purpose=b"")
    for number in (2, 3):
        for argument in ("actor", "purpose"):
            yield payload_error(kind, f"{argument}: length", f"operation-{number}-{argument}-empty",
                                f"Operation {number} without {argument}.", operation=number, persons=[],
                                **{argument: b""})
    yield payload_error(kind, "refused and answered", "refused-and-answered", "A refused resolve with a person.",
                        operation=REFUSED)
    yield payload_ok(kind, "honey", "Somebody is marked to be told of.", flags=1)
    yield payload_ok(kind, "scope-app", "The app scope.", scope=b"")
    yield payload_ok(kind, "scope-conference", "A conference.", scope=b"visit-42")
    yield payload_ok(kind, "scope-longest", "A conference of 255 bytes.", scope=b"c" * 255)
    for flags in (2, 3, 255):
        yield payload_error(kind, "flags", f"flags-{flags}", f"Flags {flags}.", flags=flags)
    for number in (2, 128, 254):
        yield payload_error(kind, "scope", f"scope-{number}", f"Scope {number}.", scope_number=number)
    yield payload_error(kind, "conference: empty", "conference-empty", "A conference without a name.", scope_number=1)
    yield payload_error(kind, "conference: too-long", "conference-too-long", "A conference of 256 bytes.",
                        scope=b"c" * 256)
    yield payload_error(kind, "conference: control", "conference-control", "A conference with a line feed.",
                        scope=b"visit\n42")
    for number, words in ((0, "The app scope"), (NO_ONE_SCOPE, "No scope")):
        yield payload_error(kind, "conference without its scope", f"scope-{number}-with-conference",
                            f"{words} with a conference.", scope_number=number, conference=b"visit-42")
    # One number for the other.
    yield payload_bytes_error(kind, ("flags", "truncated"), "changed-to-2",
                              "A payload of format 1 that says it is of format 2.",
                              b"\x02" + audit(payload_format=1)[1:])
    yield payload_bytes_error(kind, "truncated", "changed", "It is a payload of format 2.", b"\x01" + audit()[1:])


def audits_accepted(**which):
    """What both payload formats can say."""
    kind = "audit"
    three = [numbered(f"person tag {number}", 16) for number in (2, 0, 1)]
    require(three != sorted(three), "tags that are not in order")
    yield payload_ok(kind, "plain", "Two IDs asked for, one person answered.",
                     persons=[numbered("person tag", 16)], **which)
    yield payload_ok(kind, "none", "One ID asked for, nobody answered.", asked=1, persons=[], **which)
    yield payload_ok(kind, "three", "Three persons; their tags stand in the order of the answer, which is not theirs.",
                     asked=3, persons=three, **which)
    yield payload_ok(kind, "many", "300 persons, so that two bytes of their number count.", asked=300,
                     persons=[numbered(f"person tag {number}", 16) for number in range(300)], **which)
    yield payload_ok(kind, "shortest", "Actor and purpose of 1 byte.", actor=b"a", purpose=b"p", persons=[], **which)
    yield payload_ok(kind, "longest", "Actor and purpose of 128 bytes.", actor=b"a" * 128, purpose=b"p" * 128,
                     persons=[], **which)
    yield payload_ok(kind, "multi-byte", "Actor and purpose of 128 bytes in 64 characters, with blanks.",
                     actor="\u00e9".encode("utf-8") * 64, purpose=" \u0416".encode("utf-8") * 42 + b"  ", persons=[],
                     **which)
    yield payload_ok(kind, "time-lowest", "Time 0.", time=0, persons=[], **which)
    yield payload_ok(kind, "time-highest", "The highest time that 8 bytes hold: times have no sign and no limit.",
                     time=2**64 - 1, persons=[], **which)
    yield payload_ok(kind, "asked-highest", "The highest number of IDs asked for.", asked=2**32 - 1, persons=[],
                     **which)


def audits_refused(**which):
    kind = "audit"
    three = [numbered(f"person tag {number}", 16) for number in (2, 0, 1)]
    old = which["payload_format"] == 1
    extra = {} if old else {"scope": b"visit-42"}
    right = audit(persons=three, **extra, **which)
    boundaries = list(cuts(
        [("", right[:1]), ("the time", bytes(8)), ("the operation", b"1"), *([] if old else [("the flags", b"0")]),
         ("the actor's length", u32(0)), ("the actor", b"token-server"), ("the purpose's length", u32(0)),
         ("the purpose", b"call transfer"),
         *([] if old else [("the scope", b"1"), ("the conference's length", u32(0)), ("the conference", b"visit-42")]),
         ("the number of IDs", u32(0)), ("the number of persons", u32(0)), ("the first person tag", bytes(16)),
         ("the second person tag", bytes(16)), ("the third person tag", bytes(16)),
         *([] if old else [("the mark", bytes(32))])]))
    place_of = dict(boundaries)
    lengths = [(field, place_of[f"the {field}'s length"])
               for field in ("actor", "purpose", *([] if old else ["conference"]))]
    yield from payload_frame(kind, right, boundaries, lengths, persons=three, **extra, **which)
    for number in ((0, 2, 255) if old else (0, 10, 255)):
        yield payload_error(kind, "operation", f"operation-{number}", f"Operation {number}.", operation=number,
                            persons=[], **which)
    yield payload_error(kind, "truncated", "count-more", "The number of persons is too great by one.", asked=4,
                        persons=three, count=4, **which)
    yield payload_error(kind, "trailing bytes", "count-less", "The number of persons is too small by one.", asked=3,
                        persons=three, count=2, **which)
    yield payload_error(kind, "truncated", "count-overflow",
                        "A number of persons whose tags would have 2 to the power of 32 bytes; there are none.",
                        asked=2**32 - 1, persons=[], count=2**28, **which)
    yield payload_error(kind, "truncated", "count-highest", "The highest number of persons.", asked=2**32 - 1,
                        persons=three, count=2**32 - 1, **which)


# --- Section 4.3: chain and marks --------------------------------------------------------------------

def chain_of(suite, integrity_key, first_key, entries):
    """For each entry, a function from a mark to its payload: payload, head and the key that follows."""
    chain_key = subkey(suite, integrity_key, b"audit-chain", VAULT_ID)
    key, head = first_key, bytes(32)
    for number, make in enumerate(entries, 1):
        payload = make(bytes(32))
        if payload[0] != 1:
            mark_key = subkey(suite, key, b"audit-mark", VAULT_ID)
            payload = make(PRF[suite](mark_key, u64(number) + head + lp(payload[:-32])))
            key = subkey(suite, key, b"audit-next", VAULT_ID)
        head = PRF[suite](chain_key, u64(number) + head + lp(payload))
        yield payload, head, key


def chain_ok(name, scenario, suite, entries):
    integrity_key, first_key = numbered("integrity key"), numbered("first audit key")
    lines = [("type", "audit-chain"), ("scenario", scenario), ("suite", suite), ("vault-id-hex", VAULT_ID.hex()),
             ("integrity-key-hex", integrity_key.hex()), ("first-key-hex", first_key.hex()),
             ("entries", str(len(entries)))]
    for number, (payload, head, key) in enumerate(chain_of(suite, integrity_key, first_key, entries), 1):
        read_payload("audit", payload)
        lines += [(f"entry-{number}-payload-hex", payload.hex()), (f"entry-{number}-head-hex", head.hex()),
                  (f"entry-{number}-next-key-hex", key.hex())]
    return f"audit-chain-{name}.txt", lines


def chains():
    new = [lambda mark: audit(mark=mark), lambda mark: audit(time=5, persons=[], operation=REFUSED, mark=mark),
           lambda mark: audit(operation=4, actor=b"", purpose=b"", asked=0, persons=[], mark=mark)]
    old = [lambda mark: audit(payload_format=1), lambda mark: audit(time=5, payload_format=1)]
    for suite in SUITES:
        yield chain_ok(suite, f"Three entries, {suite}.", suite, new)
        yield chain_ok(f"format-1-{suite}", f"Two entries of store format 1, and three behind them, {suite}.", suite,
                       old + new)
    yield chain_ok("equal", "Two equal entries: their marks differ.", "blake2b", new[:1] * 2)


def settings_payloads():
    for number in FORMATS:
        yield from settings_of(payload_format=number)
    kind = "settings"
    # One number for the other.
    yield payload_bytes_error(kind, "truncated", "changed-to-2", "A payload of format 1 that says it is of format 2.",
                              b"\x02" + settings(user_version=1, payload_format=1)[1:])
    yield payload_bytes_error(kind, ("avatar template: control", "trailing bytes"), "changed",
                              "It is a payload of format 2.",
                              b"\x01" + settings(epochs=(4, 1, 1))[1:])
    anchor = b"/mnt/anchor/clinic-7"
    yield payload_ok(kind, "anchor", "Settings with an anchor.", anchor=anchor)
    yield payload_ok(kind, "anchor-longest", "An anchor of 4096 bytes.", anchor=b"/" + b"a" * 4095)
    yield payload_ok(kind, "anchor-utf-8", "An anchor beyond ASCII.", anchor="/mnt/\u00e9".encode("utf-8"))
    yield from text_errors(kind, "anchor", "anchor", 0, 4096)
    both = settings(template=b"https://h/", anchor=anchor)
    for name, place_of in (("anchor-length", 35), ("anchor-length-end", 38), ("anchor-start", 39),
                           ("anchor-end", len(both) - 1)):
        yield payload_bytes_error(kind, "truncated", f"truncated-{name}", f"Cut off at byte {place_of}.",
                                  both[:place_of])
    yield payload_ok(kind, "epochs", "Three epochs of which every byte counts.",
                     epochs=(0x01020304, 0x05060708, 0x090A0B0C))
    yield payload_ok(kind, "epochs-highest", "The highest epochs: they have no sign.", epochs=(2**32 - 1,) * 3)
    for place_of, word in enumerate(("identity", "storage", "index")):
        epochs = [1, 1, 1]
        epochs[place_of] = 2
        yield payload_ok(kind, f"epochs-{word}", f"Only the {word} key was rotated.", epochs=tuple(epochs))
        epochs[place_of] = 0
        yield payload_error(kind, f"{word} epoch", f"{word}-epoch-0", f"The {word} epoch is 0.", epochs=tuple(epochs))
    yield from policies()


def policies():
    """Payload format 3."""
    kind = "settings"
    for name, scenario, policy in (("hour", "A budget for the hour.", (20, 0, 0)),
                                   ("day", "A budget for the day.", (0, 200, 0)),
                                   ("retention", "A retention of conferences.", (0, 0, 30)),
                                   ("bytes", "Three numbers of which every byte counts.",
                                    (0x01020304, 0x05060708, 0x090A0B0C)),
                                   ("highest", "The highest numbers: they have no sign.", (2**32 - 1,) * 3)):
        yield payload_ok(kind, f"policy-{name}", scenario, policy=policy)
    whole = {"template": b"https://h/", "anchor": b"/mnt/anchor/clinic-7", "policy": (20, 200, 30)}
    yield payload_ok(kind, "policy-whole", "Everything that settings have.", **whole)
    yield payload_error(kind, "policy of format 2", "policy-none", "No limit at all: that is format 2.",
                        policy=(0, 0, 0))
    data = settings(**whole)
    for cut in range(len(data) - 12, len(data)):
        yield payload_bytes_error(kind, "truncated", f"truncated-policy-{len(data) - cut}",
                                  f"Cut off {len(data) - cut} bytes before its end.", data[:cut])
    yield payload_bytes_error(kind, "trailing bytes", "trailing-policy", "A byte behind the policy.", data + b"\x00")
    yield payload_bytes_error(kind, "trailing bytes", "policy-changed-to-2", "Format 2 has no policy.",
                              b"\x02" + data[1:])
    yield payload_bytes_error(kind, "truncated", "policy-changed-to-3", "Format 3 has a policy.",
                              b"\x03" + settings()[1:])


def settings_of(**which):
    """What both payload formats can say, and faults that both can have."""
    kind = "settings"
    number = which["payload_format"]
    own = {"user_version": number, **({"epochs": (1, 1, 1)} if number == 2 else {}), **which}
    yield payload_ok(kind, "plain", "Settings without an avatar URL template.", **own)
    yield payload_ok(kind, "template", "Settings with an avatar URL template.",
                     **own, template=b"https://cdn.example.org/avatars/{index}.svg")
    yield payload_ok(kind, "template-shortest", "A template of 1 byte.", **own, template=b"/")
    yield payload_ok(kind, "template-longest", "A template of 1024 bytes.", **own, template=b"https://h/" + b"a" * 1014)
    yield payload_ok(kind, "template-utf-8", "A template beyond ASCII.", **own,
                     template="https://h/\u00e9/{index}".encode("utf-8"))
    yield payload_ok(kind, "other-store", "Numbers of another store: comparing them is not the payload's matter.",
                     **{**own, "application_id": 0x01020304, "user_version": 0x05060708})
    yield payload_ok(kind, "lowest", "Both numbers 0.", **{**own, "application_id": 0, "user_version": 0})
    yield payload_ok(kind, "highest", "Both numbers at their highest: they have no sign.",
                     **{**own, "application_id": 2**32 - 1, "user_version": 2**32 - 1})

    epochs = () if number == 1 else (
        ("the identity epoch", 9), ("the identity epoch's last byte", 12), ("the storage epoch", 13),
        ("the index epoch", 17), ("the index epoch's last byte", 20))
    template_at = 9 if number == 1 else 21
    changes = {**own, "template": b"https://h/"}
    yield from payload_frame(
        kind, settings(**changes),
        (("the application_id", 1), ("the application_id's last byte", 4), ("the user_version", 5),
         ("the user_version's last byte", 8), *epochs, ("the template's length", template_at),
         ("the last byte of the template's length", template_at + 3), ("the template", template_at + 4)),
        (("template", template_at),) if number == 1 else (("template", template_at), ("anchor", template_at + 14)),
        **changes)
    yield from text_errors(kind, "template", "avatar template", 0, 1024, **own)


def issuers_payloads():
    kind = "issuers"
    every_kind = [(number, KINDS[number].encode("ascii")) for number in (EMAIL, OPAQUE, PHONE, TEXT)]
    yield payload_ok(kind, "none", "No issuer.", issuers=[])
    yield payload_ok(kind, "one", "One issuer.", issuers=[(OPAQUE, SUBJECT["issuer"])])
    yield payload_ok(kind, "kinds", "Four issuers, one of each kind.", issuers=every_kind)
    yield payload_ok(kind, "longest", "Issuers of 1 and of 64 bytes.", issuers=[(TEXT, b"i"), (TEXT, b"i" * 64)])
    yield payload_ok(kind, "order", "In ascending order of bytes: '-', '.', digits, '_', letters; a prefix first.",
                     issuers=[(OPAQUE, name) for name in (b"-", b".", b"0", b"10", b"9", b"_", b"a", b"a-", b"a.a",
                                                          b"a0", b"a_", b"aa", b"ab", b"b")])
    yield payload_ok(kind, "4096", "4096 issuers.", issuers=some_issuers(4096))

    right = issuers(every_kind)
    yield from payload_frame(
        kind, right,
        (("the number of issuers", 1), ("the last byte of the number of issuers", 2), ("the first kind", 3),
         ("the first issuer's length", 4), ("the last byte of the first issuer's length", 7), ("the first issuer", 8),
         ("the first issuer's last byte", 12), ("the second kind", 13), ("the second issuer's length", 14),
         ("the last issuer", len(right) - 4)),
        (("first-issuer", 4), ("last-issuer", len(right) - 8)), issuers=every_kind)
    for number in (0, 5, 255):
        yield payload_error(kind, "kind", f"kind-{number}", f"An issuer of kind {number}.",
                            issuers=[(number, b"staff")])
    yield payload_error(kind, "kind", "kind-last", "The last issuer is of kind 5.",
                        issuers=[*every_kind[:3], (5, b"text")])
    for name, scenario, reason, data in (
            ("empty", "Issuer without a byte.", "empty", b""),
            ("too-long", "Issuer of 65 bytes.", "too-long", b"i" * 65),
            ("upper-case", "Issuer with an upper case letter.", "character", b"MRN"),
            ("slash", "Issuer with '/', which only an app may have.", "character", b"hospital/a"),
            ("blank", "Issuer with a blank.", "character", b"hospital a"),
            ("non-ascii", "Issuer with a letter beyond ASCII.", "character", "cl\u00ednica".encode("utf-8")),
            ("nul", "Issuer with a NUL.", "character", b"hospital\x00a"),
            ("byte-ff", "Issuer with a byte ff.", "character", b"hospital\xff")):
        yield payload_error(kind, f"issuer: {reason}", f"issuer-{name}", scenario, issuers=[(OPAQUE, data)])
    for name, scenario, names in (
            ("descending", "Two issuers in descending order.", (b"ward", b"staff")),
            ("by-length", "Issuers in order of their lengths.", (b"b", b"aa")),
            ("underscore", "'_' behind a letter in the order.", (b"aa", b"a_")),
            ("punctuation", "'.' before '-'.", (b"a.", b"a-")),
            ("prefix", "An issuer before its own prefix.", (b"ab", b"a")),
            ("last", "Only the last issuer is out of order.", (b"a", b"c", b"d", b"b")),
            ("twice", "One issuer twice.", (b"staff", b"staff")),
            ("twice-apart", "One issuer twice with another between.", (b"staff", b"ward", b"staff"))):
        yield payload_error(kind, "order of the issuers", f"order-{name}", scenario,
                            issuers=[(OPAQUE, each) for each in names])
    yield payload_error(kind, "order of the issuers", "order-by-kind", "Issuers in order of their kinds.",
                        issuers=[(number, KINDS[number].encode("ascii")) for number in (OPAQUE, TEXT, EMAIL, PHONE)])
    yield payload_error(kind, "order of the issuers", "twice-kinds", "One issuer with two kinds.",
                        issuers=[(OPAQUE, b"staff"), (TEXT, b"staff")])
    yield payload_error(kind, "number of issuers", "4097", "4097 issuers.", issuers=some_issuers(4097))
    yield payload_error(kind, "truncated", "count-more", "The number of issuers is too great by one.",
                        issuers=every_kind, count=5)
    yield payload_error(kind, "trailing bytes", "count-less", "The number of issuers is too small by one.",
                        issuers=every_kind, count=3)
    yield payload_error(kind, "trailing bytes", "count-0", "The number of issuers is 0, and there are four.",
                        issuers=every_kind, count=0)


def some_issuers(count):
    names = itertools.product(b"0123456789abcdefghijklmnopqrstuvwxyz", repeat=3)
    return [(1 + number % 4, bytes(name)) for number, name in zip(range(count), names)]


def entries():
    """Identifiers and the roster: payloads of one field."""
    kind = "identifier"
    yield payload_ok(kind, "plain", "The tag of a person's record.", person_tag=numbered("person tag", 16))
    yield payload_ok(kind, "zeros", "A tag of zeros.", person_tag=bytes(16))
    yield payload_ok(kind, "ones", "A tag of bytes ff.", person_tag=b"\xff" * 16)
    yield from payload_frame(kind, identifier_entry(), (("the tag", 1), ("the tag's second byte", 2)), ())
    yield payload_bytes_error(kind, "trailing bytes", "trailing-tag", "A second tag.",
                              identifier_entry() + numbered("person tag", 16))

    kind = "roster"
    owner = uuid_octets(WORKED_ID)
    yield payload_ok(kind, "plain", "The pseudonym of the worked example in a conference.",
                     owner=uuid_octets(WORKED[1][3]))
    yield payload_ok(kind, "lowest", "An owner of zeros but for version and variant.",
                     owner=uuid_octets(make_id("0" * DATA_LENGTH)))
    yield payload_ok(kind, "highest", "An owner of ones but for version and variant.",
                     owner=uuid_octets(make_id("z" * DATA_LENGTH)))
    yield from payload_frame(kind, roster(), (("the owner", 1), ("the owner's second byte", 2)), ())
    yield payload_bytes_error(kind, "trailing bytes", "trailing-owner", "A second owner.", roster() + owner)
    for version in (0, 4, 9, 15):
        yield payload_error(kind, "owner: version", f"version-{version}", f"An owner with the UUID version {version}.",
                            owner=owner[:6] + bytes([version << 4 | owner[6] & 0x0F]) + owner[7:])
    for variant in (0, 1, 3):
        yield payload_error(kind, "owner: variant", f"variant-{variant}",
                            f"An owner with the variant bits {variant:02b}.",
                            owner=owner[:8] + bytes([variant << 6 | owner[8] & 0x3F]) + owner[9:])
    yield payload_error(kind, ("owner: version", "owner: variant"), "digest",
                        "The first 16 bytes of a digest, version and variant not set.",
                        owner=bytes.fromhex(WORKED[0][2])[:16])


def manifests():
    kind = "manifest"
    yield payload_ok(kind, "plain", "A manifest with rows in every table.")
    empty = tuple((0, bytes(32)) for _ in TABLES)
    yield payload_ok(kind, "first", "The manifest of the first transaction, without rows or entries.", counter=1,
                     tables=empty, entries=0, head=bytes(32))
    yield payload_ok(kind, "numbers", "Numbers of which every byte counts.", counter=0x0102030405060708,
                     tables=tuple((0x1112131415161718 + number, each) for number, (_, each) in enumerate(ROWS)),
                     entries=0x2122232425262728)
    yield payload_ok(kind, "highest", "Numbers at their highest: they have no sign.", counter=2**64 - 1,
                     tables=tuple((2**64 - 1, b"\xff" * 32) for _ in TABLES), entries=2**64 - 1)
    yield from payload_frame(
        kind, manifest(), (("the counter", 1), ("the integrity key", 9), ("the number of tables", 41),
                           ("the first table's rows", 42), ("the first table's digest", 50),
                           ("the number of audit entries", 42 + 40 * len(TABLES)),
                           ("the head of the audit chain", 50 + 40 * len(TABLES)),
                           ("the key of the next entry", 82 + 40 * len(TABLES))), ())
    yield payload_error(kind, "counter", "counter-0", "The counter is 0.", counter=0)
    for count in (0, len(TABLES) - 1, len(TABLES) + 1, 255):
        yield payload_error(kind, "number of tables", f"tables-{count}", f"A manifest that says {count} tables.",
                            count=count)
    yield payload_bytes_error(kind, ("number of tables", "trailing bytes"), "table-more", "A manifest of one more table.",
                              manifest(tables=(*ROWS, ROWS[0])))


def row_digests():
    """One table of some rows: the digest of each and of the table."""
    rows = [(tag("blake2b", INDEX_KEY, VAULT_ID, "person", lp(b"mrn") + u8(number)),
             make_record(place(tag=numbered("person tag", 16)), person(), nonce=numbered(f"nonce {number}", 24)))
            for number in range(3)]
    for suite in SUITES:
        for name, scenario, table, chosen in (
                ("none", "No row.", PERSON, []), ("one", "One row.", PERSON, rows[:1]),
                ("three", "Three rows.", PERSON, rows), ("order", "The same rows in another order.", PERSON, rows[::-1]),
                ("table", "The same rows in another table.", EXTERNAL_ID, rows),
                ("short-tag", "A row with a tag of 8 bytes and one with a tag of none.", AUDIT,
                 [((1).to_bytes(8, "big"), b"sealed"), (b"", b"")]),
                ("split", "A byte of the record in the tag: lengths take part.", AUDIT, [(b"ab", b"cd"), (b"abc", b"d")])):
            digests = [row_digest(suite, INTEGRITY_KEY, VAULT_ID, table, *row) for row in chosen]
            yield f"rows-{name}-{suite}.txt", [
                ("type", "rows"), ("scenario", scenario), ("suite", suite), ("integrity-key-hex", INTEGRITY_KEY.hex()),
                ("vault-id-hex", VAULT_ID.hex()), ("table", str(table)), ("rows", str(len(chosen))),
                *(line for number, ((row_tag, sealed), each) in enumerate(zip(chosen, digests), 1)
                  for line in ((f"row-{number}-tag-hex", row_tag.hex()), (f"row-{number}-record-hex", sealed.hex()),
                               (f"row-{number}-digest-hex", each.hex()))),
                ("table-digest-hex", table_digest(digests).hex())]


def anchor_heads():
    def lines(scenario, data, suite="blake2b"):
        return [("type", "anchor"), ("scenario", scenario), ("suite", suite),
                ("integrity-key-hex", INTEGRITY_KEY.hex()), ("vault-id-hex", VAULT_ID.hex()), ("head-hex", data.hex())]

    def error(faults, name, scenario, data):
        refuse(lambda: read_anchor_head("blake2b", INTEGRITY_KEY, VAULT_ID, data), faults, name)
        return f"anchor-error-{name}.txt", [*lines(scenario, data), ("expect", "error"), ("code", "altered")]

    for suite in SUITES:
        for name, scenario, payload in (
                ("plain", "The head that a manifest leaves.", manifest()),
                ("highest", "Numbers at their highest.", manifest(counter=2**64 - 1, entries=2**64 - 1))):
            data = anchor_head(suite, payload=payload)
            counter, manifest_digest, entries, head = read_anchor_head(suite, INTEGRITY_KEY, VAULT_ID, data)
            yield f"anchor-ok-{name}-{suite}.txt", [
                *lines(scenario, data, suite), ("expect", "ok"), ("manifest-payload-hex", payload.hex()),
                ("counter", str(counter)), ("manifest-digest-hex", manifest_digest.hex()),
                ("audit-entries", str(entries)), ("audit-head-hex", head.hex())]
    right = anchor_head()
    yield error(["magic"], "magic", "Another magic.", anchor_head(magic=b"mnkb"))
    yield error(["format"], "format-0", "Format 0.", anchor_head(head_format=0))
    yield error(["format"], "format-2", "Format 2.", anchor_head(head_format=2))
    yield error(["vault ID"], "vault", "The head of another vault.",
                anchor_head(vault=numbered("another vault", 16)))
    yield error(["authentication"], "integrity-key", "The head of a store with another integrity key.",
                anchor_head(integrity_key=numbered("another integrity key")))
    yield error(["authentication"], "use", "Authenticated by the key of another use.",
                anchor_head(key_use=b"manifest"))
    yield error(["trailing bytes"], "trailing", "A byte too many.", right + b"\x00")
    for size in (0, 4, 5, 20, len(right) - 33, len(right) - 1):
        yield error(["truncated"], f"truncated-{size}", f"Only the first {size} bytes.", right[:size])
    for at, name in ((21, "counter"), (29, "manifest"), (61, "entries"), (69, "audit-head"), (101, "mark"),
                     (132, "mark-end")):
        yield error(["authentication"], f"flip-{name}", f"One bit of byte {at} is another.",
                    flip(right, at))


def self_check():
    require(uuid_octets(WORKED_ID) == uuid_octets(WORKED_UUID), "the UUID from the external ID")
    require([len(pad(bytes(size))) for size in (0, 1, 63, 64)] == [64, 64, 64, 128], "padding")


def vectors():
    self_check()
    # Different inputs, different tags; but for the external IDs and UUIDs that share their first 16 bytes.
    inputs_of = {}
    for part in (tags, records, records_refused, persons, links, audits, chains, settings_payloads, issuers_payloads,
                 entries, manifests, row_digests, anchor_heads):
        for name, lines in part():
            found = dict(lines)
            if found["type"] == "tag" and "tag-hex" in found:
                text = found.get("external-id") or found.get("uuid")
                inputs = [found.get(key) for key in ("suite", "index-key-hex", "vault-id-hex", "use", "issuer-hex",
                                                     "value-hex", "participant-id-hex", "conference-hex", "style",
                                                     "value")]
                inputs.append(text and uuid_octets(text))
                require(inputs_of.setdefault(found["tag-hex"], inputs) == inputs, name)
            yield name, lines
