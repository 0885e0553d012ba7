// What the batch jobs ask of whoever knows what a value becomes: many values in one call.
//
// Thread safety: a CellMapper is used by one thread at a time; a run has one for each of its
// threads.

#ifndef MONIKER_CELL_MAPPER_H_
#define MONIKER_CELL_MAPPER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "moniker/status.h"

namespace moniker {

// One value of a record: a field of a CSV record, or a string or whole number of a JSON document.
struct Cell {
  std::string_view value;  // UTF-8, without quoting and escapes; points into the run's memory
  // What stands in its place. Without data() (the default) the cell stays as it is. UTF-8 without
  // NUL; valid until the mapper's next call.
  std::string_view replacement;
  std::uint32_t record = 0;  // of the block, from 0
  // Cells that speak of one person or thing have the same: those of a record, or of one element of
  // a list inside a record. From 0, every number below CellBlock::groups.
  std::uint32_t group = 0;
  std::uint16_t column = 0;  // index into RewriteOptions::columns
  bool is_null = false;      // empty, null, or one of RewriteOptions::null_values
};

// Why a record cannot be rewritten. The locator of the status is the place in the value, in bytes,
// if there is one.
struct CellFault {
  std::uint32_t record = 0;
  std::uint16_t column = 0;
  Status status;
};

// The cells of some records, ordered by record.
struct CellBlock {
  std::span<Cell> cells;
  std::uint32_t groups = 0;
};

class CellMapper {
 public:
  virtual ~CellMapper() = default;

  // Sets the replacement of every cell that is to be replaced, and adds a fault for every one for
  // which there is none; a record with a fault is not written. An error ends the run.
  virtual Status Map(const CellBlock& block, std::vector<CellFault>* faults) = 0;
};

}  // namespace moniker

#endif  // MONIKER_CELL_MAPPER_H_
