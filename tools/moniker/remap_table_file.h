// A RemapTable as a file of CSV: docs/cli.md.

#ifndef MONIKER_TOOLS_MONIKER_REMAP_TABLE_FILE_H_
#define MONIKER_TOOLS_MONIKER_REMAP_TABLE_FILE_H_

#include <memory>
#include <string>

#include "remap_table.h"

namespace moniker::tool {

// Throws Failure, with the number of the record that is at fault, if it is one.
std::unique_ptr<RemapTable> ReadRemapTable(const std::string& path);

// The header, then the rows.
std::string CsvOf(const RemapTable& table);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_REMAP_TABLE_FILE_H_
