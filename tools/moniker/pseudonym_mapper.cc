#include "pseudonym_mapper.h"

#include <algorithm>
#include <span>
#include <utility>

#include "failure.h"
#include "moniker/keyring.h"
#include "moniker/person.h"

namespace moniker::tool {
namespace {

using Role = PseudonymRules::Role;

// A conference more than this, and those before it are opened anew when they come again: each holds
// a key in memory of which there is not much.
constexpr std::size_t kMaxOpenScopes = 64;

constexpr std::size_t kLongestText = IdentityGate::kMaxDisplayNameSize;

}  // namespace

Status PseudonymMapper::Prepare() {
  if (!rules_.scope) return Status::Ok();
  Result<Source> source = Open(*rules_.scope);
  if (!source.ok()) return source.status();
  sources_.emplace("", *std::move(source));
  return Status::Ok();
}

Result<PseudonymMapper::Source> PseudonymMapper::Open(const Scope& scope) const {
  Source source;
  const std::shared_ptr<const Keyring> keyring = rules_.vault->keyring();
  const bool writes_nothing = !rules_.enroll || rules_.seen != nullptr;
  if (writes_nothing && keyring->mode() == VaultMode::kDerived) {
    const std::uint32_t epoch = rules_.epoch.value_or(keyring->NewestEpoch(KeyKind::kIdentity));
    Result<Anonymizer> anonymizer = Anonymizer::Create(*keyring, scope, epoch);
    if (!anonymizer.ok()) return anonymizer.status();
    source.anonymizer.emplace(*std::move(anonymizer));
    return source;
  }
  Result<IdentityGate> gate = IdentityGate::Create(
      *rules_.vault,
      {.scope = scope, .label_style = rules_.label_style, .identity_epoch = rules_.epoch});
  if (!gate.ok()) return gate.status();
  source.gate.emplace(*std::move(gate));
  return source;
}

Status PseudonymMapper::Map(const CellBlock& block, std::vector<CellFault>* faults) {
  faults_ = faults;
  refused_.clear();
  for (const CellFault& fault : *faults) MarkRefused(fault.record);
  kept_.clear();
  // Once for all: the views into it must stay.
  kept_.reserve(block.cells.size() * kLongestText);
  CollectPersons(block);
  CheckPersons(block);
  CollectQueries(block);
  for (std::size_t begin = 0; begin < queries_.size();) {
    std::size_t end = begin + 1;
    while (end < queries_.size() && queries_[end].scope == queries_[begin].scope) ++end;
    const Status status = MapScope(block, begin, end);
    if (!status.ok()) return status;
    begin = end;
  }
  return Status::Ok();
}

bool PseudonymMapper::has_role(Role role) const {
  return std::any_of(rules_.columns.begin(), rules_.columns.end(),
                     [&](const auto& column) { return column.role == role; });
}

// What belongs together: only where a name or a conference stands beside an identifier.
void PseudonymMapper::CollectPersons(const CellBlock& block) {
  persons_.clear();
  if (!has_role(Role::kName) && !has_role(Role::kConference)) return;
  persons_.resize(block.groups);
  for (std::uint32_t i = 0; i < block.cells.size(); ++i) {
    const Cell& cell = block.cells[i];
    Person& person = persons_[cell.group];
    const Role role = rules_.columns[cell.column].role;
    // Several columns may hold identifiers of one record, as long as no name is one person's.
    if (role == Role::kIdentifier && !has_role(Role::kName)) continue;
    std::uint32_t& place = role == Role::kIdentifier ? person.identifier
                           : role == Role::kName     ? person.name
                                                     : person.conference;
    if (place != kNone) {
      Refuse(cell, Status(StatusCode::kConflict, "there are several of it beside each other"));
    }
    place = i;
  }
}

// A real name must not stay because its identifier is missing.
void PseudonymMapper::CheckPersons(const CellBlock& block) {
  if (!has_role(Role::kName)) return;
  for (const Person& person : persons_) {
    const Cell* const name = person.name == kNone ? nullptr : &block.cells[person.name];
    const Cell* const id = person.identifier == kNone ? nullptr : &block.cells[person.identifier];
    const bool has_name = name != nullptr && !name->is_null;
    const bool has_id = id != nullptr && !id->is_null;
    if (has_name && !has_id) {
      Refuse(id != nullptr ? *id : *name,
             Status(StatusCode::kInvalidArgument, "id: empty, and a name is there"));
    } else if (has_id && !has_name && rules_.enroll) {
      Refuse(name != nullptr ? *name : *id, Status(StatusCode::kInvalidArgument, "name: empty"));
    }
  }
}

void PseudonymMapper::CollectQueries(const CellBlock& block) {
  queries_.clear();
  conferences_.clear();
  conference_numbers_.clear();
  for (std::uint32_t i = 0; i < block.cells.size(); ++i) {
    const Cell& cell = block.cells[i];
    if (rules_.columns[cell.column].role != Role::kIdentifier || cell.is_null) continue;
    if (IsRefused(cell)) continue;
    std::uint32_t scope = 0;
    if (!rules_.scope) {
      const std::uint32_t conference = persons_[cell.group].conference;
      if (conference == kNone || block.cells[conference].is_null) {
        Refuse(
            conference == kNone ? cell : block.cells[conference],
            Status(StatusCode::kInvalidArgument, "there is no conference beside the identifier"));
        continue;
      }
      scope = ScopeOf(block, conference);
    }
    queries_.push_back({i, scope});
  }
  if (rules_.scope) GroupByColumn(block);
  if (conferences_.size() < 2) return;
  std::stable_sort(queries_.begin(), queries_.end(),
                   [](const Query& a, const Query& b) { return a.scope < b.scope; });
}

// Identifiers of one issuer behind each other are derived faster than by turns.
void PseudonymMapper::GroupByColumn(const CellBlock& block) {
  starts_.assign(rules_.columns.size() + 1, 0);
  for (const Query& query : queries_) ++starts_[block.cells[query.cell].column + std::size_t{1}];
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  grouped_.resize(queries_.size());
  for (const Query& query : queries_) grouped_[starts_[block.cells[query.cell].column]++] = query;
  queries_.swap(grouped_);
}

std::uint32_t PseudonymMapper::ScopeOf(const CellBlock& block, std::uint32_t cell) {
  const auto next = static_cast<std::uint32_t>(conferences_.size());
  const auto [place, is_new] = conference_numbers_.emplace(block.cells[cell].value, next);
  if (is_new) conferences_.push_back(block.cells[cell].value);
  return place->second;
}

Result<const PseudonymMapper::Source*> PseudonymMapper::SourceOf(std::uint32_t scope) {
  const std::string_view conference = rules_.scope ? "" : conferences_[scope];
  const auto known = sources_.find(conference);
  if (known != sources_.end()) return &known->second;
  if (sources_.size() == kMaxOpenScopes) sources_.clear();
  const Result<Scope> named = Scope::Conference(conference);
  if (!named.ok()) return named.status();
  Result<Source> source = Open(*named);
  if (!source.ok()) return source.status();
  return &sources_.emplace(conference, *std::move(source)).first->second;
}

Status PseudonymMapper::MapScope(const CellBlock& block, std::size_t begin, std::size_t end) {
  identifiers_.resize(end - begin);
  cells_.resize(end - begin);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    cells_[i] = queries_[begin + i].cell;
    const Cell& cell = block.cells[cells_[i]];
    const PseudonymRules::Column& column = rules_.columns[cell.column];
    Identifier& identifier = identifiers_[i];
    identifier.issuer = column.issuer;
    identifier.id = cell.value;
    identifier.kind = column.kind;
  }
  const Result<const Source*> source = SourceOf(queries_[begin].scope);
  if (source.ok()) return rules_.enroll ? Enroll(**source, block) : Derive(**source, block);
  if (source.status().code() != StatusCode::kInvalidArgument || rules_.scope) {
    return source.status();
  }
  for (const std::uint32_t cell : cells_) {
    const Cell& conference = block.cells[persons_[block.cells[cell].group].conference];
    Refuse(conference, source.status());
  }
  return Status::Ok();
}

Status PseudonymMapper::Derive(const Source& source, const CellBlock& block) {
  Status status = DeriveValid(source);
  if (status.code() == StatusCode::kInvalidArgument) {
    DropInvalid(block);
    status = DeriveValid(source);
  }
  if (!status.ok()) return status;
  const bool is_only_ids = IsOnlyIds(source);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    Cell& cell = block.cells[cells_[i]];
    if (is_only_ids) {
      cell.replacement = {texts_[i].data(), texts_[i].size()};
      continue;
    }
    if (source.gate && !pseudonyms_[i]) {
      Refuse(cell, Status(StatusCode::kNotFound, "the person is not enrolled"));
      continue;
    }
    const Pseudonym& pseudonym = source.gate ? *pseudonyms_[i] : derived_[i];
    RenderId(pseudonym, &cell);
    if (persons_.empty() || persons_[cell.group].name == kNone) continue;
    RenderName(block, pseudonym, persons_[cell.group]);
  }
  return Status::Ok();
}

Status PseudonymMapper::DeriveValid(const Source& source) {
  if (IsOnlyIds(source)) {
    texts_.resize(identifiers_.size());
    return source.anonymizer->ExternalIdsOfMany(identifiers_, texts_);
  }
  if (source.anonymizer) {
    derived_.resize(identifiers_.size(), Pseudonym(Digest{}));
    return source.anonymizer->PseudonymizeMany(identifiers_, derived_);
  }
  Result<std::vector<std::optional<Pseudonym>>> answers =
      source.gate->PseudonymizeMany(identifiers_);
  if (!answers.ok()) return answers.status();
  pseudonyms_ = *std::move(answers);
  return Status::Ok();
}

void PseudonymMapper::DropInvalid(const CellBlock& block) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Status status = ValidateIdentifier(identifiers_[i]);
    if (!status.ok()) {
      Refuse(block.cells[cells_[i]], status);
      continue;
    }
    identifiers_[kept] = identifiers_[i];
    cells_[kept++] = cells_[i];
  }
  identifiers_.resize(kept);
  cells_.resize(kept);
}

Status PseudonymMapper::Enroll(const Source& source, const CellBlock& block) {
  DropInvalid(block);
  if (rules_.enroller != nullptr) return EnrollFirst(block);
  if (rules_.seen != nullptr) return DeriveStored(source, block);
  std::vector<PersonView> persons = ValidPersons(block);
  while (!persons.empty() && (rules_.enroll_beside_faults || faults_->empty())) {
    const std::vector<std::string_view> roles(persons.size(), rules_.role);
    const Result<std::vector<SessionIdentity>> admitted = source.gate->AdmitMany(persons, roles);
    if (admitted.ok()) {
      RenderAdmitted(block, *admitted);
      return Status::Ok();
    }
    // All or none were admitted: without the one that it was about, the others may be.
    const Status status = admitted.status();
    const auto index = static_cast<std::ptrdiff_t>(status.locator());
    const bool is_of_person = status.code() == StatusCode::kInvalidArgument && index >= 0 &&
                              index < static_cast<std::ptrdiff_t>(persons.size());
    if (!is_of_person) return status;
    Refuse(block.cells[cells_[static_cast<std::size_t>(index)]], status.At(Status::kNowhere));
    persons.erase(persons.begin() + index);
    cells_.erase(cells_.begin() + index);
  }
  return Status::Ok();
}

Status PseudonymMapper::EnrollFirst(const CellBlock& block) {
  for (const PersonView& person : ShownPersons(block)) {
    if (!rules_.enroll_beside_faults && !faults_->empty()) return Status::Ok();
    // What is wrong with a person was found before: this is the store's error, or of a chunk.
    if (const Status status = rules_.enroller->Add(person); !status.ok()) {
      return IsOfRecord(status) ? status.At(Status::kNowhere) : status;
    }
    rules_.seen->Add(person);
  }
  return Status::Ok();
}

Status PseudonymMapper::DeriveStored(const Source& source, const CellBlock& block) {
  const std::vector<PersonView> persons = ShownPersons(block);
  identifiers_.clear();
  for (const PersonView& person : persons) {
    rules_.seen->Add(person);
    identifiers_.push_back(person.identifier());
  }
  if (const Status status = DeriveValid(source); !status.ok()) return status;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    Cell& cell = block.cells[cells_[i]];
    RenderId(derived_[i], &cell);
    RenderName(block, derived_[i], persons_[cell.group]);
  }
  return Status::Ok();
}

// The valid persons, as far as there are display names for them.
std::vector<PersonView> PseudonymMapper::ShownPersons(const CellBlock& block) {
  std::vector<PersonView> persons = ValidPersons(block);
  const Label any = Label::Of(Digest{}, rules_.label_style);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < persons.size(); ++i) {
    const Status status = IdentityGate::DisplayName(rules_.role, persons[i], any).status();
    if (!status.ok()) {
      Refuse(block.cells[cells_[i]], status.At(Status::kNowhere));
      continue;
    }
    cells_[kept] = cells_[i];
    persons[kept++] = persons[i];
  }
  cells_.resize(kept);
  persons.resize(kept);
  return persons;
}

// Those whose identifiers are left, as far as their names are valid too.
std::vector<PersonView> PseudonymMapper::ValidPersons(const CellBlock& block) {
  std::vector<PersonView> persons;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Cell& name = block.cells[persons_[block.cells[cells_[i]].group].name];
    const Identifier& identifier = identifiers_[i];
    const PersonView person{identifier.issuer, identifier.id, name.value, {}, identifier.kind};
    if (const Status status = ValidatePerson(person); !status.ok()) Refuse(name, status);
    if (IsRefused(name)) continue;
    cells_[persons.size()] = cells_[i];
    persons.push_back(person);
  }
  cells_.resize(persons.size());
  return persons;
}

void PseudonymMapper::RenderAdmitted(const CellBlock& block,
                                     const std::vector<SessionIdentity>& admitted) {
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const SessionIdentity& who = admitted[i];
    Cell& cell = block.cells[cells_[i]];
    RenderId(who.pseudonym(), &cell);
    // That of the ID may be somebody else's by now.
    if (rules_.rendering == PseudonymRules::Rendering::kLabel) {
      cell.replacement = Keep(who.label().text());
    }
    block.cells[persons_[cell.group].name].replacement = Keep(who.display_name());
  }
}

void PseudonymMapper::RenderId(const Pseudonym& pseudonym, Cell* cell) {
  switch (rules_.rendering) {
    case PseudonymRules::Rendering::kExternalId:
      cell->replacement = Keep(pseudonym.external_id().text());
      return;
    case PseudonymRules::Rendering::kUuid: {
      const std::size_t begin = kept_.size();
      kept_ += pseudonym.uuid().text();
      cell->replacement = std::string_view(kept_).substr(begin);
      return;
    }
    case PseudonymRules::Rendering::kLabel:
      cell->replacement = Keep(Label::Of(pseudonym.digest(), rules_.label_style).text());
      return;
  }
}

void PseudonymMapper::RenderName(const CellBlock& block, const Pseudonym& pseudonym,
                                 const Person& person) {
  Cell& name = block.cells[person.name];
  if (name.is_null) return;
  const Cell& id = block.cells[person.identifier];
  const PseudonymRules::Column& column = rules_.columns[id.column];
  const Result<std::string> display_name =
      IdentityGate::DisplayName(rules_.role, {column.issuer, id.value, name.value, {}, column.kind},
                                Label::Of(pseudonym.digest(), rules_.label_style));
  if (display_name.ok()) {
    name.replacement = Keep(*display_name);
  } else {
    Refuse(name, display_name.status());
  }
}

std::string_view PseudonymMapper::Keep(std::string_view text) {
  const std::size_t begin = kept_.size();
  kept_.append(text);
  return std::string_view(kept_).substr(begin);
}

void PseudonymMapper::Refuse(const Cell& cell, const Status& status) {
  if (!IsRefused(cell)) faults_->push_back({cell.record, cell.column, status});
  MarkRefused(cell.record);
}

void PseudonymMapper::MarkRefused(std::uint32_t record) {
  if (record >= refused_.size()) refused_.resize(record + std::size_t{1});
  refused_[record] = true;
}

}  // namespace moniker::tool
