#include "moniker/protector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/keyring.h"
#include "support/child_process.h"
#include "support/hex.h"
#include "support/temporary_folder.h"

namespace moniker {
namespace {

using testing::BecomeOrdinaryUser;
using testing::Describe;
using testing::InChild;
using ::testing::IsEmpty;
using testing::kOrdinaryUser;
using ::testing::MatchesRegex;
using testing::ModeOf;
using testing::NamesIn;
using testing::ReadBytes;
using testing::Secret;
using testing::TemporaryFolder;
using testing::WriteBytes;

// The cheapest that the format allows.
constexpr Protector::PassphraseCost kCheap = {.passes = 1, .memory_kib = 65'536};

const std::string kDigits = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kKeyFile = "moniker-key-1:" + kDigits + "\n";

class ProtectorTest : public ::testing::Test {
 protected:
  std::string File(std::string_view name = "key") const { return folder_.File(name); }

  StatusCode ReadKeyFile(std::string_view content) const {
    WriteBytes(File(), content);
    return Protector::KeyFile(File()).status().code();
  }

  // Whether a keyring that `writer` sealed opens for `reader`.
  StatusCode Opens(const Protector& writer, const Protector& reader) const {
    const Result<Keyring> keyring = Keyring::Create({.app = "clinic-7", .identity_root = {}});
    EXPECT_TRUE(keyring->Save(File("keyring"), writer).ok());
    return Keyring::Load(File("keyring"), reader).status().code();
  }

  TemporaryFolder folder_;
};

TEST_F(ProtectorTest, NewKeyFileIsOneLineOfTheFormatWithMode0600WhateverTheUmask) {
  for (const mode_t mask : {0000u, 0022u, 0077u}) {
    const std::string path = File(std::to_string(mask));
    const mode_t before = ::umask(mask);
    const Result<Protector> protector = Protector::NewKeyFile(path);
    ::umask(before);
    ASSERT_TRUE(protector.ok());
    EXPECT_EQ(protector->kind(), Protector::Kind::kKeyFile);
    EXPECT_EQ(ModeOf(path), 0600u);
    const std::string content = ReadBytes(path);
    EXPECT_EQ(content.size(), 79u);
    EXPECT_EQ(content.substr(0, 14), "moniker-key-1:");
    EXPECT_EQ(content.substr(14, 64).find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(content[78], '\n');
  }
}

TEST_F(ProtectorTest, EveryNewKeyFileHasAnotherKey) {
  ASSERT_TRUE(Protector::NewKeyFile(File("a")).ok());
  ASSERT_TRUE(Protector::NewKeyFile(File("b")).ok());
  EXPECT_NE(ReadBytes(File("a")), ReadBytes(File("b")));
}

TEST_F(ProtectorTest, NewKeyFileNeverReplacesAFile) {
  WriteBytes(File(), kKeyFile);
  EXPECT_EQ(Protector::NewKeyFile(File()).status().code(), StatusCode::kConflict);
  EXPECT_EQ(ReadBytes(File()), kKeyFile);
}

TEST_F(ProtectorTest, NewKeyFileInAMissingFolderIsNotFound) {
  EXPECT_EQ(Protector::NewKeyFile(File("a/b")).status().code(), StatusCode::kNotFound);
}

// The keyring could not remember such a path. A key file that is left behind would be a conflict
// for ever after.
TEST_F(ProtectorTest, NewKeyFileThatIsRefusedLeavesNothingBehind) {
  for (const std::string_view name : {"line\nfeed", "not-utf8-\xFF"}) {
    EXPECT_EQ(Protector::NewKeyFile(File(name)).status().code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(NamesIn(folder_.path()), IsEmpty());
  }
}

TEST_F(ProtectorTest, KeyFileProtectsAsTheNewOneThatItIs) {
  const Result<Protector> made = Protector::NewKeyFile(File());
  const Result<Protector> read = Protector::KeyFile(File());
  ASSERT_TRUE(made.ok());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(Opens(*made, *read), StatusCode::kOk);
  EXPECT_EQ(Opens(*read, *made), StatusCode::kOk);
}

TEST_F(ProtectorTest, KeyFileIsReadOnceAndMayVanishThen) {
  const Result<Protector> protector = Protector::NewKeyFile(File());
  ASSERT_TRUE(protector.ok());
  ASSERT_EQ(::unlink(File().c_str()), 0);
  EXPECT_EQ(Opens(*protector, *protector), StatusCode::kOk);
}

TEST_F(ProtectorTest, KeyFileOfTheFormatIsAcceptedAndMissingOneIsNotFound) {
  EXPECT_EQ(ReadKeyFile(kKeyFile), StatusCode::kOk);
  EXPECT_EQ(Protector::KeyFile(File("missing")).status().code(), StatusCode::kNotFound);
}

// At each of the 79 places each other byte: only another digit among the digits is a key file.
TEST_F(ProtectorTest, OneOtherByteAnywhereIsNoKeyFileUnlessItIsALowerCaseDigit) {
  int accepted = 0;
  for (std::size_t i = 0; i < kKeyFile.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string content = kKeyFile;
      content[i] = static_cast<char>(c);
      if (content == kKeyFile) continue;
      const bool digit = std::isxdigit(c) != 0 && std::isupper(c) == 0 && c < 128;
      const bool expected = i >= 14 && i < 78 && digit;
      ASSERT_EQ(ReadKeyFile(content), expected ? StatusCode::kOk : StatusCode::kAltered)
          << i << " " << c;
      accepted += expected;
    }
  }
  EXPECT_EQ(accepted, 64 * 15);
}

TEST_F(ProtectorTest, KeyFileThatIsCutOrLongerIsNoKeyFile) {
  for (std::size_t size = 0; size < kKeyFile.size(); ++size) {
    EXPECT_EQ(ReadKeyFile(kKeyFile.substr(0, size)), StatusCode::kAltered) << size;
  }
  for (const std::string& content :
       {kKeyFile + "\n", kKeyFile + kKeyFile, "\n" + kKeyFile, " " + kKeyFile,
        "\xEF\xBB\xBF" + kKeyFile, "moniker-key-1:" + kDigits + "\r\n",
        "moniker-key-1: " + kDigits + "\n", "moniker-key-1:" + kDigits + "00\n", kDigits + "\n",
        "moniker-key-2:" + kDigits + "\n", std::string(1 << 20, 'a')}) {
    EXPECT_EQ(ReadKeyFile(content), StatusCode::kAltered) << content.substr(0, 100);
  }
}

TEST_F(ProtectorTest, KeyFileOpenToOthersIsRefused) {
  for (const mode_t mode : {0640u, 0620u, 0610u, 0604u, 0602u, 0601u, 0666u, 0700u, 0400u}) {
    WriteBytes(File(), kKeyFile, mode);
    EXPECT_EQ(Protector::KeyFile(File()).ok(), (mode & 077) == 0) << std::oct << mode;
    if ((mode & 077) != 0) {
      EXPECT_EQ(Protector::KeyFile(File()).status().code(), StatusCode::kPermission);
    }
  }
}

TEST_F(ProtectorTest, KeyFileThatCannotBeReadIsPermission) {
  WriteBytes(File(), kKeyFile, 0);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  EXPECT_EQ(InChild([this] {
              BecomeOrdinaryUser();
              return Describe(Protector::KeyFile(File()).status());
            }),
            "permission at 13");
}

TEST_F(ProtectorTest, PathOfTheKeyFileIsAbsoluteHoweverItWasGiven) {
  WriteBytes(File(), kKeyFile);
  ASSERT_EQ(::symlink(File().c_str(), File("link").c_str()), 0);
  EXPECT_EQ(Protector::KeyFile(File())->key_file_path(), File());
  EXPECT_EQ(Protector::KeyFile(folder_.path() + "//./key")->key_file_path(), File());
  EXPECT_EQ(Protector::KeyFile(File("link"))->key_file_path(), File());
  EXPECT_EQ(InChild([this] {
              if (::chdir(folder_.path().c_str()) != 0) return std::string("cannot go there");
              return Protector::KeyFile("key")->key_file_path();
            }),
            File());
}

TEST_F(ProtectorTest, OnlyAKeyFileHasAPath) {
  EXPECT_EQ(Protector::Remembered().kind(), Protector::Kind::kRemembered);
  EXPECT_EQ(Protector::Remembered().key_file_path(), "");
  const Result<Protector> passphrase = Protector::Passphrase(Secret(std::string_view("x")));
  ASSERT_TRUE(passphrase.ok());
  EXPECT_EQ(passphrase->kind(), Protector::Kind::kPassphrase);
  EXPECT_EQ(passphrase->key_file_path(), "");
}

TEST_F(ProtectorTest, PassphraseHasOneTo1024Bytes) {
  for (const std::size_t size : {0u, 1u, 1023u, 1024u, 1025u, 2000u}) {
    const Result<Protector> protector =
        Protector::Passphrase(Secret(std::string_view(std::string(size, 'p'))));
    EXPECT_EQ(protector.ok(), size >= 1 && size <= 1024) << size;
    if (!protector.ok()) {
      EXPECT_EQ(protector.status().code(), StatusCode::kInvalidArgument);
    }
  }
}

TEST_F(ProtectorTest, PassphraseCostOutsideTheFormatIsRefused) {
  using Cost = Protector::PassphraseCost;
  const auto accepts = [](const Cost& cost) {
    return Protector::Passphrase(Secret(std::string_view("x")), cost).ok();
  };
  for (const Cost& cost : {Cost{}, Cost{1, 65'536}, Cost{64, 65'536}, Cost{1, 4'194'304}}) {
    EXPECT_TRUE(accepts(cost)) << cost.passes << " " << cost.memory_kib;
  }
  for (const Cost& cost : {Cost{0, 65'536}, Cost{65, 65'536}, Cost{1, 65'535}, Cost{1, 4'194'305},
                           Cost{1, 0}, Cost{0xFFFFFFFF, 65'536}, Cost{1, 0xFFFFFFFF}}) {
    EXPECT_FALSE(accepts(cost)) << cost.passes << " " << cost.memory_kib;
  }
}

TEST_F(ProtectorTest, PassphraseIsUsedAsGiven) {
  const auto passphrase = [](std::string_view text) {
    return *Protector::Passphrase(Secret(text), kCheap);
  };
  EXPECT_EQ(Opens(passphrase("Pass"), passphrase("Pass")), StatusCode::kOk);
  for (const std::string_view other : {"pass", "Pass ", "Pass\n", "Pas"}) {
    EXPECT_EQ(Opens(passphrase("Pass"), passphrase(other)), StatusCode::kWrongKey) << other;
  }
}

TEST_F(ProtectorTest, OneLineFeedAtTheEndOfAPassphraseFileIsNotPartOfIt) {
  struct Case {
    std::string_view content;
    std::string_view passphrase;
  };
  for (const Case& c :
       {Case{"correct horse", "correct horse"}, Case{"correct horse\n", "correct horse"},
        Case{"correct horse\n\n", "correct horse\n"}, Case{"correct horse\r\n", "correct horse\r"},
        Case{"\ncorrect\nhorse\n", "\ncorrect\nhorse"}}) {
    WriteBytes(File(), c.content);
    const Result<Protector> of_file = Protector::PassphraseFile(File(), kCheap);
    ASSERT_TRUE(of_file.ok());
    EXPECT_EQ(of_file->kind(), Protector::Kind::kPassphrase);
    EXPECT_EQ(Opens(*of_file, *Protector::Passphrase(Secret(c.passphrase), kCheap)),
              StatusCode::kOk)
        << c.content;
  }
}

TEST_F(ProtectorTest, PassphraseFileHasOneTo1024BytesWithoutItsLineFeed) {
  const auto read = [this](const std::string& content) {
    WriteBytes(File(), content);
    return Protector::PassphraseFile(File(), kCheap).status().code();
  };
  EXPECT_EQ(read(std::string(1024, 'p')), StatusCode::kOk);
  EXPECT_EQ(read(std::string(1024, 'p') + "\n"), StatusCode::kOk);
  EXPECT_EQ(read("p"), StatusCode::kOk);
  for (const std::string& content : {std::string(), std::string("\n"), std::string(1025, 'p'),
                                     std::string(1025, 'p') + "\n", std::string(100'000, 'p')}) {
    EXPECT_EQ(read(content), StatusCode::kInvalidArgument) << content.size();
  }
}

TEST_F(ProtectorTest, PassphraseFileOpenToOthersIsRefusedAndMissingOneIsNotFound) {
  WriteBytes(File(), "correct horse\n", 0644);
  EXPECT_EQ(Protector::PassphraseFile(File()).status().code(), StatusCode::kPermission);
  EXPECT_EQ(Protector::PassphraseFile(File("missing")).status().code(), StatusCode::kNotFound);
}

// As from process substitution: --passphrase-file <(pass show clinic)
TEST_F(ProtectorTest, PassphraseIsReadFromAPipe) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "correct ", 8), 8);
  ASSERT_EQ(::write(ends[1], "horse\n", 6), 6);
  ::close(ends[1]);
  const Result<Protector> of_pipe =
      Protector::PassphraseFile("/dev/fd/" + std::to_string(ends[0]), kCheap);
  ::close(ends[0]);
  ASSERT_TRUE(of_pipe.ok());
  EXPECT_EQ(
      Opens(*of_pipe, *Protector::Passphrase(Secret(std::string_view("correct horse")), kCheap)),
      StatusCode::kOk);
}

TEST_F(ProtectorTest, SecretsAreGivenBackWithTheProtector) {
  const std::size_t before = SecretMemory::Current().used_blocks;
  {
    const Result<Protector> file = Protector::NewKeyFile(File());
    const Result<Protector> passphrase = Protector::Passphrase(Secret(std::string_view("x")));
    EXPECT_EQ(SecretMemory::Current().used_blocks, before + 2);
  }
  EXPECT_EQ(SecretMemory::Current().used_blocks, before);
}

}  // namespace
}  // namespace moniker
