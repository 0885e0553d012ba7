// Views of bytes, little-endian integers and the length prefix that every keyed input uses.

#ifndef MONIKER_LIB_BASE_BYTES_H_
#define MONIKER_LIB_BASE_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace moniker::internal {

using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

inline ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view AsText(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Appends to memory that the caller has sized; running over the end is remembered, writes nothing
// and makes ok() false. Shifts, not copies of integers, so the byte order of the machine is nothing
// to it.
class ByteWriter {
 public:
  explicit ByteWriter(ByteSpan out) : out_(out) {}

  ByteWriter& U8(std::uint8_t value) { return Integer(value, 1); }
  ByteWriter& U16(std::uint16_t value) { return Integer(value, 2); }
  ByteWriter& U32(std::uint32_t value) { return Integer(value, 4); }
  ByteWriter& U64(std::uint64_t value) { return Integer(value, 8); }

  ByteWriter& Bytes(ByteView bytes) {
    if (bytes.size() > out_.size() - used_) {
      ok_ = false;
    } else if (ok_ && !bytes.empty()) {
      std::memcpy(out_.data() + used_, bytes.data(), bytes.size());
      used_ += bytes.size();
    }
    return *this;
  }
  ByteWriter& Bytes(std::string_view text) { return Bytes(AsBytes(text)); }

  // lp(b) of the pseudonym format: u32le(length) || b.
  ByteWriter& Prefixed(ByteView bytes) {
    return U32(static_cast<std::uint32_t>(bytes.size())).Bytes(bytes);
  }
  ByteWriter& Prefixed(std::string_view text) { return Prefixed(AsBytes(text)); }

  bool ok() const { return ok_; }
  std::size_t size() const { return used_; }
  ByteView written() const { return out_.first(used_); }

 private:
  ByteWriter& Integer(std::uint64_t value, std::size_t size) {
    std::uint8_t bytes[8];
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
    return Bytes(ByteView(bytes, size));
  }

  ByteSpan out_;
  std::size_t used_ = 0;
  bool ok_ = true;
};

// Reads what ByteWriter writes. Reading past the end makes ok() false for good and every later
// answer zero or empty, so a parser may read a whole structure and ask once.
class ByteReader {
 public:
  explicit ByteReader(ByteView in) : in_(in) {}

  std::uint8_t U8() { return static_cast<std::uint8_t>(Integer(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Integer(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Integer(4)); }
  std::uint64_t U64() { return Integer(8); }

  ByteView Bytes(std::size_t size) {
    if (!ok_ || size > in_.size()) {
      ok_ = false;
      return {};
    }
    const ByteView bytes = in_.first(size);
    in_ = in_.subspan(size);
    return bytes;
  }

  ByteView Prefixed() { return Bytes(U32()); }
  std::string_view PrefixedText() { return AsText(Prefixed()); }

  bool ok() const { return ok_; }
  std::size_t remaining() const { return in_.size(); }
  // Everything was there, and nothing is left over.
  bool AtEnd() const { return ok_ && in_.empty(); }

 private:
  std::uint64_t Integer(std::size_t size) {
    std::uint64_t value = 0;
    const ByteView bytes = Bytes(size);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    }
    return value;
  }

  ByteView in_;
  bool ok_ = true;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BASE_BYTES_H_
