#include "sqlite/schema.h"

#include <array>
#include <cstddef>

namespace moniker::internal {
namespace {

constexpr std::array<const char*, kTableCount> kTableNames = {
    "meta",  "person",     "external_id", "participant",
    "audit", "identifier", "roster",      "tombstone"};

// Tables are only ever added, at the end.
constexpr std::size_t kTablesOfFormat1 = 5;

}  // namespace

const char* NameOf(Table table) { return kTableNames[static_cast<std::size_t>(table)]; }

std::span<const char* const> TablesOf(std::uint32_t format) {
  return std::span(kTableNames).first(format == 1 ? kTablesOfFormat1 : kTableCount);
}

std::string CreateTable(const std::string& name) {
  return "CREATE TABLE " + name +
         " (row INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL) STRICT";
}

}  // namespace moniker::internal
