#include "remap_target.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace moniker::tool {
namespace {

// A conference more than this, and those before it are opened anew when they come again: each holds
// a key in memory of which there is not much.
constexpr std::size_t kMaxOpenScopes = 64;

constexpr Status kNotEnrolled(StatusCode::kNotFound, "a person is not enrolled in the other vault");

// Of one person: others may have a pseudonym all the same.
bool IsOfPerson(const Status& status) {
  return status.code() == StatusCode::kInvalidArgument || status.code() == StatusCode::kConflict ||
         status.code() == StatusCode::kUnsupported;
}

}  // namespace

Status NewPseudonyms::Find(std::span<const NewPseudonymQuery> queries,
                           std::vector<NewPseudonym>* answers) {
  answers->assign(queries.size(), NewPseudonym());
  std::vector<std::size_t> order(queries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto conference_of = [&](std::size_t i) -> const std::string& {
    return queries[i].scope->conference();
  };
  std::ranges::stable_sort(order, {}, conference_of);
  std::vector<Identifier> identifiers;
  std::vector<NewPseudonym*> of_scope;
  for (std::size_t begin = 0; begin < order.size();) {
    const Scope& scope = *queries[order[begin]].scope;
    identifiers.clear();
    of_scope.clear();
    for (; begin < order.size() && *queries[order[begin]].scope == scope; ++begin) {
      identifiers.push_back(queries[order[begin]].identifier);
      of_scope.push_back(&(*answers)[order[begin]]);
    }
    const Result<const Source*> source = SourceOf(scope);
    if (!source.ok()) return source.status();
    if (const Status status = Derive(**source, identifiers, of_scope); !status.ok()) return status;
    if (const Status status = FindLabels(**source, scope, of_scope); !status.ok()) return status;
  }
  return Status::Ok();
}

Result<const NewPseudonyms::Source*> NewPseudonyms::SourceOf(const Scope& scope) {
  if (const auto known = sources_.find(scope.conference()); known != sources_.end()) {
    return &known->second;
  }
  if (sources_.size() == kMaxOpenScopes) sources_.clear();
  Source source;
  if (target_.uses_store()) {
    Result<IdentityGate> gate = IdentityGate::Create(
        *target_.vault,
        {.scope = scope, .label_style = target_.label_style, .identity_epoch = target_.epoch});
    if (!gate.ok()) return gate.status();
    source.gate.emplace(*std::move(gate));
  } else {
    Result<Anonymizer> anonymizer =
        Anonymizer::Create(*target_.keyring, target_.app, scope, target_.epoch);
    if (!anonymizer.ok()) return anonymizer.status();
    source.anonymizer.emplace(*std::move(anonymizer));
  }
  return &sources_.emplace(scope.conference(), std::move(source)).first->second;
}

// One at fault is all that the store or the keys tell of many, so then each is asked for alone.
Status NewPseudonyms::Derive(const Source& source, std::span<const Identifier> identifiers,
                             std::span<NewPseudonym* const> answers) {
  const Status status = Ask(source, identifiers, answers);
  if (status.ok() || !IsOfPerson(status)) return status;
  if (identifiers.size() == 1) {
    answers.front()->status = status.At(Status::kNowhere);
    return Status::Ok();
  }
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    const Status of_one = Derive(source, identifiers.subspan(i, 1), answers.subspan(i, 1));
    if (!of_one.ok()) return of_one;
  }
  return Status::Ok();
}

Status NewPseudonyms::Ask(const Source& source, std::span<const Identifier> identifiers,
                          std::span<NewPseudonym* const> answers) {
  if (source.anonymizer) {
    std::vector<Pseudonym> derived(identifiers.size(), Pseudonym(Digest{}));
    const Status status = source.anonymizer->PseudonymizeMany(identifiers, derived);
    if (!status.ok()) return status;
    for (std::size_t i = 0; i < derived.size(); ++i) answers[i]->pseudonym = derived[i];
    return Status::Ok();
  }
  const auto found = source.gate->PseudonymizeMany(identifiers);
  if (!found.ok()) return found.status();
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    const std::optional<Pseudonym>& pseudonym = (*found)[i];
    if (pseudonym) {
      answers[i]->pseudonym = *pseudonym;
    } else {
      answers[i]->status = kNotEnrolled;
    }
  }
  return Status::Ok();
}

Status NewPseudonyms::FindLabels(const Source& source, const Scope& scope,
                                 std::span<NewPseudonym* const> answers) const {
  if (scope.is_app()) {
    for (NewPseudonym* const answer : answers) {
      answer->label = Label::Of(answer->pseudonym.digest(), LabelStyle::kCode).text();
      answer->words = Label::Of(answer->pseudonym.digest(), LabelStyle::kWords).text();
    }
    return Status::Ok();
  }
  std::vector<std::optional<IdentityGate::Labels>> allotted(answers.size());
  if (source.gate) {
    std::vector<Pseudonym> pseudonyms;
    for (const NewPseudonym* const answer : answers) pseudonyms.push_back(answer->pseudonym);
    auto found = source.gate->LabelsOf(pseudonyms);
    if (!found.ok()) return found.status();
    allotted = *std::move(found);
  }
  const bool is_code = target_.label_style == LabelStyle::kCode;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    NewPseudonym& answer = *answers[i];
    answer.is_allotted = allotted[i].has_value();
    const Label label = !allotted[i] ? Label::Of(answer.pseudonym.digest(), target_.label_style)
                        : is_code    ? allotted[i]->code
                                     : allotted[i]->words;
    (is_code ? answer.label : answer.words) = label.text();
  }
  return Status::Ok();
}

}  // namespace moniker::tool
