// A keyring file that anybody may have written. Input: a byte, and the whole file; or (odd byte)
// the body alone, which is then sealed under the key, as what a defect or a key holder may have put
// in.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "keyring/keyring_file.h"
#include "moniker/keyring.h"
#include "support/hex.h"
#include "support/records.h"
#include "support/temporary_folder.h"

namespace moniker::testing {
namespace {

struct Place {
  Place() {
    WriteBytes(folder.File("key"), ReadBytes(MONIKER_TEST_DIR "/data/vault-format-1/key"));
    key.emplace(Expect(Protector::KeyFile(folder.File("key"))));
  }
  TemporaryFolder folder;
  std::optional<Protector> key;
};

void CheckLoaded(const Keyring& keyring) {
  Require(ValidateApp(keyring.app()).ok(), "a loaded keyring has an app that can be");
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex}) {
    const std::vector<std::uint32_t> epochs = keyring.Epochs(kind);
    Require(!epochs.empty(), "a loaded keyring has keys of each kind");
    Require(epochs.front() > 0 && std::is_sorted(epochs.begin(), epochs.end()),
            "epochs are above 0 and ascend");
    Require(keyring.SubkeyPrf(kind, epochs.back(), "record-seal", {}).ok(), "its keys can be used");
  }
}

}  // namespace

void FuzzOne(std::span<const std::uint8_t> bytes) {
  static Place place;
  FuzzInput input(bytes);
  const bool is_body = input.Byte() % 2 == 1;
  std::vector<std::uint8_t> file(input.rest().begin(), input.rest().end());
  if (is_body) {
    const SecretBytes body = Secret(input.rest());
    const auto sealed = internal::KeyringFile::Seal(Suite::kBlake2b, body, *place.key);
    if (!sealed.ok()) return;
    file = *sealed;
  }
  const std::string path = place.folder.File("keyring");
  WriteBytes(path, FuzzInput::AsText(file));
  const Result<Keyring> keyring = Keyring::Load(path, *place.key);
  static_cast<void>(Keyring::RememberedKeyFile(path));
  if (!keyring.ok()) return;
  CheckLoaded(*keyring);
  // What loads can be saved, and loads again as the same.
  const std::string copy = place.folder.File("copy");
  Require(keyring->Save(copy, *place.key).ok(), "a loaded keyring can be saved");
  const Result<Keyring> again = Keyring::Load(copy, *place.key);
  Require(again.ok() && again->app() == keyring->app() && again->vault_id() == keyring->vault_id(),
          "what was saved loads as the same");
}

}  // namespace moniker::testing
