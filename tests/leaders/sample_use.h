// Numbered persons in a vault, and everything that the vault answers about them.
//
// Thread safety: used by one thread.

#ifndef MONIKER_TESTS_LEADERS_SAMPLE_USE_H_
#define MONIKER_TESTS_LEADERS_SAMPLE_USE_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "moniker/vault.h"
#include "support/records.h"

namespace moniker::testing {

inline constexpr AccessReason kSampleReason = {.actor = "dr-obrien", .purpose = "treatment"};
inline constexpr std::string_view kSampleIssuer = "mrn.hospital-a";

inline std::string SampleId(std::size_t i) { return "id-" + std::to_string(i); }
inline std::string SampleName(std::size_t i) { return "Quillon Vashti-" + std::to_string(i); }
inline std::string SampleParticipant(std::size_t i) { return "part-" + std::to_string(i); }

inline IdentityGate GateTo(const Vault& vault, const Scope& scope = Scope::App()) {
  return Expect(IdentityGate::Create(vault, {.scope = scope}));
}

// External IDs of persons 0..count, in the scope.
inline std::vector<std::string> AdmitSamples(const Vault& vault, std::size_t count,
                                             const Scope& scope = Scope::App()) {
  std::vector<std::string> ids;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    ids.push_back(SampleId(i));
    names.push_back(SampleName(i));
  }
  std::vector<PersonView> persons;
  for (std::size_t i = 0; i < count; ++i) {
    persons.push_back({.issuer = kSampleIssuer, .id = ids[i], .name = names[i]});
  }
  const std::vector<std::string_view> roles(count, "Patient");
  std::vector<std::string> external_ids;
  for (const SessionIdentity& one : Expect(GateTo(vault, scope).AdmitMany(persons, roles))) {
    external_ids.push_back(one.external_id());
  }
  return external_ids;
}

inline void BindSamples(const Vault& vault, const std::vector<std::string>& external_ids) {
  for (std::size_t i = 0; i < external_ids.size(); ++i) {
    const std::string participant = SampleParticipant(i);
    const IdentityGate::Binding binding{participant, external_ids[i]};
    Expect(Expect(IdentityGate::BindMany(vault, {&binding, 1})).at(0));
  }
}

inline bool IsSample(const Resolved& answer, std::size_t i) {
  return answer.person.issuer == kSampleIssuer && answer.person.id.Expose() == SampleId(i) &&
         answer.person.name.Expose() == SampleName(i) && answer.person.fields.empty();
}

// What a vault says of its samples. An answer is right, an error, or "not found"; anything else is
// wrong.
struct Answers {
  int right = 0;
  int errors = 0;
  int unknown = 0;
  int wrong = 0;

  void Count(const Result<Resolved>& answer, std::size_t i) {
    if (answer.ok()) {
      ++(IsSample(*answer, i) ? right : wrong);
    } else {
      ++(answer.status().code() == StatusCode::kNotFound ? unknown : errors);
    }
  }
};

// Asks for everybody by external ID and participant ID, and whose each external ID is.
inline Answers AskAll(const Vault& vault, const std::vector<std::string>& external_ids) {
  Answers answers;
  const Resolver resolver = Resolver::Create(vault);
  const IdentityGate gate = GateTo(vault);
  for (std::size_t i = 0; i < external_ids.size(); ++i) {
    answers.Count(resolver.Resolve(external_ids[i], kSampleReason), i);
    answers.Count(resolver.Resolve(SampleParticipant(i), kSampleReason), i);
    const std::string id = SampleId(i);
    const Result<bool> same = gate.Check({.issuer = kSampleIssuer, .id = id}, external_ids[i]);
    ++(!same.ok() ? answers.errors : *same ? answers.right : answers.unknown);
  }
  return answers;
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_LEADERS_SAMPLE_USE_H_
