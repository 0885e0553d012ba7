#include "moniker/keyring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/sodium.h"
#include "support/child_process.h"
#include "support/hex.h"
#include "support/temporary_folder.h"
#include "support/test_keyring.h"

namespace moniker {
namespace {

using internal::AsBytes;
using internal::AsText;
using internal::ByteReader;
using testing::BecomeOrdinaryUser;
using testing::Counting;
using testing::Describe;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::InChild;
using testing::kOrdinaryUser;
using testing::ModeOf;
using testing::NamesIn;
using ::testing::Not;
using testing::ReadBytes;
using testing::Secret;
using testing::TemporaryFolder;
using testing::ToHex;
using ::testing::UnorderedElementsAre;
using testing::WriteBytes;
using Bytes = std::vector<std::uint8_t>;

constexpr Protector::PassphraseCost kCheap = {.passes = 1, .memory_kib = 65'536};
constexpr KeyKind kKinds[] = {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex};

Keyring Create(Suite suite = Suite::kBlake2b, std::optional<SecretBytes> root = std::nullopt) {
  Result<Keyring> keyring =
      Keyring::Create({.app = "clinic-7", .suite = suite, .identity_root = std::move(root)});
  if (!keyring.ok()) throw std::runtime_error("no keyring");
  return *std::move(keyring);
}

std::string SubkeyOf(const Keyring& keyring, KeyKind kind, std::uint32_t epoch = 1) {
  const Result<SecretBytes> subkey = keyring.Subkey(kind, epoch, "scope", AsBytes("context"));
  return subkey.ok() ? ToHex(subkey->Expose()) : Describe(subkey.status());
}

class KeyringTest : public ::testing::Test {
 protected:
  KeyringTest() : key_(*Protector::NewKeyFile(File("key"))) {}

  std::string File(std::string_view name) const { return folder_.File(name); }
  std::string Path() const { return File("keyring"); }

  StatusCode Load(std::string_view bytes, const Protector& protector) const {
    WriteBytes(Path(), bytes);
    return Keyring::Load(Path(), protector).status().code();
  }
  StatusCode Load(std::string_view bytes) const { return Load(bytes, key_); }

  // The bytes of a fresh keyring file.
  std::string Saved() const {
    if (!Create().Save(Path(), key_).ok()) throw std::runtime_error("cannot save");
    return ReadBytes(Path());
  }

  TemporaryFolder folder_;
  Protector key_;
};

TEST_F(KeyringTest, NewOneHasOneEpochOfEachKindAndAVaultIdOfItsOwn) {
  const Keyring a = Create();
  const Keyring b = Create(Suite::kHmacSha256);
  EXPECT_EQ(a.app(), "clinic-7");
  EXPECT_EQ(a.suite(), Suite::kBlake2b);
  EXPECT_EQ(b.suite(), Suite::kHmacSha256);
  EXPECT_NE(a.vault_id(), b.vault_id());
  for (const KeyKind kind : kKinds) {
    EXPECT_THAT(a.Epochs(kind), ElementsAre(1u));
    EXPECT_EQ(a.NewestEpoch(kind), 1u);
  }
}

TEST_F(KeyringTest, EveryKeyIsAnother) {
  const Keyring a = Create();
  const Keyring b = Create();
  std::vector<std::string> subkeys;
  for (const KeyKind kind : kKinds) {
    subkeys.push_back(SubkeyOf(a, kind));
    subkeys.push_back(SubkeyOf(b, kind));
  }
  std::sort(subkeys.begin(), subkeys.end());
  EXPECT_EQ(std::adjacent_find(subkeys.begin(), subkeys.end()), subkeys.end());
}

TEST_F(KeyringTest, AppHasOneTo64BytesOfItsCharacters) {
  for (const std::string& app : {std::string("a"), std::string(64, 'a'),
                                 std::string("0123456789._-/abcdefghijklmnopqrstuvwxyz")}) {
    EXPECT_TRUE(ValidateApp(app).ok()) << app;
    EXPECT_TRUE(Keyring::Create({.app = app, .identity_root = {}}).ok()) << app;
  }
  for (const std::string& app : {std::string(), std::string(65, 'a')}) {
    EXPECT_EQ(ValidateApp(app).code(), StatusCode::kInvalidArgument) << app;
    EXPECT_EQ(Keyring::Create({.app = app, .identity_root = {}}).status().code(),
              StatusCode::kInvalidArgument);
  }
  int accepted = 0;
  for (int c = 0; c < 256; ++c) {
    const std::string app = std::string("a") + static_cast<char>(c) + "b";
    const bool expected = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
                          c == '_' || c == '-' || c == '/';
    EXPECT_EQ(ValidateApp(app).ok(), expected) << c;
    accepted += ValidateApp(app).ok();
  }
  EXPECT_EQ(accepted, 40);
}

TEST_F(KeyringTest, RootKeyOfAnotherSizeIsRefused) {
  for (const std::size_t size : {0u, 1u, 31u, 33u, 64u}) {
    EXPECT_EQ(
        Keyring::Create({.app = "a", .identity_root = Secret(Counting(size))}).status().code(),
        StatusCode::kInvalidArgument)
        << size;
  }
}

TEST_F(KeyringTest, RootFileIs64DigitsOfEitherCaseWithOrWithoutALineFeed) {
  const std::string digits = ToHex(Counting(32, 160));
  std::string upper = digits;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  for (const std::string& content : {digits, digits + "\n", upper}) {
    WriteBytes(File("root"), content);
    const Result<SecretBytes> root = Keyring::ReadRootFile(File("root"));
    ASSERT_TRUE(root.ok()) << content;
    EXPECT_EQ(ToHex(root->Expose()), digits);
  }
  for (const std::string& content :
       {std::string(), digits.substr(1), digits + "0", digits + "\n\n", digits + "\r\n",
        digits + " ", digits.substr(2) + "g0", " " + digits.substr(1), "0x" + digits.substr(2),
        std::string(1 << 20, '0')}) {
    WriteBytes(File("root"), content);
    EXPECT_EQ(Keyring::ReadRootFile(File("root")).status().code(), StatusCode::kInvalidArgument)
        << content.substr(0, 100);
  }
  EXPECT_EQ(Keyring::ReadRootFile(File("missing")).status().code(), StatusCode::kNotFound);
}

TEST_F(KeyringTest, VaultsWithTheSameRootShareIdentityKeysAndNoOthers) {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    const Keyring a = Create(suite, Secret(Counting(32)));
    const Keyring b = Create(suite, Secret(Counting(32)));
    EXPECT_EQ(SubkeyOf(a, KeyKind::kIdentity), SubkeyOf(b, KeyKind::kIdentity));
    EXPECT_NE(SubkeyOf(a, KeyKind::kStorage), SubkeyOf(b, KeyKind::kStorage));
    EXPECT_NE(SubkeyOf(a, KeyKind::kIndex), SubkeyOf(b, KeyKind::kIndex));
    EXPECT_NE(a.vault_id(), b.vault_id());
  }
}

TEST_F(KeyringTest, ImportedRootIsTheIdentityKey) {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    const Result<SecretBytes> expected =
        internal::DeriveSubkey(suite, Secret(Counting(32)), "scope", AsBytes("context"));
    EXPECT_EQ(SubkeyOf(Create(suite, Secret(Counting(32))), KeyKind::kIdentity),
              ToHex(expected->Expose()));
  }
}

TEST_F(KeyringTest, SubkeyPrfIsThePrfUnderTheSubkey) {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    const Keyring keyring = Create(suite);
    for (const KeyKind kind : kKinds) {
      const Result<std::unique_ptr<Prf>> prf = keyring.SubkeyPrf(kind, 1, "x", AsBytes("y"));
      ASSERT_TRUE(prf.ok());
      Result<SecretBytes> key = keyring.Subkey(kind, 1, "x", AsBytes("y"));
      const Result<std::unique_ptr<Prf>> by_hand = MakePrf(suite, *std::move(key));
      EXPECT_EQ(*(*prf)->Compute(Counting(9)), *(*by_hand)->Compute(Counting(9)));
    }
  }
}

TEST_F(KeyringTest, EpochThatIsNotThereIsNotFoundAndNamed) {
  const Keyring keyring = Create();
  for (const std::uint32_t epoch : {0u, 2u, 0xFFFFFFFFu}) {
    for (const KeyKind kind : kKinds) {
      const Status status = keyring.Subkey(kind, epoch, "x", {}).status();
      EXPECT_EQ(status.code(), StatusCode::kNotFound);
      EXPECT_EQ(status.locator(), epoch);
      EXPECT_EQ(keyring.SubkeyPrf(kind, epoch, "x", {}).status().code(), StatusCode::kNotFound);
    }
  }
}

TEST_F(KeyringTest, LoadedOneIsTheOneThatWasSaved) {
  const Protector passphrase = *Protector::Passphrase(Secret(std::string_view("horse")), kCheap);
  for (const Protector* protector : {static_cast<const Protector*>(&key_), &passphrase}) {
    for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
      const Keyring saved = Create(suite);
      ASSERT_TRUE(saved.Save(Path(), *protector).ok());
      const Result<Keyring> loaded = Keyring::Load(Path(), *protector);
      ASSERT_TRUE(loaded.ok()) << loaded.status().message();
      EXPECT_EQ(loaded->app(), "clinic-7");
      EXPECT_EQ(loaded->suite(), suite);
      EXPECT_EQ(loaded->vault_id(), saved.vault_id());
      for (const KeyKind kind : kKinds) {
        EXPECT_EQ(loaded->Epochs(kind), saved.Epochs(kind));
        EXPECT_EQ(SubkeyOf(*loaded, kind), SubkeyOf(saved, kind));
      }
    }
  }
}

TEST_F(KeyringTest, RemembersWhereItsKeyFileIs) {
  ASSERT_TRUE(Create().Save(Path(), key_).ok());
  EXPECT_TRUE(Keyring::Load(Path(), Protector::Remembered()).ok());
  ASSERT_EQ(::chmod(File("key").c_str(), 0644), 0);
  EXPECT_EQ(Keyring::Load(Path(), Protector::Remembered()).status().code(),
            StatusCode::kPermission);
  WriteBytes(File("key"), "something else");
  EXPECT_EQ(Keyring::Load(Path(), Protector::Remembered()).status().code(), StatusCode::kAltered);
  ASSERT_EQ(::unlink(File("key").c_str()), 0);
  EXPECT_EQ(Keyring::Load(Path(), Protector::Remembered()).status().code(), StatusCode::kNotFound);
  ASSERT_TRUE(Protector::NewKeyFile(File("key")).ok());
  EXPECT_EQ(Keyring::Load(Path(), Protector::Remembered()).status().code(), StatusCode::kWrongKey);
}

TEST_F(KeyringTest, OpensWithACopyOfItsKeyFileElsewhere) {
  ASSERT_TRUE(Create().Save(Path(), key_).ok());
  WriteBytes(File("moved"), ReadBytes(File("key")));
  ASSERT_EQ(::unlink(File("key").c_str()), 0);
  EXPECT_TRUE(Keyring::Load(Path(), *Protector::KeyFile(File("moved"))).ok());
}

TEST_F(KeyringTest, AnotherKeyIsTheWrongKey) {
  ASSERT_TRUE(Create().Save(Path(), key_).ok());
  EXPECT_EQ(Keyring::Load(Path(), *Protector::NewKeyFile(File("other"))).status().code(),
            StatusCode::kWrongKey);
  const auto passphrase = [](std::string_view text) {
    return *Protector::Passphrase(Secret(text), kCheap);
  };
  ASSERT_TRUE(Create().Save(Path(), passphrase("horse")).ok());
  EXPECT_EQ(Keyring::Load(Path(), passphrase("house")).status().code(), StatusCode::kWrongKey);
}

TEST_F(KeyringTest, ProtectorOfTheOtherKindIsAnInvalidArgument) {
  const Protector passphrase = *Protector::Passphrase(Secret(std::string_view("horse")), kCheap);
  ASSERT_TRUE(Create().Save(Path(), key_).ok());
  EXPECT_EQ(Keyring::Load(Path(), passphrase).status().code(), StatusCode::kInvalidArgument);
  ASSERT_TRUE(Create().Save(Path(), passphrase).ok());
  EXPECT_EQ(Keyring::Load(Path(), key_).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Keyring::Load(Path(), Protector::Remembered()).status().code(),
            StatusCode::kInvalidArgument);
}

TEST_F(KeyringTest, CostOfAPassphraseIsReadFromTheFile) {
  const auto passphrase = [](std::uint32_t passes) {
    return *Protector::Passphrase(Secret(std::string_view("horse")),
                                  {.passes = passes, .memory_kib = 65'536});
  };
  ASSERT_TRUE(Create().Save(Path(), passphrase(2)).ok());
  EXPECT_TRUE(Keyring::Load(Path(), passphrase(1)).ok());
}

TEST_F(KeyringTest, RememberedDoesNotSave) {
  EXPECT_EQ(Create().Save(Path(), Protector::Remembered()).code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(NamesIn(folder_.path()), ElementsAre("key"));
}

TEST_F(KeyringTest, FileHasMode0600AndTheLayoutOfTheFormat) {
  const mode_t before = ::umask(0);
  const std::string file = Saved();
  ::umask(before);
  EXPECT_EQ(ModeOf(Path()), 0600u);
  ByteReader reader(AsBytes(file));
  EXPECT_EQ(AsText(reader.Bytes(8)), "mnkkeys\n");
  EXPECT_EQ(reader.U16(), 1);
  EXPECT_EQ(reader.U8(), 1);
  EXPECT_EQ(reader.U8(), 1);
  reader.Bytes(32);
  EXPECT_EQ(reader.U32(), 0u);
  EXPECT_EQ(reader.U32(), 0u);
  EXPECT_EQ(AsText(reader.Bytes(reader.U16())), File("key"));
  reader.Bytes(32 + 24);
  EXPECT_EQ(reader.Prefixed().size(), 16u + 1 + 4 + 8 + 2 + 3 * 46 + 16);
  EXPECT_TRUE(reader.AtEnd());
}

TEST_F(KeyringTest, SaltAndNonceAreNewEachTimeItIsWritten) {
  const Keyring keyring = Create();
  std::vector<std::string> salts;
  std::vector<std::string> nonces;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(keyring.Save(Path(), key_).ok());
    const std::string file = ReadBytes(Path());
    salts.push_back(file.substr(12, 32));
    nonces.push_back(file.substr(86 + File("key").size(), 24));
  }
  for (std::vector<std::string>* values : {&salts, &nonces}) {
    std::sort(values->begin(), values->end());
    EXPECT_EQ(std::adjacent_find(values->begin(), values->end()), values->end());
  }
}

TEST_F(KeyringTest, FileShowsNeitherKeysNorApp) {
  const std::string marker = "MARKER-KEY-0123456789-0123456789";
  ASSERT_EQ(marker.size(), 32u);
  const Keyring keyring = Create(Suite::kBlake2b, Secret(AsBytes(marker)));
  ASSERT_TRUE(keyring.Save(Path(), key_).ok());
  const std::string file = ReadBytes(Path());
  const std::string protector_digits = ReadBytes(File("key")).substr(14, 64);
  for (const std::string& secret :
       {marker, marker.substr(0, 8), ToHex(AsBytes(marker)), std::string("clinic-7"),
        protector_digits, std::string(AsText(testing::FromHex(protector_digits)))}) {
    EXPECT_THAT(file, Not(HasSubstr(secret)));
  }
}

// The bar: 0 wrong plain text, every change reported.
TEST_F(KeyringTest, EveryBitOfTheFileChangedIsAnError) {
  std::string file = Saved();
  const std::size_t path_size = File("key").size();
  std::size_t flips = 0;
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    char& byte = file[bit / 8];
    const char original = byte;
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1u << bit % 8));
    const StatusCode code = Load(file);
    const std::size_t at = bit / 8;
    if (at == 8 || at == 9) {  // version 0 is none, others are newer
      EXPECT_EQ(code, bit == 8 * 8 ? StatusCode::kAltered : StatusCode::kNewerFormat) << bit;
    } else if ((at >= 12 && at < 44) || (at >= 54 + path_size && at < 86 + path_size)) {
      EXPECT_EQ(code, StatusCode::kWrongKey) << bit;  // salt and commitment decide on the key
    } else if (at == 11) {  // the protector may become one of the other kind
      EXPECT_THAT(code, ::testing::AnyOf(StatusCode::kAltered, StatusCode::kInvalidArgument));
    } else {
      EXPECT_EQ(code, StatusCode::kAltered) << bit;
    }
    byte = original;
    ++flips;
  }
  EXPECT_EQ(flips, 8 * file.size());
  EXPECT_EQ(Load(file), StatusCode::kOk);
}

TEST_F(KeyringTest, EveryBitOfThePathChangedIsAnErrorForTheRememberedKeyToo) {
  std::string file = Saved();
  for (std::size_t bit = 8 * 52; bit < 8 * (54 + File("key").size()); ++bit) {
    char& byte = file[bit / 8];
    const char original = byte;
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1u << bit % 8));
    EXPECT_NE(Load(file, Protector::Remembered()), StatusCode::kOk) << bit;
    byte = original;
  }
}

TEST_F(KeyringTest, FileCutAnywhereIsAltered) {
  const std::string file = Saved();
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_EQ(Load(file.substr(0, size)), StatusCode::kAltered) << size;
  }
}

TEST_F(KeyringTest, TrailingBytesAreAltered) {
  const std::string file = Saved();
  for (const std::size_t more : {std::size_t{1}, std::size_t{46}, std::size_t{4096}}) {
    EXPECT_EQ(Load(file + std::string(more, '\0')), StatusCode::kAltered);
  }
  EXPECT_EQ(Load(file + file), StatusCode::kAltered);
}

TEST_F(KeyringTest, FileAbove1MiBIsAltered) {
  EXPECT_EQ(Load(Saved() + std::string(1 << 20, '\0')), StatusCode::kAltered);
}

TEST_F(KeyringTest, NothingBehindANewerVersionIsLookedAt) {
  for (const std::string& version :
       {std::string("\x02\0", 2), std::string("\0\1", 2), std::string("\xFF\xFF", 2)}) {
    EXPECT_EQ(Load("mnkkeys\n" + version), StatusCode::kNewerFormat);
    EXPECT_EQ(Load("mnkkeys\n" + version + std::string(500, '\xFF')), StatusCode::kNewerFormat);
  }
  EXPECT_EQ(Load(std::string("mnkkeys\n\0\0", 10)), StatusCode::kAltered);
  EXPECT_EQ(Load("mnkkeyt\n\x02"), StatusCode::kAltered);
}

TEST_F(KeyringTest, WhatTheSystemRefusesKeepsItsCode) {
  EXPECT_EQ(Keyring::Load(File("missing"), key_).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Keyring::Load(folder_.path(), key_).status().code(), StatusCode::kIo);
  EXPECT_EQ(Create().Save(File("missing/keyring"), key_).code(), StatusCode::kNotFound);
  ASSERT_TRUE(Create().Save(Path(), key_).ok());
  ASSERT_EQ(::chmod(Path().c_str(), 0), 0);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  EXPECT_EQ(InChild([this] {
              BecomeOrdinaryUser();
              return Describe(Keyring::Load(Path(), Protector::Remembered()).status());
            }),
            "permission at 13");
}

TEST_F(KeyringTest, SaveThatFailsLeavesTheOldFileAndNothingElse) {
  const std::string old = Saved();
  EXPECT_EQ(InChild([this] {
              std::signal(SIGXFSZ, SIG_IGN);
              const rlimit limit = {100, 100};
              if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return std::string("no limit");
              const Protector protector = *Protector::KeyFile(File("key"));
              return Describe(Create().Save(Path(), protector));
            }),
            "io at 27");
  EXPECT_TRUE(ReadBytes(Path()) == old);
  EXPECT_THAT(NamesIn(folder_.path()), UnorderedElementsAre("key", "keyring"));
}

TEST_F(KeyringTest, SaveReplacesAFileThatWasOpenToOthersByAClosedOne) {
  WriteBytes(Path(), "old", 0666);
  ASSERT_TRUE(Create().Save(Path(), key_).ok());
  EXPECT_EQ(ModeOf(Path()), 0600u);
  EXPECT_THAT(NamesIn(folder_.path()), UnorderedElementsAre("key", "keyring"));
}

TEST_F(KeyringTest, SecretsAreGivenBackWithTheKeyring) {
  const std::size_t before = SecretMemory::Current().used_blocks;
  {
    const Keyring keyring = Create();
    EXPECT_EQ(SecretMemory::Current().used_blocks, before + 3);
    ASSERT_TRUE(keyring.Save(Path(), key_).ok());
    ASSERT_TRUE(Keyring::Load(Path(), key_).ok());
    EXPECT_EQ(SecretMemory::Current().used_blocks, before + 3);
  }
  EXPECT_EQ(SecretMemory::Current().used_blocks, before);
}

// Fork: what the parent made holds zeros in the child.

TEST_F(KeyringTest, KeysOfTheParentAreClosedInTheChild) {
  const Keyring keyring = Create();
  EXPECT_EQ(InChild([&keyring] {
              return SubkeyOf(keyring, KeyKind::kIdentity) + ", " +
                     Describe(keyring.SubkeyPrf(KeyKind::kIndex, 1, "x", {}).status());
            }),
            "closed, closed");
}

// Anything else would replace the keys by zeros, under a key of zeros.
TEST_F(KeyringTest, KeyringOfTheParentIsNotSavedInTheChild) {
  const Keyring keyring = Create();
  ASSERT_TRUE(keyring.Save(Path(), key_).ok());
  const std::string old = ReadBytes(Path());
  EXPECT_EQ(InChild([&] { return Describe(keyring.Save(Path(), key_)); }), "closed");
  EXPECT_TRUE(ReadBytes(Path()) == old);
  EXPECT_EQ(InChild([&] {
              const Protector fresh = *Protector::KeyFile(File("key"));
              return Describe(keyring.Save(Path(), fresh));
            }),
            "closed");
  EXPECT_TRUE(ReadBytes(Path()) == old);
}

TEST_F(KeyringTest, ProtectorOfTheParentIsClosedInTheChild) {
  const Protector passphrase = *Protector::Passphrase(Secret(std::string_view("horse")), kCheap);
  ASSERT_TRUE(Create().Save(File("by-passphrase"), passphrase).ok());
  ASSERT_TRUE(Create().Save(File("by-key"), key_).ok());
  const std::string key_sealed = ReadBytes(File("by-key"));
  const std::string passphrase_sealed = ReadBytes(File("by-passphrase"));
  EXPECT_EQ(InChild([&] { return Describe(Create().Save(File("by-key"), key_)); }), "closed");
  EXPECT_EQ(InChild([&] { return Describe(Create().Save(File("by-passphrase"), passphrase)); }),
            "closed");
  EXPECT_EQ(InChild([&] { return Describe(Keyring::Load(File("by-key"), key_).status()); }),
            "closed");
  EXPECT_EQ(
      InChild([&] { return Describe(Keyring::Load(File("by-passphrase"), passphrase).status()); }),
      "closed");
  EXPECT_TRUE(ReadBytes(File("by-key")) == key_sealed);
  EXPECT_TRUE(ReadBytes(File("by-passphrase")) == passphrase_sealed);
}

TEST_F(KeyringTest, ChildThatLoadsForItselfWorks) {
  const Keyring keyring = Create();
  ASSERT_TRUE(keyring.Save(Path(), key_).ok());
  EXPECT_EQ(InChild([this] {
              const Result<Keyring> loaded = Keyring::Load(Path(), Protector::Remembered());
              return loaded.ok() ? SubkeyOf(*loaded, KeyKind::kIdentity)
                                 : Describe(loaded.status());
            }),
            SubkeyOf(keyring, KeyKind::kIdentity));
}

// An object that was moved from is kClosed (status.h). A Save that went on would seal under no key,
// or write a file that nobody can load.

// --- epochs

TEST_F(KeyringTest, ModeComesBackAndIsDerivedUnlessToldOtherwise) {
  EXPECT_EQ(Create().mode(), VaultMode::kDerived);
  const Result<Keyring> enrolled =
      Keyring::Create({.app = "clinic-7", .mode = VaultMode::kEnrolled});
  ASSERT_TRUE(enrolled.ok());
  ASSERT_TRUE(enrolled->Save(Path(), key_).ok());
  const Result<Keyring> loaded = Keyring::Load(Path(), key_);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->mode(), VaultMode::kEnrolled);
  EXPECT_EQ(enrolled->WithNewEpoch(KeyKind::kIdentity)->mode(), VaultMode::kEnrolled);
  EXPECT_EQ(VaultModeName(VaultMode::kDerived), "derived");
  EXPECT_EQ(VaultModeName(VaultMode::kEnrolled), "enrolled");
}

TEST_F(KeyringTest, NewEpochIsTheNewestAndLeavesEveryOtherKeyAsItWas) {
  const Keyring first = Create(Suite::kHmacSha256);
  for (const KeyKind kind : kKinds) {
    const Result<Keyring> second = first.WithNewEpoch(kind);
    ASSERT_TRUE(second.ok());
    const Result<Keyring> third = second->WithNewEpoch(kind);
    ASSERT_TRUE(third.ok());
    EXPECT_THAT(third->Epochs(kind), ElementsAre(1u, 2u, 3u));
    EXPECT_EQ(third->NewestEpoch(kind), 3u);
    EXPECT_EQ(third->vault_id(), first.vault_id());
    EXPECT_EQ(third->app(), first.app());
    EXPECT_EQ(third->suite(), first.suite());
    for (const KeyKind other : kKinds) {
      EXPECT_EQ(SubkeyOf(*third, other), SubkeyOf(first, other));
      EXPECT_EQ(third->CreatedAt(other, 1), first.CreatedAt(other, 1));
      if (other == kind) continue;
      EXPECT_THAT(third->Epochs(other), ElementsAre(1u));
    }
    EXPECT_EQ(SubkeyOf(*third, kind, 2), SubkeyOf(*second, kind, 2));
    EXPECT_NE(SubkeyOf(*third, kind, 2), SubkeyOf(*third, kind, 1));
    EXPECT_NE(SubkeyOf(*third, kind, 3), SubkeyOf(*third, kind, 2));
  }
  EXPECT_THAT(first.Epochs(KeyKind::kIdentity), ElementsAre(1u));
}

TEST_F(KeyringTest, EpochsComeBackInTheirOrderFromTheFile) {
  Keyring keyring = Create();
  for (const KeyKind kind : {KeyKind::kIndex, KeyKind::kIdentity, KeyKind::kStorage,
                             KeyKind::kIdentity, KeyKind::kIndex}) {
    keyring = *keyring.WithNewEpoch(kind);
  }
  ASSERT_TRUE(keyring.Save(Path(), key_).ok());
  const Result<Keyring> loaded = Keyring::Load(Path(), key_);
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(loaded->Epochs(KeyKind::kIdentity), ElementsAre(1u, 2u, 3u));
  EXPECT_THAT(loaded->Epochs(KeyKind::kStorage), ElementsAre(1u, 2u));
  EXPECT_THAT(loaded->Epochs(KeyKind::kIndex), ElementsAre(1u, 2u, 3u));
  for (const KeyKind kind : kKinds) {
    for (const std::uint32_t epoch : loaded->Epochs(kind)) {
      EXPECT_EQ(SubkeyOf(*loaded, kind, epoch), SubkeyOf(keyring, kind, epoch));
    }
  }
}

TEST_F(KeyringTest, EpochIsDestroyedAloneAndNeverTheNewest) {
  const Keyring three =
      *Create().WithNewEpoch(KeyKind::kIdentity)->WithNewEpoch(KeyKind::kIdentity);
  const Result<Keyring> less = three.WithoutEpoch(KeyKind::kIdentity, 2);
  ASSERT_TRUE(less.ok());
  EXPECT_THAT(less->Epochs(KeyKind::kIdentity), ElementsAre(1u, 3u));
  EXPECT_THAT(less->Epochs(KeyKind::kStorage), ElementsAre(1u));
  EXPECT_EQ(less->CreatedAt(KeyKind::kIdentity, 2), 0u);
  EXPECT_EQ(SubkeyOf(*less, KeyKind::kIdentity, 3), SubkeyOf(three, KeyKind::kIdentity, 3));
  EXPECT_EQ(Describe(three.WithoutEpoch(KeyKind::kIdentity, 3).status()), "invalid_argument at 3");
  EXPECT_EQ(Describe(three.WithoutEpoch(KeyKind::kStorage, 1).status()), "invalid_argument at 1");
  EXPECT_EQ(Describe(three.WithoutEpoch(KeyKind::kIdentity, 4).status()), "not_found at 4");
  EXPECT_EQ(Describe(less->WithoutEpoch(KeyKind::kIdentity, 2).status()), "not_found at 2");
  // What is destroyed does not come back under its number.
  const Result<Keyring> next = less->WithNewEpoch(KeyKind::kIdentity);
  ASSERT_TRUE(next.ok());
  EXPECT_THAT(next->Epochs(KeyKind::kIdentity), ElementsAre(1u, 3u, 4u));
}

TEST_F(KeyringTest, TakesNoMoreThan4096Keys) {
  Keyring keyring = Create();
  for (int keys = 3; keys < 4096; ++keys) keyring = *keyring.WithNewEpoch(KeyKind::kIndex);
  EXPECT_EQ(Describe(keyring.WithNewEpoch(KeyKind::kIndex).status()), "exhausted");
  ASSERT_TRUE(keyring.Save(Path(), key_).ok());
  EXPECT_TRUE(Keyring::Load(Path(), key_).ok());
}

// After the last number there is none: what would be written could not be read.
TEST_F(KeyringTest, HasNoEpochAfterTheHighestNumber) {
  const Keyring last =
      testing::MakeKeyring({.keys = {{KeyKind::kStorage, 0xffffffff, Counting(32)}}});
  EXPECT_EQ(Describe(last.WithNewEpoch(KeyKind::kStorage).status()), "exhausted");
  EXPECT_TRUE(last.WithNewEpoch(KeyKind::kIndex).ok());
}

TEST_F(KeyringTest, TimeOfAnEpochIsNowWhenItIsMade) {
  const auto before = static_cast<std::uint64_t>(std::time(nullptr));
  const Keyring keyring = *Create().WithNewEpoch(KeyKind::kIndex);
  const auto after = static_cast<std::uint64_t>(std::time(nullptr));
  for (const std::uint32_t epoch : {1u, 2u}) {
    EXPECT_GE(keyring.CreatedAt(KeyKind::kIndex, epoch), before);
    EXPECT_LE(keyring.CreatedAt(KeyKind::kIndex, epoch), after);
  }
  EXPECT_EQ(keyring.CreatedAt(KeyKind::kIndex, 3), 0u);
}

TEST_F(KeyringTest, KeyringThatWasMovedFromHasNoNewEpoch) {
  Keyring keyring = Create();
  const Keyring moved = std::move(keyring);
  EXPECT_EQ(Describe(keyring.WithNewEpoch(KeyKind::kIndex).status()), "closed");  // NOLINT
}

// --- writing over

TEST_F(KeyringTest, SavedOverItKeepsItsPathAndItsKeyFile) {
  const Keyring keyring = Create();
  ASSERT_TRUE(keyring.Save(Path(), key_).ok());
  std::filesystem::copy_file(File("key"), File("copy"));
  const Protector copy = *Protector::KeyFile(File("copy"));
  const Protector remembered = Protector::Remembered();
  for (const Protector* const protector :
       std::initializer_list<const Protector*>{&key_, &copy, &remembered}) {
    const Keyring now = *Keyring::Load(Path(), key_);
    const Keyring next = *now.WithNewEpoch(KeyKind::kStorage);
    ASSERT_TRUE(next.SaveOver(Path(), *protector).ok());
    EXPECT_EQ(*Keyring::RememberedKeyFile(Path()), key_.key_file_path());
    const Result<Keyring> loaded = Keyring::Load(Path(), key_);
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded->NewestEpoch(KeyKind::kStorage), next.NewestEpoch(KeyKind::kStorage));
    EXPECT_EQ(SubkeyOf(*loaded, KeyKind::kStorage), SubkeyOf(keyring, KeyKind::kStorage));
  }
  EXPECT_EQ(Keyring::Load(Path(), key_)->NewestEpoch(KeyKind::kStorage), 4u);
}

TEST_F(KeyringTest, SavedOverItKeepsTheCostOfItsPassphrase) {
  constexpr Protector::PassphraseCost kOther = {.passes = 2, .memory_kib = 66'000};
  const auto passphrase = [](const Protector::PassphraseCost& cost) {
    return *Protector::Passphrase(Secret(std::string_view("correct horse")), cost);
  };
  const Keyring keyring = Create();
  ASSERT_TRUE(keyring.Save(Path(), passphrase(kCheap)).ok());
  const std::string before = ReadBytes(Path());
  ASSERT_TRUE(keyring.WithNewEpoch(KeyKind::kIndex)->SaveOver(Path(), passphrase(kOther)).ok());
  const std::string after = ReadBytes(Path());
  EXPECT_EQ(after.substr(44, 10), before.substr(44, 10));  // passes, memory, no path
  EXPECT_NE(after.substr(12, 32), before.substr(12, 32));  // the salt is new
  const Result<Keyring> loaded = Keyring::Load(Path(), passphrase(kOther));
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->NewestEpoch(KeyKind::kIndex), 2u);
}

TEST_F(KeyringTest, KeyringOfAnotherVaultIsNotSavedOver) {
  ASSERT_TRUE(Create().Save(Path(), key_).ok());
  const std::string before = ReadBytes(Path());
  EXPECT_EQ(Describe(Create().SaveOver(Path(), key_)), "conflict");
  EXPECT_EQ(ReadBytes(Path()), before);
}

TEST_F(KeyringTest, WhatCannotBeOpenedIsNotSavedOver) {
  const Keyring keyring = Create();
  EXPECT_EQ(Describe(keyring.SaveOver(Path(), key_)), "not_found at " + std::to_string(ENOENT));
  ASSERT_TRUE(keyring.Save(Path(), key_).ok());
  const std::string before = ReadBytes(Path());
  const Protector other = *Protector::NewKeyFile(File("other"));
  EXPECT_EQ(Describe(keyring.SaveOver(Path(), other)), "wrong_key");
  EXPECT_EQ(ReadBytes(Path()), before);
  WriteBytes(Path(), before + "x");
  EXPECT_EQ(Describe(keyring.SaveOver(Path(), key_)), "altered");
  EXPECT_EQ(ReadBytes(Path()), before + "x");
}

TEST_F(KeyringTest, SaveUnderAProtectorThatWasMovedFromIsClosed) {
  Protector passphrase = *Protector::Passphrase(Secret(std::string_view("horse")), kCheap);
  const Protector taken_key = std::move(key_);
  const Protector taken_passphrase = std::move(passphrase);
  EXPECT_EQ(Create().Save(Path(), key_).code(), StatusCode::kClosed);
  EXPECT_EQ(Create().Save(Path(), passphrase).code(), StatusCode::kClosed);
  EXPECT_THAT(NamesIn(folder_.path()), ElementsAre("key"));
}

TEST_F(KeyringTest, SaveOfAKeyringThatWasMovedFromIsClosedAndKeepsTheFile) {
  Keyring keyring = Create();
  ASSERT_TRUE(keyring.Save(Path(), key_).ok());
  const std::string old = ReadBytes(Path());
  const Keyring taken = std::move(keyring);
  EXPECT_EQ(keyring.Save(Path(), key_).code(), StatusCode::kClosed);
  EXPECT_TRUE(ReadBytes(Path()) == old);
}

}  // namespace
}  // namespace moniker
