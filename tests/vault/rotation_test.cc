// Keys of a vault that others have open: nobody notices but by what a rotation is for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "moniker/vault.h"
#include "support/child_process.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"
#include "support/vault_kinds.h"
#include "vault/system_calls.h"

namespace moniker {
namespace {

using testing::Expect;
using testing::HasCode;
using testing::HasCodeAt;
using testing::InChild;
using testing::IsOk;
using testing::StorageKind;
using testing::SystemCalls;
using testing::TemporaryFolder;
using testing::TestVault;

constexpr AccessReason kReason = {.actor = "test", .purpose = "test"};
constexpr KeyKind kAllKeyKinds[] = {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex};

std::string CodeOf(const Status& status) { return std::string(StatusCodeName(status.code())); }

std::string AdmitInto(const Vault& vault, const std::string& id, const Scope& scope = Scope::App(),
                      std::optional<std::uint32_t> epoch = std::nullopt) {
  const Result<IdentityGate> gate =
      IdentityGate::Create(vault, {.scope = scope, .identity_epoch = epoch});
  if (!gate.ok()) return CodeOf(gate.status());
  const auto identity = gate->Admit({.issuer = "mrn", .id = id, .name = "Zz"}, "Patient");
  return identity.ok() ? identity->external_id() : CodeOf(identity.status());
}

// What somebody who has a vault open is asked to do, and what comes of it, as words.
std::string Do(const Vault& vault, const IdentityGate& gate, const Resolver& resolver,
               const std::string& command) {
  std::istringstream words(command);
  std::string verb;
  std::string a;
  std::string b;
  words >> verb >> a >> b;
  if (verb == "admit") {
    const auto identity = gate.Admit({.issuer = "mrn", .id = a, .name = "Zz"}, "Patient");
    return identity.ok() ? identity->external_id() : CodeOf(identity.status());
  }
  if (verb == "bind") {
    const IdentityGate::Binding binding{a, b};
    const auto statuses = IdentityGate::BindMany(vault, {&binding, 1});
    return CodeOf(statuses.ok() ? statuses->at(0) : statuses.status());
  }
  if (verb == "resolve") {
    const Result<Resolved> resolved = resolver.Resolve(a, kReason);
    if (!resolved.ok()) return CodeOf(resolved.status());
    return std::string(resolved->person.id.Expose()) + " in " +
           std::to_string(resolved->identity_epoch);
  }
  if (verb == "check") {
    const Result<bool> match = gate.Check({"mrn", a}, b);
    return match.ok() ? *match ? "yes" : "no" : CodeOf(match.status());
  }
  if (verb == "pseudonymize") {
    const Identifier identifier{"mrn", a};
    const auto pseudonyms = gate.PseudonymizeMany({&identifier, 1});
    if (!pseudonyms.ok()) return CodeOf(pseudonyms.status());
    return pseudonyms->at(0) ? std::string(pseudonyms->at(0)->external_id().text()) : "nobody";
  }
  if (verb == "rotate") return CodeOf(vault.RotateKeys(static_cast<KeyKind>(std::stoi(a))));
  return "?";
}

// Somebody who has had the vault open since before: an object of this process, or another process.
class Holder {
 public:
  virtual ~Holder() = default;
  virtual std::string Do(const std::string& command) = 0;
};

class HolderHere final : public Holder {
 public:
  explicit HolderHere(const std::string& path) : vault_(Expect(Vault::Open(path))) {}
  std::string Do(const std::string& command) override {
    return moniker::Do(vault_, gate_, resolver_, command);
  }

 private:
  Vault vault_;
  IdentityGate gate_ = Expect(IdentityGate::Create(vault_, {.scope = Scope::App()}));
  Resolver resolver_ = Resolver::Create(vault_);
};

// Asked and answering by lines.
class HolderInAProcess final : public Holder {
 public:
  explicit HolderInAProcess(const std::string& path) {
    int to[2];
    int from[2];
    if (::pipe(to) != 0 || ::pipe(from) != 0) throw std::runtime_error("cannot make pipes");
    child_ = ::fork();
    if (child_ == 0) {
      ::close(to[1]);
      ::close(from[0]);
      HolderHere holder(path);
      for (;;) Write(from[1], holder.Do(Read(to[0])));
    }
    ::close(to[0]);
    ::close(from[1]);
    ask_ = to[1];
    answer_ = from[0];
  }
  HolderInAProcess(const HolderInAProcess&) = delete;
  HolderInAProcess& operator=(const HolderInAProcess&) = delete;
  ~HolderInAProcess() override {
    ::close(ask_);
    ::close(answer_);
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }

  std::string Do(const std::string& command) override {
    Write(ask_, command);
    return Read(answer_);
  }

 private:
  static std::string Read(int file) {
    std::string line;
    for (char c; ::read(file, &c, 1) == 1;) {
      if (c == '\n') return line;
      line += c;
    }
    if (line.empty()) ::_exit(2);  // the other end is gone
    return line;
  }
  static void Write(int file, const std::string& line) {
    const std::string text = line + "\n";
    if (::write(file, text.data(), text.size()) < 0) ::_exit(2);
  }

  pid_t child_ = 0;
  int ask_ = -1;
  int answer_ = -1;
};

// Every kind of key in either mode.
struct Case {
  VaultMode mode;
  KeyKind kind;
};

std::string NameOf(const ::testing::TestParamInfo<Case>& info) {
  constexpr const char* kNames[] = {"Identity", "Storage", "Index"};
  return std::string(VaultModeName(info.param.mode)) +
         kNames[static_cast<std::size_t>(info.param.kind) - 1];
}

class RotationTest : public ::testing::TestWithParam<Case> {
 protected:
  const Vault& vault() const { return *test_.vault; }
  bool changes_ids() const { return GetParam().kind == KeyKind::kIdentity; }
  Status Rotate() const { return vault().RotateKeys(GetParam().kind); }
  std::uint32_t Newest() const { return vault().keyring()->NewestEpoch(GetParam().kind); }

  TestVault test_{StorageKind::kSqlite, "", GetParam().mode};
};

INSTANTIATE_TEST_SUITE_P(Kinds, RotationTest,
                         ::testing::Values(Case{VaultMode::kDerived, KeyKind::kIdentity},
                                           Case{VaultMode::kDerived, KeyKind::kStorage},
                                           Case{VaultMode::kDerived, KeyKind::kIndex},
                                           Case{VaultMode::kEnrolled, KeyKind::kIdentity},
                                           Case{VaultMode::kEnrolled, KeyKind::kStorage},
                                           Case{VaultMode::kEnrolled, KeyKind::kIndex}),
                         NameOf);

// Four rotations, each by another holder; after each of them everybody does everything, whoever
// comes first.
TEST_P(RotationTest, WhoeverHasTheVaultOpenGoesOnThroughEveryRotation) {
  std::vector<std::unique_ptr<Holder>> holders;
  holders.push_back(std::make_unique<HolderInAProcess>(test_.path()));
  holders.push_back(std::make_unique<HolderInAProcess>(test_.path()));
  holders.push_back(std::make_unique<HolderHere>(test_.path()));
  holders.push_back(std::make_unique<HolderHere>(test_.path()));
  const auto holder = [&](std::size_t i) -> Holder& { return *holders[i % holders.size()]; };

  std::map<std::string, std::string> known;  // external or participant ID to "person in epoch"
  std::set<std::string> people;
  std::string first_id = holder(0).Do("admit first");
  people.insert("first");
  for (std::size_t round = 0; round <= 4; ++round) {
    SCOPED_TRACE(round);
    const std::string epoch = std::to_string(changes_ids() ? round + 1 : 1);
    if (round > 0) {
      ASSERT_EQ(holder(round - 1).Do("rotate " + std::to_string(static_cast<int>(GetParam().kind))),
                "ok");
    }
    for (std::size_t i = 0; i < holders.size(); ++i) {
      // The first to be asked is not the one who has rotated.
      const std::size_t who = round + i;
      SCOPED_TRACE(who % holders.size());
      for (const auto& [id, answer] : known) EXPECT_EQ(holder(who).Do("resolve " + id), answer);
      const std::string again = holder(who).Do("admit first");
      if (changes_ids() && i == 0 && round > 0) {
        EXPECT_NE(again, first_id);
        first_id = again;
      }
      EXPECT_EQ(again, first_id);
      EXPECT_EQ(holder(who).Do("pseudonymize first"), first_id);
      known[first_id] = "first in " + epoch;

      const std::string person = "p" + std::to_string(round) + std::to_string(i);
      const std::string id = holder(who).Do("admit " + person);
      people.insert(person);
      ASSERT_EQ(id.size(), 32u) << id;
      EXPECT_EQ(holder(who + 1).Do("admit " + person), id);
      known[id] = person + " in " + epoch;
      EXPECT_EQ(holder(who + 2).Do("bind part-" + person + " " + id), "ok");
      EXPECT_EQ(holder(who + 3).Do("bind part-" + person + " " + id), "ok");
      EXPECT_EQ(holder(who + 3).Do("bind part-" + person + " " + first_id), "conflict");
      known["part-" + person] = person + " in " + epoch;
    }
    for (const auto& [id, answer] : known) {
      if (id.size() != 32 || id.starts_with("part-")) continue;
      const std::string person = answer.substr(0, answer.find(' '));
      for (std::size_t who = 0; who < holders.size(); ++who) {
        EXPECT_EQ(holder(who).Do("check " + person + " " + id), "yes");
        EXPECT_EQ(holder(who).Do("check nobody " + id), "no");
      }
    }
  }
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), people.size());

  HolderHere anew(test_.path());
  for (const auto& [id, answer] : known) EXPECT_EQ(anew.Do("resolve " + id), answer);
  EXPECT_EQ(anew.Do("admit first"), first_id);
}

TEST_P(RotationTest, IdsOfAllScopesStayUnlessItIsTheIdentityKey) {
  const Scope visit = Expect(Scope::Conference("visit-42"));
  const std::string app_id = AdmitInto(vault(), "1");
  const std::string visit_id = AdmitInto(vault(), "1", visit);
  ASSERT_THAT(Rotate(), IsOk());
  EXPECT_EQ(Newest(), 2u);
  EXPECT_EQ(AdmitInto(vault(), "1") == app_id, !changes_ids());
  EXPECT_EQ(AdmitInto(vault(), "1", visit) == visit_id, !changes_ids());
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), 1u);
  EXPECT_EQ(Expect(test_.tables->Count(Table::kExternalId)), changes_ids() ? 4u : 2u);
  EXPECT_EQ(Expect(test_.tables->Count(Table::kIdentifier)),
            GetParam().mode == VaultMode::kEnrolled ? 1u : 0u);
}

// What was written before a rotation of the index stays under its tags; new records get new ones.
TEST_P(RotationTest, RecordsFromBeforeAreUpdatedInTheirPlace) {
  const std::string id = AdmitInto(vault(), "1");
  ASSERT_THAT(Rotate(), IsOk());
  const IdentityGate gate = Expect(IdentityGate::Create(vault(), {.scope = Scope::App()}));
  Expect(gate.Admit({.issuer = "mrn", .id = "1", .name = "New Name"}, "Patient"));
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), 1u);
  EXPECT_EQ(Expect(Resolver::Create(vault()).Resolve(id, kReason)).person.name.Expose(),
            "New Name");
}

TEST_P(RotationTest, ARotationThatWasInterruptedBeforeTheStoreIsTakenUp) {
  const std::string id = AdmitInto(vault(), "1");
  const Vault open_before = Expect(Vault::Open(test_.path()));
  const std::string keyring_path = Expect(Vault::KeyringPath(test_.path()));
  const Keyring ahead = Expect(
      Expect(Keyring::Load(keyring_path, Protector::Remembered())).WithNewEpoch(GetParam().kind));
  Expect(ahead.SaveOver(keyring_path, Protector::Remembered()));

  // Who has the vault open does not know yet; who opens it does, and says so with the first write.
  EXPECT_EQ(AdmitInto(open_before, "1"), id);
  const Vault opened_after = Expect(Vault::Open(test_.path()));
  const std::string old_two = AdmitInto(open_before, "2");
  const std::string new_id = AdmitInto(opened_after, "1");
  EXPECT_EQ(new_id == id, !changes_ids());
  const std::string two = AdmitInto(opened_after, "2");
  const std::string three = AdmitInto(opened_after, "3");
  EXPECT_EQ(AdmitInto(open_before, "1"), new_id);
  EXPECT_EQ(AdmitInto(open_before, "2"), two);
  EXPECT_EQ(AdmitInto(open_before, "3"), three);
  for (const Vault* const one : {&open_before, &opened_after, &vault()}) {
    for (const std::string& each : {id, old_two, new_id, two, three}) {
      EXPECT_THAT(Resolver::Create(*one).Resolve(each, kReason), IsOk());
    }
  }
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), 3u);
  ASSERT_THAT(Rotate(), IsOk());
  EXPECT_EQ(Newest(), 3u);
}

// The storage epoch of the settings, and so whoever has older keys is told (mapping-store.md, 3).
TEST_P(RotationTest, AnAuditEntryTakesUpAnInterruptedRotationToo) {
  if (GetParam().kind != KeyKind::kStorage) return;  // it shows in the header of that kind alone
  const std::string id = AdmitInto(vault(), "1");
  const std::string keyring_path = Expect(Vault::KeyringPath(test_.path()));
  const Keyring ahead = Expect(
      Expect(Keyring::Load(keyring_path, Protector::Remembered())).WithNewEpoch(KeyKind::kStorage));
  Expect(ahead.SaveOver(keyring_path, Protector::Remembered()));
  const auto epoch_of = [&](Table table) {
    return testing::ScanAll(*test_.tables, table).back().sealed.at(2);
  };
  const auto settings_epoch = [&] {
    return testing::FindOne(*test_.tables, Table::kMeta, testing::Tag("settings"))->at(2);
  };
  EXPECT_EQ(settings_epoch(), 1);
  const Vault opened_after = Expect(Vault::Open(test_.path()));
  EXPECT_THAT(Resolver::Create(opened_after).Resolve(id, kReason), IsOk());
  EXPECT_EQ(epoch_of(Table::kAudit), 2);
  EXPECT_EQ(settings_epoch(), 2);
}

TEST_P(RotationTest, TwoWhoRotateAtOnceBothDo) {
  const Vault other = Expect(Vault::Open(test_.path()));
  std::atomic<int> failed = 0;
  const auto rotate = [&](const Vault& one) {
    for (int i = 0; i < 8; ++i) failed += !one.RotateKeys(GetParam().kind).ok();
  };
  std::thread thread([&] { rotate(other); });
  rotate(vault());
  thread.join();
  EXPECT_EQ(failed, 0);
  AdmitInto(vault(), "1");
  EXPECT_EQ(Newest(), 17u);
  EXPECT_EQ(Expect(Vault::OpenKeyring(test_.path(), Protector::Remembered()))
                .NewestEpoch(GetParam().kind),
            17u);
}

// Not one call fails, and nobody is there twice.
TEST_P(RotationTest, ThreadsThatAdmitBindAndResolveDoNotNotice) {
  const Vault other = Expect(Vault::Open(test_.path()));
  const std::string known = AdmitInto(other, "known");
  std::atomic<bool> done = false;
  std::mutex mutex;
  std::set<std::string> failures;
  std::set<std::string> people = {"known"};
  const auto work = [&](int worker) {
    const Vault& mine = worker % 2 == 0 ? vault() : other;
    const IdentityGate gate = Expect(IdentityGate::Create(mine, {.scope = Scope::App()}));
    const Resolver resolver = Resolver::Create(mine);
    for (int i = 0; !done; ++i) {
      const std::string person = "w" + std::to_string(worker / 2) + "-" + std::to_string(i);
      const std::string id = Do(mine, gate, resolver, "admit " + person);
      const std::string answers[] = {
          id.size() == 32 ? "ok" : "admit: " + id,
          "bind: " + Do(mine, gate, resolver, "bind part-" + person + " " + id),
          "resolve: " + Do(mine, gate, resolver, "resolve " + id).substr(0, person.size()),
          "check: " + Do(mine, gate, resolver, "check known " + known),
          "pseudonymize: " +
              std::to_string(Do(mine, gate, resolver, "pseudonymize " + person).size())};
      const std::lock_guard lock(mutex);
      people.insert(person);
      for (const std::string& answer : answers) {
        if (answer != "ok" && answer != "bind: ok" && answer != "resolve: " + person &&
            answer != "check: yes" && answer != "pseudonymize: 32") {
          failures.insert(answer);
        }
      }
    }
  };
  std::vector<std::thread> threads;
  for (int worker = 0; worker < 4; ++worker) threads.emplace_back(work, worker);
  for (int i = 0; i < 40; ++i) EXPECT_THAT(Rotate(), IsOk());
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(failures, ::testing::IsEmpty());
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), people.size());
  EXPECT_EQ(Newest(), 41u);
}

// --- Epochs of the identity key ---

std::string NameOfMode(const ::testing::TestParamInfo<VaultMode>& info) {
  return std::string(VaultModeName(info.param));
}

class IdentityEpochTest : public ::testing::TestWithParam<VaultMode> {
 protected:
  const Vault& vault() const { return *test_.vault; }

  TestVault test_{StorageKind::kSqlite, "", GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Modes, IdentityEpochTest,
                         ::testing::Values(VaultMode::kDerived, VaultMode::kEnrolled), NameOfMode);

TEST_P(IdentityEpochTest, AGateOfAnOldEpochGivesTheIdsOfThatTime) {
  const Vault other = Expect(Vault::Open(test_.path()));
  const std::string old_id = AdmitInto(vault(), "1");
  const IdentityGate old_gate =
      Expect(IdentityGate::Create(other, {.scope = Scope::App(), .identity_epoch = 1}));
  ASSERT_THAT(vault().RotateKeys(KeyKind::kIdentity), IsOk());
  EXPECT_EQ(
      Expect(old_gate.Admit({.issuer = "mrn", .id = "1", .name = "Zz"}, "Patient")).external_id(),
      old_id);
  EXPECT_EQ(AdmitInto(vault(), "1", Scope::App(), 1), old_id);
  EXPECT_NE(AdmitInto(vault(), "1", Scope::App(), 2), old_id);
  EXPECT_EQ(AdmitInto(vault(), "1", Scope::App(), 2), AdmitInto(vault(), "1"));
  EXPECT_EQ(AdmitInto(vault(), "1", Scope::App(), 3), "not_found");
}

// "Other processes that have the vault open take it over with their next call."
TEST_P(IdentityEpochTest, AGateOfAnEpochThatAnotherHasJustBegunCanBeMade) {
  const Vault other = Expect(Vault::Open(test_.path()));
  ASSERT_THAT(vault().RotateKeys(KeyKind::kIdentity), IsOk());
  EXPECT_THAT(IdentityGate::Create(other, {.scope = Scope::App(), .identity_epoch = 2}), IsOk());
}

TEST_P(IdentityEpochTest, AnEpochThatWasDestroyedResolvesAndDoesNothingElse) {
  const std::string old_id = AdmitInto(vault(), "1");
  const Vault other = Expect(Vault::Open(test_.path()));
  const IdentityGate newest = Expect(IdentityGate::Create(other, {.scope = Scope::App()}));
  EXPECT_TRUE(Expect(newest.Check({"mrn", "1"}, old_id)));
  ASSERT_THAT(vault().RotateKeys(KeyKind::kIdentity), IsOk());
  const std::string new_id = AdmitInto(vault(), "1");
  const IdentityGate old_gate =
      Expect(IdentityGate::Create(other, {.scope = Scope::App(), .identity_epoch = 1}));
  EXPECT_TRUE(Expect(newest.Check({"mrn", "1"}, old_id)));

  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kIdentity, 2),
              HasCodeAt(StatusCode::kInvalidArgument, 2));
  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kIdentity, 3), HasCodeAt(StatusCode::kNotFound, 3));
  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kStorage, 1),
              HasCodeAt(StatusCode::kInvalidArgument, 1));
  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kIndex, 1), HasCode(StatusCode::kUnsupported));
  ASSERT_THAT(vault().DestroyEpoch(KeyKind::kIdentity, 1), IsOk());

  EXPECT_FALSE(Expect(newest.Check({"mrn", "1"}, old_id)));  // the first call of the other
  for (const Vault* const one : {&vault(), &other}) {
    const IdentityGate gate = Expect(IdentityGate::Create(*one, {.scope = Scope::App()}));
    EXPECT_FALSE(Expect(gate.Check({"mrn", "1"}, old_id)));
    EXPECT_TRUE(Expect(gate.Check({"mrn", "1"}, new_id)));
    EXPECT_EQ(AdmitInto(*one, "1", Scope::App(), 1), "not_found");
    EXPECT_EQ(AdmitInto(*one, "1"), new_id);
    const Resolved resolved = Expect(Resolver::Create(*one).Resolve(old_id, kReason));
    EXPECT_EQ(resolved.person.id.Expose(), "1");
    EXPECT_EQ(resolved.identity_epoch, 1u);
  }
  EXPECT_THAT(old_gate.Admit({.issuer = "mrn", .id = "1", .name = "Zz"}, "Patient"),
              HasCode(StatusCode::kNotFound));
  const Identifier identifier{"mrn", "1"};
  EXPECT_THAT(old_gate.PseudonymizeMany({&identifier, 1}), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kIdentity, 1), HasCodeAt(StatusCode::kNotFound, 1));
}

// Who has rotated last has no other reason to read the keyring again.
TEST_P(IdentityEpochTest, WhoHasRotatedSeesAtOnceWhatAnotherDestroys) {
  const std::string old_id = AdmitInto(vault(), "1");
  const Vault other = Expect(Vault::Open(test_.path()));
  ASSERT_THAT(vault().RotateKeys(KeyKind::kIdentity), IsOk());
  ASSERT_THAT(other.DestroyEpoch(KeyKind::kIdentity, 1), IsOk());
  const IdentityGate gate = Expect(IdentityGate::Create(vault(), {.scope = Scope::App()}));
  EXPECT_FALSE(Expect(gate.Check({"mrn", "1"}, old_id)));
  EXPECT_EQ(AdmitInto(vault(), "1", Scope::App(), 1), "not_found");
}

// --- What protects the keyring ---

constexpr Protector::PassphraseCost kCheapest = {.passes = 1, .memory_kib = 65'536};

class RotatedKeyringTest : public ::testing::Test {
 protected:
  std::string Path(std::string_view name) const { return folder_.File(name); }
  void Create(const Protector& protector) const {
    Expect(Vault::Create(Path("v"), {.keyring = {.app = "clinic-7"}, .avatar_url_template = ""},
                         protector));
  }
  std::string KeyringFile() const { return testing::ReadBytes(Path("v/keyring")); }

  TemporaryFolder folder_;
};

TEST_F(RotatedKeyringTest, ThePathOfTheKeyFileStaysThatOfTheFile) {
  Create(Expect(Protector::NewKeyFile(Path("first.key"))));
  std::filesystem::copy_file(Path("first.key"), Path("copy.key"));
  const std::string id = AdmitInto(Expect(Vault::Open(Path("v"))), "1");
  const Vault by_copy =
      Expect(Vault::Open(Path("v"), Expect(Protector::KeyFile(Path("copy.key")))));
  for (const KeyKind kind : kAllKeyKinds) {
    ASSERT_THAT(by_copy.RotateKeys(kind), IsOk());
    EXPECT_EQ(Expect(Keyring::RememberedKeyFile(Path("v/keyring"))), Path("first.key"));
  }
  const Vault remembered = Expect(Vault::Open(Path("v")));
  EXPECT_THAT(Resolver::Create(remembered).Resolve(id, kReason), IsOk());
  EXPECT_THAT(remembered.RotateKeys(KeyKind::kStorage), IsOk());
  EXPECT_EQ(Expect(Keyring::RememberedKeyFile(Path("v/keyring"))), Path("first.key"));
}

// docs/formats/keyring.md: the cost stands in bytes 44..51 of the file.
TEST_F(RotatedKeyringTest, ThePassphraseAndItsCostStay) {
  const auto passphrase = [](Protector::PassphraseCost cost) {
    return Expect(Protector::Passphrase(testing::Secret(std::string_view("open sesame")), cost));
  };
  Create(passphrase(kCheapest));
  const std::string before = KeyringFile();
  const Vault vault = Expect(Vault::Open(Path("v"), passphrase({.passes = 7})));
  const Vault other = Expect(Vault::Open(Path("v"), passphrase({.passes = 9})));
  const std::string id = AdmitInto(other, "1");
  ASSERT_THAT(vault.RotateKeys(KeyKind::kIndex), IsOk());
  EXPECT_NE(KeyringFile(), before);
  EXPECT_EQ(KeyringFile().substr(44, 8), before.substr(44, 8));
  EXPECT_EQ(AdmitInto(other, "1"), id);
  EXPECT_THAT(
      Resolver::Create(Expect(Vault::Open(Path("v"), passphrase(kCheapest)))).Resolve(id, kReason),
      IsOk());
  EXPECT_THAT(Vault::Open(Path("v")), HasCode(StatusCode::kInvalidArgument));
}

TEST_F(RotatedKeyringTest, AKeyFileThatIsGoneMakesARotationFailAndNothingElse) {
  Create(Expect(Protector::NewKeyFile(Path("k"))));
  const Vault vault = Expect(Vault::Open(Path("v")));
  const std::string id = AdmitInto(vault, "1");
  std::filesystem::rename(Path("k"), Path("away"));
  EXPECT_THAT(vault.RotateKeys(KeyKind::kStorage), HasCode(StatusCode::kNotFound));
  EXPECT_EQ(AdmitInto(vault, "1"), id);
  EXPECT_EQ(AdmitInto(vault, "2").size(), 32u);
  std::filesystem::rename(Path("away"), Path("k"));
  EXPECT_THAT(vault.RotateKeys(KeyKind::kStorage), IsOk());
}

TEST_F(RotatedKeyringTest, TheFolderMayBeNamedRelativelyAndLeft) {
  Create(Expect(Protector::NewKeyFile(Path("k"))));
  const std::string where = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  const Vault vault = Expect(Vault::Open("v"));
  std::filesystem::current_path(where);
  EXPECT_THAT(vault.RotateKeys(KeyKind::kIdentity), IsOk());
  EXPECT_EQ(AdmitInto(Expect(Vault::Open(Path("v"))), "1"), AdmitInto(vault, "1"));
}

// --- What cannot be rotated ---

TEST(UnrotatableTest, AVaultWithoutFilesSaysSo) {
  const TestVault test(StorageKind::kMemory);
  for (const KeyKind kind : kAllKeyKinds) {
    EXPECT_THAT(test.vault->RotateKeys(kind), HasCode(StatusCode::kUnsupported));
  }
  EXPECT_THAT(test.vault->DestroyEpoch(KeyKind::kIdentity, 1), HasCode(StatusCode::kUnsupported));
}

TEST(UnrotatableTest, WhatIsNoKindOfKeyIsRefusedAndTheVaultGoesOn) {
  const TestVault test(StorageKind::kSqlite);
  const std::string id = AdmitInto(*test.vault, "1");
  for (const std::uint8_t number : {std::uint8_t{0}, std::uint8_t{4}, std::uint8_t{255}}) {
    EXPECT_THAT(test.vault->RotateKeys(static_cast<KeyKind>(number)),
                HasCode(StatusCode::kInvalidArgument));
  }
  EXPECT_EQ(AdmitInto(Expect(Vault::Open(test.path())), "1"), id);
}

TEST(UnrotatableTest, EveryCallOfAVaultThatWasMovedFromIsClosed) {
  EXPECT_EQ(
      InChild([] {
        TestVault test(StorageKind::kSqlite, "", VaultMode::kEnrolled);
        const Vault moved = std::move(*test.vault);
        const Vault& empty = *test.vault;
        const IdentifierPair pair{{"mrn", "1"}, {"mrn", "2"}};
        const IdentityGate::Binding binding{"p", "m32pnb88e0wgd7hc26m7ph6zyfqm3092"};
        std::string codes = CodeOf(empty.RotateKeys(KeyKind::kIdentity));
        for (const Status& status :
             {empty.DestroyEpoch(KeyKind::kIdentity, 1), empty.KindOf("mrn").status(),
              empty.DeclareIssuer("mrn", IdentifierKind::kText), empty.AddIdentifiers({&pair, 1}),
              empty.MergePersons({&pair, 1}), empty.SplitPersons({&pair.first, 1}),
              empty.Count().status(), IdentityGate::Create(empty, {.scope = Scope::App()}).status(),
              IdentityGate::BindMany(empty, {&binding, 1}).status(),
              Resolver::Create(empty).Resolve("p", kReason).status()}) {
          codes += " " + CodeOf(status);
        }
        return codes;
      }),
      "closed closed closed closed closed closed closed closed closed closed closed");
}

TEST(UnrotatableTest, EveryCallOfAGateThatWasMovedFromIsClosed) {
  EXPECT_EQ(InChild([] {
              const TestVault test(StorageKind::kMemory);
              IdentityGate gate =
                  Expect(IdentityGate::Create(*test.vault, {.scope = Scope::App()}));
              const SessionIdentity identity =
                  Expect(gate.Admit({.issuer = "mrn", .id = "1", .name = "Zz"}, "Patient"));
              const IdentityGate moved = std::move(gate);
              const Identifier identifier{"mrn", "1"};
              std::string codes;
              // NOLINTBEGIN(bugprone-use-after-move)
              for (const Status& status :
                   {gate.Admit({.issuer = "mrn", .id = "1", .name = "Zz"}, "Patient").status(),
                    gate.PseudonymizeMany({&identifier, 1}).status(), gate.Bind("p", identity),
                    gate.Check(identifier, identity.external_id()).status()}) {
                codes += CodeOf(status) + " ";
              }
              // NOLINTEND(bugprone-use-after-move)
              return codes;
            }),
            "closed closed closed closed ");
}

// --- A rotation that fails ---

// Each call that changes a file fails once. Whoever has the vault open goes on, and who opens it
// finds everybody; only after a failure of the database itself must it be opened again.
TEST_P(RotationTest, AfterAFailedSystemCallTheVaultGoesOn) {
  const std::string id = AdmitInto(vault(), "1");
  const Vault other = Expect(Vault::Open(test_.path()));
  int failed = 0;
  for (const auto& [error, code] :
       std::map<int, StatusCode>{{EIO, StatusCode::kIo}, {ENOSPC, StatusCode::kNoSpace}}) {
    for (int call = 0;; ++call) {
      const Vault rotator = Expect(Vault::Open(test_.path()));
      const std::uint32_t before = Expect(Vault::OpenKeyring(test_.path(), Protector::Remembered()))
                                       .NewestEpoch(GetParam().kind);
      const std::string newest_id = AdmitInto(rotator, "1");
      SystemCalls::Arm(call, error);
      const Status status = rotator.RotateKeys(GetParam().kind);
      if (!SystemCalls::Disarm()) {
        EXPECT_THAT(status, IsOk());
        break;
      }
      const std::string name = SystemCalls::last_failed();
      SCOPED_TRACE("call " + std::to_string(call) + ", " + name + ", errno " +
                   std::to_string(error));
      const bool own_call = name != "pwrite64" && name != "fdatasync" && name != "open64" &&
                            name != "ftruncate64" && name != "fallocate64";
      if (!status.ok()) {
        ++failed;
        if (own_call) {
          EXPECT_EQ(CodeOf(status), StatusCodeName(code));
        }
      }
      const std::uint32_t after = Expect(Vault::OpenKeyring(test_.path(), Protector::Remembered()))
                                      .NewestEpoch(GetParam().kind);
      EXPECT_GE(after, before);
      EXPECT_LE(after, before + 1);
      if (status.ok()) {
        EXPECT_EQ(after, before + 1);
      }

      const std::string from_fresh = AdmitInto(Expect(Vault::Open(test_.path())), "1");
      EXPECT_EQ(from_fresh == newest_id, !changes_ids() || after == before);
      EXPECT_EQ(AdmitInto(other, "1"), from_fresh);
      EXPECT_THAT(Resolver::Create(other).Resolve(id, kReason), IsOk());
      const std::string from_rotator = AdmitInto(rotator, "1");
      if (own_call || from_rotator.size() == 32) {
        EXPECT_EQ(from_rotator, from_fresh);
      } else {
        EXPECT_EQ(from_rotator, "closed");
      }
      for (const std::string& left : testing::NamesIn(test_.path())) {
        EXPECT_THAT(left, ::testing::AnyOf("keyring", "store.head", "store.lock",
                                           ::testing::StartsWith("store.sqlite")));
      }
    }
  }
  EXPECT_GE(failed, 8);
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), 1u);
}

TEST(UnrotatableTest, AFolderThatCannotBeWrittenLeavesTheVaultWithItsKeys) {
  const TestVault test(StorageKind::kSqlite, "", VaultMode::kEnrolled);
  const std::string key = test.path() + ".key";
  if (::geteuid() == 0) {
    for (const std::string& path : {test.folder.path(), test.path(), key}) {
      ASSERT_EQ(::chown(path.c_str(), testing::kOrdinaryUser, testing::kOrdinaryUser), 0);
    }
    for (const std::string& name : testing::NamesIn(test.path())) {
      const std::string path = test.path() + "/" + name;
      ASSERT_EQ(::chown(path.c_str(), testing::kOrdinaryUser, testing::kOrdinaryUser), 0);
    }
  }
  EXPECT_EQ(InChild([&] {
              testing::BecomeOrdinaryUser();
              const Vault vault = Expect(Vault::Open(test.path()));
              const std::string id = AdmitInto(vault, "1");
              ::chmod(test.path().c_str(), 0500);
              std::string answer = CodeOf(vault.RotateKeys(KeyKind::kIdentity));
              answer += AdmitInto(vault, "1") == id ? ", same" : ", other";
              answer += AdmitInto(vault, "2").size() == 32 ? ", new" : ", none";
              ::chmod(test.path().c_str(), 0700);
              answer += ", " + CodeOf(vault.RotateKeys(KeyKind::kIdentity));
              answer += AdmitInto(vault, "1") == id ? ", same" : ", other";
              return answer;
            }),
            "permission, same, new, ok, other");
}

}  // namespace
}  // namespace moniker
