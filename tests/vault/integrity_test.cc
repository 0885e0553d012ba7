// What a vault notices when its files are exchanged, and what its anchors are for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "moniker/anchor.h"
#include "moniker/identity_gate.h"
#include "moniker/vault.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

namespace fs = std::filesystem;
using testing::Expect;
using testing::HasCode;
using testing::IsOk;

class IntegrityTest : public ::testing::Test {
 protected:
  IntegrityTest() : protector_(Expect(Protector::NewKeyFile(Path("vault.key")))) {
    Expect(Vault::Create(vault_, {.keyring = {.app = "clinic-7"}, .anchor = anchor_}, protector_));
    Admit("1");
  }

  std::string Path(const std::string& name) const { return folder_.File(name); }

  // Opens the vault for it, and closes it again.
  void Admit(const std::string& id) const {
    const Vault vault = Expect(Vault::Open(vault_, protector_));
    const IdentityGate gate = Expect(IdentityGate::Create(vault, {.scope = Scope::App()}));
    const PersonView person = {.issuer = "mrn", .id = id, .name = "Maria Jensen"};
    Expect(gate.Admit(person, "Patient").status());
  }
  std::uint64_t Persons() const {
    return Expect(Expect(Vault::Open(vault_, protector_)).Count()).persons;
  }

  Status Open() const { return Vault::Open(vault_, protector_).status(); }
  StoreReport Verify() const { return Expect(Vault::Verify(vault_, protector_)); }
  AnchorState StateOf(std::size_t anchor) const { return Verify().anchors.at(anchor).state; }

  void Copy(const std::string& from, const std::string& to) const {
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  // The database and its log.
  void CopyStore(const std::string& from, const std::string& to) const {
    fs::create_directories(to);
    for (const std::string name : {"store.sqlite", "store.sqlite-wal", "store.sqlite-shm"}) {
      fs::remove(to + "/" + name);
      if (fs::exists(from + "/" + name)) fs::copy(from + "/" + name, to + "/" + name);
    }
  }

  const testing::TemporaryFolder folder_;
  const std::string vault_ = Path("clinic.vault");
  const std::string anchor_ = Path("elsewhere");
  const Protector protector_;
};

TEST_F(IntegrityTest, AVaultLeavesWordInItsFolderAndAtTheChosenPlace) {
  EXPECT_TRUE(fs::exists(vault_ + "/store.head"));
  EXPECT_TRUE(fs::exists(anchor_));
  const StoreReport report = Verify();
  EXPECT_TRUE(report.intact());
  ASSERT_EQ(report.anchors.size(), 2u);
  for (const AnchorReport& anchor : report.anchors) {
    EXPECT_EQ(anchor.state, AnchorState::kCurrent);
    EXPECT_EQ(anchor.counter, report.counter);
  }
}

TEST_F(IntegrityTest, AnOlderDatabaseInItsPlaceIsRolledBack) {
  CopyStore(vault_, Path("yesterday"));
  Admit("2");
  CopyStore(Path("yesterday"), vault_);
  EXPECT_THAT(Open(), HasCode(StatusCode::kRolledBack));
  EXPECT_EQ(Open().locator(), 1);
  const StoreReport report = Verify();
  EXPECT_TRUE(report.records_intact());
  EXPECT_FALSE(report.intact());
  EXPECT_EQ(report.anchors.at(0).state, AnchorState::kAhead);
  EXPECT_EQ(report.anchors[0].counter, report.counter + 1);
}

// What was committed and not yet copied into the database's own file stands in the log.
TEST_F(IntegrityTest, ALogThatIsGoneIsRolledBack) {
  Admit("2");
  ASSERT_TRUE(fs::remove(vault_ + "/store.sqlite-wal"));
  fs::remove(vault_ + "/store.sqlite-shm");
  EXPECT_THAT(Open(), HasCode(StatusCode::kRolledBack));
}

TEST_F(IntegrityTest, TheLogOfAnotherDayIsRolledBack) {
  Copy(vault_, Path("yesterday"));
  Admit("2");
  Admit("3");
  fs::copy_file(Path("yesterday") + "/store.sqlite-wal", vault_ + "/store.sqlite-wal",
                fs::copy_options::overwrite_existing);
  fs::remove(vault_ + "/store.sqlite-shm");
  EXPECT_FALSE(Open().ok());
}

// Whoever can exchange the head too is noticed by the anchor elsewhere alone.
TEST_F(IntegrityTest, TheWholeFolderOfYesterdayIsNoticedByTheChosenAnchor) {
  Copy(vault_, Path("yesterday"));
  Admit("2");
  fs::remove_all(vault_);
  Copy(Path("yesterday"), vault_);
  EXPECT_THAT(Open(), HasCode(StatusCode::kRolledBack));
  EXPECT_EQ(StateOf(0), AnchorState::kCurrent);
  EXPECT_EQ(StateOf(1), AnchorState::kAhead);
}

TEST_F(IntegrityTest, TheWholeFolderOfYesterdayIsNotNoticedWithoutAnAnchorElsewhere) {
  ASSERT_THAT(Vault::Accept(vault_, protector_, ""), IsOk());
  Copy(vault_, Path("yesterday"));
  Admit("2");
  fs::remove_all(vault_);
  Copy(Path("yesterday"), vault_);
  EXPECT_THAT(Open(), IsOk());
  EXPECT_TRUE(Verify().intact());
}

TEST_F(IntegrityTest, TwoCopiesInUseAreNoticedByTheAnchorThatTheyShare) {
  Copy(vault_, Path("copy.vault"));
  EXPECT_THAT(Vault::Open(Path("copy.vault"), protector_), IsOk());
  Admit("2");
  EXPECT_THAT(Vault::Open(Path("copy.vault"), protector_), HasCode(StatusCode::kRolledBack));
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(IntegrityTest, AnAnchorThatIsGoneKeepsTheVaultClosedUntilTheStoreIsAccepted) {
  for (const std::string& path : {vault_ + "/store.head", anchor_}) {
    ASSERT_TRUE(fs::remove(path));
    EXPECT_THAT(Open(), HasCode(StatusCode::kNotFound)) << path;
    EXPECT_EQ(StateOf(path == anchor_), AnchorState::kMissing);
    if (path == anchor_) {
      ASSERT_THAT(CreateFileAnchor(anchor_), IsOk());
    }
    ASSERT_THAT(Vault::Accept(vault_, protector_), IsOk());
    EXPECT_TRUE(Verify().intact());
    Admit("2");
  }
  EXPECT_EQ(Persons(), 2u);
}

TEST_F(IntegrityTest, AnAnchorThatWasOverwrittenIsAltered) {
  for (const std::string& path : {vault_ + "/store.head", anchor_}) {
    const std::string before = testing::ReadBytes(path);
    testing::WriteBytes(path, std::string("\x05\x00nonsense", 10) + before.substr(10));
    // Two places: the other one may still hold the head before.
    testing::WriteBytes(path, std::string("\x05\x00nonsense", 10) + std::string(1014, '\0'));
    EXPECT_THAT(Open(), HasCode(StatusCode::kAltered)) << path;
    testing::WriteBytes(path, before);
  }
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(IntegrityTest, AnAnchorThatCannotBeWrittenIsBehindAndTheVaultGoesOn) {
  const std::string before = testing::ReadBytes(anchor_);
  Admit("2");
  testing::WriteBytes(anchor_, before);  // as if it had been away
  EXPECT_EQ(StateOf(1), AnchorState::kBehind);
  EXPECT_TRUE(Verify().intact());
  Admit("3");
  EXPECT_EQ(StateOf(1), AnchorState::kCurrent);
}

TEST_F(IntegrityTest, AnOlderStoreIsUsedOnceItWasAccepted) {
  CopyStore(vault_, Path("yesterday"));
  Admit("2");
  CopyStore(vault_, Path("today"));
  CopyStore(Path("yesterday"), vault_);
  ASSERT_THAT(Vault::Accept(vault_, protector_), IsOk());
  EXPECT_TRUE(Verify().intact());
  EXPECT_EQ(Persons(), 1u);
  Admit("3");
  CopyStore(Path("today"), vault_);
  EXPECT_THAT(Open(), HasCode(StatusCode::kRolledBack));
}

TEST_F(IntegrityTest, AcceptingCanChooseAnotherAnchorOrNone) {
  const std::string other = Path("other");
  ASSERT_THAT(Vault::Accept(vault_, protector_, other), IsOk());
  ASSERT_TRUE(fs::remove(anchor_));
  Admit("2");
  EXPECT_EQ(StateOf(1), AnchorState::kCurrent);
  EXPECT_THAT(Vault::Accept(vault_, protector_, other), HasCode(StatusCode::kConflict));
  EXPECT_TRUE(fs::exists(other));
  ASSERT_THAT(Vault::Accept(vault_, protector_, ""), IsOk());
  EXPECT_EQ(Verify().anchors.size(), 1u);
  ASSERT_TRUE(fs::remove(other));
  Admit("3");
}

TEST_F(IntegrityTest, AcceptingDoesNotMakeAlteredRecordsGood) {
  Expect(Expect(OpenSqliteStore(vault_))->Checkpoint());
  {
    const auto store = Expect(OpenSqliteStore(vault_));
    testing::EraseOne(*store, Table::kPerson,
                      testing::ScanAll(*store, Table::kPerson).at(0).tag);
  }
  ASSERT_THAT(Vault::Accept(vault_, protector_), IsOk());
  EXPECT_FALSE(Verify().records_intact());
}

TEST_F(IntegrityTest, AnAnchorIsMadeWithTheVaultOrNothingIs) {
  testing::WriteBytes(Path("taken"), "something");
  EXPECT_THAT(Vault::Create(Path("b.vault"),
                            {.keyring = {.app = "clinic-7"}, .anchor = Path("taken")}, protector_),
              HasCode(StatusCode::kConflict));
  EXPECT_FALSE(fs::exists(Path("b.vault")));
  EXPECT_EQ(testing::ReadBytes(Path("taken")), "something");
  EXPECT_FALSE(Vault::Create(Path("no/b.vault"),
                             {.keyring = {.app = "clinic-7"}, .anchor = Path("new")}, protector_)
                   .ok());
  EXPECT_FALSE(fs::exists(Path("new")));
}

TEST_F(IntegrityTest, ARelativeAnchorIsFoundFromAnywhere) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  ASSERT_THAT(Vault::Create("b.vault", {.keyring = {.app = "clinic-7"}, .anchor = "relative"},
                            protector_),
              IsOk());
  fs::current_path("/");
  EXPECT_THAT(Vault::Open(Path("b.vault"), protector_), IsOk());
  fs::current_path(before);
}

TEST_F(IntegrityTest, VerifyingNeedsTheVaultAndItsKey) {
  EXPECT_THAT(Vault::Verify(Path("none"), protector_), HasCode(StatusCode::kNotFound));
  const Protector other = Expect(Protector::NewKeyFile(Path("other.key")));
  EXPECT_THAT(Vault::Verify(vault_, other), HasCode(StatusCode::kWrongKey));
  EXPECT_THAT(Vault::Accept(vault_, other), HasCode(StatusCode::kWrongKey));
}

class UpgradedIntegrityTest : public ::testing::Test {
 protected:
  UpgradedIntegrityTest() {
    fs::create_directory(vault_);
    for (const std::string name : {"keyring", "store.sqlite"}) {
      fs::copy_file(fixture_ + name, vault_ + "/" + name);
    }
    testing::WriteBytes(vault_ + "/store.lock", "");
  }

  // A key file must be closed to others, whatever the tree was checked out as.
  static Protector KeyIn(const testing::TemporaryFolder& folder, const std::string& from) {
    testing::WriteBytes(folder.File("key"), testing::ReadBytes(from));
    return Expect(Protector::KeyFile(folder.File("key")));
  }

  const std::string fixture_ = std::string(MONIKER_TEST_DIR) + "/data/vault-format-1/";
  const testing::TemporaryFolder folder_;
  const std::string vault_ = folder_.File("clinic.vault");
  const Protector protector_ = KeyIn(folder_, fixture_ + "key");
};

TEST_F(UpgradedIntegrityTest, AnOldStoreIsAnchoredWhenItIsOpened) {
  EXPECT_THAT(Vault::Verify(vault_, protector_), HasCode(StatusCode::kUnsupported));
  fs::copy_file(vault_ + "/store.sqlite", folder_.File("old.sqlite"));
  ASSERT_THAT(Vault::Open(vault_, protector_), IsOk());
  EXPECT_TRUE(Expect(Vault::Verify(vault_, protector_)).intact());
  EXPECT_THAT(Vault::Open(vault_, protector_), IsOk());
  // It does not become an old one again.
  fs::remove(vault_ + "/store.sqlite-wal");
  fs::remove(vault_ + "/store.sqlite-shm");
  fs::copy_file(folder_.File("old.sqlite"), vault_ + "/store.sqlite",
                fs::copy_options::overwrite_existing);
  EXPECT_THAT(Vault::Open(vault_, protector_), HasCode(StatusCode::kRolledBack));
}

// The head file may have been made by an upgrade that did not come to its end.
TEST_F(UpgradedIntegrityTest, AnEmptyHeadOfAnInterruptedUpgradeIsUsed) {
  ASSERT_THAT(CreateFileAnchor(vault_ + "/store.head"), IsOk());
  ASSERT_THAT(Vault::Open(vault_, protector_), IsOk());
  EXPECT_TRUE(Expect(Vault::Verify(vault_, protector_)).intact());
}

}  // namespace
}  // namespace moniker
