// keys: the epochs of a vault's keyring, and what protects it.

#include <array>
#include <ctime>
#include <memory>
#include <string>

#include "commands.h"
#include "io.h"
#include "records.h"

namespace moniker::tool {
namespace {

std::string_view NameOf(KeyKind kind) {
  switch (kind) {
    case KeyKind::kIdentity: return "identity";
    case KeyKind::kStorage: return "storage";
    case KeyKind::kIndex: break;
  }
  return "index";
}

// "2026-11-22T14:03:00Z" (RFC 3339).
std::string TimeText(std::uint64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  std::array<char, 40> text{};
  if (::gmtime_r(&time, &parts) == nullptr ||
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
    return "";
  }
  return text.data();
}

}  // namespace

ExitStatus ListKeys(const VaultOptions& options) {
  const Vault vault = OpenVault(options);
  const std::shared_ptr<const Keyring> keyring = vault.keyring();
  std::string out;
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex}) {
    for (const std::uint32_t epoch : keyring->Epochs(kind)) {
      JsonLine()
          .Text("kind", NameOf(kind))
          .Number("epoch", epoch)
          .Text("created", TimeText(keyring->CreatedAt(kind, epoch)))
          .Bool("newest", epoch == keyring->NewestEpoch(kind))
          .AppendTo(&out);
    }
  }
  Output("-").Write(out);
  return kDone;
}

ExitStatus RotateKeys(const KeysOptions& options) {
  const Vault vault = OpenVault(options.vault);
  Require(vault.RotateKeys(options.kind), options.vault.path);
  const std::uint32_t epoch = vault.keyring()->NewestEpoch(options.kind);
  if (!options.vault.quiet) {
    Tell("new " + std::string(NameOf(options.kind)) + " epoch " + std::to_string(epoch));
    Tell("keep a copy of the vault's keyring: older copies cannot read what is made from now on");
  }
  return kDone;
}

ExitStatus DestroyKeys(const KeysOptions& options) {
  const Vault vault = OpenVault(options.vault);
  const std::string epoch =
      std::string(NameOf(options.kind)) + " epoch " + std::to_string(options.epoch);
  const Status status = vault.DestroyEpoch(options.kind, options.epoch);
  if (status.code() == StatusCode::kConflict) {
    throw Failure(kFailed, epoch + ": " + std::string(status.message()),
                  "moniker store VAULT reseal");
  }
  if (status.code() == StatusCode::kNotFound || status.code() == StatusCode::kInvalidArgument) {
    throw Failure(kFailed, epoch + ": " + std::string(status.message()), "moniker keys VAULT list");
  }
  Require(status, options.vault.path);
  if (!options.vault.quiet) {
    Tell("destroyed " + epoch + " of this vault; copies of its keyring still have it");
  }
  return kDone;
}

ExitStatus RewrapKeys(const KeysOptions& options) {
  const Vault vault = OpenVault(options.vault);
  if (!options.new_passphrase_file.empty()) {
    const Protector protector =
        Take(Protector::PassphraseFile(options.new_passphrase_file), options.new_passphrase_file);
    Require(vault.Rewrap(protector), options.vault.path);
  } else {
    KeyFileForVault key_file(options.new_key_file);
    const Protector protector = key_file.Make();
    const Status status = vault.Rewrap(protector);
    // A keyring that took its place and could not be made durable stands under the new key too.
    const auto is_as_it_was = [&] {
      return Vault::OpenKeyring(options.vault.path, protector).status().code() ==
             StatusCode::kWrongKey;
    };
    if (status.ok() || !is_as_it_was()) key_file.Keep();
    Require(status, options.vault.path);
  }
  if (!options.vault.quiet) {
    Tell("the keyring has a new protector; older copies of it still open with the old one");
  }
  return kDone;
}

}  // namespace moniker::tool
