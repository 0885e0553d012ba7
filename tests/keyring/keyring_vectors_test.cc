// Holds the reading of keyring files against tests/vectors/keyring, which were made from the
// specification by other code.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>

#include "base/bytes.h"
#include "keyring/keyring_file.h"
#include "moniker/keyring.h"
#include "moniker/prf.h"
#include "support/hex.h"
#include "support/status_matchers.h"
#include "support/temporary_folder.h"
#include "support/vector_file.h"

namespace moniker {
namespace {

using ::testing::ElementsAreArray;
using testing::HasCode;
using testing::IsOk;
using testing::ReadVectors;
using testing::VectorFile;

constexpr std::string_view kKeyFilePrefix = "moniker-key-1:";

// What the caller brings. The key file lies elsewhere than the keyring says.
Result<Protector> ProtectorOf(const VectorFile& vector, const std::string& folder) {
  if (vector.Get("protector") == "passphrase") {
    return Protector::Passphrase(testing::Secret(std::string_view(vector.Bytes("passphrase-hex"))));
  }
  const std::string path = folder + "/elsewhere.key";
  testing::WriteBytes(path, std::string(kKeyFilePrefix) + vector.Get("protector-key-hex") + "\n");
  return Protector::KeyFile(path);
}

Result<Keyring> Load(const VectorFile& vector) {
  const testing::TemporaryFolder folder;
  testing::WriteBytes(folder.File("keyring"), vector.Bytes("file-hex"));
  const Result<Protector> protector = ProtectorOf(vector, folder.path());
  if (!protector.ok()) return protector.status();
  return Keyring::Load(folder.File("keyring"), *protector);
}

struct ExpectedKey {
  KeyKind kind;
  std::uint32_t epoch;
  std::string digits;
};

std::vector<ExpectedKey> KeysOf(const VectorFile& vector) {
  static const std::map<std::string, KeyKind> kinds = {
      {"identity", KeyKind::kIdentity}, {"storage", KeyKind::kStorage}, {"index", KeyKind::kIndex}};
  std::vector<ExpectedKey> keys;
  for (int i = 1; i <= std::stoi(vector.Get("keys")); ++i) {
    std::istringstream line(vector.Get("key-" + std::to_string(i)));
    std::string kind;
    std::string algorithm;
    std::string created;
    ExpectedKey key;
    line >> kind >> key.epoch >> algorithm >> created >> key.digits;
    key.kind = kinds.at(kind);
    keys.push_back(key);
  }
  return keys;
}

// Keys are not handed out, so they are compared by what is derived from them: once by the keyring,
// once by the PRF of the specification over "moniker/v1/" || label || 0x00 || context.
void ExpectKey(const Keyring& keyring, const ExpectedKey& key) {
  const std::string context = "any context";
  const std::string message = std::string("moniker/v1/any-label") + '\0' + context;
  const auto prf = MakePrf(keyring.suite(), testing::Secret(testing::FromHex(key.digits)));
  const Result<Digest> expected =
      (*prf)->Compute({reinterpret_cast<const std::uint8_t*>(message.data()), message.size()});
  const Result<SecretBytes> derived =
      keyring.Subkey(key.kind, key.epoch, "any-label",
                     {reinterpret_cast<const std::uint8_t*>(context.data()), context.size()});
  ASSERT_THAT(expected, IsOk());
  ASSERT_THAT(derived, IsOk());
  EXPECT_EQ(testing::ToHex(derived->Expose()), testing::ToHex(*expected));
}

void ExpectKeys(const Keyring& keyring, const std::vector<ExpectedKey>& keys) {
  std::map<KeyKind, std::vector<std::uint32_t>> epochs;
  for (const ExpectedKey& key : keys) epochs[key.kind].push_back(key.epoch);
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex}) {
    EXPECT_THAT(keyring.Epochs(kind), ElementsAreArray(epochs[kind]));
    EXPECT_EQ(keyring.NewestEpoch(kind), epochs[kind].back());
    EXPECT_THAT(keyring.Subkey(kind, epochs[kind].back() + 1, "any-label", {}),
                HasCode(StatusCode::kNotFound));
  }
  for (const ExpectedKey& key : keys) ExpectKey(keyring, key);
}

TEST(KeyringVectorsTest, LoadingAgreesWithTheSpecification) {
  std::map<std::string, int> counts;
  for (const VectorFile& vector : ReadVectors("keyring", "keyring")) {
    SCOPED_TRACE(vector.name());
    const Result<Keyring> keyring = Load(vector);
    if (vector.Get("expect") != "ok") {
      ++counts[vector.Get("code")];
      EXPECT_EQ(StatusCodeName(keyring.status().code()), vector.Get("code"));
      continue;
    }
    ++counts["ok"];
    ASSERT_THAT(keyring, IsOk());
    EXPECT_EQ(SuiteName(keyring->suite()), vector.Get("suite"));
    EXPECT_EQ(VaultModeName(keyring->mode()), vector.Get("mode"));
    ++counts[vector.Get("mode")];
    EXPECT_EQ(testing::ToHex(keyring->vault_id()), vector.Get("vault-id-hex"));
    EXPECT_EQ(keyring->app(), vector.Get("app"));
    ExpectKeys(*keyring, KeysOf(vector));
  }
  const std::map<std::string, int> expected = {
      {"ok", 30},        {"derived", 25},     {"enrolled", 5},         {"altered", 181},
      {"wrong_key", 14}, {"newer_format", 7}, {"invalid_argument", 4},
  };
  EXPECT_EQ(counts, expected);
}

// The times of keys are not part of the public interface; with them, all of the body must survive.
TEST(KeyringVectorsTest, WhatWasLoadedHasTheSameBodyAfterSaving) {
  int count = 0;
  for (const VectorFile& vector : ReadVectors("keyring", "keyring")) {
    if (vector.Get("expect") != "ok" || vector.Get("protector") != "key-file") continue;
    SCOPED_TRACE(vector.name());
    const Result<Keyring> keyring = Load(vector);
    ASSERT_THAT(keyring, IsOk());
    const testing::TemporaryFolder folder;
    const Result<Protector> protector = Protector::NewKeyFile(folder.File("new.key"));
    ASSERT_THAT(protector, IsOk());
    ASSERT_THAT(keyring->Save(folder.File("keyring"), *protector), IsOk());
    const Result<Keyring> again = Keyring::Load(folder.File("keyring"), Protector::Remembered());
    ASSERT_THAT(again, IsOk());
    ExpectKeys(*again, KeysOf(vector));

    const std::string original = vector.Bytes("file-hex");
    const std::string saved = testing::ReadBytes(folder.File("keyring"));
    const Result<Protector> first_protector = ProtectorOf(vector, folder.path());
    const auto before = internal::KeyringFile::Open(internal::AsBytes(original), *first_protector);
    const auto after = internal::KeyringFile::Open(internal::AsBytes(saved), *protector);
    ASSERT_THAT(before, IsOk());
    ASSERT_THAT(after, IsOk());
    EXPECT_EQ(after->suite, before->suite);
    EXPECT_TRUE(std::ranges::equal(after->body.Expose(), before->body.Expose()));
    ++count;
  }
  EXPECT_EQ(count, 27);
}

class KeyFilePathTest : public ::testing::Test {
 protected:
  KeyFilePathTest() {
    Keyring::Options options;
    options.app = "clinic-7";
    const Result<Protector> protector = Protector::NewKeyFile(folder_.File("vault.key"));
    const Result<Keyring> keyring = Keyring::Create(std::move(options));
    EXPECT_THAT(keyring->Save(keyring_path_, *protector), IsOk());
  }

  testing::TemporaryFolder folder_;
  const std::string keyring_path_ = folder_.File("keyring");
};

TEST_F(KeyFilePathTest, TheRememberedPathIsUsedWhenNoneIsGiven) {
  EXPECT_THAT(Keyring::Load(keyring_path_, Protector::Remembered()), IsOk());
  std::filesystem::rename(folder_.File("vault.key"), folder_.File("moved.key"));
  EXPECT_THAT(Keyring::Load(keyring_path_, Protector::Remembered()),
              HasCode(StatusCode::kNotFound));
}

TEST_F(KeyFilePathTest, TheRightKeyOpensFromAnyPath) {
  std::filesystem::rename(folder_.File("vault.key"), folder_.File("moved.key"));
  const Result<Protector> moved = Protector::KeyFile(folder_.File("moved.key"));
  ASSERT_THAT(moved, IsOk());
  EXPECT_THAT(Keyring::Load(keyring_path_, *moved), IsOk());
}

TEST_F(KeyFilePathTest, AnotherKeyUnderTheRememberedPathIsTheWrongKey) {
  std::filesystem::remove(folder_.File("vault.key"));
  ASSERT_THAT(Protector::NewKeyFile(folder_.File("vault.key")), IsOk());
  EXPECT_THAT(Keyring::Load(keyring_path_, Protector::Remembered()),
              HasCode(StatusCode::kWrongKey));
}

TEST_F(KeyFilePathTest, ARememberedKeyFileThatIsOpenToOthersIsRefused) {
  std::filesystem::permissions(folder_.File("vault.key"), std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_THAT(Keyring::Load(keyring_path_, Protector::Remembered()),
              HasCode(StatusCode::kPermission));
}

TEST_F(KeyFilePathTest, SavingKeepsTheAbsolutePathOfARelativeOne) {
  const std::string relative =
      std::filesystem::relative(folder_.File("vault.key"), std::filesystem::current_path());
  const Result<Protector> protector = Protector::KeyFile(relative);
  ASSERT_THAT(protector, IsOk());
  EXPECT_EQ(protector->key_file_path(), std::filesystem::canonical(folder_.File("vault.key")));
}

}  // namespace
}  // namespace moniker
