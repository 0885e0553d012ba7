#include "torture/ledger.h"

#include <algorithm>
#include <sstream>

namespace moniker::testing {

std::string Ledger::BeginLine(const Step& step) {
  return "begin " + std::string(1, step.kind) + " " + std::to_string(step.first) + " " +
         std::to_string(step.count) + " " + step.conference + "\n";
}

std::string Ledger::DoneLine(const std::vector<std::string>& external_ids) {
  std::string line = "done";
  for (const std::string& id : external_ids) line += " " + id;
  return line + "\n";
}

std::string Ledger::Read(std::string_view lines) {
  std::istringstream in(std::string(lines.substr(0, lines.rfind('\n') + 1)));
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "begin") {
      Step step;
      char kind = 0;
      words >> kind >> step.first >> step.count >> step.conference;
      step.kind = static_cast<Step::Kind>(kind);
      Begin(std::move(step));
    } else if (word == "done") {
      std::vector<std::string> ids;
      for (std::string id; words >> id;) ids.push_back(id);
      Done(std::move(ids));
    } else {
      return line;
    }
  }
  return {};
}

std::uint64_t Ledger::next_person() const {
  std::uint64_t next = 0;
  for (const Step& step : steps_) {
    if (step.kind == Step::kAdmit) next = std::max(next, step.first + step.count);
  }
  return next;
}

}  // namespace moniker::testing
