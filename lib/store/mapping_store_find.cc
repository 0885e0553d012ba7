// The way back itself. Apart from mapping_store.cc so that a program without a Resolver does not
// contain it: from a static library the linker takes only the object files that somebody asks for.

#include <array>
#include <limits>

#include "base/status_macros.h"
#include "store/mapping_store.h"

namespace moniker::internal {
namespace {

// Sequence numbers are 8 bytes, big endian, so that the order of tags is that of time.
Result<RecordTag> NextSequenceTag(const std::optional<RecordTag>& last) {
  constexpr std::size_t kSize = 8;
  std::uint64_t sequence = 0;
  if (last) {
    if (last->bytes().size() != kSize) {
      return Status(StatusCode::kAltered, "the audit log of the store was altered");
    }
    for (const std::uint8_t byte : last->bytes()) sequence = sequence << 8 | byte;
  }
  // Only a planted entry can have used up all numbers. To begin again would overwrite the log.
  if (sequence == std::numeric_limits<std::uint64_t>::max()) {
    return Status(StatusCode::kAltered, "the audit log of the store was altered");
  }
  ++sequence;
  std::array<std::uint8_t, kSize> bytes;
  for (std::size_t i = 0; i < kSize; ++i) {
    bytes[i] = static_cast<std::uint8_t>(sequence >> (8 * (kSize - 1 - i)));
  }
  return RecordTag(bytes);
}

}  // namespace

Result<std::vector<std::optional<MappingStore::Found>>> MappingStore::FindMany(
    std::span<const std::string_view> ids) {
  struct Candidate {
    std::size_t index;  // in `ids`
    RecordTag tag;
  };
  std::vector<std::optional<Found>> answers(ids.size());
  const auto look_up = [&](Table table, const std::vector<Candidate>& candidates,
                           const auto& accept) -> Status {
    std::vector<RecordTag> tags;
    for (const Candidate& candidate : candidates) tags.push_back(candidate.tag);
    std::vector<std::optional<SealedBytes>> found;
    MONIKER_RETURN_IF_ERROR(backend_->FindMany(table, tags, &found));
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (!found[i] || answers[candidates[i].index]) continue;
      MONIKER_ASSIGN_OR_RETURN(Link link, OpenLink(table, tags[i], *found[i]));
      if (!accept(ids[candidates[i].index], link)) continue;
      answers[candidates[i].index] = Found{std::move(link), table == Table::kParticipant};
    }
    return Status::Ok();
  };

  std::vector<Candidate> external_ids;
  std::vector<Candidate> participants;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Result<ExternalId> external_id = ExternalId::Parse(ids[i]);
    const Result<Uuid> uuid = external_id.ok() ? UuidOf(*external_id) : Uuid::Parse(ids[i]);
    if (uuid.ok()) {
      MONIKER_ASSIGN_OR_RETURN(const RecordTag tag, tags_.OfExternalId(*uuid));
      external_ids.push_back({i, tag});
    }
    if (ValidateParticipantId(ids[i]).ok()) {
      MONIKER_ASSIGN_OR_RETURN(const RecordTag tag, tags_.OfParticipant(ids[i]));
      participants.push_back({i, tag});
    }
  }
  // The tag holds 122 bits of an external ID; the record holds all of them.
  const auto is_whole_id = [](std::string_view id, const Link& link) {
    const Pseudonym pseudonym(link.digest);
    return id.size() == Uuid::kSize ||
           pseudonym.external_id().text() == id.substr(0, ExternalId::kSize);
  };
  MONIKER_RETURN_IF_ERROR(look_up(Table::kExternalId, external_ids, is_whole_id));
  MONIKER_RETURN_IF_ERROR(look_up(Table::kParticipant, participants,
                                  [](std::string_view, const Link&) { return true; }));
  return answers;
}

Result<std::vector<std::optional<Person>>> MappingStore::ReadPersons(std::span<const Link> links) {
  std::vector<RecordTag> tags;
  for (const Link& link : links) tags.push_back(link.person);
  std::vector<std::optional<SealedBytes>> found;
  MONIKER_RETURN_IF_ERROR(backend_->FindMany(Table::kPerson, tags, &found));
  std::vector<std::optional<Person>> persons(links.size());
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (!found[i]) continue;
    MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                             sealer_.Open(Table::kPerson, tags[i], *found[i]));
    MONIKER_ASSIGN_OR_RETURN(const DecodedPerson decoded, DecodePerson(opened.payload.Expose()));
    Person person;
    person.issuer = decoded.issuer;
    MONIKER_ASSIGN_OR_RETURN(person.id, SecretText::CopyOf(decoded.id));
    MONIKER_ASSIGN_OR_RETURN(person.name, SecretText::CopyOf(decoded.name));
    for (const FieldView& field : decoded.fields) {
      MONIKER_ASSIGN_OR_RETURN(SecretText text, SecretText::CopyOf(field.text));
      person.fields.push_back({std::string(field.name), std::move(text)});
    }
    persons[i] = std::move(person);
  }
  return persons;
}

Status MappingStore::AppendAuditEntry(const AuditEntry& entry) {
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes payload, EncodeAuditEntry(entry));
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageTransaction> transaction,
                           backend_->Begin());
  MONIKER_ASSIGN_OR_RETURN(const std::optional<RecordTag> last,
                           transaction->LastTag(Table::kAudit));
  MONIKER_ASSIGN_OR_RETURN(const RecordTag tag, NextSequenceTag(last));
  MONIKER_ASSIGN_OR_RETURN(SealedBytes sealed,
                           sealer_.Seal(Table::kAudit, tag, 1, payload.Expose()));
  const SealedRecord record{tag, std::move(sealed)};
  MONIKER_RETURN_IF_ERROR(transaction->PutMany(Table::kAudit, {&record, 1}));
  return transaction->Commit();
}

}  // namespace moniker::internal
