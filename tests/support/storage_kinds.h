// The backends that one suite of tests is run on.

#ifndef MONIKER_TESTS_SUPPORT_STORAGE_KINDS_H_
#define MONIKER_TESTS_SUPPORT_STORAGE_KINDS_H_

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>

#include "moniker/sqlite_backend.h"
#include "moniker/storage_backend.h"
#include "support/records.h"
#include "support/temporary_folder.h"

namespace moniker::testing {

enum class StorageKind { kMemory, kSqlite };

inline void PrintTo(StorageKind kind, std::ostream* out) {
  *out << (kind == StorageKind::kMemory ? "Memory" : "Sqlite");
}

inline std::string NameOf(const ::testing::TestParamInfo<StorageKind>& info) {
  return ::testing::PrintToString(info.param);
}

// An empty store; one that needs a folder is made in `folder`.
inline std::unique_ptr<StorageBackend> MakeEmptyStore(StorageKind kind,
                                                      const TemporaryFolder& folder) {
  if (kind == StorageKind::kMemory) return MakeMemoryBackend();
  Expect(CreateSqliteStore(folder.path()));
  return Expect(OpenSqliteStore(folder.path()));
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_STORAGE_KINDS_H_
