#include "batch/row_rewriter.h"

#include "base/status_macros.h"

namespace moniker::internal {
namespace {

// Nothing is around a record, so without own IDs it inherits the person whom all its IDs agree on.
Subject SubjectOf(std::span<const Cell> cells, std::span<const RowColumn> columns,
                  IdentityRewriter* rewriter) {
  SubjectChoice own;
  bool has_own = false;
  for (const Cell& cell : cells) {
    const FieldRole role = columns[cell.column].role;
    if (role == FieldRole::kOther || role == FieldRole::kName) continue;
    has_own |= rewriter->AddOwnId(role, cell.value, &own);
  }
  if (has_own) return own.Decide(nullptr);
  SubjectChoice all;
  for (const Cell& cell : cells) {
    const KnownIdentity* const known = rewriter->Find(cell.value);
    if (known != nullptr) all.Add(known);
  }
  return own.Decide(all.Decide(nullptr).identity);
}

}  // namespace

Status RewriteRow(std::span<const Cell> cells, std::span<const RowColumn> columns,
                  IdentityRewriter* rewriter, std::string* texts, std::span<TextPlace> places) {
  const Subject subject = SubjectOf(cells, columns, rewriter);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const RowColumn& column = columns[cells[i].column];
    const bool under_id = column.known != nullptr && column.role != FieldRole::kName;
    const std::size_t begin = texts->size();
    MONIKER_ASSIGN_OR_RETURN(
        const bool changed,
        rewriter->RewriteText(cells[i].value, column.role,
                              under_id ? Subject{.identity = column.known} : subject, /*level=*/0,
                              texts));
    places[i] = {begin, texts->size() - begin, changed};
  }
  return Status::Ok();
}

}  // namespace moniker::internal
