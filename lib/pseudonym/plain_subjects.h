// Subjects of plain identifiers: opaque, of printable ASCII characters and their own canonical
// form. Nearly all are, and many of one issuer come together.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_PSEUDONYM_PLAIN_SUBJECTS_H_
#define MONIKER_LIB_PSEUDONYM_PLAIN_SUBJECTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "moniker/identifier.h"

namespace moniker::internal {

// A subject begins at a multiple of so many bytes, that of a line of the cache, and may be written
// in steps of that size.
inline constexpr std::size_t kSubjectStep = 64;

constexpr std::size_t RoomOfSubject(std::size_t subject_size) {
  return (subject_size + kSubjectStep - 1) / kSubjectStep * kSubjectStep;
}

// An issuer of opaque identifiers, with its lp(issuer).
struct PlainIssuer {
  std::string_view name;  // empty: of none
  std::size_t prefix_size = 0;
  std::array<std::uint8_t, (4 + kMaxIssuerSize + 15) / 16 * 16> prefix{};

  // REQUIRES: a valid issuer, which outlives this.
  void Set(std::string_view issuer) {
    ByteWriter writer(prefix);
    writer.Prefixed(issuer);
    prefix_size = writer.size();
    name = issuer;
  }

  bool Issued(const Identifier& identifier) const {
    // Usually it is one text in memory.
    return identifier.issuer.size() == name.size() &&
           (identifier.issuer.data() == name.data() || identifier.issuer == name) &&
           identifier.kind.value_or(IdentifierKind::kOpaque) == IdentifierKind::kOpaque;
  }

  // Whether it issued the identifier, which is plain if its characters are printable ASCII.
  bool MayBePlain(const Identifier& identifier) const {
    const std::string_view id = identifier.id;
    return Issued(identifier) && !id.empty() && id.size() <= kMaxIdentifierSize &&
           id.front() != ' ' && id.back() != ' ';
  }
};

// What lays out plain subjects. All give the same bytes; which one is used is a matter of speed
// alone.
struct PlainWriter {
  std::string_view name;  // "scalar", "avx512"

  // The subjects of the first identifiers, as long as they are plain ones of `issuer` and there is
  // room; returns of how many. REQUIRES: `memory` begins at a step and has whole ones; as many
  // `subjects` as identifiers.
  std::size_t (*write)(const PlainIssuer& issuer, std::span<const Identifier> identifiers,
                       ByteSpan memory, ByteView* subjects);
};

// Those that this machine can run: the scalar one first, the fastest last. Static storage.
std::span<const PlainWriter> PlainWriters();

// Appended if the machine can run it.
void AppendAvx512PlainWriter(std::vector<PlainWriter>* writers);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_PLAIN_SUBJECTS_H_
