// The way back: persons, links and audit entries, sealed and under keyed tags, over a
// StorageBackend.
//
// Format: docs/formats/mapping-store.md.
// Thread safety: all members may be called from any thread.

#ifndef MONIKER_LIB_STORE_MAPPING_STORE_H_
#define MONIKER_LIB_STORE_MAPPING_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "moniker/keyring.h"
#include "moniker/person.h"
#include "moniker/pseudonym.h"
#include "moniker/result.h"
#include "moniker/scope.h"
#include "moniker/storage_backend.h"
#include "store/index_tags.h"
#include "store/payload.h"
#include "store/record_sealer.h"

namespace moniker::internal {

class MappingStore {
 public:
  // One person under one pseudonym.
  struct Admission {
    PersonView person;
    Scope scope;
    std::uint32_t identity_epoch;
    Pseudonym pseudonym;
  };

  struct Binding {
    std::string_view participant_id;
    Uuid external_id;                           // either rendering names the same 122 bits
    std::optional<Scope> scope = std::nullopt;  // if given, the external ID must be of this scope
  };

  // What an external ID or participant ID leads to.
  struct Found {
    Link link;
    bool by_participant_id;
  };

  // Writes the settings into an empty store.
  // Errors: kConflict if there are settings; those of the backend.
  static Status Initialize(const Keyring& keyring, StorageBackend* backend,
                           const StoreSettings& settings);

  // Errors: kAltered if the store does not belong to this keyring, or its settings were altered or
  // removed; kNewerFormat; those of the backend.
  static Result<std::unique_ptr<MappingStore>> Open(std::shared_ptr<const Keyring> keyring,
                                                    std::unique_ptr<StorageBackend> backend);

  const Keyring& keyring() const { return *keyring_; }
  const StoreSettings& settings() const { return settings_; }

  // Makes persons and links durable, all or none; what is there already is not written again. A
  // name that differs replaces the old one, fields that are not given stay. Errors:
  // kInvalidArgument (locator: index); kAltered; those of the backend.
  Status AdmitMany(std::span<const Admission> admissions);

  // One status for each binding; a failure of the store fails all of them, and then nothing is
  // bound. Each: kNotFound if the external ID was never admitted (in that scope); kConflict if the
  // participant ID is bound to another person.
  Result<std::vector<Status>> BindMany(std::span<const Binding> bindings);

  // Exactly one of the IDs, as external ID, UUID or participant ID; nothing for the unknown. Not
  // audited: for Resolver alone.
  Result<std::vector<std::optional<Found>>> FindMany(std::span<const std::string_view> ids);

  // The persons of links; nothing for one who is gone. Not audited: for Resolver alone.
  Result<std::vector<std::optional<Person>>> ReadPersons(std::span<const Link> links);

  // Durable when it returns.
  Status AppendAuditEntry(const AuditEntry& entry);

 private:
  // What has to be written so that a request holds, seen from one state of the tables.
  struct Plan {
    std::vector<SealedRecord> persons;
    std::vector<SealedRecord> external_ids;
    std::vector<SealedRecord> participants;
    std::vector<Status> statuses;  // of bindings

    bool empty() const { return persons.empty() && external_ids.empty() && participants.empty(); }
  };
  using Planner = std::function<Result<Plan>(StorageReader*)>;

  MappingStore(std::shared_ptr<const Keyring> keyring, std::unique_ptr<StorageBackend> backend,
               IndexTags tags, RecordSealer sealer)
      : keyring_(std::move(keyring)),
        backend_(std::move(backend)),
        tags_(std::move(tags)),
        sealer_(std::move(sealer)) {}

  Result<Plan> Execute(const Planner& planner);
  Result<Plan> PlanAdmissions(std::span<const Admission> admissions, StorageReader* reader) const;
  Status PlanPersons(std::span<const Admission> admissions, StorageReader* reader,
                     std::vector<RecordTag>* tags, Plan* plan) const;
  Result<Plan> PlanBindings(std::span<const Binding> bindings, StorageReader* reader) const;
  Result<Link> OpenLink(Table table, const RecordTag& tag, ByteView sealed) const;
  Result<SealedRecord> SealLink(Table table, const RecordTag& tag, std::uint32_t version,
                                const Link& link) const;

  std::shared_ptr<const Keyring> keyring_;
  std::unique_ptr<StorageBackend> backend_;
  IndexTags tags_;
  RecordSealer sealer_;
  StoreSettings settings_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_MAPPING_STORE_H_
