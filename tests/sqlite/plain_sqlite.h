// SQLite without any of what lib/sqlite puts around it: for what somebody else does to a file, and
// for a second look at what is in it.

#ifndef MONIKER_TESTS_SQLITE_PLAIN_SQLITE_H_
#define MONIKER_TESTS_SQLITE_PLAIN_SQLITE_H_

#include <sqlite3.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace moniker::testing {

// The first column of every row. Throws if `sql` fails.
inline std::vector<std::string> Column(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
  std::vector<std::string> values;
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW) break;
    const unsigned char* const text = sqlite3_column_text(statement, 0);
    values.emplace_back(text == nullptr ? "NULL" : reinterpret_cast<const char*>(text));
  }
  sqlite3_finalize(statement);
  if (code != SQLITE_DONE) {
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(database));
  }
  return values;
}

class PlainSqlite {
 public:
  explicit PlainSqlite(const std::string& path,
                       int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) {
    if (sqlite3_open_v2(path.c_str(), &database_, flags, nullptr) != SQLITE_OK) {
      sqlite3_close(database_);
      throw std::runtime_error("cannot open " + path);
    }
  }
  PlainSqlite(const PlainSqlite&) = delete;
  PlainSqlite& operator=(const PlainSqlite&) = delete;
  ~PlainSqlite() { sqlite3_close(database_); }

  sqlite3* handle() const { return database_; }

  void Run(const std::string& sql) {
    char* message = nullptr;
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &message) == SQLITE_OK) return;
    const std::string text = sql + ": " + (message == nullptr ? "" : message);
    sqlite3_free(message);
    throw std::runtime_error(text);
  }

  // The first column of the first row.
  std::string Text(const std::string& sql) { return Column(database_, sql).at(0); }
  int Number(const std::string& sql) { return std::stoi(Text(sql)); }

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SQLITE_PLAIN_SQLITE_H_
