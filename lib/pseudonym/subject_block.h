// Subjects of many identifiers, laid out in secret memory for one call of a Prf.
//
// Thread safety: distinct objects are independent.

#ifndef MONIKER_LIB_PSEUDONYM_SUBJECT_BLOCK_H_
#define MONIKER_LIB_PSEUDONYM_SUBJECT_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "moniker/identifier.h"
#include "moniker/result.h"
#include "pseudonym/plain_subjects.h"
#include "pseudonym/subject.h"

namespace moniker::internal {

class SubjectBlock {
 public:
  // Memory that holds the subject of any one identifier, wherever it begins.
  static constexpr std::size_t kMaxRoom = RoomOfSubject(kMaxSubjectSize) + kSubjectStep;

  // How much of it one identifier's takes at most.
  static std::size_t RoomOf(const Identifier& identifier);

  // How much memory the subjects of `identifiers` take, at most `max_count` at a time, or as much
  // as a block may have.
  static std::size_t RoomOf(std::span<const Identifier> identifiers, std::size_t max_count);

  // A block of up to subjects.size() subjects, which need not be initialised. The memory is the
  // caller's to wipe.
  SubjectBlock(ByteSpan memory, std::span<ByteView> subjects);

  // Lays out the subjects of the first identifiers, in place of those before; returns of how
  // many, 1 or more. REQUIRES: one or more of those that RoomOf was given.
  // Errors: those of AppendSubject, with the index of the identifier as the locator.
  Result<std::size_t> Fill(std::span<const Identifier> identifiers);

  // Valid until the next Fill.
  std::span<const ByteView> subjects() const { return subjects_.first(count_); }

 private:
  // Appends the first identifiers as long as they are plain ones of issuer_.
  void AppendPlain(std::span<const Identifier> identifiers);
  Status Append(const Identifier& identifier);
  // The memory up to the next step behind the last subject.
  void Use(ByteView last);

  ByteSpan memory_;  // begins at a step
  std::size_t used_ = 0;
  std::span<ByteView> subjects_;
  std::size_t count_ = 0;
  PlainIssuer issuer_;               // the last one that was valid with identifiers that are opaque
  const PlainWriter& plain_writer_;  // static
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_SUBJECT_BLOCK_H_
