#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "moniker/enroller.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "moniker/vault.h"
#include "support/records.h"
#include "support/temporary_folder.h"
#include "torture/kill_child.h"
#include "torture/runs.h"
#include "torture/vault_check.h"
#include "torture/workload.h"

namespace moniker::testing {
namespace {

constexpr std::uint64_t kPeople = 300;
constexpr std::uint64_t kChunk = 40;

// One line for each chunk that is known to be stored.
void Enrol(const std::string& path, const std::string& key, PipeJournal* journal) {
  const Result<Vault> vault = Vault::Open(path, OwnKey(key));
  if (!vault.ok()) return journal->Failed(vault.status());
  Result<Enroller> enroller = Enroller::Create(*vault, {.chunk_size = kChunk});
  if (!enroller.ok()) return journal->Failed(enroller.status());
  std::uint64_t told = 0;
  const auto tell = [&] {
    for (; told < enroller->stored(); told += kChunk) journal->Done({});
  };
  const Crowd people(0, kPeople, false);
  for (const PersonView& person : people.views()) {
    if (const Status status = enroller->Add(person); !status.ok()) return journal->Failed(status);
    tell();
  }
  if (const Status status = enroller->Finish(); !status.ok()) return journal->Failed(status);
  tell();
}

// How many of the people, in their order, are there; each has to be found as who it is.
std::uint64_t CheckPeople(const Vault& vault, Tally* tally) {
  const Crowd people(0, kPeople, false);
  const auto gate = Expect(GateOf(vault, ""));
  std::vector<std::string> ids;
  std::uint64_t derived = 0;
  const Result<StoreCounts> counts = vault.Count();
  if (!counts.ok()) {
    tally->Note(&tally->refused, counts.status().message());
    return 0;
  }
  for (const auto& pseudonym : Expect(gate.PseudonymizeMany(people.identifiers()))) {
    if (pseudonym) ++derived;
    ids.emplace_back(pseudonym ? pseudonym->external_id().text() : "m");
  }
  const std::vector<std::string_view> views(ids.begin(), ids.end());
  const auto answers = Expect(Resolver::Create(vault).ResolveMany(views, kTortureReason));
  std::uint64_t there = 0;
  for (; there < kPeople && answers[there]; ++there) {
    const Person& person = answers[there]->person;
    if (person.id.Expose() != IdOfPerson(there) ||
        person.name.Expose() != NameOfPerson(there, false)) {
      tally->Note(&tally->wrong, "another person");
    }
  }
  const bool gap = std::any_of(answers.begin() + static_cast<std::ptrdiff_t>(there), answers.end(),
                               [](const auto& answer) { return answer.has_value(); });
  const bool is_enrolled = vault.keyring()->mode() == VaultMode::kEnrolled;
  if (gap || counts->persons != there || counts->app_pseudonyms != there ||
      (is_enrolled && derived != there) || (there % kChunk != 0 && there != kPeople)) {
    tally->Note(&tally->half, "a part of a chunk");
  }
  return there;
}

void CheckRound(const std::string& path, const std::string& key, std::uint64_t acknowledged,
                Tally* tally) {
  const Protector protector = OwnKey(key);
  const Status intact = VerifyStore(path, protector);
  if (!intact.ok()) tally->Note(&tally->refused, intact.message());
  const Result<Vault> vault = Vault::Open(path, protector);
  if (!vault.ok()) return tally->Note(&tally->refused, vault.status().message());
  tally->acknowledged += acknowledged;
  const std::uint64_t there = CheckPeople(*vault, tally);
  if (there < acknowledged) {
    tally->Note(&tally->lost, "people of a chunk that was stored", acknowledged - there);
  }
}

}  // namespace

Tally KillEnroller(const RunOptions& options) {
  std::mt19937_64 random(options.seed);
  Tally tally;
  for (std::uint64_t round = 0; round < options.rounds; ++round) {
    const TemporaryFolder folder;
    const std::string path = folder.File("v");
    const std::string key = folder.File("v.key");
    const VaultMode mode = random() % 2 == 0 ? VaultMode::kDerived : VaultMode::kEnrolled;
    Expect(MakeVault(path, mode, Expect(Protector::NewKeyFile(key))));
    const auto use = [&](PipeJournal* journal) { Enrol(path, key, journal); };
    const std::string lines = RunAndKill(RandomMoment(&random, 400), use);
    const auto chunks = static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
    const std::string done = Ledger::DoneLine({});
    if (lines.substr(0, done.size()) != done && !lines.empty()) {
      tally.Note(&tally.refused, lines);
    }
    ++tally.points;
    CheckRound(path, key, std::min(chunks * kChunk, kPeople), &tally);
    // Enrolled again nobody is missing.
    static_cast<void>(RunAndKill({}, use));
    CheckRound(path, key, kPeople, &tally);
  }
  return tally;
}

}  // namespace moniker::testing
