// Keyring files that our own code does not write: made here from docs/formats/keyring.md, sealed
// under the right key, so that nothing but the parser can refuse them.

#include "keyring/keyring_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/sodium.h"
#include "moniker/keyring.h"
#include "support/hex.h"
#include "support/temporary_folder.h"

namespace moniker {
namespace {

using internal::AsBytes;
using internal::ByteView;
using testing::Counting;
using ::testing::ElementsAre;
using testing::Secret;
using testing::TemporaryFolder;
using testing::ToHex;
using testing::WriteBytes;
using Bytes = std::vector<std::uint8_t>;

void Append(Bytes* out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out->push_back(static_cast<std::uint8_t>(value >> 8 * i));
}
void Append(Bytes* out, ByteView bytes) { out->insert(out->end(), bytes.begin(), bytes.end()); }

struct Key {
  std::uint8_t kind;
  std::uint32_t epoch;
  std::uint8_t algorithm = 1;
  std::uint64_t created = 1'700'000'000;
  Bytes bytes = Counting(32);
};

struct Body {
  Bytes vault_id = Counting(16, 100);
  std::uint8_t mode = 1;
  std::string app = "clinic-7";
  std::vector<Key> keys = {{1, 1}, {2, 1}, {3, 1}};
  std::optional<std::uint16_t> count;  // the true one if there is none
  Bytes tail;

  Bytes Encode() const {
    Bytes out = vault_id;
    Append(&out, mode, 1);
    Append(&out, app.size(), 4);
    Append(&out, AsBytes(app));
    Append(&out, count.value_or(static_cast<std::uint16_t>(keys.size())), 2);
    for (const Key& key : keys) {
      Append(&out, key.kind, 1);
      Append(&out, key.epoch, 4);
      Append(&out, key.algorithm, 1);
      Append(&out, key.created, 8);
      Append(&out, key.bytes);
    }
    Append(&out, tail);
    return out;
  }
};

struct File {
  std::uint16_t version = 1;
  std::uint8_t suite = 1;
  std::uint8_t protector = 1;
  std::uint32_t passes = 0;
  std::uint32_t memory_kib = 0;
  std::string path = "/etc/moniker/key";
  Bytes key = Counting(32);  // P

  std::string Encode(const Bytes& body) const {
    const Bytes salt = Counting(32, 50);
    const Bytes nonce = Counting(24, 200);
    const Suite prf = suite == 2 ? Suite::kHmacSha256 : Suite::kBlake2b;
    const auto subkey = [&](std::string_view label) {
      return *internal::DeriveSubkey(prf, Secret(key), label, salt);
    };
    Bytes out;
    Append(&out, AsBytes("mnkkeys\n"));
    Append(&out, version, 2);
    Append(&out, suite, 1);
    Append(&out, protector, 1);
    Append(&out, salt);
    Append(&out, passes, 4);
    Append(&out, memory_kib, 4);
    Append(&out, path.size(), 2);
    Append(&out, AsBytes(path));
    Append(&out, subkey("keyring-commit").Expose());
    Bytes sealed(body.size() + 16);
    if (!internal::AeadSeal(subkey("keyring-seal"), nonce, out, body, sealed).ok()) {
      throw std::runtime_error("cannot seal");
    }
    Append(&out, nonce);
    Append(&out, sealed.size(), 4);
    Append(&out, sealed);
    return std::string(internal::AsText(out));
  }
};

class KeyringFileTest : public ::testing::Test {
 protected:
  KeyringFileTest() {
    WriteBytes(folder_.File("key"), "moniker-key-1:" + ToHex(Counting(32)) + "\n");
  }

  Result<Keyring> Load(const std::string& bytes) const {
    WriteBytes(folder_.File("keyring"), bytes);
    return Keyring::Load(folder_.File("keyring"), *Protector::KeyFile(folder_.File("key")));
  }
  StatusCode CodeOf(const Body& body) const {
    return Load(File().Encode(body.Encode())).status().code();
  }
  StatusCode CodeOf(const File& file) const {
    return Load(file.Encode(Body().Encode())).status().code();
  }

  static Body WithKeys(std::vector<Key> keys) {
    Body body;
    body.keys = std::move(keys);
    return body;
  }

  TemporaryFolder folder_;
};

TEST_F(KeyringFileTest, FileOfTheFormatIsLoadedAsItSays) {
  Body body;
  body.keys = {{1, 1, 1, 0, Counting(32, 1)},
               {1, 7, 1, 5, Counting(32, 2)},
               {2, 0xFFFFFFFF, 1, 0, Counting(32, 3)},
               {3, 2, 1, ~0ull, Counting(32, 4)},
               {3, 300, 1, 0, Counting(32, 5)}};
  const Result<Keyring> keyring = Load(File().Encode(body.Encode()));
  ASSERT_TRUE(keyring.ok()) << keyring.status().message();
  EXPECT_EQ(keyring->app(), "clinic-7");
  EXPECT_EQ(keyring->suite(), Suite::kBlake2b);
  EXPECT_EQ(ToHex(keyring->vault_id()), ToHex(Counting(16, 100)));
  EXPECT_THAT(keyring->Epochs(KeyKind::kIdentity), ElementsAre(1u, 7u));
  EXPECT_THAT(keyring->Epochs(KeyKind::kStorage), ElementsAre(0xFFFFFFFFu));
  EXPECT_THAT(keyring->Epochs(KeyKind::kIndex), ElementsAre(2u, 300u));
  EXPECT_EQ(keyring->NewestEpoch(KeyKind::kIdentity), 7u);
  for (const Key& key : body.keys) {
    const Result<SecretBytes> expected =
        internal::DeriveSubkey(Suite::kBlake2b, Secret(key.bytes), "x", {});
    const Result<SecretBytes> found =
        keyring->Subkey(static_cast<KeyKind>(key.kind), key.epoch, "x", {});
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(ToHex(found->Expose()), ToHex(expected->Expose()));
  }
  EXPECT_EQ(keyring->Subkey(KeyKind::kIdentity, 2, "x", {}).status().code(), StatusCode::kNotFound);
}

TEST_F(KeyringFileTest, FileOfTheOtherSuiteIsLoaded) {
  File file;
  file.suite = 2;
  Body body = WithKeys({{1, 1, 2}, {2, 1, 1}, {3, 1, 2}});
  const Result<Keyring> keyring = Load(file.Encode(body.Encode()));
  ASSERT_TRUE(keyring.ok());
  EXPECT_EQ(keyring->suite(), Suite::kHmacSha256);
}

TEST_F(KeyringFileTest, FileThatIsSavedAgainKeepsEveryKey) {
  Body body;
  body.keys = {{1, 1}, {1, 2, 1, 9, Counting(32, 2)}, {2, 3}, {2, 9}, {3, 4}};
  const Result<Keyring> keyring = Load(File().Encode(body.Encode()));
  ASSERT_TRUE(keyring.ok());
  const Protector key = *Protector::KeyFile(folder_.File("key"));
  ASSERT_TRUE(keyring->Save(folder_.File("again"), key).ok());
  const std::string bytes = testing::ReadBytes(folder_.File("again"));
  const Result<internal::KeyringFile::Opened> opened =
      internal::KeyringFile::Open(AsBytes(bytes), key);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(ToHex(opened->body.Expose()), ToHex(body.Encode()));
}

TEST_F(KeyringFileTest, ModeIsDerivedOrEnrolledAndAnyOtherIsAltered) {
  for (int mode = 0; mode < 256; ++mode) {
    Body body;
    body.mode = static_cast<std::uint8_t>(mode);
    const StatusCode expected = mode == 1 || mode == 2 ? StatusCode::kOk : StatusCode::kAltered;
    EXPECT_EQ(CodeOf(body), expected) << mode;
  }
}

TEST_F(KeyringFileTest, AppOutsideTheFormatIsAltered) {
  for (const std::string& app :
       {std::string(), std::string(65, 'a'), std::string("Clinic"), std::string("a b"),
        std::string("a\0b", 3), std::string("\xC3\xA9")}) {
    Body body;
    body.app = app;
    EXPECT_EQ(CodeOf(body), StatusCode::kAltered) << app;
  }
}

TEST_F(KeyringFileTest, CountThatIsNotThatOfTheKeysIsAltered) {
  for (const unsigned count : {0u, 1u, 2u, 4u, 4096u, 4097u, 65535u}) {
    Body body;
    body.count = static_cast<std::uint16_t>(count);
    EXPECT_EQ(CodeOf(body), StatusCode::kAltered) << count;
  }
}

TEST_F(KeyringFileTest, BytesBehindTheKeysAreAltered) {
  for (const std::size_t size : {1u, 45u, 46u, 47u}) {
    Body body;
    body.tail = Bytes(size, 0);
    EXPECT_EQ(CodeOf(body), StatusCode::kAltered) << size;
  }
}

TEST_F(KeyringFileTest, BodyCutAnywhereIsAltered) {
  const Bytes whole = Body().Encode();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(Load(File().Encode(Bytes(whole.begin(), whole.begin() + static_cast<long>(size))))
                  .status()
                  .code(),
              StatusCode::kAltered)
        << size;
  }
}

TEST_F(KeyringFileTest, KeysOutOfOrderOrTwiceAreAltered) {
  for (const std::vector<Key>& keys : std::vector<std::vector<Key>>{
           {{2, 1}, {1, 1}, {3, 1}},
           {{1, 1}, {3, 1}, {2, 1}},
           {{1, 2}, {1, 1}, {2, 1}, {3, 1}},
           {{1, 1}, {1, 1}, {2, 1}, {3, 1}},
           {{1, 1}, {2, 1}, {3, 1}, {3, 1}},
           {{1, 256}, {1, 1}, {2, 1}, {3, 1}},  // ascending as little-endian bytes alone
           {{1, 1}, {2, 1}, {3, 1}, {1, 2}}}) {
    EXPECT_EQ(CodeOf(WithKeys(keys)), StatusCode::kAltered);
  }
}

TEST_F(KeyringFileTest, KindWithoutAKeyIsAltered) {
  EXPECT_EQ(CodeOf(WithKeys({{1, 1}, {1, 2}, {2, 1}})), StatusCode::kAltered);
  EXPECT_EQ(CodeOf(WithKeys({{1, 1}, {3, 1}, {3, 2}})), StatusCode::kAltered);
  EXPECT_EQ(CodeOf(WithKeys({{2, 1}, {3, 1}, {3, 2}})), StatusCode::kAltered);
  EXPECT_EQ(CodeOf(WithKeys({})), StatusCode::kAltered);
}

TEST_F(KeyringFileTest, KindOrEpochOrAlgorithmThatIsUnknownIsAltered) {
  EXPECT_EQ(CodeOf(WithKeys({{0, 1}, {1, 1}, {2, 1}, {3, 1}})), StatusCode::kAltered);
  EXPECT_EQ(CodeOf(WithKeys({{1, 1}, {2, 1}, {3, 1}, {4, 1}})), StatusCode::kAltered);
  EXPECT_EQ(CodeOf(WithKeys({{1, 1}, {2, 1}, {3, 1}, {255, 1}})), StatusCode::kAltered);
  EXPECT_EQ(CodeOf(WithKeys({{1, 0}, {2, 1}, {3, 1}})), StatusCode::kAltered);
  for (std::size_t i = 0; i < 3; ++i) {
    for (const unsigned algorithm : {0u, 2u, 3u, 255u}) {
      Body body;
      body.keys[i].algorithm = static_cast<std::uint8_t>(algorithm);
      EXPECT_EQ(CodeOf(body), StatusCode::kAltered) << i << " " << algorithm;
    }
  }
}

// The algorithm of a storage key is not the suite's, that of the others is.
TEST_F(KeyringFileTest, AlgorithmOfTheOtherSuiteIsAltered) {
  File file;
  file.suite = 2;
  for (const std::vector<Key>& keys :
       std::vector<std::vector<Key>>{{{1, 1, 1}, {2, 1, 1}, {3, 1, 2}},
                                     {{1, 1, 2}, {2, 1, 2}, {3, 1, 2}},
                                     {{1, 1, 2}, {2, 1, 1}, {3, 1, 1}}}) {
    EXPECT_EQ(Load(file.Encode(WithKeys(keys).Encode())).status().code(), StatusCode::kAltered);
  }
}

TEST_F(KeyringFileTest, TakesUpTo4096Keys) {
  Body body;
  while (body.keys.size() < 4096) {
    body.keys.push_back({3, static_cast<std::uint32_t>(body.keys.size())});
  }
  const Result<Keyring> keyring = Load(File().Encode(body.Encode()));
  ASSERT_TRUE(keyring.ok());
  EXPECT_EQ(keyring->Epochs(KeyKind::kIndex).size(), 4094u);
  body.keys.push_back({3, 4096});
  EXPECT_EQ(CodeOf(body), StatusCode::kAltered);
}

TEST_F(KeyringFileTest, HeaderThatIsAuthenticButNotOfTheFormatIsAltered) {
  const auto code = [this](auto change) {
    File file;
    change(&file);
    return CodeOf(file);
  };
  EXPECT_EQ(code([](File*) {}), StatusCode::kOk);
  EXPECT_EQ(code([](File* f) { f->path = "/"; }), StatusCode::kOk);
  EXPECT_EQ(code([](File* f) { f->path = "/" + std::string(4095, 'a'); }), StatusCode::kOk);
  EXPECT_EQ(code([](File* f) { f->path = "/" + std::string(4096, 'a'); }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->path = ""; }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->path = "key"; }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->path = "/a\nb"; }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->path = std::string("/a\0b", 4); }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->path = "/a\xFF"; }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->passes = 1; }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->memory_kib = 1; }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->suite = 0; }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->suite = 3; }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->protector = 0; }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->protector = 3; }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->version = 0; }), StatusCode::kAltered);
  EXPECT_EQ(code([](File* f) { f->version = 2; }), StatusCode::kNewerFormat);
  EXPECT_EQ(code([](File* f) { f->key = Counting(32, 1); }), StatusCode::kWrongKey);
}

// "a header can neither make the guess cheap nor exhaust the machine"
TEST_F(KeyringFileTest, CostOfAPassphraseOutsideTheFormatIsAlteredBeforeAnyGuess) {
  const Protector passphrase = *Protector::Passphrase(Secret(std::string_view("horse")),
                                                      {.passes = 1, .memory_kib = 65'536});
  struct Cost {
    std::uint32_t passes;
    std::uint32_t memory_kib;
  };
  for (const Cost& cost : {Cost{0, 65'536}, Cost{65, 65'536}, Cost{0xFFFFFFFF, 65'536},
                           Cost{1, 65'535}, Cost{1, 0}, Cost{1, 4'194'305}, Cost{1, 0xFFFFFFFF}}) {
    File file;
    file.protector = 2;
    file.path = "";
    file.passes = cost.passes;
    file.memory_kib = cost.memory_kib;
    const std::string bytes = file.Encode(Body().Encode());
    EXPECT_EQ(internal::KeyringFile::Open(AsBytes(bytes), passphrase).status().code(),
              StatusCode::kAltered)
        << cost.passes << " " << cost.memory_kib;
  }
  File with_path;
  with_path.protector = 2;
  with_path.passes = 1;
  with_path.memory_kib = 65'536;
  EXPECT_EQ(internal::KeyringFile::Open(AsBytes(with_path.Encode(Body().Encode())), passphrase)
                .status()
                .code(),
            StatusCode::kAltered);
}

TEST_F(KeyringFileTest, CommitmentDecidesBeforeTheBodyIsOpened) {
  // A body that does not authenticate: with the right key it is altered, with another the wrong
  // key.
  std::string bytes = File().Encode(Body().Encode());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  EXPECT_EQ(Load(bytes).status().code(), StatusCode::kAltered);
  File other;
  other.key = Counting(32, 1);
  bytes = other.Encode(Body().Encode());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  EXPECT_EQ(Load(bytes).status().code(), StatusCode::kWrongKey);
}

}  // namespace
}  // namespace moniker
