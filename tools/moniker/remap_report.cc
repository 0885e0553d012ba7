#include "remap_report.h"

#include <string>
#include <utility>

#include "io.h"

namespace moniker::tool {

void RemapReport::Add(const ReidentifyCounts& of_input) {
  input_ = of_input;
  total_.external_ids += of_input.external_ids;
  total_.participant_ids += of_input.participant_ids;
  total_.names += of_input.names;
  total_.unknown_ids += of_input.unknown_ids;
  total_.ambiguous_names += of_input.ambiguous_names;
}

ReportNumbers RemapReport::OfInput(const RemapTable& table) {
  const std::size_t changed = table.changed();
  const std::size_t unchanged = table.unchanged();
  return {{"external_ids", input_.external_ids},
          {"participant_ids", input_.participant_ids},
          {"names", input_.names},
          {"unknown_ids", input_.unknown_ids},
          {"ambiguous_names", input_.ambiguous_names},
          {"different_ids_changed", changed - std::exchange(changed_before_, changed)},
          {"different_ids_unchanged", unchanged - std::exchange(unchanged_before_, unchanged)}};
}

void RemapReport::TellIds() const {
  Tell(std::to_string(total_.external_ids) + " external IDs, " +
       std::to_string(total_.participant_ids) + " participant IDs known; " +
       std::to_string(total_.names) + " names with other labels; " +
       std::to_string(total_.unknown_ids) + " IDs unknown, " +
       std::to_string(total_.ambiguous_names) + " names ambiguous");
}

}  // namespace moniker::tool
