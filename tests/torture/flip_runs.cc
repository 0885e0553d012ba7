#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "moniker/resolver.h"
#include "moniker/sqlite_backend.h"
#include "support/records.h"
#include "support/temporary_folder.h"
#include "torture/disk_record.h"
#include "torture/runs.h"
#include "torture/vault_check.h"
#include "torture/workload.h"

namespace moniker::testing {
namespace {

// Every record of every table as the backend reads it; nothing if it does not.
std::optional<Content> ReadContent(const std::string& path) {
  try {
    return ContentOf(*Expect(OpenSqliteStore(path)));
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

// A vault of a few persons, its records in the database itself or still in its log.
struct SmallVault {
  SmallVault(VaultMode mode, bool in_log)
      : key(Expect(Protector::NewKeyFile(folder.File("v.key")))) {
    const std::string path = folder.File("v");
    Expect(MakeVault(path, mode, key));
    {
      const Vault vault = Expect(Vault::Open(path, key));
      LedgerJournal journal(&ledger);
      Workload workload(vault, path, Ledger(), {}, &journal);
      Expect(workload.Admit(2, "visit-1"));
      Expect(workload.Bind());
      Expect(workload.Resolve());
      if (!in_log) Expect(workload.Checkpoint());
    }
    image = DiskRecorder(path).before();
    content = *ReadContent(path);
  }

  TemporaryFolder folder;
  Protector key;
  Ledger ledger;
  DiskImage image;
  Content content;
};

struct Bit {
  const SmallVault* vault;
  FileNumber file;
  std::size_t bit;
};

std::vector<Bit> AllBits(const SmallVault& vault) {
  std::vector<Bit> bits;
  for (const auto& [name, file] : vault.image.names) {
    for (std::size_t bit = 0; bit < 8 * vault.image.files.at(file).size(); ++bit) {
      bits.push_back({&vault, file, bit});
    }
  }
  return bits;
}

// Reads a vault in every way that needs no write, and then the persons. Answers whether something
// reported damage.
class Reading {
 public:
  Reading(const std::string& path, const SmallVault& original, Tally* tally)
      : path_(path), original_(original), tally_(tally) {}

  bool Notices() {
    const Result<Vault> vault = Vault::Open(path_, original_.key);
    if (!vault.ok() || !VerifyStore(path_, original_.key).ok()) return true;
    bool noticed = false;
    for (const Step& step : original_.ledger.steps()) {
      std::vector<std::string> ids = step.external_ids;
      if (step.kind == Step::kBind) {
        for (std::uint64_t i = 0; i < step.count; ++i) ids.push_back(ParticipantOf(step.first + i));
      }
      noticed = !Answers(*vault, ids, step.first) || noticed;
    }
    return noticed;
  }

 private:
  // False if the answer is an error. Whatever is answered has to be what was stored.
  bool Answers(const Vault& vault, const std::vector<std::string>& ids, std::uint64_t first) {
    if (ids.empty()) return true;
    const std::vector<std::string_view> views(ids.begin(), ids.end());
    const auto answers = Resolver::Create(vault).ResolveMany(views, kTortureReason);
    if (!answers.ok()) return false;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::optional<Resolved>& answer = (*answers)[i];
      if (!answer) continue;
      const Person& person = answer->person;
      if (person.issuer != kIssuer || person.id.Expose() != IdOfPerson(first + i) ||
          person.name.Expose() != NameOfPerson(first + i, false) || !person.fields.empty() ||
          answer->scope.conference() != "visit-1") {
        tally_->Note(&tally_->wrong, "another person or text is answered");
      }
    }
    return true;
  }

  const std::string& path_;
  const SmallVault& original_;
  Tally* tally_;
};

void FlipOne(const Bit& bit, const std::string& path, Tally* tally) {
  DiskImage image = bit.vault->image;
  char& byte = image.files.at(bit.file)[bit.bit / 8];
  byte = static_cast<char>(byte ^ 1 << bit.bit % 8);
  image.WriteTo(path);
  ++tally->points;
  const std::optional<Content> content = ReadContent(path);
  if (Reading(path, *bit.vault, tally).Notices()) {
    ++tally->changed;
  } else if (content != bit.vault->content) {
    ++tally->changed;
    ++tally->unnoticed;
  }
}

}  // namespace

Tally FlipBits(const RunOptions& options, bool in_log) {
  std::mt19937_64 random(options.seed);
  Tally tally;
  std::vector<std::unique_ptr<SmallVault>> vaults;
  std::vector<Bit> bits;
  for (const VaultMode mode : {VaultMode::kDerived, VaultMode::kEnrolled}) {
    vaults.push_back(std::make_unique<SmallVault>(mode, in_log));
    const std::vector<Bit> more = AllBits(*vaults.back());
    bits.insert(bits.end(), more.begin(), more.end());
  }
  std::shuffle(bits.begin(), bits.end(), random);
  if (bits.size() > options.rounds) bits.resize(options.rounds);
  const TemporaryFolder folder;
  const std::string path = folder.File("v");
  for (const Bit& bit : bits) FlipOne(bit, path, &tally);
  return tally;
}

}  // namespace moniker::testing
