// Rewrites the rows of a table: a row is like an object whose members are its cells.
//
// Thread safety: functions that use what they are given.

#ifndef MONIKER_LIB_BATCH_ROW_REWRITER_H_
#define MONIKER_LIB_BATCH_ROW_REWRITER_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "batch/identity_rewriter.h"
#include "moniker/cell_mapper.h"

namespace moniker::internal {

struct RowColumn {
  FieldRole role = FieldRole::kOther;
  const KnownIdentity* known = nullptr;  // the header is an ID
};

struct TextPlace {
  std::size_t begin = 0;
  std::size_t size = 0;
  bool changed = false;
};

// Rewrites the cells of one record. What takes the place of cells[i], if it changed, is appended to
// *texts, and places[i] says where. REQUIRES: as many places as cells.
// Errors: as IdentityRewriter.
Status RewriteRow(std::span<const Cell> cells, std::span<const RowColumn> columns,
                  IdentityRewriter* rewriter, std::string* texts, std::span<TextPlace> places);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_ROW_REWRITER_H_
