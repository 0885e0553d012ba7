"""XChaCha20-Poly1305 and XChaCha20 (draft-irtf-cfrg-xchacha-03) on ChaCha20 and Poly1305 (RFC 8439), for test vectors
only.

Written for reading: it is slow and not constant in time. The published examples are checked on import.
"""

import struct

KEY_SIZE = 32
NONCE_SIZE = 24
TAG_SIZE = 16

CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")
# Columns, then diagonals.
QUARTERS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
            (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def require_size(what, data, size):
    if len(data) != size:
        raise ValueError(f"{what}: {len(data)} bytes, not {size}")


def rotate(word, count):
    return (word << count | word >> 32 - count) & 0xFFFFFFFF


def rounds(state):
    """The 20 rounds, without the addition of the initial state."""
    x = list(state)
    for _ in range(10):
        for a, b, c, d in QUARTERS:
            x[a] = x[a] + x[b] & 0xFFFFFFFF
            x[d] = rotate(x[d] ^ x[a], 16)
            x[c] = x[c] + x[d] & 0xFFFFFFFF
            x[b] = rotate(x[b] ^ x[c], 12)
            x[a] = x[a] + x[b] & 0xFFFFFFFF
            x[d] = rotate(x[d] ^ x[a], 8)
            x[c] = x[c] + x[d] & 0xFFFFFFFF
            x[b] = rotate(x[b] ^ x[c], 7)
    return x


def hchacha20(key, nonce):
    """A key from a key and 16 bytes."""
    require_size("key", key, KEY_SIZE)
    require_size("nonce", nonce, 16)
    x = rounds(CONSTANTS + struct.unpack("<8I", key) + struct.unpack("<4I", nonce))
    return struct.pack("<8I", *x[:4], *x[12:])


def chacha20_block(key, counter, nonce):
    require_size("key", key, KEY_SIZE)
    require_size("nonce", nonce, 12)
    state = CONSTANTS + struct.unpack("<8I", key) + (counter,) + struct.unpack("<3I", nonce)
    return struct.pack("<16I", *(a + b & 0xFFFFFFFF for a, b in zip(rounds(state), state)))


def chacha20(key, counter, nonce, data):
    result = bytearray()
    for start in range(0, len(data), 64):
        block = chacha20_block(key, counter + start // 64, nonce)
        result += bytes(a ^ b for a, b in zip(data[start:start + 64], block))
    return bytes(result)


def poly1305(key, message):
    require_size("key", key, 32)
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    s = int.from_bytes(key[16:], "little")
    total = 0
    for start in range(0, len(message), 16):
        # A one behind the last byte of each block, the short one included.
        block = int.from_bytes(message[start:start + 16] + b"\x01", "little")
        total = (total + block) * r % (2**130 - 5)
    return (total + s & 2**128 - 1).to_bytes(16, "little")


def tag(key, nonce, associated, ciphertext):
    def padded(data):
        return data + bytes(-len(data) % 16)
    message = padded(associated) + padded(ciphertext) + struct.pack("<QQ", len(associated), len(ciphertext))
    return poly1305(chacha20_block(key, 0, nonce)[:32], message)


def chacha20_poly1305(key, nonce, associated, plain):
    """RFC 8439, section 2.8: ciphertext and tag."""
    ciphertext = chacha20(key, 1, nonce, plain)
    return ciphertext + tag(key, nonce, associated, ciphertext)


def extended(key, nonce):
    """The key and the nonce of 12 bytes for a nonce of 24."""
    require_size("nonce", nonce, NONCE_SIZE)
    return hchacha20(key, nonce[:16]), bytes(4) + nonce[16:]


def xchacha20(key, nonce, data):
    """XChaCha20 alone, from block 0; both directions."""
    short_key, short_nonce = extended(key, nonce)
    return chacha20(short_key, 0, short_nonce, data)


def seal(key, nonce, associated, plain):
    """XChaCha20-Poly1305-IETF: ciphertext and tag."""
    return chacha20_poly1305(*extended(key, nonce), associated, plain)


def unseal(key, nonce, associated, sealed):
    """The plain text, or None if it does not authenticate."""
    if len(sealed) < TAG_SIZE:
        return None
    short_key, short_nonce = extended(key, nonce)
    ciphertext = sealed[:-TAG_SIZE]
    if tag(short_key, short_nonce, associated, ciphertext) != sealed[-TAG_SIZE:]:
        return None
    return chacha20(short_key, 1, short_nonce, ciphertext)


def self_check():
    # Not `assert`: these checks hold under python -O too.
    def require_equal(what, found, expected):
        if found != expected:
            raise ValueError(f"{what} is wrong")

    require_equal("xchacha-03, 2.2.1 (HChaCha20)", hchacha20(
        bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927")).hex(),
        "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc")

    key = bytes(range(0x80, 0xA0))
    associated = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    plain = (b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
             b"sunscreen would be it.")

    sealed = bytes.fromhex(
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
        "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
        "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
        "3ff4def08e4b7a9de576d26586cec64b6116"
        "1ae10b594f09e26a7e902ecbd0600691")
    require_equal("RFC 8439, 2.8.2", chacha20_poly1305(
        key, bytes.fromhex("070000004041424344454647"), associated, plain), sealed)

    nonce = bytes(range(0x40, 0x58))
    sealed = bytes.fromhex(
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
        "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
        "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
        "21f9664c97637da9768812f615c68b13b52e"
        "c0875924c1c7987947deafd8780acf49")
    require_equal("xchacha-03, A.3.1", seal(key, nonce, associated, plain), sealed)
    require_equal("xchacha-03, A.3.1 (opening)", unseal(key, nonce, associated, sealed), plain)
    for changed in (sealed[:-1] + bytes([sealed[-1] ^ 1]), bytes([sealed[0] ^ 1]) + sealed[1:], sealed[:-1], b""):
        require_equal("refusal of a changed ciphertext or tag", unseal(key, nonce, associated, changed), None)
    require_equal("refusal of changed associated data", unseal(key, nonce, associated[1:], sealed), None)

    plain = (b"The dhole (pronounced \"dole\") is also known as the Asiatic wild dog, red dog, and whistling dog. It is "
             b"about the size of a German shepherd but looks more like a long-legged fox. This highly elusive and "
             b"skilled jumper is classified with wolves, coyotes, jackals, and foxes in the taxonomic family Canidae.")
    stream = bytes.fromhex(
        "4559abba4e48c16102e8bb2c05e6947f50a786de162f9b0b7e592a9b53d0d4e9"
        "8d8d6410d540a1a6375b26d80dace4fab52384c731acbf16a5923c0c48d3575d"
        "4d0d2c673b666faa731061277701093a6bf7a158a8864292a41c48e3a9b4c0da"
        "ece0f8d98d0d7e05b37a307bbb66333164ec9e1b24ea0d6c3ffddcec4f68e744"
        "3056193a03c810e11344ca06d8ed8a2bfb1e8d48cfa6bc0eb4e2464b74814240"
        "7c9f431aee769960e15ba8b96890466ef2457599852385c661f752ce20f9da0c"
        "09ab6b19df74e76a95967446f8d0fd415e7bee2a12a114c20eb5292ae7a349ae"
        "577820d5520a1f3fb62a17ce6a7e68fa7c79111d8860920bc048ef43fe84486c"
        "cb87c25f0ae045f0cce1e7989a9aa220a28bdd4827e751a24a6d5c62d790a663"
        "93b93111c1a55dd7421a10184974c7c5")
    require_equal("xchacha-03, A.3.2", xchacha20(key, bytes(range(0x40, 0x57)) + b"\x58", plain), stream)


self_check()
