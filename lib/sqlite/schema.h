// The tables of the store's formats.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_SQLITE_SCHEMA_H_
#define MONIKER_LIB_SQLITE_SCHEMA_H_

#include <cstdint>
#include <span>
#include <string>

#include "moniker/storage_backend.h"

namespace moniker::internal {

const char* NameOf(Table table);

// The names of the tables that a format has. A later one has those of an earlier one first.
std::span<const char* const> TablesOf(std::uint32_t format);

// The statement that makes a table, as SQLite keeps it in its schema.
std::string CreateTable(const std::string& name);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SQLITE_SCHEMA_H_
