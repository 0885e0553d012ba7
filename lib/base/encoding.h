// Crockford's base 32 in lower case, hexadecimal and base64url. None is for keys: they look
// characters up in tables, which a cache can tell. The two functions that say "Secret" do not.

#ifndef MONIKER_LIB_BASE_ENCODING_H_
#define MONIKER_LIB_BASE_ENCODING_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace moniker::internal {

inline constexpr std::string_view kBase32Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

// The value 0..31 of a character of kBase32Alphabet, -1 of any other.
int Base32Value(char c);

// The 5 bits of `bytes` that begin at bit 5 * index, counted from the top bit of bytes[0].
// REQUIRES: bytes.size() * 8 >= 5 * index + 5.
std::uint8_t FiveBits(ByteView bytes, std::size_t index);

// Base64url without padding (RFC 4648, section 5).
std::string EncodeBase64Url(ByteView bytes);

// The value 0..63 of a character of it, -1 of any other.
int Base64UrlValue(char c);

// Whether EncodeBase64Url makes `text` of some bytes: no other character, and the bits of the last
// one that stand for nothing are 0.
bool IsBase64Url(std::string_view text);

// REQUIRES: IsBase64Url(text).
std::vector<std::uint8_t> DecodeBase64Url(std::string_view text);

// Lower case.
std::string EncodeHex(ByteView bytes);

// Decodes exactly 2 * out.size() hexadecimal digits of either case, without a branch or an address
// that depends on a digit. False (and `out` unspecified) for anything else.
bool DecodeHexSecret(std::string_view digits, ByteSpan out);

// The lower-case digit of a value 0..15, likewise.
std::uint8_t HexDigitOfSecret(std::uint32_t value);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BASE_ENCODING_H_
