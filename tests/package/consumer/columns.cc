// The columns of the table on standard input.

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string_view>
#include <vector>

#include "moniker/cell_mapper.h"
#include "moniker/rewrite.h"

namespace {

class KeepAll final : public moniker::CellMapper {
 public:
  moniker::Status Map(const moniker::CellBlock&, std::vector<moniker::CellFault>*) override {
    return moniker::Status::Ok();
  }
};

}  // namespace

int main() {
  const moniker::CellMapperFactory mappers =
      []() -> moniker::Result<std::unique_ptr<moniker::CellMapper>> {
    return std::unique_ptr<moniker::CellMapper>(std::make_unique<KeepAll>());
  };
  const moniker::RewriteSinks sinks{
      .write = [](std::string_view) { return moniker::Status::Ok(); }};
  const auto read = moniker::Rewrite(STDIN_FILENO, {}, mappers, sinks);
  if (!read.ok() || read->fault) return 1;
  for (const auto& name : read->summary.passed_on) std::printf("%s\n", name.c_str());
  return 0;
}
