// A vault of a test over one of the backends, with a way for the test to look at its tables and to
// let its calls fail.

#ifndef MONIKER_TESTS_SUPPORT_TEST_VAULT_H_
#define MONIKER_TESTS_SUPPORT_TEST_VAULT_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "moniker/keyring.h"
#include "moniker/sqlite_backend.h"
#include "moniker/vault.h"
#include "support/failing_backend.h"
#include "support/records.h"
#include "support/sample_people.h"
#include "support/storage_kinds.h"
#include "support/temporary_folder.h"

namespace moniker::testing {

inline Keyring SampleKeyring(VaultMode mode = VaultMode::kDerived) {
  return Expect(Keyring::Create({.app = kSampleApp, .mode = mode, .identity_root = SampleRoot()}));
}

// Makes the vault of the samples in `path`, its key file beside it.
inline void CreateSampleVault(const std::string& path,
                              const std::string& avatar_url_template = kSampleAvatarTemplate,
                              VaultMode mode = VaultMode::kDerived) {
  const Protector protector = Expect(Protector::NewKeyFile(path + ".key"));
  Expect(Vault::Create(path,
                       {.keyring = {.app = kSampleApp, .mode = mode, .identity_root = SampleRoot()},
                        .avatar_url_template = avatar_url_template},
                       protector));
}

// The vault of the samples. Over memory it is put together from its parts and its calls can be let
// fail; over SQLite it is a folder that is made and opened as an application does.
struct TestVault {
  explicit TestVault(StorageKind kind,
                     const std::string& avatar_url_template = kSampleAvatarTemplate,
                     VaultMode mode = VaultMode::kDerived) {
    if (kind == StorageKind::kMemory) {
      tables = MakeMemoryBackend();
      Keyring keyring = SampleKeyring(mode);
      Expect(Vault::Initialize(keyring, tables.get(), avatar_url_template));
      vault = Expect(
          Vault::Assemble(std::move(keyring), std::make_unique<FailingBackend>(tables, faults)));
    } else {
      CreateSampleVault(path(), avatar_url_template, mode);
      vault = Expect(Vault::Open(path()));
      tables = Expect(OpenSqliteStore(path()));
    }
  }

  // Over memory, with a keyring of the test's choice.
  explicit TestVault(Keyring keyring) : tables(MakeMemoryBackend()) {
    Expect(Vault::Initialize(keyring, tables.get(), kSampleAvatarTemplate));
    vault = Expect(
        Vault::Assemble(std::move(keyring), std::make_unique<FailingBackend>(tables, faults)));
  }

  std::string path() const { return folder.File("clinic.vault"); }
  Content content() const { return ContentOf(*tables); }

  TemporaryFolder folder;
  std::shared_ptr<Faults> faults = std::make_shared<Faults>();
  std::shared_ptr<StorageBackend> tables;  // another connection to them, or behind the failures
  std::optional<Vault> vault;
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_TEST_VAULT_H_
