#include "store/index_tags.h"

#include <array>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "pseudonym/subject.h"

namespace moniker::internal {
namespace {

Result<RecordTag> Evaluate(const Prf& prf, ByteView message) {
  MONIKER_ASSIGN_OR_RETURN(const Digest digest, prf.Compute(message));
  return RecordTag(ByteView(digest).first(IndexTags::kSize));
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
  const std::uint32_t epoch = keyring.NewestEpoch(KeyKind::kIndex);
  const auto prf = [&](std::string_view use) {
    return keyring.SubkeyPrf(KeyKind::kIndex, epoch, use, keyring.vault_id());
  };
  IndexTags tags;
  MONIKER_ASSIGN_OR_RETURN(tags.person_, prf("tag-person"));
  MONIKER_ASSIGN_OR_RETURN(tags.external_id_, prf("tag-external-id"));
  MONIKER_ASSIGN_OR_RETURN(tags.participant_, prf("tag-participant"));
  return tags;
}

Result<RecordTag> IndexTags::OfPerson(const Identifier& identifier) const {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes buffer, SecretBytes::Allocate(kMaxSubjectSize));
  ByteWriter writer(buffer.Expose());
  MONIKER_ASSIGN_OR_RETURN(const ByteView subject, AppendSubject(identifier, &writer));
  return Evaluate(*person_, subject);
}

Result<RecordTag> IndexTags::OfExternalId(const Uuid& uuid) const {
  return Evaluate(*external_id_, uuid.bytes());
}

Result<RecordTag> IndexTags::OfParticipant(std::string_view participant_id) const {
  MONIKER_RETURN_IF_ERROR(ValidateParticipantId(participant_id));
  std::array<std::uint8_t, 4 + kMaxParticipantIdSize> buffer;
  ByteWriter writer(buffer);
  return Evaluate(*participant_, writer.Prefixed(participant_id).written());
}

}  // namespace moniker::internal
