#include "pseudonym/subject_block.h"

#include <algorithm>
#include <cstring>

#include "base/status_macros.h"
#include "base/utf8.h"

namespace moniker::internal {
namespace {

// With the header of a block in the arena, 32 KiB, beyond which that makes a mapping for each; and
// 16 KiB, in which 64 subjects of usual sizes fit.
constexpr std::size_t kMaxMemory = (std::size_t{32} << 10) - 16;
constexpr std::size_t kUsualMemory = (std::size_t{16} << 10) - 16;

// What is written behind the end of a subject by copying in whole steps.
constexpr std::size_t kSlack = 16;

bool IsOpaque(const Identifier& identifier) {
  return identifier.kind.value_or(BuiltInKind(identifier.issuer)) == IdentifierKind::kOpaque;
}

constexpr std::size_t kMaxRoom = 4 + kMaxIssuerSize + kMaxIdentifierSize + kSlack;

std::size_t RoomOf(const Identifier& identifier) {
  const std::size_t id_size = IsOpaque(identifier)
                                  ? std::min(identifier.id.size(), kMaxIdentifierSize)
                                  : kMaxIdentifierSize;
  return 4 + kMaxIssuerSize + id_size + kSlack;
}

}  // namespace

Result<SecretBytes> SubjectBlock::MemoryFor(std::span<const Identifier> identifiers,
                                            std::size_t max_count) {
  std::size_t room = 0;
  for (const Identifier& identifier : identifiers.first(std::min(max_count, identifiers.size()))) {
    room = std::min(room + RoomOf(identifier), kMaxMemory);
  }
  // What comes behind the first ones may be longer.
  if (identifiers.size() > max_count) room = std::max(room, kUsualMemory);
  return SecretBytes::Allocate(room);
}

Result<std::size_t> SubjectBlock::Fill(std::span<const Identifier> identifiers) {
  used_ = 0;
  count_ = 0;
  for (const Identifier& identifier :
       identifiers.first(std::min(subjects_.size(), identifiers.size()))) {
    const std::size_t room = memory_.size() - used_;
    if (count_ > 0 && room < kMaxRoom && room < RoomOf(identifier)) break;
    const Status status = Append(identifier);
    if (!status.ok()) return status.At(static_cast<std::int64_t>(count_));
    ++count_;
  }
  return count_;
}

Status SubjectBlock::Append(const Identifier& identifier) {
  // Runs of one issuer are usual, and usually of one text in memory.
  const bool is_same_text =
      identifier.issuer.data() == issuer_.data() && identifier.issuer.size() == issuer_.size();
  const bool is_opaque =
      is_same_text ? identifier.kind.value_or(IdentifierKind::kOpaque) == IdentifierKind::kOpaque
                   : IsOpaque(identifier);
  if (is_opaque) {
    if (issuer_.empty() || (!is_same_text && identifier.issuer != issuer_)) {
      MONIKER_RETURN_IF_ERROR(KindOf(identifier).status());
      SetIssuer(identifier.issuer);
    }
    if (AppendPlain(identifier.id)) return Status::Ok();
  }
  ByteWriter writer(memory_.Expose().subspan(used_));
  MONIKER_ASSIGN_OR_RETURN(subjects_[count_], AppendSubject(identifier, &writer));
  used_ += writer.size();
  return Status::Ok();
}

bool SubjectBlock::AppendPlain(std::string_view id) {
  if (id.empty() || id.size() > kMaxIdentifierSize || id.front() == ' ' || id.back() == ' ') {
    return false;
  }
  std::uint8_t* const at = memory_.Expose().data() + used_;
  for (std::size_t i = 0; i < prefix_size_; i += kStep) {
    std::memcpy(at + i, prefix_.data() + i, kStep);
  }
  if (!CopyPrintableAscii(id, at + prefix_size_)) return false;
  subjects_[count_] = ByteView(at, prefix_size_ + id.size());
  used_ += prefix_size_ + id.size();
  return true;
}

void SubjectBlock::SetIssuer(std::string_view issuer) {
  ByteWriter writer(prefix_);
  writer.Prefixed(issuer);
  prefix_size_ = writer.size();
  issuer_ = issuer;
}

}  // namespace moniker::internal
