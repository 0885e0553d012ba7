#include "vault/audit_key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "moniker/vault.h"
#include "support/hex.h"
#include "support/status_matchers.h"
#include "support/temporary_folder.h"

namespace moniker::internal {
namespace {

using testing::HasCode;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::TemporaryFolder;

class AuditKeyFileTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  const std::string path_ = folder_.File("audit.key");
};

TEST_F(AuditKeyFileTest, AKeptFileHasTheKeyAndIsClosedToOthers) {
  std::string key;
  {
    Result<NewAuditKeyFile> file = NewAuditKeyFile::Make(path_);
    ASSERT_THAT(file, IsOk());
    key = testing::ToHex(file->TakeKey().Expose());
    file->Keep();
  }
  EXPECT_EQ(testing::ReadBytes(path_), key + "\n");
  EXPECT_EQ(testing::ModeOf(path_), 0600u);
  const Result<SecretBytes> read = ReadAuditKeyFile(path_);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(testing::ToHex(read->Expose()), key);
  EXPECT_EQ(key.size(), 64u);
}

TEST_F(AuditKeyFileTest, WithoutBeingKeptItGoesAway) {
  ASSERT_THAT(NewAuditKeyFile::Make(path_), IsOk());
  EXPECT_THAT(testing::NamesIn(folder_.path()), IsEmpty());
}

TEST_F(AuditKeyFileTest, NothingIsReplaced) {
  testing::WriteBytes(path_, "something");
  EXPECT_THAT(NewAuditKeyFile::Make(path_), HasCode(StatusCode::kConflict));
  EXPECT_EQ(testing::ReadBytes(path_), "something");
}

TEST_F(AuditKeyFileTest, WhatIsNoKeyIsRefused) {
  const std::string digits(64, 'a');
  for (const std::string& text :
       {std::string(), digits.substr(1), digits + "0", digits + "\n\n", digits.substr(1) + "g"}) {
    testing::WriteBytes(path_, text);
    EXPECT_THAT(ReadAuditKeyFile(path_), HasCode(StatusCode::kInvalidArgument)) << text;
  }
  testing::WriteBytes(path_, digits);
  EXPECT_THAT(ReadAuditKeyFile(path_), IsOk());
  ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
  EXPECT_THAT(ReadAuditKeyFile(path_), HasCode(StatusCode::kPermission));
  EXPECT_THAT(ReadAuditKeyFile(folder_.File("none")), HasCode(StatusCode::kNotFound));
}

TEST_F(AuditKeyFileTest, AVaultThatIsNotMadeLeavesNone) {
  const Result<Protector> protector = Protector::NewKeyFile(folder_.File("key"));
  ASSERT_THAT(protector, IsOk());
  EXPECT_THAT(Vault::Create(folder_.File("vault"),
                            {.keyring = {.app = "clinic-7"},
                             .issuers = {{"email", IdentifierKind::kPhone}},
                             .audit_key_file = path_},
                            *protector),
              ::testing::Not(IsOk()));
  EXPECT_THAT(testing::NamesIn(folder_.path()), ::testing::ElementsAre("key"));
}

}  // namespace
}  // namespace moniker::internal
