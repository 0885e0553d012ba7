#include "store/index_tags.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "moniker/scope.h"
#include "pseudonym/subject.h"
#include "pseudonym/subject_block.h"

namespace moniker::internal {
namespace {

Result<TagSet> Evaluate(const std::vector<std::unique_ptr<Prf>>& prfs, ByteView message) {
  TagSet tags;
  tags.reserve(prfs.size());
  for (const std::unique_ptr<Prf>& prf : prfs) {
    MONIKER_ASSIGN_OR_RETURN(const Digest digest, prf->Compute(message));
    tags.emplace_back(ByteView(digest).first(IndexTags::kSize));
  }
  return tags;
}

// As many messages as keep the lanes of a wide unit busy.
constexpr std::size_t kManyAtATime = 64;

Status EvaluateMany(const Prf& prf, std::span<const ByteView> messages, RecordTag* tags) {
  std::array<Digest, kManyAtATime> digests;
  MONIKER_RETURN_IF_ERROR(prf.ComputeMany(messages, std::span(digests).first(messages.size())));
  for (std::size_t i = 0; i < messages.size(); ++i) {
    tags[i] = RecordTag(ByteView(digests[i]).first(IndexTags::kSize));
  }
  return Status::Ok();
}

}  // namespace

Status ValidateParticipantId(std::string_view participant_id) {
  if (participant_id.empty()) {
    return Status(StatusCode::kInvalidArgument, "participant_id: empty");
  }
  if (participant_id.size() > kMaxParticipantIdSize) {
    return Status(StatusCode::kInvalidArgument, "participant_id: longer than 256 bytes");
  }
  for (std::string_view rest = participant_id; !rest.empty();) {
    const std::optional<CodePoint> next = FirstCodePoint(rest);
    if (!next) return Status(StatusCode::kInvalidArgument, "participant_id: not UTF-8");
    if (IsControl(next->value) || IsWhiteSpace(next->value)) {
      return Status(StatusCode::kInvalidArgument,
                    "participant_id: a control character or white space");
    }
    rest.remove_prefix(next->size);
  }
  return Status::Ok();
}

Result<IndexTags> IndexTags::Create(const Keyring& keyring) {
  IndexTags tags;
  const std::vector<std::uint32_t> epochs = keyring.Epochs(KeyKind::kIndex);
  const auto add = [&](std::uint32_t epoch, std::string_view use, Prfs* prfs) -> Status {
    MONIKER_ASSIGN_OR_RETURN(prfs->emplace_back(),
                             keyring.SubkeyPrf(KeyKind::kIndex, epoch, use, keyring.vault_id()));
    return Status::Ok();
  };
  for (auto epoch = epochs.rbegin(); epoch != epochs.rend(); ++epoch) {
    MONIKER_RETURN_IF_ERROR(add(*epoch, "tag-person", &tags.person_));
    MONIKER_RETURN_IF_ERROR(add(*epoch, "tag-external-id", &tags.external_id_));
    MONIKER_RETURN_IF_ERROR(add(*epoch, "tag-participant", &tags.participant_));
    MONIKER_RETURN_IF_ERROR(add(*epoch, "tag-roster", &tags.roster_));
  }
  return tags;
}

Result<TagSet> IndexTags::OfIdentifier(const Identifier& identifier) const {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes buffer, SecretBytes::Allocate(kMaxSubjectSize));
  ByteWriter writer(buffer.Expose());
  MONIKER_ASSIGN_OR_RETURN(const ByteView subject, AppendSubject(identifier, &writer));
  return Evaluate(person_, subject);
}

Result<TagSet> IndexTags::OfExternalId(const Uuid& uuid) const {
  return Evaluate(external_id_, uuid.bytes());
}

Status IndexTags::OfIdentifiers(std::span<const Identifier> identifiers,
                                std::span<RecordTag> tags) const {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes memory,
                           SecretBytes::Allocate(SubjectBlock::RoomOf(identifiers, kManyAtATime)));
  std::array<ByteView, kManyAtATime> subjects;
  SubjectBlock block(memory.Expose(), subjects);
  for (std::size_t start = 0; start < identifiers.size();) {
    MONIKER_ASSIGN_OR_RETURN(const std::size_t count, block.Fill(identifiers.subspan(start)));
    MONIKER_RETURN_IF_ERROR(EvaluateMany(*person_.front(), block.subjects(), &tags[start]));
    start += count;
  }
  return Status::Ok();
}

Status IndexTags::OfExternalIds(std::span<const Pseudonym> pseudonyms,
                                std::span<RecordTag> tags) const {
  std::array<Uuid::Bytes, kManyAtATime> uuids;
  std::array<ByteView, kManyAtATime> messages;
  for (std::size_t start = 0; start < pseudonyms.size(); start += kManyAtATime) {
    const std::size_t count = std::min(kManyAtATime, pseudonyms.size() - start);
    for (std::size_t i = 0; i < count; ++i) {
      uuids[i] = pseudonyms[start + i].uuid().bytes();
      messages[i] = uuids[i];
    }
    MONIKER_RETURN_IF_ERROR(
        EvaluateMany(*external_id_.front(), std::span(messages).first(count), &tags[start]));
  }
  return Status::Ok();
}

Result<TagSet> IndexTags::OfParticipant(std::string_view participant_id) const {
  MONIKER_RETURN_IF_ERROR(ValidateParticipantId(participant_id));
  std::array<std::uint8_t, 4 + kMaxParticipantIdSize> buffer;
  ByteWriter writer(buffer);
  return Evaluate(participant_, writer.Prefixed(participant_id).written());
}

Result<TagSet> IndexTags::OfLabel(std::string_view conference, const Label& label) const {
  std::array<std::uint8_t, 4 + Scope::kMaxConferenceSize + 1 + 4> buffer;
  ByteWriter writer(buffer);
  writer.Prefixed(conference).U8(static_cast<std::uint8_t>(label.style())).U32(label.value());
  return Evaluate(roster_, writer.written());
}

}  // namespace moniker::internal
