// What statements need beside SQLiteCpp: resets, one snapshot for several of them, and blobs.

#ifndef MONIKER_LIB_SQLITE_STATEMENTS_H_
#define MONIKER_LIB_SQLITE_STATEMENTS_H_

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "moniker/storage_backend.h"

namespace moniker::internal {

// A statement that has been stepped holds a read lock until it is reset, also after an exception.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(SQLite::Statement& statement) : statement_(statement) {}
  ~ResetAtEnd() { statement_.tryReset(); }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  SQLite::Statement& statement_;
};

// Lets several statements see one state of the tables, where no transaction does so already.
class ReadSnapshot {
 public:
  ReadSnapshot(SQLite::Database& database, std::size_t statements) : database_(database) {
    if (statements < 2 || sqlite3_get_autocommit(database.getHandle()) == 0) return;
    database_.exec("BEGIN");
    is_open_ = true;
  }
  ~ReadSnapshot() {
    if (is_open_) database_.tryExec("ROLLBACK");
  }
  ReadSnapshot(const ReadSnapshot&) = delete;
  ReadSnapshot& operator=(const ReadSnapshot&) = delete;

 private:
  SQLite::Database& database_;
  bool is_open_ = false;
};

// REQUIRES: `bytes` outlives the execution. An empty blob is not NULL.
inline void BindBytes(SQLite::Statement& statement, int index,
                      std::span<const std::uint8_t> bytes) {
  static constexpr std::uint8_t kNothing = 0;
  statement.bindNoCopy(index, bytes.empty() ? &kNothing : bytes.data(),
                       static_cast<int>(bytes.size()));
}

inline std::span<const std::uint8_t> ColumnBytes(SQLite::Statement& statement, int index) {
  const SQLite::Column column = statement.getColumn(index);
  const auto* data = static_cast<const std::uint8_t*>(column.getBlob());
  return {data, static_cast<std::size_t>(column.getBytes())};
}

inline SealedBytes ToSealed(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SQLITE_STATEMENTS_H_
