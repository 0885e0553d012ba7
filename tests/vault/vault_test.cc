// A vault as a folder: how it is made, opened and refused.

#include "moniker/vault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "moniker/identity_gate.h"
#include "support/child_process.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

namespace fs = std::filesystem;
using testing::Expect;
using testing::HasCode;
using ::testing::HasSubstr;
using testing::InChild;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::IsSubsetOf;
using ::testing::IsSupersetOf;
using testing::kMaria;
using testing::kMariaId;
using testing::ModeOf;
using testing::NamesIn;
using testing::SampleRoot;
using testing::TemporaryFolder;
using ::testing::UnorderedElementsAre;
using testing::WriteBytes;

constexpr Protector::PassphraseCost kCheapest = {.passes = 1, .memory_kib = 65'536};

Vault::Options SampleOptions() {
  return {.keyring = {.app = "clinic-7", .identity_root = SampleRoot()},
          .avatar_url_template = "https://avatars.example.org/{avatar}.svg"};
}

std::string AdmitMaria(const Vault& vault) {
  return Expect(
             Expect(IdentityGate::Create(vault, {.scope = Scope::App()})).Admit(kMaria, "Patient"))
      .external_id();
}

std::uint64_t CountIn(const std::string& vault, Table table) {
  return Expect(Expect(OpenSqliteStore(vault))->Count(table));
}

class VaultTest : public ::testing::Test {
 protected:
  VaultTest() : protector_(Expect(Protector::NewKeyFile(Path("vault.key")))) {}

  std::string Path(std::string_view name) const { return folder_.File(name); }

  // The key file is read anew, because a protector does not cross a fork.
  Status Create(const std::string& path) const {
    return Vault::Create(path, SampleOptions(), Expect(Protector::KeyFile(Path("vault.key"))));
  }

  // What lies in the test's folder beside the key file.
  std::vector<std::string> Names() const {
    std::vector<std::string> names = NamesIn(folder_.path());
    std::erase(names, "vault.key");
    return names;
  }

  TemporaryFolder folder_;
  Protector protector_;
};

// --- Making one ---

TEST_F(VaultTest, AVaultThatWasMadeCanBeOpenedAndUsed) {
  ASSERT_THAT(Create(Path("clinic.vault")), IsOk());
  const Vault vault = Expect(Vault::Open(Path("clinic.vault"), protector_));
  EXPECT_EQ(vault.keyring()->app(), "clinic-7");
  EXPECT_EQ(vault.avatar_url_template(), "https://avatars.example.org/{avatar}.svg");
  EXPECT_EQ(AdmitMaria(vault), kMariaId);
}

TEST_F(VaultTest, WhatWasAdmittedIsThereWhenItIsOpenedAgain) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  AdmitMaria(Expect(Vault::Open(Path("v"))));
  EXPECT_EQ(CountIn(Path("v"), Table::kPerson), 1u);
  AdmitMaria(Expect(Vault::Open(Path("v"))));
  EXPECT_EQ(CountIn(Path("v"), Table::kPerson), 1u);
}

TEST_F(VaultTest, FolderAndFilesAreClosedToOthersWhateverTheUmask) {
  for (const mode_t mask : {0000u, 0022u, 0077u}) {
    const std::string vault = Path("v" + std::to_string(mask));
    EXPECT_EQ(InChild([&] {
                ::umask(mask);
                const Status made = Create(vault);
                if (!made.ok()) return testing::Describe(made);
                AdmitMaria(Expect(Vault::Open(vault)));
                return std::string("ok");
              }),
              "ok");
    EXPECT_EQ(ModeOf(vault), 0700u);
    const std::vector<std::string> names = NamesIn(vault);
    EXPECT_THAT(names, IsSupersetOf({"keyring", "store.sqlite", "store.lock", "store.head"}));
    EXPECT_THAT(names, IsSubsetOf({"keyring", "store.sqlite", "store.lock", "store.head",
                                   "store.sqlite-wal", "store.sqlite-shm"}));
    for (const std::string& name : names) {
      EXPECT_EQ(ModeOf(vault + "/" + name), 0600u) << name;
    }
  }
}

TEST_F(VaultTest, NothingButTheVaultIsLeftBesideIt) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  EXPECT_THAT(Names(), UnorderedElementsAre("v"));
}

TEST_F(VaultTest, OpeningChangesNothingButTheLogsOfTheDatabase) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  const std::string keyring = testing::ReadBytes(Path("v/keyring"));
  const std::string store = testing::ReadBytes(Path("v/store.sqlite"));
  Expect(Vault::Open(Path("v")));
  EXPECT_EQ(testing::ReadBytes(Path("v/keyring")), keyring);
  EXPECT_EQ(testing::ReadBytes(Path("v/store.sqlite")), store);
  EXPECT_THAT(Names(), UnorderedElementsAre("v"));
}

TEST_F(VaultTest, WhatIsAtThePathAlreadyIsNeverReplaced) {
  fs::create_directory(Path("empty"));
  fs::create_directory(Path("full"));
  WriteBytes(Path("full/letter.txt"), "dear");
  WriteBytes(Path("file"), "content");
  WriteBytes(Path("empty-file"), "");
  fs::create_symlink("nowhere", Path("dangling"));
  fs::create_directory_symlink("empty", Path("link"));
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  const std::vector<std::string> before = Names();
  for (const char* name :
       {"empty", "full", "file", "empty-file", "dangling", "link", "pipe", "empty/", "full//"}) {
    EXPECT_THAT(Create(Path(name)), HasCode(StatusCode::kConflict)) << name;
  }
  std::vector<std::string> after = Names();
  EXPECT_THAT(after, ::testing::UnorderedElementsAreArray(before));
  EXPECT_THAT(NamesIn(Path("empty")), IsEmpty());
  EXPECT_EQ(testing::ReadBytes(Path("full/letter.txt")), "dear");
  EXPECT_EQ(testing::ReadBytes(Path("file")), "content");
  EXPECT_EQ(fs::read_symlink(Path("dangling")), "nowhere");
}

TEST_F(VaultTest, AVaultIsNeverReplaced) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  AdmitMaria(Expect(Vault::Open(Path("v"))));
  EXPECT_THAT(Create(Path("v")), HasCode(StatusCode::kConflict));
  EXPECT_EQ(CountIn(Path("v"), Table::kPerson), 1u);
  EXPECT_THAT(Vault::Open(Path("v")), IsOk());
}

TEST_F(VaultTest, WithoutAParentFolderNothingIsMade) {
  EXPECT_THAT(Create(Path("no/such/vault")), HasCode(StatusCode::kNotFound));
  WriteBytes(Path("file"), "");
  EXPECT_FALSE(Create(Path("file/vault")).ok());
  EXPECT_THAT(Names(), UnorderedElementsAre("file"));
}

TEST_F(VaultTest, AnEmptyPathIsRefusedAndNothingIsMadeInTheWorkingFolder) {
  EXPECT_EQ(InChild([&] {
              if (::chdir(folder_.path().c_str()) != 0) return std::string("chdir");
              return std::string(Create("").ok() ? "made" : "refused");
            }),
            "refused");
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(VaultTest, InAFolderThatMayNotBeWrittenNothingIsMade) {
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  EXPECT_EQ(InChild([&] {
              const Protector protector = Expect(Protector::KeyFile(Path("vault.key")));
              Vault::Options options = SampleOptions();
              testing::BecomeOrdinaryUser();
              return std::string(
                  StatusCodeName(Vault::Create(Path("v"), std::move(options), protector).code()));
            }),
            "permission");
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(VaultTest, OptionsThatAreNotValidMakeNothing) {
  const auto create = [&](Vault::Options options) {
    return Vault::Create(Path("v"), std::move(options), protector_);
  };
  Vault::Options bad_app = SampleOptions();
  bad_app.keyring.app = "Clinic 7";
  EXPECT_THAT(create(std::move(bad_app)), HasCode(StatusCode::kInvalidArgument));
  Vault::Options no_app = SampleOptions();
  no_app.keyring.app = "";
  EXPECT_THAT(create(std::move(no_app)), HasCode(StatusCode::kInvalidArgument));
  Vault::Options short_root = SampleOptions();
  short_root.keyring.identity_root = Expect(SecretBytes::Allocate(31));
  EXPECT_THAT(create(std::move(short_root)), HasCode(StatusCode::kInvalidArgument));
  Vault::Options bad_template = SampleOptions();
  bad_template.avatar_url_template = "http://avatars.example.org/";
  EXPECT_THAT(create(std::move(bad_template)), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Vault::Create(Path("v"), SampleOptions(), Protector::Remembered()),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(VaultTest, OfEightThreadsThatMakeOneVaultOneSucceeds) {
  for (int round = 0; round < 3; ++round) {
    const std::string path = Path("v" + std::to_string(round));
    std::barrier start(8);
    std::atomic<int> made = 0;
    std::atomic<int> conflicts = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        const Status status = Create(path);
        if (status.ok()) ++made;
        if (status.code() == StatusCode::kConflict) ++conflicts;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(conflicts, 7);
    EXPECT_THAT(Vault::Open(path), IsOk());
  }
  EXPECT_EQ(Names().size(), 3u);
}

// --- Paths ---

TEST_F(VaultTest, PathsMayHaveTrailingSlashesBlanksAndAnyCharacters) {
  const std::string long_name(200, 'v');
  for (const std::string& name :
       {std::string("slash/"), std::string("slashes///"), std::string("two words.vault"),
        std::string(" leading"), std::string("Klinik Łódź 王"), std::string("quote'\"`$(x);&"),
        std::string("back\\slash"), std::string("percent%41?query#hash"), std::string(".hidden"),
        std::string("-rf"), std::string("line\nfeed"), std::string("not\xffutf8"), long_name}) {
    SCOPED_TRACE(name);
    ASSERT_THAT(Create(Path(name)), IsOk());
    EXPECT_EQ(AdmitMaria(Expect(Vault::Open(Path(name), protector_))), kMariaId);
    const std::string bare = name.substr(0, name.find_last_not_of('/') + 1);
    EXPECT_EQ(AdmitMaria(Expect(Vault::Open(Path(bare) + "//", protector_))), kMariaId);
    EXPECT_TRUE(fs::is_regular_file(Path(bare) + "/store.sqlite"));
  }
  EXPECT_EQ(Names().size(), 13u);
}

TEST_F(VaultTest, PathsMayBeRelativeAndTheWorkingFolderMayChange) {
  EXPECT_EQ(InChild([&] {
              if (::chdir(folder_.path().c_str()) != 0) return std::string("chdir");
              fs::create_directory("inner");
              for (const std::string path : {"v", "./w", "inner/../x", "inner/y/"}) {
                const Status made = Create(path);
                if (!made.ok()) return path + ": " + testing::Describe(made);
                const Vault vault = Expect(Vault::Open(path));
                const IdentityGate gate =
                    Expect(IdentityGate::Create(vault, {.scope = Scope::App()}));
                if (::chdir("/") != 0) return std::string("chdir");
                const Status admitted = gate.Admit(kMaria, "Patient").status();
                if (!admitted.ok()) return path + ": " + testing::Describe(admitted);
                if (::chdir(folder_.path().c_str()) != 0) return std::string("chdir");
              }
              return std::string("ok");
            }),
            "ok");
  for (const char* name : {"v", "w", "x", "inner/y"}) {
    EXPECT_EQ(CountIn(Path(name), Table::kPerson), 1u) << name;
  }
}

TEST_F(VaultTest, AVaultIsOpenedThroughALinkToItsFolder) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  fs::create_directory_symlink("v", Path("link"));
  EXPECT_EQ(AdmitMaria(Expect(Vault::Open(Path("link")))), kMariaId);
}

TEST_F(VaultTest, AVaultMayBeMovedWhileItIsClosed) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  AdmitMaria(Expect(Vault::Open(Path("v"))));
  fs::rename(Path("v"), Path("w"));
  EXPECT_EQ(AdmitMaria(Expect(Vault::Open(Path("w")))), kMariaId);
  EXPECT_EQ(CountIn(Path("w"), Table::kPerson), 1u);
}

// --- Keys ---

TEST_F(VaultTest, TheKeyFileIsRememberedAsAnAbsolutePath) {
  EXPECT_EQ(InChild([&] {
              if (::chdir(folder_.path().c_str()) != 0) return std::string("chdir");
              const Protector protector = Expect(Protector::NewKeyFile("relative.key"));
              const Status made = Vault::Create("v", SampleOptions(), protector);
              return testing::Describe(made);
            }),
            "ok");
  EXPECT_THAT(Vault::Open(Path("v")), IsOk());
}

TEST_F(VaultTest, AKeyFileThatIsGoneIsNotFoundAndNotMadeAnew) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  fs::rename(Path("vault.key"), Path("elsewhere.key"));
  EXPECT_THAT(Vault::Open(Path("v")), HasCode(StatusCode::kNotFound));
  EXPECT_FALSE(fs::exists(Path("vault.key")));
  const Protector moved = Expect(Protector::KeyFile(Path("elsewhere.key")));
  EXPECT_THAT(Vault::Open(Path("v"), moved), IsOk());
}

TEST_F(VaultTest, AKeyFileThatIsOpenToOthersIsRefused) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  for (const mode_t mode : {0640u, 0604u, 0666u, 0610u}) {
    ASSERT_EQ(::chmod(Path("vault.key").c_str(), mode), 0);
    EXPECT_THAT(Vault::Open(Path("v")), HasCode(StatusCode::kPermission));
  }
  ASSERT_EQ(::chmod(Path("vault.key").c_str(), 0400), 0);
  EXPECT_THAT(Vault::Open(Path("v")), IsOk());
}

TEST_F(VaultTest, AnotherKeyIsWrong) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  const Protector other = Expect(Protector::NewKeyFile(Path("other.key")));
  EXPECT_THAT(Vault::Open(Path("v"), other), HasCode(StatusCode::kWrongKey));
  EXPECT_THAT(Vault::OpenKeyring(Path("v"), other), HasCode(StatusCode::kWrongKey));
  // The same path with another key in it.
  fs::rename(Path("other.key"), Path("vault.key"));
  EXPECT_THAT(Vault::Open(Path("v")), HasCode(StatusCode::kWrongKey));
}

TEST_F(VaultTest, APassphraseOpensAVaultThatWasMadeWithIt) {
  const auto passphrase = [](std::string_view text) {
    return Expect(Protector::Passphrase(testing::Secret(text), kCheapest));
  };
  ASSERT_THAT(Vault::Create(Path("v"), SampleOptions(), passphrase("correct horse")), IsOk());
  EXPECT_EQ(AdmitMaria(Expect(Vault::Open(Path("v"), passphrase("correct horse")))), kMariaId);
  EXPECT_THAT(Vault::Open(Path("v"), passphrase("correct horse ")), HasCode(StatusCode::kWrongKey));
  EXPECT_THAT(Vault::Open(Path("v"), passphrase("Correct horse")), HasCode(StatusCode::kWrongKey));
  EXPECT_THAT(Vault::Open(Path("v")), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Vault::Open(Path("v"), protector_), HasCode(StatusCode::kInvalidArgument));
  ASSERT_THAT(Create(Path("with-key-file")), IsOk());
  EXPECT_THAT(Vault::Open(Path("with-key-file"), passphrase("correct horse")),
              HasCode(StatusCode::kInvalidArgument));
}

TEST_F(VaultTest, AnImportedRootGivesTheSameIdsAndNothingElseInCommon) {
  const std::string paths[] = {Path("a"), Path("b")};
  std::set<std::string> tags;
  std::set<std::string> records;
  std::set<VaultId> vault_ids;
  for (const std::string& path : paths) {
    ASSERT_THAT(Create(path), IsOk());
    const Vault vault = Expect(Vault::Open(path));
    EXPECT_EQ(AdmitMaria(vault), kMariaId);
    vault_ids.insert(vault.keyring()->vault_id());
    const auto tables = Expect(OpenSqliteStore(path));
    for (const Table table : {Table::kPerson, Table::kExternalId}) {
      for (const SealedRecord& record : testing::ScanAll(*tables, table)) {
        tags.insert(testing::ToHex(record.tag.bytes()));
        // The first 10 bytes are format, epoch and version: the same everywhere.
        records.insert(testing::ToHex(std::span(record.sealed).subspan(10)));
      }
    }
  }
  EXPECT_EQ(vault_ids.size(), 2u);
  EXPECT_EQ(tags.size(), 4u);
  EXPECT_EQ(records.size(), 4u);
}

TEST_F(VaultTest, WithoutAnImportedRootTwoVaultsGiveUnrelatedIds) {
  std::set<std::string> ids;
  for (const char* name : {"a", "b"}) {
    Vault::Options options = SampleOptions();
    options.keyring.identity_root.reset();
    ASSERT_THAT(Vault::Create(Path(name), std::move(options), protector_), IsOk());
    ids.insert(AdmitMaria(Expect(Vault::Open(Path(name)))));
  }
  EXPECT_EQ(ids.size(), 2u);
  EXPECT_EQ(ids.count(std::string(kMariaId)), 0u);
}

TEST_F(VaultTest, TheSuiteIsThatOfTheKeyring) {
  Vault::Options options = SampleOptions();
  options.keyring.suite = Suite::kHmacSha256;
  ASSERT_THAT(Vault::Create(Path("v"), std::move(options), protector_), IsOk());
  const Vault vault = Expect(Vault::Open(Path("v")));
  EXPECT_EQ(vault.keyring()->suite(), Suite::kHmacSha256);
  EXPECT_EQ(AdmitMaria(vault), "m9wrcy4v6z5knpaza4xh9epkrrcvh6m0");  // the format's worked example
}

// --- What cannot be opened ---

TEST_F(VaultTest, WhereThereIsNoVaultNothingIsFoundOrMade) {
  fs::create_directory(Path("empty"));
  WriteBytes(Path("file"), "content");
  const std::vector<std::string> before = Names();
  for (const char* name : {"nothing", "empty", "file", "nothing/at/all"}) {
    EXPECT_THAT(Vault::Open(Path(name), protector_), HasCode(StatusCode::kNotFound)) << name;
    EXPECT_THAT(Vault::OpenKeyring(Path(name), protector_), HasCode(StatusCode::kNotFound));
  }
  EXPECT_THAT(Names(), ::testing::UnorderedElementsAreArray(before));
  EXPECT_THAT(NamesIn(Path("empty")), IsEmpty());
}

// "Errors: kNotFound if there is no vault".
TEST_F(VaultTest, BelowAFileThereIsNoVault) {
  WriteBytes(Path("file"), "content");
  EXPECT_THAT(Vault::Open(Path("file/vault"), protector_), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Vault::OpenKeyring(Path("file/vault"), protector_), HasCode(StatusCode::kNotFound));
}

TEST_F(VaultTest, AFileOfTheVaultThatIsMissingIsNotMadeAnew) {
  for (const char* name : {"keyring", "store.sqlite", "store.lock"}) {
    SCOPED_TRACE(name);
    const std::string vault = Path(std::string("without-") + name);
    ASSERT_THAT(Create(vault), IsOk());
    fs::remove(vault + "/" + name);
    EXPECT_THAT(Vault::Open(vault, protector_), HasCode(StatusCode::kNotFound));
    EXPECT_FALSE(fs::exists(vault + "/" + name));
  }
}

TEST_F(VaultTest, TheKeyringOpensWithoutTheStore) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  for (const auto& entry : fs::directory_iterator(Path("v"))) {
    if (entry.path().filename() != "keyring") fs::remove(entry.path());
  }
  const Keyring keyring = Expect(Vault::OpenKeyring(Path("v"), Protector::Remembered()));
  EXPECT_TRUE(Expect(CheckExternalId(keyring, Scope::App(), kMaria.identifier(), kMariaId)));
  EXPECT_THAT(Vault::Open(Path("v")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(NamesIn(Path("v")), UnorderedElementsAre("keyring"));
}

void SwapFiles(const std::string& a, const std::string& b) {
  fs::rename(a, a + ".tmp");
  fs::rename(b, a);
  fs::rename(a + ".tmp", b);
}

TEST_F(VaultTest, TheStoreOfAnotherVaultIsRefused) {
  for (const char* name : {"a", "b"}) {
    ASSERT_THAT(Create(Path(name)), IsOk());
    AdmitMaria(Expect(Vault::Open(Path(name))));
  }
  std::set<std::string> files;
  for (const char* name : {"a", "b"}) {
    for (const std::string& file : NamesIn(Path(name))) files.insert(file);
  }
  files.erase("keyring");
  files.erase("store.lock");
  for (const std::string& file : files) SwapFiles(Path("a/" + file), Path("b/" + file));
  EXPECT_THAT(Vault::Open(Path("a")), HasCode(StatusCode::kAltered));
  EXPECT_THAT(Vault::Open(Path("b")), HasCode(StatusCode::kAltered));
  EXPECT_THAT(Vault::OpenKeyring(Path("a"), protector_), IsOk());
}

TEST_F(VaultTest, TheKeyringOfAnotherVaultIsRefused) {
  ASSERT_THAT(Create(Path("a")), IsOk());
  ASSERT_THAT(Create(Path("b")), IsOk());
  SwapFiles(Path("a/keyring"), Path("b/keyring"));
  EXPECT_THAT(Vault::Open(Path("a")), HasCode(StatusCode::kAltered));
  EXPECT_THAT(Vault::Open(Path("b")), HasCode(StatusCode::kAltered));
  SwapFiles(Path("a/keyring"), Path("b/keyring"));
  EXPECT_THAT(Vault::Open(Path("a")), IsOk());
}

TEST_F(VaultTest, FilesThatAreNoneOfAVaultAreRefused) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  const std::string keyring = testing::ReadBytes(Path("v/keyring"));
  for (const std::string& bytes : {std::string(), std::string("keys"), keyring.substr(1),
                                   keyring + "x", keyring.substr(0, keyring.size() - 1)}) {
    WriteBytes(Path("v/keyring"), bytes);
    EXPECT_THAT(Vault::Open(Path("v"), protector_), HasCode(StatusCode::kAltered));
  }
  std::string newer = keyring;
  newer[8] = 2;
  WriteBytes(Path("v/keyring"), newer);
  EXPECT_THAT(Vault::Open(Path("v"), protector_), HasCode(StatusCode::kNewerFormat));
  WriteBytes(Path("v/keyring"), keyring);
  for (const char* log : {"v/store.sqlite-wal", "v/store.sqlite-shm"}) fs::remove(Path(log));
  for (const std::string& bytes :
       {std::string(), std::string("store"), std::string(8192, 'x'), std::string(8192, '\0')}) {
    WriteBytes(Path("v/store.sqlite"), bytes);
    EXPECT_THAT(Vault::Open(Path("v"), protector_), HasCode(StatusCode::kAltered)) << bytes.size();
  }
}

TEST_F(VaultTest, AStoreThatIsALinkIsRefused) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  fs::rename(Path("v/store.sqlite"), Path("elsewhere.sqlite"));
  fs::create_symlink(Path("elsewhere.sqlite"), Path("v/store.sqlite"));
  EXPECT_FALSE(Vault::Open(Path("v")).ok());
}

TEST_F(VaultTest, AVaultThatMayNotBeReadIsRefused) {
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_THAT(Create(Path("v")), IsOk());
  const auto open_as_another = [&] {
    const Protector protector = Expect(Protector::KeyFile(Path("vault.key")));
    testing::BecomeOrdinaryUser();
    return std::string(StatusCodeName(Vault::Open(Path("v"), protector).status().code()));
  };
  EXPECT_EQ(InChild(open_as_another), "permission");
  // Somebody else's store in a folder that can be entered.
  ASSERT_EQ(::chmod(Path("v").c_str(), 0755), 0);
  ASSERT_EQ(::chmod(Path("v/keyring").c_str(), 0644), 0);
  EXPECT_EQ(InChild(open_as_another), "permission");
}

TEST_F(VaultTest, OnAReadOnlyFileSystemAVaultIsNeitherMadeNorUsed) {
  fs::create_directory(Path("mount"));
  ASSERT_THAT(Create(Path("mount/v")), IsOk());
  AdmitMaria(Expect(Vault::Open(Path("mount/v"))));
  const std::string mount = Path("mount");
  EXPECT_EQ(InChild([&] {
              testing::EnterPrivateMountNamespace();
              if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
                  ::mount(mount.c_str(), mount.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
                  ::mount(nullptr, mount.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY,
                          nullptr) != 0) {
                return std::string("cannot mount");
              }
              const Status made = Create(mount + "/w");
              std::string answer(StatusCodeName(made.code()));
              const Result<Vault> vault = Vault::Open(mount + "/v");
              answer += ", " + std::string(StatusCodeName(vault.status().code()));
              const Result<Keyring> keyring =
                  Vault::OpenKeyring(mount + "/v", Protector::Remembered());
              return answer + ", " + std::string(StatusCodeName(keyring.status().code()));
            }),
            "read_only, read_only, ok");
  EXPECT_THAT(NamesIn(mount), UnorderedElementsAre("v"));
}

// --- Opened more than once ---

TEST_F(VaultTest, OneFolderIsOpenedTwiceInOneProcess) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  const Vault a = Expect(Vault::Open(Path("v")));
  {
    const Vault b = Expect(Vault::Open(Path("v")));
    EXPECT_EQ(AdmitMaria(a), kMariaId);
    EXPECT_EQ(AdmitMaria(b), kMariaId);
    EXPECT_EQ(CountIn(Path("v"), Table::kPerson), 1u);
  }
  // Closing one takes nothing from the other.
  const IdentityGate gate = Expect(IdentityGate::Create(a, {.scope = Scope::App()}));
  EXPECT_THAT(gate.Admit({.issuer = "mrn", .id = "2", .name = "B"}, "Patient"), IsOk());
  EXPECT_EQ(CountIn(Path("v"), Table::kPerson), 2u);
}

TEST_F(VaultTest, OneFolderIsOpenedInTwoProcesses) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  const Vault mine = Expect(Vault::Open(Path("v")));
  EXPECT_EQ(InChild([&] {
              const Result<Vault> theirs = Vault::Open(Path("v"));
              if (!theirs.ok()) return testing::Describe(theirs.status());
              return AdmitMaria(*theirs);
            }),
            kMariaId);
  EXPECT_EQ(CountIn(Path("v"), Table::kPerson), 1u);
  const IdentityGate gate = Expect(IdentityGate::Create(mine, {.scope = Scope::App()}));
  EXPECT_THAT(gate.Admit({.issuer = "mrn", .id = "2", .name = "B"}, "Patient"), IsOk());
  EXPECT_EQ(CountIn(Path("v"), Table::kPerson), 2u);
}

TEST_F(VaultTest, TheChildOfAForkOpensItsOwnAfterTheParentsIsClosedToIt) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  std::optional<Vault> vault = Expect(Vault::Open(Path("v")));
  EXPECT_EQ(InChild([&] {
              const IdentityGate gate =
                  Expect(IdentityGate::Create(*vault, {.scope = Scope::App()}));
              const PersonView person = {.issuer = "mrn", .id = "2", .name = "B"};
              std::string answer = testing::Describe(gate.Admit(person, "Patient").status());
              vault.reset();  // harmless
              return answer + ", " + AdmitMaria(Expect(Vault::Open(Path("v"))));
            }),
            "closed, " + std::string(kMariaId));
  EXPECT_EQ(AdmitMaria(*vault), kMariaId);
}

// --- Secrets that crossed a fork: they are zeros in the child, and must not be taken for keys ---

TEST_F(VaultTest, AProtectorThatCrossedAForkMakesNoVault) {
  EXPECT_EQ(InChild([&] {
              return std::string(
                  StatusCodeName(Vault::Create(Path("v"), SampleOptions(), protector_).code()));
            }),
            "closed");
  EXPECT_THAT(Names(), IsEmpty()) << "sealed under a key of zeros";
}

TEST_F(VaultTest, APassphraseThatCrossedAForkMakesNoVault) {
  const Protector protector =
      Expect(Protector::Passphrase(testing::Secret("correct horse"), kCheapest));
  EXPECT_EQ(InChild([&] {
              return std::string(
                  StatusCodeName(Vault::Create(Path("v"), SampleOptions(), protector).code()));
            }),
            "closed");
  EXPECT_THAT(Names(), IsEmpty()) << "sealed under a passphrase of zeros";
}

TEST_F(VaultTest, ARootThatCrossedAForkMakesNoVault) {
  Vault::Options options = SampleOptions();
  EXPECT_EQ(InChild([&] {
              return std::string(
                  StatusCodeName(Vault::Create(Path("v"), std::move(options),
                                               Expect(Protector::KeyFile(Path("vault.key"))))
                                     .code()));
            }),
            "closed");
  EXPECT_THAT(Names(), IsEmpty()) << "its external IDs come from a root of zeros";
}

TEST_F(VaultTest, AKeyringThatCrossedAForkIsNotSaved) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  const std::string before = testing::ReadBytes(Path("v/keyring"));
  const Keyring keyring = Expect(Vault::OpenKeyring(Path("v"), protector_));
  EXPECT_EQ(
      InChild([&] {
        return std::string(StatusCodeName(
            keyring.Save(Path("v/keyring"), Expect(Protector::KeyFile(Path("vault.key")))).code()));
      }),
      "closed");
  EXPECT_TRUE(testing::ReadBytes(Path("v/keyring")) == before) << "its keys are zeros now";
}

TEST_F(VaultTest, AProtectorThatCrossedAForkIsClosedRatherThanWrong) {
  ASSERT_THAT(Create(Path("v")), IsOk());
  EXPECT_EQ(
      InChild([&] {
        return std::string(StatusCodeName(Vault::Open(Path("v"), protector_).status().code()));
      }),
      "closed");
}

// --- Avatar templates ---

TEST(AvatarUrlTemplateTest, HttpsUrlsWithAtMostOnePlaceholderAreTaken) {
  for (const std::string& good :
       {std::string(), std::string("data:"), std::string("https://a.example/{avatar}.svg"),
        std::string("https://a.example/one.svg"), std::string("https://{avatar}"),
        std::string("https://{avatar}.a.example/"),
        std::string("https://a.example/~!@$%^&*()_+-=[]|\\:;\"'<>,.?/#`"),
        "https://" + std::string(1016, 'a'), "https://" + std::string(1008, 'a') + "{avatar}"}) {
    EXPECT_THAT(ValidateAvatarUrlTemplate(good), IsOk()) << good;
  }
}

TEST(AvatarUrlTemplateTest, EverythingElseIsRefused) {
  for (const std::string& bad : {std::string("http://a.example/"),
                                 std::string("HTTPS://a.example/"),
                                 std::string("https:/a.example/"),
                                 std::string("//a.example/"),
                                 std::string("{avatar}"),
                                 std::string("javascript:alert(1)"),
                                 std::string("data"),
                                 std::string("DATA:"),
                                 std::string("data: "),
                                 std::string("data:,"),
                                 std::string("data:{avatar}"),
                                 std::string("data:image/svg+xml,{avatar}"),
                                 std::string("data:\0", 6),
                                 std::string(" https://a.example/"),
                                 std::string("https://a.example/ "),
                                 std::string("https://a.example/a b"),
                                 std::string("https://a.example/{avatar}{avatar}"),
                                 std::string("https://a.example/{avatar"),
                                 std::string("https://a.example/avatar}"),
                                 std::string("https://a.example/{}"),
                                 std::string("https://a.example/{Avatar}"),
                                 std::string("https://a.example/{external_id}"),
                                 std::string("https://a.example/{{avatar}}"),
                                 std::string("https://a.example/\n"),
                                 std::string("https://a.example/\t"),
                                 std::string("https://a.example/\0", 19),
                                 std::string("https://a.example/\x7f"),
                                 std::string("https://ä.example/"),
                                 std::string("https://a.example/\xff"),
                                 "https://" + std::string(1017, 'a'),
                                 "https://" + std::string(1009, 'a') + "{avatar}"}) {
    EXPECT_THAT(ValidateAvatarUrlTemplate(bad), HasCode(StatusCode::kInvalidArgument)) << bad;
  }
}

// --- Over another backend ---

class AssembleTest : public ::testing::Test {
 protected:
  std::shared_ptr<StorageBackend> tables_ = MakeMemoryBackend();
  std::shared_ptr<testing::Faults> faults_ = std::make_shared<testing::Faults>();

  std::unique_ptr<StorageBackend> Backend() {
    return std::make_unique<testing::FailingBackend>(tables_, faults_);
  }
};

TEST_F(AssembleTest, AnInitializedBackendBecomesAVault) {
  Keyring keyring = testing::SampleKeyring();
  ASSERT_THAT(Vault::Initialize(keyring, tables_.get(), "https://a.example/{avatar}"), IsOk());
  const Vault vault = Expect(Vault::Assemble(std::move(keyring), Backend()));
  EXPECT_EQ(vault.avatar_url_template(), "https://a.example/{avatar}");
  EXPECT_EQ(AdmitMaria(vault), kMariaId);
}

TEST_F(AssembleTest, ABackendThatIsInUseIsNotInitializedAgain) {
  const Keyring keyring = testing::SampleKeyring();
  ASSERT_THAT(Vault::Initialize(keyring, tables_.get(), ""), IsOk());
  const auto content = testing::ContentOf(*tables_);
  EXPECT_THAT(Vault::Initialize(keyring, tables_.get(), ""), HasCode(StatusCode::kConflict));
  EXPECT_THAT(Vault::Initialize(testing::SampleKeyring(), tables_.get(), ""),
              HasCode(StatusCode::kConflict));
  EXPECT_EQ(testing::ContentOf(*tables_), content);
}

// "Over another backend, which must be empty": who has lost the settings alone still has persons.
TEST_F(AssembleTest, ABackendWithRecordsInAnyTableIsNotInitialized) {
  for (const Table table : testing::kAllTables) {
    const auto backend = MakeMemoryBackend();
    testing::PutOne(*backend, table, testing::Record("tag", "sealed"));
    EXPECT_THAT(Vault::Initialize(testing::SampleKeyring(), backend.get(), ""),
                HasCode(StatusCode::kConflict))
        << "table " << static_cast<int>(table);
  }
}

TEST_F(AssembleTest, ATemplateThatCannotBeOneInitializesNothing) {
  EXPECT_THAT(Vault::Initialize(testing::SampleKeyring(), tables_.get(), "http://a.example/"),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(Expect(tables_->Count(Table::kMeta)), 0u);
}

TEST_F(AssembleTest, ABackendThatWasNotInitializedIsNoVault) {
  EXPECT_THAT(Vault::Assemble(testing::SampleKeyring(), Backend()), HasCode(StatusCode::kAltered));
}

TEST_F(AssembleTest, ABackendOfAnotherKeyringIsNoVault) {
  ASSERT_THAT(Vault::Initialize(testing::SampleKeyring(), tables_.get(), ""), IsOk());
  EXPECT_THAT(Vault::Assemble(testing::SampleKeyring(), Backend()), HasCode(StatusCode::kAltered));
}

TEST_F(AssembleTest, ABackendThatFailsIsNotInitializedByHalf) {
  const Keyring keyring = testing::SampleKeyring();
  const Status failure(StatusCode::kNoSpace, "no space for the store");
  const auto backend = Backend();
  int call = 0;
  for (;; ++call) {
    faults_->Arm(call, failure);
    const Status status = Vault::Initialize(keyring, backend.get(), "");
    if (!faults_->armed_call_reached()) {
      EXPECT_THAT(status, IsOk());
      break;
    }
    EXPECT_THAT(status, HasCode(StatusCode::kNoSpace));
    EXPECT_EQ(Expect(tables_->Count(Table::kMeta)), 0u);
  }
  EXPECT_GE(call, 4);  // Format, Begin, Count, PutMany, Commit
}

TEST_F(AssembleTest, ABackendThatFailsIsNotOpened) {
  ASSERT_THAT(Vault::Initialize(testing::SampleKeyring(), tables_.get(), ""), IsOk());
  const Status failure(StatusCode::kIo, "the store cannot be read or written");
  for (const int call : {0, 1}) {  // Format, FindMany
    faults_->Arm(call, failure);
    EXPECT_THAT(Vault::Assemble(testing::SampleKeyring(), Backend()), HasCode(StatusCode::kIo));
    EXPECT_TRUE(faults_->armed_call_reached());
  }
}

}  // namespace
}  // namespace moniker
