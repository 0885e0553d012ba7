// What is made of a digest: external ID, UUID, label code and avatar index.
//
// Format: docs/formats/pseudonym.md, section 5.
// Thread safety: values; distinct objects are independent.

#ifndef MONIKER_PSEUDONYM_H_
#define MONIKER_PSEUDONYM_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "moniker/prf.h"
#include "moniker/result.h"

namespace moniker {

// 'm', 30 characters of 5 bits, one check character. Always a valid one: it comes from a Pseudonym
// or a parser.
class ExternalId {
 public:
  static constexpr std::size_t kSize = 32;

  // Memory for one, of the caller's.
  using Text = std::array<char, kSize>;

  // Accepts only what a Pseudonym renders, alone or with metadata behind it (moniker/metadata.h),
  // which is dropped: its shape is checked, not whether it opens.
  // Errors: kInvalidArgument ("length", "character", "check character", "metadata").
  static Result<ExternalId> Parse(std::string_view text);

  // For what a person typed: upper case, o for 0, i and l for 1 are mapped first, in the 32
  // characters of the ID. Nothing else is.
  // Errors: as Parse.
  static Result<ExternalId> ParseTyped(std::string_view text);

  // 32 characters, valid as long as the object.
  std::string_view text() const { return {text_.data(), text_.size()}; }

  friend auto operator<=>(const ExternalId&, const ExternalId&) = default;

 private:
  friend class Pseudonym;
  ExternalId() = default;

  Text text_{};
};

// RFC 9562 version 8, for platforms that take nothing but a UUID.
class Uuid {
 public:
  static constexpr std::size_t kSize = 36;
  using Bytes = std::array<std::uint8_t, 16>;

  explicit Uuid(const Bytes& bytes) : bytes_(bytes) {}

  // 8-4-4-4-12 hexadecimal digits of either case, any version. Errors: kInvalidArgument.
  static Result<Uuid> Parse(std::string_view text);

  const Bytes& bytes() const { return bytes_; }
  std::string text() const;  // lower case

  friend bool operator==(const Uuid&, const Uuid&) = default;

 private:
  Bytes bytes_;
};

// What an Anonymizer derives for one person in one scope and epoch.
class Pseudonym {
 public:
  static constexpr std::size_t kLabelCodeSize = 7;

  // REQUIRES: `digest` is D of the format: PRF output, or read from a record that authenticated.
  explicit Pseudonym(const Digest& digest) : digest_(digest) {}

  ExternalId external_id() const;
  // external_id().text() into the caller's memory.
  void WriteExternalId(ExternalId::Text* text) const;
  Uuid uuid() const;
  std::string label_code() const;  // "RCG-V3F"
  std::uint8_t avatar_index() const { return digest_[25]; }

  const Digest& digest() const { return digest_; }

 private:
  Digest digest_;
};

// The UUID rendering of the pseudonym that has this external ID: both hold its first 16 bytes.
Uuid UuidOf(const ExternalId& external_id);

}  // namespace moniker

#endif  // MONIKER_PSEUDONYM_H_
