// The backends and modes that one suite of tests of vaults is run on.

#ifndef MONIKER_TESTS_SUPPORT_VAULT_KINDS_H_
#define MONIKER_TESTS_SUPPORT_VAULT_KINDS_H_

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "moniker/keyring.h"
#include "support/storage_kinds.h"
#include "support/test_vault.h"

namespace moniker::testing {

struct VaultKind {
  StorageKind storage;
  VaultMode mode;
};

inline constexpr VaultKind kAllVaultKinds[] = {{StorageKind::kMemory, VaultMode::kDerived},
                                               {StorageKind::kMemory, VaultMode::kEnrolled},
                                               {StorageKind::kSqlite, VaultMode::kDerived},
                                               {StorageKind::kSqlite, VaultMode::kEnrolled}};

inline void PrintTo(const VaultKind& kind, std::ostream* out) {
  PrintTo(kind.storage, out);
  *out << (kind.mode == VaultMode::kDerived ? "Derived" : "Enrolled");
}

inline std::string NameOfVaultKind(const ::testing::TestParamInfo<VaultKind>& info) {
  return ::testing::PrintToString(info.param);
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_VAULT_KINDS_H_
