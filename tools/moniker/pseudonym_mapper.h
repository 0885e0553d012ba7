// What the values of a table become: identifiers external IDs, real names display names.

#ifndef MONIKER_TOOLS_MONIKER_PSEUDONYM_MAPPER_H_
#define MONIKER_TOOLS_MONIKER_PSEUDONYM_MAPPER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/anonymizer.h"
#include "moniker/cell_mapper.h"
#include "moniker/enroller.h"
#include "moniker/identifier.h"
#include "moniker/identity_gate.h"
#include "moniker/label.h"
#include "moniker/person.h"
#include "moniker/vault.h"

namespace moniker::tool {

// What the persons of an input have in common with those of another reading of it: not their order.
// Mappers of several threads may add to it.
class PersonsSeen {
 public:
  void Add(const PersonView& person) {
    const std::hash<std::string_view> hash;
    std::uint64_t mixed = hash(person.id) * 0x9e3779b97f4a7c15 + hash(person.name);
    mixed = (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93;
    sum_ += mixed ^ (mixed >> 32);
    ++count_;
  }
  bool operator==(const PersonsSeen& other) const {
    return sum_ == other.sum_ && count_ == other.count_;
  }

 private:
  std::atomic<std::uint64_t> sum_ = 0;
  std::atomic<std::uint64_t> count_ = 0;
};

// The rules of one run. What it points to must outlive its mappers.
struct PseudonymRules {
  enum class Role : std::uint8_t { kIdentifier, kName, kConference };
  enum class Rendering : std::uint8_t { kExternalId, kUuid, kLabel };
  struct Column {
    Role role = Role::kIdentifier;
    std::string issuer;  // of identifiers
    std::optional<IdentifierKind> kind;
  };

  std::vector<Column> columns;  // as RewriteOptions::columns
  Rendering rendering = Rendering::kExternalId;
  LabelStyle label_style = LabelStyle::kCode;
  std::string role;  // of display names
  bool enroll = false;
  bool enroll_beside_faults = false;  // else nobody of a block with a fault is enrolled
  std::optional<Scope> scope;         // nothing: that of the conference column
  std::optional<std::uint32_t> epoch;
  const Vault* vault = nullptr;
  // With `enroll`, where the persons of an input were, or are now, stored before it is rewritten
  // (enrol_pass.h): those that a reading has, and, while it is the first one, who stores them.
  PersonsSeen* seen = nullptr;
  Enroller* enroller = nullptr;
};

// In a derived vault, without `enroll`, it is pure: it neither reads the store nor waits for
// anybody.
class PseudonymMapper : public CellMapper {
 public:
  explicit PseudonymMapper(const PseudonymRules& rules) : rules_(rules) {}

  // Opens the scope that is known. Errors: those of IdentityGate::Create and Anonymizer::Create.
  Status Prepare();

  Status Map(const CellBlock& block, std::vector<CellFault>* faults) override;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // Whoever makes the pseudonyms of one scope.
  struct Source {
    std::optional<Anonymizer> anonymizer;
    std::optional<IdentityGate> gate;
  };
  // The cells of a group that speak of one person.
  struct Person {
    std::uint32_t identifier = kNone;
    std::uint32_t name = kNone;
    std::uint32_t conference = kNone;
  };
  // What is asked for; by scope, then in the order of the text.
  struct Query {
    std::uint32_t cell;
    std::uint32_t scope;
  };

  bool has_role(PseudonymRules::Role role) const;
  Result<Source> Open(const Scope& scope) const;
  Result<const Source*> SourceOf(std::uint32_t scope);
  void CollectPersons(const CellBlock& block);
  void CheckPersons(const CellBlock& block);
  void CollectQueries(const CellBlock& block);
  void GroupByColumn(const CellBlock& block);
  std::uint32_t ScopeOf(const CellBlock& block, std::uint32_t group);
  Status MapScope(const CellBlock& block, std::size_t begin, std::size_t end);
  Status Derive(const Source& source, const CellBlock& block);
  Status DeriveValid(const Source& source);
  // Whether no more is asked for than external IDs of derived identifiers, of one scope: they are
  // rendered where they stay, many side by side.
  bool IsOnlyIds(const Source& source) const {
    return source.anonymizer && rules_.rendering == PseudonymRules::Rendering::kExternalId &&
           persons_.empty();
  }
  void DropInvalid(const CellBlock& block);
  Status Enroll(const Source& source, const CellBlock& block);
  Status EnrollFirst(const CellBlock& block);
  Status DeriveStored(const Source& source, const CellBlock& block);
  std::vector<PersonView> ValidPersons(const CellBlock& block);
  std::vector<PersonView> ShownPersons(const CellBlock& block);
  void RenderAdmitted(const CellBlock& block, const std::vector<SessionIdentity>& admitted);
  void RenderId(const Pseudonym& pseudonym, Cell* cell);
  void RenderName(const CellBlock& block, const Pseudonym& pseudonym, const Person& person);
  std::string_view Keep(std::string_view text);
  void Refuse(const Cell& cell, const Status& status);
  void MarkRefused(std::uint32_t record);
  bool IsRefused(const Cell& cell) const {
    return cell.record < refused_.size() && refused_[cell.record];
  }

  const PseudonymRules& rules_;
  std::map<std::string, Source, std::less<>> sources_;  // by conference, "" for the app

  // Of the block that is mapped.
  std::vector<CellFault>* faults_ = nullptr;
  std::vector<bool> refused_;    // by record
  std::vector<Person> persons_;  // by group
  std::vector<std::string_view> conferences_;
  std::map<std::string_view, std::uint32_t> conference_numbers_;
  std::vector<Query> queries_;
  std::vector<Query> grouped_;
  std::vector<std::size_t> starts_;      // by column, in grouped_
  std::vector<Identifier> identifiers_;  // of one scope
  std::vector<std::uint32_t> cells_;     // theirs
  std::vector<std::optional<Pseudonym>> pseudonyms_;
  std::vector<Pseudonym> derived_;
  std::vector<ExternalId::Text> texts_;  // where nothing but external IDs is asked for
  std::string kept_;
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_PSEUDONYM_MAPPER_H_
