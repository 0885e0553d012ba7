#include "torture/vault_check.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <ranges>
#include <set>
#include <vector>

#include "base/status_macros.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "moniker/vault.h"
#include "support/sample_people.h"
#include "support/temporary_folder.h"
#include "torture/workload.h"

namespace moniker::testing {
namespace {

std::string Text(const Status& status) {
  return std::string(StatusCodeName(status.code())) + ", " + std::string(status.message()) +
         " at " + std::to_string(status.locator());
}

class Check {
 public:
  Check(const Vault& vault, const Ledger& ledger, Tally* tally)
      : vault_(vault), ledger_(ledger), tally_(tally) {}

  void All() {
    ReadChanges();
    CheckAdmissions();
    CheckBindings();
    CheckCounts();
  }

 private:
  using Answers = std::vector<std::optional<Resolved>>;

  void ReadChanges() {
    for (const Step& step : ledger_.steps()) {
      if (step.kind == Step::kRename) (step.done ? renamed_ : perhaps_renamed_).insert(step.first);
      if (step.kind == Step::kErase) (step.done ? erased_ : perhaps_erased_).insert(step.first);
    }
    bool expired = false;
    bool perhaps_expired = false;
    for (const Step& step : ledger_.steps() | std::views::reverse) {
      if (step.kind == Step::kExpire) (step.done ? expired : perhaps_expired) = true;
      if (step.kind != Step::kAdmit || step.conference.empty()) continue;
      if (expired) {
        expired_.insert(step.first);
      } else if (perhaps_expired) {
        perhaps_expired_.insert(step.first);
      }
    }
  }

  // Whether the persons of a request are gone, because they were erased or perhaps were; of those
  // that were asked to be, all or none.
  bool AreErased(const Step& step, std::uint64_t found) {
    if (erased_.contains(step.first)) {
      if (found != 0) tally_->Note(&tally_->lost, "an acknowledged erasure", found);
    } else if (!perhaps_erased_.contains(step.first)) {
      return false;
    } else if (found != 0) {
      if (found != step.count) tally_->Note(&tally_->half, "a part of a request is erased");
      return false;
    }
    if (perhaps_expired_.contains(step.first)) perhaps_left_ += step.count;
    gone_.insert(step.first);
    return true;
  }

  // Likewise of a request to a conference, whose participant IDs go first and whose persons last.
  bool AreExpired(const Step& step, std::uint64_t found) {
    if (expired_.contains(step.first)) {
      if (found != 0) tally_->Note(&tally_->lost, "an acknowledged expiry", found);
    } else if (!perhaps_expired_.contains(step.first)) {
      return false;
    } else if (found != 0) {
      if (found != step.count) tally_->Note(&tally_->half, "a part of a request is expired");
      return false;
    } else {
      perhaps_left_ += step.count;
    }
    gone_.insert(step.first);
    return true;
  }

  std::optional<Answers> Ask(const std::vector<std::string>& ids) {
    const std::vector<std::string_view> views(ids.begin(), ids.end());
    Result<Answers> answers = Resolver::Create(vault_).ResolveMany(views, kTortureReason);
    if (answers.ok()) return *std::move(answers);
    tally_->Note(&tally_->lost, "resolve: " + Text(answers.status()), ids.size());
    return std::nullopt;
  }

  static std::uint64_t NumberOf(const Answers& answers) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(answers, [](const auto& answer) { return answer.has_value(); }));
  }

  // 0, or 1 if the answer has the name that was given later.
  int Compare(const Resolved& answer, std::uint64_t number) {
    const bool is_first = answer.person.name.Expose() == NameOfPerson(number, false);
    const bool is_second = answer.person.name.Expose() == NameOfPerson(number, true);
    if (answer.person.issuer != kIssuer || answer.person.id.Expose() != IdOfPerson(number) ||
        (!is_first && !is_second) || !answer.person.fields.empty()) {
      tally_->Note(&tally_->wrong, "another person is answered");
    }
    return is_second ? 1 : 0;
  }

  // The names of a request that was there before are all old or all new.
  void CheckNames(const Step& step, std::uint64_t new_names) {
    const bool must = renamed_.contains(step.first);
    const bool may = must || perhaps_renamed_.contains(step.first);
    if (must && new_names != step.count) {
      tally_->Note(&tally_->lost, "a new name", step.count - new_names);
    } else if (!may && new_names != 0) {
      tally_->Note(&tally_->wrong, "a name that was never given", new_names);
    } else if (new_names != 0 && new_names != step.count) {
      tally_->Note(&tally_->half, "a part of the names of a request is new");
    }
  }

  void CheckAdmissions() {
    for (const Step& step : ledger_.steps()) {
      if (step.kind != Step::kAdmit) continue;
      if (step.done) {
        CheckAcknowledged(step);
      } else {
        CheckUnacknowledged(step);
      }
    }
  }

  void CheckAcknowledged(const Step& step) {
    tally_->acknowledged += step.count;
    const std::optional<Answers> answers = Ask(step.external_ids);
    if (!answers) return;
    std::uint64_t new_names = 0;
    const std::uint64_t found = NumberOf(*answers);
    if (AreErased(step, found) || AreExpired(step, found)) return;
    persons_ += step.count;
    for (std::size_t i = 0; i < step.count; ++i) {
      const std::optional<Resolved>& answer = (*answers)[i];
      if (!answer) {
        tally_->Note(&tally_->lost, "an acknowledged person");
        continue;
      }
      new_names += static_cast<std::uint64_t>(Compare(*answer, step.first + i));
      if (answer->scope.conference() != step.conference) {
        tally_->Note(&tally_->wrong, "another scope is answered");
      }
    }
    if (found == step.count) CheckNames(step, new_names);
    CheckIds(step);
  }

  // The first person's ID is that of the person, and not that of another.
  void CheckIds(const Step& step) {
    const Result<IdentityGate> gate = GateOf(vault_, step.conference);
    if (!gate.ok()) return tally_->Note(&tally_->refused, "gate: " + Text(gate.status()));
    for (const std::uint64_t number : {step.first, step.first + 1}) {
      const std::string id = IdOfPerson(number);
      const Result<bool> same =
          gate->Check({.issuer = kIssuer, .id = id}, step.external_ids.front());
      if (!same.ok()) {
        tally_->Note(&tally_->refused, "check: " + Text(same.status()));
      } else if (*same && number != step.first) {
        tally_->Note(&tally_->wrong, "an ID is taken for another person's");
      } else if (!*same && number == step.first) {
        tally_->Note(&tally_->lost, "an ID is not known for its person's");
      }
    }
  }

  // Admitted whole or not at all, under whatever epoch was the newest.
  void CheckUnacknowledged(const Step& step) {
    std::uint64_t found = 0;
    std::uint64_t new_names = 0;
    for (const std::uint32_t epoch : vault_.keyring()->Epochs(KeyKind::kIdentity)) {
      const Result<IdentityGate> gate = GateOf(vault_, step.conference, epoch);
      if (!gate.ok()) return tally_->Note(&tally_->refused, "gate: " + Text(gate.status()));
      const auto pseudonyms =
          gate->PseudonymizeMany(Crowd(step.first, step.count, false).identifiers());
      if (!pseudonyms.ok()) {
        return tally_->Note(&tally_->refused, "pseudonymize: " + Text(pseudonyms.status()));
      }
      std::vector<std::string> ids;
      std::vector<std::uint64_t> numbers;
      for (std::size_t i = 0; i < step.count; ++i) {
        if (!(*pseudonyms)[i]) continue;
        ids.emplace_back((*pseudonyms)[i]->external_id().text());
        numbers.push_back(step.first + i);
      }
      const std::optional<Answers> answers = Ask(ids);
      if (!answers) return;
      for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!(*answers)[i]) continue;
        ++found;
        new_names += static_cast<std::uint64_t>(Compare(*(*answers)[i], numbers[i]));
      }
    }
    if (AreExpired(step, found)) return;
    if (found != 0 && found != step.count) {
      tally_->Note(&tally_->half, "a part of the persons of a request is there");
    }
    if (new_names != 0) tally_->Note(&tally_->wrong, "a name that was never given");
    persons_ += found;
  }

  void CheckBindings() {
    for (const Step& step : ledger_.steps()) {
      if (step.kind != Step::kBind) continue;
      std::vector<std::string> ids;
      for (std::uint64_t i = 0; i < step.count; ++i) ids.push_back(ParticipantOf(step.first + i));
      const std::optional<Answers> answers = Ask(ids);
      if (!answers) continue;
      std::uint64_t found = 0;
      for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!(*answers)[i]) continue;
        ++found;
        Compare(*(*answers)[i], step.first + i);
      }
      if (gone_.contains(step.first)) {
        if (found != 0) tally_->Note(&tally_->half, "participant IDs of persons who are gone");
      } else if (perhaps_expired_.contains(step.first)) {
        if (found != 0 && found != step.count) {
          tally_->Note(&tally_->half, "a part of the participant IDs of a request is expired");
        }
      } else if (step.done) {
        tally_->acknowledged += step.count;
        if (found < step.count) {
          tally_->Note(&tally_->lost, "an acknowledged participant ID", step.count - found);
        }
      } else if (found != 0 && found != step.count) {
        tally_->Note(&tally_->half, "a part of the participant IDs of a request is there");
      }
    }
  }

  void CheckCounts() {
    const Result<StoreCounts> counts = vault_.Count();
    if (!counts.ok()) return tally_->Note(&tally_->refused, "count: " + Text(counts.status()));
    if (counts->persons < persons_) {
      tally_->Note(&tally_->lost, "persons that are counted", persons_ - counts->persons);
    } else if (counts->persons > persons_ + perhaps_left_) {
      tally_->Note(&tally_->half, "persons whom no request admitted whole");
    }
    std::uint64_t entries = 0;
    for (const Step& step : ledger_.steps()) {
      if (step.kind == Step::kResolve && step.done) ++entries;
    }
    tally_->acknowledged += entries;
    if (counts->audit_entries < entries) {
      tally_->Note(&tally_->lost, "audit entries", entries - counts->audit_entries);
    }
  }

  const Vault& vault_;
  const Ledger& ledger_;
  Tally* tally_;
  std::uint64_t persons_ = 0;
  std::set<std::uint64_t> renamed_;  // by the first person of the request
  std::set<std::uint64_t> perhaps_renamed_;
  std::set<std::uint64_t> erased_;
  std::set<std::uint64_t> perhaps_erased_;
  std::set<std::uint64_t> expired_;
  std::set<std::uint64_t> perhaps_expired_;
  std::set<std::uint64_t> gone_;
  // Whose pseudonyms are gone, while nobody said that the persons are.
  std::uint64_t perhaps_left_ = 0;
};

std::uint64_t Acknowledged(const Ledger& ledger) {
  std::uint64_t records = 0;
  for (const Step& step : ledger.steps()) {
    if (!step.done) continue;
    if (step.kind == Step::kAdmit || step.kind == Step::kBind) records += step.count;
    if (step.kind == Step::kResolve) ++records;
  }
  return records;
}

const std::string& OldVault() {
  static const std::string path = std::string(MONIKER_TEST_DIR) + "/data/vault-format-1/";
  return path;
}

}  // namespace

Status VerifyStore(const std::string& path, const Protector& protector) {
  const Result<StoreReport> report = Vault::Verify(path, protector);
  if (!report.ok()) return report.status();
  if (report->intact()) return Status::Ok();
  return Status(StatusCode::kAltered, "the store is not intact",
                static_cast<std::int64_t>(report->altered_count));
}

void CheckVault(const std::string& path, const Protector& protector, const Ledger& ledger,
                Tally* tally) {
  const auto start = std::chrono::steady_clock::now();
  const Result<Vault> vault = Vault::Open(path, protector);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  tally->slowest_open_ms = std::max(tally->slowest_open_ms, took.count());
  if (!vault.ok()) {
    const std::uint64_t records = Acknowledged(ledger);
    tally->acknowledged += records;
    tally->Note(&tally->refused, "open: " + Text(vault.status()));
    tally->Note(&tally->lost, "", records);
    return;
  }
  if (const Status status = VerifyStore(path, protector); !status.ok()) {
    tally->Note(&tally->refused, "verify: " + Text(status));
  }
  Check(*vault, ledger, tally).All();
}

Status MakeVault(const std::string& path, VaultMode mode, const Protector& protector) {
  return Vault::Create(path, {.keyring = {.app = "clinic-7", .mode = mode}}, protector);
}

void CheckUpgraded(const std::string& path, const Protector& protector, Tally* tally) {
  const auto people = ReadFlatObjects(OldVault() + "people.json");
  tally->acknowledged += people.size();
  const Result<Vault> vault = Vault::Open(path, protector);
  if (!vault.ok()) return tally->Note(&tally->lost, "the old vault does not open", people.size());
  const Resolver resolver = Resolver::Create(*vault);
  for (const auto& person : people) {
    for (const char* member : {"external_id", "visit_external_id", "participant_id"}) {
      const auto id = person.find(member);
      if (id == person.end() || id->second.empty()) continue;
      const Result<Resolved> answer = resolver.Resolve(id->second, kTortureReason);
      if (!answer.ok()) {
        tally->Note(&tally->lost, member);
      } else if (answer->person.name.Expose() != person.at("name") ||
                 answer->person.id.Expose() != person.at("id") ||
                 answer->person.issuer != person.at("issuer")) {
        tally->Note(&tally->wrong, member);
      }
    }
  }
}

Result<Protector> PutOldVault(const std::string& path) {
  std::filesystem::create_directories(path);
  for (const char* file : {"key", "keyring", "store.sqlite"}) {
    WriteBytes(path + "/" + file, ReadBytes(OldVault() + file));
  }
  WriteBytes(path + "/store.lock", "");
  return Protector::KeyFile(path + "/key");
}

}  // namespace moniker::testing
