// Keyrings with keys of a test's choice. The library makes its keys itself and loads them from
// files, so one is written for it.

#ifndef MONIKER_TESTS_SUPPORT_TEST_KEYRING_H_
#define MONIKER_TESTS_SUPPORT_TEST_KEYRING_H_

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "keyring/keyring_file.h"
#include "moniker/keyring.h"
#include "moniker/protector.h"
#include "support/hex.h"
#include "support/temporary_folder.h"

namespace moniker::testing {

struct TestKey {
  KeyKind kind;
  std::uint32_t epoch;
  std::vector<std::uint8_t> bytes;
};

struct TestKeyring {
  Suite suite = Suite::kBlake2b;
  VaultId vault_id{};
  std::string app = "clinic-7";
  VaultMode mode = VaultMode::kDerived;
  std::vector<TestKey> keys;  // ascending; a kind without a key gets one of zeros, epoch 1
};

inline Keyring MakeKeyring(const TestKeyring& wanted) {
  std::vector<TestKey> keys;
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex}) {
    const std::size_t before = keys.size();
    for (const TestKey& key : wanted.keys) {
      if (key.kind == kind) keys.push_back(key);
    }
    if (keys.size() == before) keys.push_back({kind, 1, std::vector<std::uint8_t>(32)});
  }
  Result<SecretBytes> body =
      SecretBytes::Allocate(16 + 1 + 4 + wanted.app.size() + 2 + keys.size() * 46);
  if (!body.ok()) throw std::runtime_error("no secret memory");
  internal::ByteWriter writer(body->Expose());
  writer.Bytes(wanted.vault_id).U8(static_cast<std::uint8_t>(wanted.mode)).Prefixed(wanted.app);
  writer.U16(static_cast<std::uint16_t>(keys.size()));
  for (const TestKey& key : keys) {
    const bool sealing = key.kind == KeyKind::kStorage;
    writer.U8(static_cast<std::uint8_t>(key.kind))
        .U32(key.epoch)
        .U8(sealing ? std::uint8_t{1} : static_cast<std::uint8_t>(wanted.suite))
        .U64(0)
        .Bytes(key.bytes);
  }

  const TemporaryFolder folder;
  const Result<Protector> protector = Protector::NewKeyFile(folder.File("key"));
  if (!protector.ok()) throw std::runtime_error("cannot make a key file");
  const auto file = internal::KeyringFile::Seal(wanted.suite, *body, *protector);
  if (!file.ok()) throw std::runtime_error("cannot seal the keyring");
  WriteBytes(folder.File("keyring"), internal::AsText(*file));
  Result<Keyring> keyring = Keyring::Load(folder.File("keyring"), *protector);
  if (!keyring.ok()) throw std::runtime_error("cannot load the keyring");
  return *std::move(keyring);
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_TEST_KEYRING_H_
