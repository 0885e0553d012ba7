#include "torture/original_vault.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>

#include "moniker/resolver.h"
#include "moniker/vault.h"
#include "support/records.h"
#include "torture/vault_check.h"
#include "torture/workload.h"

namespace moniker::testing {

Original::Original(VaultMode mode)
    : key(Expect(Protector::NewKeyFile(folder.File("v.key")))), key_path(folder.File("v.key")) {
  const std::string path = folder.File("v");
  Expect(MakeVault(path, mode, key));
  {
    const Vault vault = Expect(Vault::Open(path, key));
    LedgerJournal journal(&ledger);
    Workload workload(vault, path, Ledger(), {}, &journal);
    Expect(workload.Admit(2, ""));
    Expect(workload.Rename());
    Expect(workload.Rotate(KeyKind::kStorage));
    Expect(workload.Admit(3, "visit-1"));
    Expect(workload.Bind());
    Expect(workload.Resolve());
    Expect(workload.Admit(1, ""));
    Expect(workload.Backup());
    backup = workload.last_backup();
    backup_ledger = ledger;
    Expect(workload.Admit(1, ""));
  }
  image = DiskRecorder(path).before();
}

const Original& OriginalOf(VaultMode mode) {
  static std::map<VaultMode, std::unique_ptr<Original>> originals;
  auto& original = originals[mode];
  if (original == nullptr) original = std::make_unique<Original>(mode);
  return *original;
}

Status RestoreFrom(const std::string& backup, const std::string& path, const Protector& key) {
  std::string_view left = backup;
  const Vault::BackupSource source = [&](std::span<std::uint8_t> memory) -> Result<std::size_t> {
    const std::size_t size = std::min(memory.size(), left.size());
    std::copy_n(left.begin(), size, memory.begin());
    left.remove_prefix(size);
    return size;
  };
  return Vault::Restore(path, key, source, {.replace = true, .reason = kTortureReason});
}

void CheckRestored(const Original& original, const std::string& path, bool acknowledged,
                   Tally* tally) {
  const std::string& last_id = original.ledger.steps().back().external_ids.front();
  bool is_restored = false;
  if (const Result<Vault> vault = Vault::Open(path, original.key); vault.ok()) {
    const Status found = Resolver::Create(*vault).Resolve(last_id, kTortureReason).status();
    is_restored = found.code() == StatusCode::kNotFound;
  }
  if (acknowledged && !is_restored) tally->Note(&tally->lost, "an acknowledged restore");
  CheckVault(path, original.key, is_restored ? original.backup_ledger : original.ledger, tally);
}

}  // namespace moniker::testing
