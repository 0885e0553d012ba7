// What a remap tells of the IDs and names that it met.

#ifndef MONIKER_TOOLS_MONIKER_REMAP_REPORT_H_
#define MONIKER_TOOLS_MONIKER_REMAP_REPORT_H_

#include <cstddef>

#include "moniker/reidentify.h"
#include "remap_table.h"
#include "rewrite_report.h"

namespace moniker::tool {

class RemapReport {
 public:
  void Add(const ReidentifyCounts& of_input);

  bool has_unknown() const { return total_.unknown_ids > 0; }

  // Of the input that was added last; different IDs are those that no input before had.
  ReportNumbers OfInput(const RemapTable& table);

  // A line for people about all inputs.
  void TellIds() const;

 private:
  ReidentifyCounts input_;
  ReidentifyCounts total_;
  std::size_t changed_before_ = 0;
  std::size_t unchanged_before_ = 0;
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_REMAP_REPORT_H_
