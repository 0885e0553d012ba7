#include "pseudonym/subject_block.h"

#include <algorithm>

#include "base/status_macros.h"

namespace moniker::internal {
namespace {

// With the header of a block in the arena, 32 KiB, beyond which that makes a mapping for each; and
// 16 KiB, in which 200 subjects of usual sizes fit.
constexpr std::size_t kMaxMemory = (std::size_t{32} << 10) - 16;
constexpr std::size_t kUsualMemory = (std::size_t{16} << 10) - 16;

bool IsOpaque(const Identifier& identifier) {
  return identifier.kind.value_or(BuiltInKind(identifier.issuer)) == IdentifierKind::kOpaque;
}

// From the first step on, whole ones.
ByteSpan WholeSteps(ByteSpan memory) {
  const auto at = reinterpret_cast<std::uintptr_t>(memory.data());
  const std::size_t skipped = std::min(RoomOfSubject(at) - at, memory.size());
  const std::size_t size = memory.size() - skipped;
  return memory.subspan(skipped, size - size % kSubjectStep);
}

}  // namespace

std::size_t SubjectBlock::RoomOf(const Identifier& identifier) {
  const std::size_t id_size = identifier.id.size();
  return kSubjectStep + RoomOfSubject(id_size < kMaxIdentifierSize && IsOpaque(identifier)
                                          ? kMaxSubjectSize - kMaxIdentifierSize + id_size
                                          : kMaxSubjectSize);
}

std::size_t SubjectBlock::RoomOf(std::span<const Identifier> identifiers, std::size_t max_count) {
  std::size_t room = 0;
  for (const Identifier& identifier : identifiers.first(std::min(max_count, identifiers.size()))) {
    room = std::min(room + RoomOf(identifier), kMaxMemory);
  }
  // What comes behind the first ones may be longer.
  return identifiers.size() > max_count ? std::max(room, kUsualMemory) : room;
}

// A wide load of a prefix that has just been written byte by byte takes longer than it saves for
// one subject.
SubjectBlock::SubjectBlock(ByteSpan memory, std::span<ByteView> subjects)
    : memory_(WholeSteps(memory)),
      subjects_(subjects),
      plain_writer_(subjects.size() == 1 ? PlainWriters().front() : PlainWriters().back()) {}

Result<std::size_t> SubjectBlock::Fill(std::span<const Identifier> identifiers) {
  used_ = 0;
  count_ = 0;
  identifiers = identifiers.first(std::min(subjects_.size(), identifiers.size()));
  while (true) {
    AppendPlain(identifiers.subspan(count_));
    if (count_ == identifiers.size()) return count_;
    const Identifier& next = identifiers[count_];
    const auto at_next = [this](const Status& status) {
      return status.At(static_cast<std::int64_t>(count_));
    };
    if (IsOpaque(next) && !issuer_.Issued(next)) {
      if (const auto kind = KindOf(next); !kind.ok()) return at_next(kind.status());
      issuer_.Set(next.issuer);
      continue;
    }
    if (count_ > 0 && memory_.size() - used_ < RoomOf(next)) return count_;
    if (const Status status = Append(next); !status.ok()) return at_next(status);
  }
}

void SubjectBlock::AppendPlain(std::span<const Identifier> identifiers) {
  if (issuer_.name.empty()) return;
  ByteView* const subjects = subjects_.data() + count_;
  const std::size_t added =
      plain_writer_.write(issuer_, identifiers, memory_.subspan(used_), subjects);
  if (added == 0) return;
  count_ += added;
  Use(subjects[added - 1]);
}

Status SubjectBlock::Append(const Identifier& identifier) {
  ByteWriter writer(memory_.subspan(used_));
  MONIKER_ASSIGN_OR_RETURN(subjects_[count_], AppendSubject(identifier, &writer));
  Use(subjects_[count_++]);
  return Status::Ok();
}

void SubjectBlock::Use(ByteView last) {
  used_ = static_cast<std::size_t>(last.data() - memory_.data()) + RoomOfSubject(last.size());
}

}  // namespace moniker::internal
