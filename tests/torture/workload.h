// Requests of every kind, in an order that a seed decides, to an open vault.
//
// Thread safety: used by one thread.

#ifndef MONIKER_TESTS_TORTURE_WORKLOAD_H_
#define MONIKER_TESTS_TORTURE_WORKLOAD_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/protector.h"
#include "moniker/resolver.h"
#include "moniker/vault.h"
#include "torture/ledger.h"

namespace moniker::testing {

// Is told of each request before it is made and after it was acknowledged.
class Journal {
 public:
  virtual ~Journal() = default;
  virtual void Begin(const Step& step) = 0;
  virtual void Done(const std::vector<std::string>& external_ids) = 0;
};

// Keeps the ledger of a workload in this process.
class LedgerJournal final : public Journal {
 public:
  explicit LedgerJournal(Ledger* ledger) : ledger_(ledger) {}
  void Begin(const Step& step) override { ledger_->Begin(step); }
  void Done(const std::vector<std::string>& ids) override { ledger_->Done(ids); }

 private:
  Ledger* ledger_;
};

// Persons first..first+count of the population, as the library takes them.
class Crowd {
 public:
  Crowd(std::uint64_t first, std::uint64_t count, bool renamed);

  std::vector<PersonView> views() const;
  std::vector<Identifier> identifiers() const;
  std::vector<std::string_view> roles() const {
    return std::vector<std::string_view>(ids_.size(), kRole);
  }

 private:
  std::vector<std::string> ids_;
  std::vector<std::string> names_;
};

inline constexpr AccessReason kTortureReason = {.actor = "dr-obrien", .purpose = "treatment"};

class Workload {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::uint64_t bulk = 120;  // persons of the largest request
  };

  // `path` is the folder of the vault, `past` what it was asked for before. REQUIRES: vault and
  // journal outlive the object.
  Workload(const Vault& vault, std::string path, const Ledger& past, Options options,
           Journal* journal);

  // The next request. Errors: of the request.
  Status Next();

  // One of a kind. Nothing to do without somebody who was admitted, for kinds that need it.
  Status Admit(std::uint64_t count, const std::string& conference);
  Status Rename();
  Status Bind();
  Status Resolve();
  Status Rotate(KeyKind kind);
  Status Reseal();
  Status Destroy();
  Status Checkpoint();
  Status Erase();
  Status Expire();
  Status Backup();

  // What Backup() has written; empty if it has not or did not succeed.
  const std::string& last_backup() const { return last_backup_; }

 private:
  struct Group {
    std::uint64_t first;
    std::uint64_t count;
    std::string conference;
    std::vector<std::string> external_ids;
    bool renamed = false;
    bool bound = false;
  };

  void DropConferences();
  std::uint64_t Below(std::uint64_t bound) { return random_() % bound; }
  Status Finish(const Status& status, std::vector<std::string> external_ids = {});

  const Vault& vault_;
  std::string path_;
  Options options_;
  std::uint64_t next_person_;
  std::mt19937_64 random_;
  Journal* journal_;
  std::vector<Group> groups_;
  std::string last_backup_;
};

// The gate of a scope. Errors: as IdentityGate::Create.
Result<IdentityGate> GateOf(const Vault& vault, const std::string& conference,
                            std::optional<std::uint32_t> identity_epoch = std::nullopt);

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TORTURE_WORKLOAD_H_
