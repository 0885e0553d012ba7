#include "pseudonym/subject_block.h"

#include <algorithm>
#include <cstring>

#include "base/printable_ascii.h"
#include "base/status_macros.h"

namespace moniker::internal {
namespace {

// With the header of a block in the arena, 32 KiB, beyond which that makes a mapping for each; and
// 16 KiB, in which 64 subjects of usual sizes fit.
constexpr std::size_t kMaxMemory = (std::size_t{32} << 10) - 16;
constexpr std::size_t kUsualMemory = (std::size_t{16} << 10) - 16;

bool IsOpaque(const Identifier& identifier) {
  return identifier.kind.value_or(BuiltInKind(identifier.issuer)) == IdentifierKind::kOpaque;
}

}  // namespace

std::size_t SubjectBlock::RoomOf(const Identifier& identifier) {
  const std::size_t id_size = identifier.id.size();
  return id_size < kMaxIdentifierSize && IsOpaque(identifier)
             ? kMaxRoom - kMaxIdentifierSize + id_size
             : kMaxRoom;
}

std::size_t SubjectBlock::RoomOf(std::span<const Identifier> identifiers, std::size_t max_count) {
  std::size_t room = 0;
  for (const Identifier& identifier : identifiers.first(std::min(max_count, identifiers.size()))) {
    room = std::min(room + RoomOf(identifier), kMaxMemory);
  }
  // What comes behind the first ones may be longer.
  return identifiers.size() > max_count ? std::max(room, kUsualMemory) : room;
}

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
    if (IsOpaque(next) && !IsOfIssuer(next)) {
      if (const auto kind = KindOf(next); !kind.ok()) return at_next(kind.status());
      SetIssuer(next.issuer);
      continue;
    }
    if (count_ > 0 && memory_.size() - used_ < RoomOf(next)) return count_;
    if (const Status status = Append(next); !status.ok()) return at_next(status);
  }
}

void SubjectBlock::AppendPlain(std::span<const Identifier> identifiers) {
  if (issuer_.empty()) return;
  // Members that a store of bytes might change would be loaded again for each identifier.
  std::uint8_t* at = memory_.data() + used_;
  const std::uint8_t* const end = memory_.data() + memory_.size();
  const std::size_t prefix_size = prefix_size_;
  ByteView* subject = subjects_.data() + count_;
  for (const Identifier& identifier : identifiers) {
    const std::string_view id = identifier.id;
    if (!IsOfIssuer(identifier) || id.empty() || id.size() > kMaxIdentifierSize ||
        id.front() == ' ' || id.back() == ' ' ||
        static_cast<std::size_t>(end - at) < kMaxRoom - kMaxIdentifierSize + id.size()) {
      break;
    }
    // In steps of one size, which write beyond the end of a short subject.
    std::memcpy(at, prefix_.data(), 2 * kStep);
    for (std::size_t i = 2 * kStep; i < prefix_size; i += kStep) {
      std::memcpy(at + i, prefix_.data() + i, kStep);
    }
    if (!CopyPrintableAscii(id, at + prefix_size)) break;
    *subject++ = ByteView(at, prefix_size + id.size());
    at += prefix_size + id.size();
  }
  used_ = static_cast<std::size_t>(at - memory_.data());
  count_ = static_cast<std::size_t>(subject - subjects_.data());
}

Status SubjectBlock::Append(const Identifier& identifier) {
  ByteWriter writer(memory_.subspan(used_));
  MONIKER_ASSIGN_OR_RETURN(subjects_[count_], AppendSubject(identifier, &writer));
  used_ += writer.size();
  ++count_;
  return Status::Ok();
}

void SubjectBlock::SetIssuer(std::string_view issuer) {
  ByteWriter writer(prefix_);
  writer.Prefixed(issuer);
  prefix_size_ = writer.size();
  issuer_ = issuer;
}

}  // namespace moniker::internal
