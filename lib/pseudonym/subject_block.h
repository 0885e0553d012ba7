// Subjects of many identifiers, laid out in secret memory for one call of a Prf.
//
// Thread safety: distinct objects are independent.

#ifndef MONIKER_LIB_PSEUDONYM_SUBJECT_BLOCK_H_
#define MONIKER_LIB_PSEUDONYM_SUBJECT_BLOCK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "moniker/identifier.h"
#include "moniker/result.h"
#include "moniker/secret.h"
#include "pseudonym/subject.h"

namespace moniker::internal {

class SubjectBlock {
 public:
  // Memory for the subjects of `identifiers`, at most `max_count` at a time, or as much as a block
  // may have. Errors: kExhausted.
  static Result<SecretBytes> MemoryFor(std::span<const Identifier> identifiers,
                                       std::size_t max_count);

  // A block of up to subjects.size() subjects, which need not be initialised.
  SubjectBlock(SecretBytes memory, std::span<ByteView> subjects)
      : memory_(std::move(memory)), subjects_(subjects) {}

  // Lays out the subjects of the first identifiers, in place of those before; returns of how
  // many, 1 or more. REQUIRES: one or more of those that MemoryFor was given.
  // Errors: those of AppendSubject, with the index of the identifier as the locator.
  Result<std::size_t> Fill(std::span<const Identifier> identifiers);

  // Valid until the next Fill.
  std::span<const ByteView> subjects() const { return subjects_.first(count_); }

 private:
  Status Append(const Identifier& identifier);
  // Whether `id` is opaque of printable ASCII characters and its own canonical form, the usual
  // case; it is then appended behind prefix_.
  bool AppendPlain(std::string_view id);
  void SetIssuer(std::string_view issuer);

  SecretBytes memory_;
  std::size_t used_ = 0;
  std::span<ByteView> subjects_;
  std::size_t count_ = 0;

  // The last issuer that was valid with identifiers that are opaque, and its lp(issuer).
  static constexpr std::size_t kStep = 16;
  std::array<std::uint8_t, (4 + kMaxIssuerSize + kStep - 1) / kStep * kStep> prefix_;
  std::size_t prefix_size_ = 0;
  std::string_view issuer_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_SUBJECT_BLOCK_H_
