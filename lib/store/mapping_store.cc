#include "store/mapping_store.h"

#include <algorithm>
#include <map>

#include "base/status_macros.h"

namespace moniker::internal {
namespace {

RecordTag SettingsTag() { return RecordTag(AsBytes("settings")); }

constexpr Status Foreign() {
  return Status(StatusCode::kAltered,
                "the store does not belong to this keyring, or its settings were altered");
}

// A link whose person or digest differs under one external ID cannot come about without damage:
// both follow from the 122 bits that the tag was made of.
constexpr Status Contradiction() {
  return Status(StatusCode::kAltered, "a record of the store contradicts the keyring");
}

// What is stored after `person` was admitted over `stored`: the new name, the new fields, and the
// old fields that were not given.
Result<SecretBytes> Merge(const DecodedPerson& stored, const PersonView& person) {
  std::vector<FieldView> fields(person.fields.begin(), person.fields.end());
  for (const FieldView& old : stored.fields) {
    const bool given = std::any_of(person.fields.begin(), person.fields.end(),
                                   [&](const FieldView& field) { return field.name == old.name; });
    if (!given) fields.push_back(old);
  }
  if (fields.size() > kMaxFields) {
    return Status(StatusCode::kInvalidArgument,
                  "further fields: more than 64 with the stored ones");
  }
  PersonView merged = person;
  merged.fields = fields;
  return EncodePerson(merged);
}

bool SameBytes(const SecretBytes& a, const SecretBytes& b) {
  return std::ranges::equal(a.Expose(), b.Expose());
}

}  // namespace

Status MappingStore::Initialize(const Keyring& keyring, StorageBackend* backend,
                                const StoreSettings& settings) {
  MONIKER_ASSIGN_OR_RETURN(const RecordSealer sealer, RecordSealer::Create(keyring));
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes payload, EncodeSettings(settings));
  MONIKER_ASSIGN_OR_RETURN(SealedBytes sealed,
                           sealer.Seal(Table::kMeta, SettingsTag(), 1, payload.Expose()));
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageTransaction> transaction, backend->Begin());
  for (std::size_t table = 0; table < kTableCount; ++table) {
    MONIKER_ASSIGN_OR_RETURN(const std::uint64_t count,
                             transaction->Count(static_cast<Table>(table)));
    if (count != 0) return Status(StatusCode::kConflict, "the store is in use already");
  }
  const SealedRecord record{SettingsTag(), std::move(sealed)};
  MONIKER_RETURN_IF_ERROR(transaction->PutMany(Table::kMeta, {&record, 1}));
  return transaction->Commit();
}

Result<std::unique_ptr<MappingStore>> MappingStore::Open(std::shared_ptr<const Keyring> keyring,
                                                         std::unique_ptr<StorageBackend> backend) {
  MONIKER_ASSIGN_OR_RETURN(IndexTags tags, IndexTags::Create(*keyring));
  MONIKER_ASSIGN_OR_RETURN(RecordSealer sealer, RecordSealer::Create(*keyring));
  std::unique_ptr<MappingStore> store(
      new MappingStore(std::move(keyring), std::move(backend), std::move(tags), std::move(sealer)));

  MONIKER_ASSIGN_OR_RETURN(const StoreFormat format, store->backend_->Format());
  if (format.version > kStoreFormat.version) {
    return Status(StatusCode::kNewerFormat, "the store was written by a newer version");
  }
  std::vector<std::optional<SealedBytes>> found;
  const RecordTag tag = SettingsTag();
  MONIKER_RETURN_IF_ERROR(store->backend_->FindMany(Table::kMeta, {&tag, 1}, &found));
  if (!found[0]) return Foreign();
  Result<RecordSealer::Opened> opened = store->sealer_.Open(Table::kMeta, tag, *found[0]);
  if (!opened.ok()) {
    return opened.status().code() == StatusCode::kAltered ? Foreign() : opened.status();
  }
  MONIKER_ASSIGN_OR_RETURN(store->settings_, DecodeSettings(opened->payload.Expose()));
  // What the database says of itself is not authenticated; the sealed record is.
  if (store->settings_.format != format) return Foreign();
  return store;
}

// Most admissions repeat what is stored. So the plan is first made from what readers see, without a
// lock; only if something is to be written it is made again, with the lock, and carried out.
Result<MappingStore::Plan> MappingStore::Execute(const Planner& planner) {
  MONIKER_ASSIGN_OR_RETURN(Plan plan, planner(backend_.get()));
  if (plan.empty()) return plan;
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageTransaction> transaction,
                           backend_->Begin());
  MONIKER_ASSIGN_OR_RETURN(plan, planner(transaction.get()));
  if (plan.empty()) return plan;
  MONIKER_RETURN_IF_ERROR(transaction->PutMany(Table::kPerson, plan.persons));
  MONIKER_RETURN_IF_ERROR(transaction->PutMany(Table::kExternalId, plan.external_ids));
  MONIKER_RETURN_IF_ERROR(transaction->PutMany(Table::kParticipant, plan.participants));
  MONIKER_RETURN_IF_ERROR(transaction->Commit());
  return plan;
}

Status MappingStore::AdmitMany(std::span<const Admission> admissions) {
  for (std::size_t i = 0; i < admissions.size(); ++i) {
    const Status status = ValidatePerson(admissions[i].person);
    if (!status.ok()) return status.At(static_cast<std::int64_t>(i));
  }
  return Execute([&](StorageReader* reader) { return PlanAdmissions(admissions, reader); })
      .status();
}

Status MappingStore::PlanPersons(std::span<const Admission> admissions, StorageReader* reader,
                                 std::vector<RecordTag>* tags, Plan* plan) const {
  struct State {
    std::uint32_t version = 0;  // as stored; 0 if it is not
    SecretBytes payload;        // after the admissions so far
    bool changed = false;
  };
  for (const Admission& admission : admissions) {
    MONIKER_ASSIGN_OR_RETURN(tags->emplace_back(), tags_.OfPerson(admission.person.identifier()));
  }
  std::vector<std::optional<SealedBytes>> found;
  MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kPerson, *tags, &found));

  std::map<RecordTag, State> states;  // one person may come several times
  for (std::size_t i = 0; i < admissions.size(); ++i) {
    const auto [entry, is_new] = states.try_emplace((*tags)[i]);
    State& state = entry->second;
    if (is_new && found[i]) {
      MONIKER_ASSIGN_OR_RETURN(RecordSealer::Opened opened,
                               sealer_.Open(Table::kPerson, entry->first, *found[i]));
      state = {opened.version, std::move(opened.payload), false};
    }
    DecodedPerson stored;
    if (!state.payload.empty()) {
      MONIKER_ASSIGN_OR_RETURN(stored, DecodePerson(std::as_const(state.payload).Expose()));
    }
    Result<SecretBytes> merged = Merge(stored, admissions[i].person);
    if (!merged.ok()) return merged.status().At(static_cast<std::int64_t>(i));
    if (SameBytes(*merged, state.payload)) continue;
    state.payload = *std::move(merged);
    state.changed = true;
  }
  for (const auto& [tag, state] : states) {
    if (!state.changed) continue;
    MONIKER_ASSIGN_OR_RETURN(
        SealedBytes sealed,
        sealer_.Seal(Table::kPerson, tag, state.version + 1, state.payload.Expose()));
    plan->persons.push_back({tag, std::move(sealed)});
  }
  return Status::Ok();
}

Result<MappingStore::Plan> MappingStore::PlanAdmissions(std::span<const Admission> admissions,
                                                        StorageReader* reader) const {
  Plan plan;
  std::vector<RecordTag> persons;
  MONIKER_RETURN_IF_ERROR(PlanPersons(admissions, reader, &persons, &plan));

  std::vector<RecordTag> tags;
  for (const Admission& admission : admissions) {
    MONIKER_ASSIGN_OR_RETURN(tags.emplace_back(), tags_.OfExternalId(admission.pseudonym.uuid()));
  }
  std::vector<std::optional<SealedBytes>> found;
  MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kExternalId, tags, &found));
  std::map<RecordTag, Link> planned;
  for (std::size_t i = 0; i < admissions.size(); ++i) {
    const Admission& admission = admissions[i];
    const Link link{persons[i], admission.identity_epoch, admission.pseudonym.digest(),
                    admission.scope};
    if (found[i]) {
      MONIKER_ASSIGN_OR_RETURN(const Link stored, OpenLink(Table::kExternalId, tags[i], *found[i]));
      if (stored != link) return Contradiction();
    } else if (const auto [entry, is_new] = planned.try_emplace(tags[i], link); is_new) {
      MONIKER_ASSIGN_OR_RETURN(plan.external_ids.emplace_back(),
                               SealLink(Table::kExternalId, tags[i], 1, link));
    } else if (entry->second != link) {
      return Contradiction();
    }
  }
  return plan;
}

Result<std::vector<Status>> MappingStore::BindMany(std::span<const Binding> bindings) {
  MONIKER_ASSIGN_OR_RETURN(
      Plan plan, Execute([&](StorageReader* reader) { return PlanBindings(bindings, reader); }));
  return std::move(plan.statuses);
}

Result<MappingStore::Plan> MappingStore::PlanBindings(std::span<const Binding> bindings,
                                                      StorageReader* reader) const {
  std::vector<RecordTag> external_tags;
  std::vector<RecordTag> participant_tags;
  for (const Binding& binding : bindings) {
    MONIKER_ASSIGN_OR_RETURN(external_tags.emplace_back(), tags_.OfExternalId(binding.external_id));
    Result<RecordTag> tag = tags_.OfParticipant(binding.participant_id);
    if (!tag.ok()) return tag.status().At(static_cast<std::int64_t>(external_tags.size()) - 1);
    participant_tags.push_back(*tag);
  }
  std::vector<std::optional<SealedBytes>> links;
  std::vector<std::optional<SealedBytes>> bound;
  MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kExternalId, external_tags, &links));
  MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kParticipant, participant_tags, &bound));

  Plan plan;
  plan.statuses.resize(bindings.size());
  struct State {
    std::uint32_t version = 0;
    std::optional<Link> link;
    bool changed = false;
  };
  std::map<RecordTag, State> states;  // one participant ID may come several times
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    if (!links[i]) {
      plan.statuses[i] = Status(StatusCode::kNotFound, "external_id: never admitted here");
      continue;
    }
    MONIKER_ASSIGN_OR_RETURN(const Link link,
                             OpenLink(Table::kExternalId, external_tags[i], *links[i]));
    if (bindings[i].scope && bindings[i].scope != link.scope) {
      plan.statuses[i] = Status(StatusCode::kNotFound, "external_id: never admitted in this scope");
      continue;
    }
    const auto [entry, is_new] = states.try_emplace(participant_tags[i]);
    State& state = entry->second;
    if (is_new && bound[i]) {
      MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                               sealer_.Open(Table::kParticipant, entry->first, *bound[i]));
      state.version = opened.version;
      MONIKER_ASSIGN_OR_RETURN(state.link, DecodeLink(opened.payload.Expose()));
    }
    if (state.link == link) continue;
    // A platform gives one participant ID to one external ID. Another external ID of the same
    // person (another conference or epoch) may follow; another person may not.
    if (state.link && state.link->person != link.person) {
      plan.statuses[i] =
          Status(StatusCode::kConflict, "participant_id: bound to another person already");
      continue;
    }
    state.link = link;
    state.changed = true;
  }
  for (const auto& [tag, state] : states) {
    if (!state.changed) continue;
    MONIKER_ASSIGN_OR_RETURN(plan.participants.emplace_back(),
                             SealLink(Table::kParticipant, tag, state.version + 1, *state.link));
  }
  return plan;
}

Result<Link> MappingStore::OpenLink(Table table, const RecordTag& tag, ByteView sealed) const {
  MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened, sealer_.Open(table, tag, sealed));
  return DecodeLink(opened.payload.Expose());
}

Result<SealedRecord> MappingStore::SealLink(Table table, const RecordTag& tag,
                                            std::uint32_t version, const Link& link) const {
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes payload, EncodeLink(link));
  MONIKER_ASSIGN_OR_RETURN(SealedBytes sealed, sealer_.Seal(table, tag, version, payload.Expose()));
  return SealedRecord{tag, std::move(sealed)};
}

}  // namespace moniker::internal
