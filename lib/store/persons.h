// Persons in a working set: found by their identifiers, followed where they were merged.
//
// Format: docs/formats/mapping-store.md, section 4.1.
// Thread safety: as the working set.

#ifndef MONIKER_LIB_STORE_PERSONS_H_
#define MONIKER_LIB_STORE_PERSONS_H_

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/identifier.h"
#include "moniker/result.h"
#include "moniker/secret.h"
#include "store/payload.h"
#include "store/person_payload.h"
#include "store/working_set.h"

namespace moniker::internal {

// A contradiction between records that were all sealed by this vault: damage, or somebody put an
// older record in the place of a newer one.
constexpr Status Contradiction() {
  return Status(StatusCode::kAltered, "a record of the store contradicts the others");
}

// The index of a record is the locator of errors that are the record's own; those of the store keep
// theirs.
Status AtRecord(const Status& status, std::size_t index);

// The kinds of issuers, as one request sees and adds to them.
class Issuers {
 public:
  explicit Issuers(WorkingSet* set) : set_(set) {}

  // The kinds of all of them at once, over whatever is built in.
  // REQUIRES: valid issuers, none declared. Errors: as Declare.
  Status DeclareAll(const std::set<std::string, std::less<>>& issuers, IdentifierKind kind);

  // Nothing if the issuer is neither declared nor built in.
  Result<std::optional<IdentifierKind>> KindOf(std::string_view issuer);

  // The kind for an identifier: that of the issuer, which is declared if it is new.
  // Errors: kInvalidArgument for an issuer that cannot be; kConflict if `wanted` is another kind;
  // kExhausted for more than 4,096 issuers; those of the set.
  Result<IdentifierKind> Declare(std::string_view issuer, std::optional<IdentifierKind> wanted);

 private:
  // Nothing if it is not declared.
  Result<std::optional<IdentifierKind>> DeclaredKindOf(std::string_view issuer);
  Status Load();
  Status Put();

  WorkingSet* set_;
  std::optional<IssuerKinds> kinds_;
};

// An identifier whose value is canonical, and whose kind is the vault's.
struct CanonicalIdentifier {
  IdentifierKind kind;
  std::string_view issuer;  // as the caller gave it
  SecretText value;

  Identifier view() const { return {issuer, value.Expose(), kind}; }
};

// With kDeclare a new issuer is entered with its first identifier. Errors: those of Issuers;
// kInvalidArgument.
enum class NewIssuers { kDeclare, kLeave };
Result<CanonicalIdentifier> MakeCanonical(const Identifier& identifier, NewIssuers policy,
                                          Issuers* issuers);

// The person of a record. Errors: kAltered, also for one that cannot be in a vault of this mode.
Result<StoredPerson> ReadPerson(const WorkingSet::Entry& entry, const WorkingSet& set);

bool Is(const StoredIdentifier& stored, const CanonicalIdentifier& identifier);

// The record at the end of the merges that begin at `tag`; nullptr if there is none.
// Errors: kAltered for a circle; those of the set.
Result<WorkingSet::Entry*> FollowMerges(const RecordTag& tag, WorkingSet* set);

// Where the record of each identifier's own person is, before merges; nullptr for who is not
// stored. In a derived vault a place is never nullptr. Errors: kAltered for an identifier whose
// person does not list it; those of the set.
Result<std::vector<WorkingSet::Entry*>> FindOwnRecords(
    std::span<const CanonicalIdentifier> identifiers, WorkingSet* set);

// The handles of an enrolled person: its own first, then those of whoever was merged into it.
// REQUIRES: entry->exists(). Errors: kAltered; those of the set.
Result<std::vector<RecordTag>> WithAbsorbed(const WorkingSet::Entry& entry, WorkingSet* set);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_PERSONS_H_
