// Persons on their way into a store, many at a time: made canonical, derived and sealed as the
// records that they will be, while nobody waits; then to be entered in the order of tags.
//
// Format: docs/formats/mapping-store.md, sections 4.1, 4.2 and 4.6.
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_STORE_SEALED_PERSONS_H_
#define MONIKER_LIB_STORE_SEALED_PERSONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/idle_lock.h"
#include "moniker/person.h"
#include "moniker/result.h"
#include "moniker/scope.h"
#include "store/payload.h"
#include "store/persons.h"
#include "store/sealed_runs.h"
#include "store/store_keys.h"

namespace moniker::internal {

class SealedPersons {
 public:
  struct Request {
    Scope scope = Scope::App();
    std::optional<std::uint32_t> identity_epoch = std::nullopt;  // the newest
    LabelStyle label_style = LabelStyle::kCode;
  };

  // `folder`: as SealedRuns; `use`: of the lock that would wipe the keys. Errors: kNotFound for an identity epoch that is not in the keyring;
  // kExhausted, kClosed; those of SealedRuns.
  static Result<SealedPersons> Create(std::shared_ptr<const StoreKeys> keys, const Request& request,
                                      const std::string& folder, IdleLock::Use use);

  // Whether all that an admission writes is here. If not, only the persons are: labels of a
  // conference go by what others have, and older index epochs have to be looked into.
  static bool AreWhole(const StoreKeys& keys, const Request& request) {
    return request.scope.is_app() && !keys.tags().has_older_epochs();
  }

  // Errors: kInvalidArgument, kConflict for a kind other than that of an earlier person's issuer:
  // then the person is not added; kUnsupported, kExhausted, kClosed; those of SealedRuns.
  Status Add(const PersonView& person, IdentifierKind kind);
  // No more is added. Errors: kExhausted, kClosed; those of SealedRuns.
  Status Finish();

  std::uint32_t size() const { return size_; }
  bool in_file() const { return persons_.in_file(); }
  const Request& request() const { return request_; }
  const StoreKeys& keys() const { return *keys_; }
  const IssuerKinds& issuers() const { return issuers_; }
  bool are_whole() const { return are_whole_; }

  // Rows by the number of their person, from 0. Identifiers only in an enrolled vault, links only
  // if all is here.
  SealedRuns* identifiers() { return &identifiers_; }
  SealedRuns* persons() { return &persons_; }
  SealedRuns* links() { return &links_; }

 private:
  struct Pending {
    CanonicalIdentifier identifier;
    SecretBytes payload;
  };

  SealedPersons(std::shared_ptr<const StoreKeys> keys, Request request, SealedRuns identifiers,
                SealedRuns persons, SealedRuns links);

  Result<std::string_view> IssuerOf(const PersonView& person, IdentifierKind kind);
  Status SealPending();
  Result<std::vector<Pseudonym>> Derive(std::span<const Identifier> identifiers) const;
  Status SealPersons(std::span<const RecordTag> person_tags);
  Status SealOwners(std::span<const RecordTag> tags, std::span<const RecordTag> person_tags);
  Status SealLinks(std::span<const Identifier> identifiers, std::span<const RecordTag> person_tags);
  // One record of each person that is pending.
  Status Seal(std::span<const RecordSealer::Plain> records, SealedRuns* runs) const;

  IdleLock::Use use_;
  std::shared_ptr<const StoreKeys> keys_;
  Request request_;
  std::uint32_t epoch_;
  bool are_whole_;
  IssuerKinds issuers_;  // the names stay where they are
  SealedRuns identifiers_;
  SealedRuns persons_;
  SealedRuns links_;
  std::vector<Pending> pending_;
  SecretBytes handles_;  // of those that are pending, in an enrolled vault
  std::uint32_t size_ = 0;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_SEALED_PERSONS_H_
