#include "torture/scenario.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <new>
#include <optional>

#include "moniker/resolver.h"
#include "moniker/secret.h"
#include "moniker/vault.h"
#include "support/records.h"
#include "support/temporary_folder.h"
#include "torture/original_vault.h"
#include "torture/vault_check.h"

namespace moniker::testing {
namespace {

// What a use must give back.
struct Resources {
  std::size_t secrets = SecretMemory::Current().used_blocks;
  std::int64_t sqlite_memory = sqlite3_memory_used();
  std::int64_t descriptors = std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                           std::filesystem::directory_iterator());

  friend bool operator==(const Resources&, const Resources&) = default;
};

// No exception but this one leaves the library.
template <typename Work>
Status Attempt(Work work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kExhausted, "no memory");
  }
}

class Run {
 public:
  Run(const Scenario& scenario, Fault* fault, Tally* tally)
      : scenario_(scenario), fault_(fault), tally_(tally), path_(folder_.File("v")) {}

  void All() {
    switch (scenario_.kind) {
      case Scenario::kUse: Use(); break;
      case Scenario::kOpen: Open(); break;
      case Scenario::kCreate: Create(); break;
      case Scenario::kUpgrade: Upgrade(); break;
      case Scenario::kRestore: Restore(); break;
    }
  }

 private:
  template <typename Work>
  Status UnderFault(Work work) {
    fault_->Arm();
    const Status status = Attempt(work);
    fault_->Disarm();
    return status;
  }

  void Use() {
    const Original& original = OriginalOf(scenario_.mode);
    Ledger ledger = original.ledger;
    original.image.WriteTo(path_);
    std::string backup;
    {
      const Vault vault = Expect(Vault::Open(path_, original.key));
      LedgerJournal journal(&ledger);
      Workload workload(vault, path_, ledger, {}, &journal);
      static_cast<void>(UnderFault([&] { return scenario_.use(&workload); }));
      AskAgain(vault, ledger);
      backup = workload.last_backup();
    }
    CheckVault(path_, original.key, ledger, tally_);
    CheckFiles();
    if (backup.empty()) return;
    if (const Status status = RestoreFrom(backup, path_, original.key); !status.ok()) {
      tally_->Note(&tally_->lost, "a backup that was acknowledged cannot be restored");
    }
    CheckVault(path_, original.key, ledger, tally_);
  }

  void Restore() {
    const Original& original = OriginalOf(scenario_.mode);
    original.image.WriteTo(path_);
    const Status status =
        UnderFault([&] { return RestoreFrom(original.backup, path_, original.key); });
    CheckRestored(original, path_, status.ok(), tally_);
    CheckFiles();
  }

  // The vault that met the fault goes on, or says that it cannot.
  void AskAgain(const Vault& vault, const Ledger& ledger) {
    const Step& first = ledger.steps().front();
    if (std::ranges::any_of(ledger.steps(), [&](const Step& step) {
          return step.kind == Step::kErase && step.first == first.first;
        })) {
      return;
    }
    const Result<Resolved> answer =
        Resolver::Create(vault).Resolve(first.external_ids.front(), kTortureReason);
    if (answer.ok() && answer->person.id.Expose() != IdOfPerson(first.first)) {
      tally_->Note(&tally_->wrong, "another person is answered after a fault");
    }
    if (answer.status().code() == StatusCode::kNotFound) {
      tally_->Note(&tally_->lost, "a person is unknown after a fault");
    }
  }

  void Open() {
    const Original& original = OriginalOf(scenario_.mode);
    original.image.WriteTo(path_);
    static_cast<void>(UnderFault([&] { return Vault::Open(path_, original.key).status(); }));
    CheckVault(path_, original.key, original.ledger, tally_);
    CheckFiles();
  }

  void Create() {
    const Protector& key = OriginalOf(VaultMode::kDerived).key;
    const Status status = UnderFault([&] { return MakeVault(path_, scenario_.mode, key); });
    if (std::filesystem::exists(path_)) {
      CheckVault(path_, key, Ledger(), tally_);
    } else if (status.ok()) {
      tally_->Note(&tally_->lost, "an acknowledged vault");
    }
    if (!fault_->may_leave_files() && NamesIn(folder_.path()).size() > 1) {
      tally_->Note(&tally_->refused, "a folder is left");
    }
  }

  void Upgrade() {
    const Protector key = Expect(PutOldVault(path_));
    static_cast<void>(UnderFault([&] { return Vault::Open(path_, key).status(); }));
    CheckUpgraded(path_, key, tally_);
  }

  void CheckFiles() {
    static const std::set<std::string> names = [this] {
      const std::vector<std::string> seen = NamesIn(path_);  // the first run has no fault
      return std::set<std::string>(seen.begin(), seen.end());
    }();
    if (fault_->may_leave_files()) return;
    for (const std::string& name : NamesIn(path_)) {
      if (!names.contains(name)) tally_->Note(&tally_->refused, "a file is left");
    }
  }

  const Scenario& scenario_;
  Fault* fault_;
  Tally* tally_;
  TemporaryFolder folder_;
  std::string path_;
};

std::vector<Scenario> MakeScenarios() {
  std::vector<Scenario> scenarios;
  for (const VaultMode mode : {VaultMode::kDerived, VaultMode::kEnrolled}) {
    const auto add = [&](const char* name, std::function<Status(Workload*)> use,
                         Scenario::Kind kind = Scenario::kUse) {
      scenarios.push_back({name, mode, std::move(use), kind});
    };
    add("open", nullptr, Scenario::kOpen);
    add("create", nullptr, Scenario::kCreate);
    add("admit one", [](Workload* workload) { return workload->Admit(1, ""); });
    add("admit many", [](Workload* workload) { return workload->Admit(40, ""); });
    add("admit to a conference", [](Workload* workload) { return workload->Admit(3, "visit-1"); });
    add("rename", [](Workload* workload) { return workload->Rename(); });
    add("bind", [](Workload* workload) { return workload->Bind(); });
    add("resolve", [](Workload* workload) { return workload->Resolve(); });
    add("rotate identity keys",
        [](Workload* workload) { return workload->Rotate(KeyKind::kIdentity); });
    add("rotate storage keys",
        [](Workload* workload) { return workload->Rotate(KeyKind::kStorage); });
    add("rotate index keys", [](Workload* workload) { return workload->Rotate(KeyKind::kIndex); });
    add("reseal", [](Workload* workload) { return workload->Reseal(); });
    add("reseal and destroy", [](Workload* workload) {
      const Status status = workload->Reseal();
      return status.ok() ? workload->Destroy() : status;
    });
    add("checkpoint", [](Workload* workload) { return workload->Checkpoint(); });
    add("erase", [](Workload* workload) { return workload->Erase(); });
    add("expire", [](Workload* workload) { return workload->Expire(); });
    add("backup", [](Workload* workload) { return workload->Backup(); });
    add("restore", nullptr, Scenario::kRestore);
  }
  scenarios.push_back({"upgrade", VaultMode::kDerived, nullptr, Scenario::kUpgrade});
  return scenarios;
}

}  // namespace

const std::vector<Scenario>& AllScenarios() {
  static const std::vector<Scenario> scenarios = MakeScenarios();
  return scenarios;
}

void RunWithFault(const Scenario& scenario, Fault* fault, Tally* tally) {
  OriginalOf(scenario.mode);
  OriginalOf(VaultMode::kDerived);
  const Resources before;
  Tally one;
  Run(scenario, fault, &one).All();
  if (!(Resources() == before)) one.Note(&one.refused, "something is not given back");
  if (!one.problem.empty()) one.problem = scenario.name + ": " + one.problem;
  tally->Add(one);
}

}  // namespace moniker::testing
