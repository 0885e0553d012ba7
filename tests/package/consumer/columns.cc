// The columns of the table on standard input.

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string_view>

#include "moniker/cell_mapper.h"
#include "moniker/rewrite.h"

int main() {
  const moniker::CellMapperFactory nothing_is_mapped = [] {
    return std::unique_ptr<moniker::CellMapper>();
  };
  const moniker::RewriteSinks sinks{
      .write = [](std::string_view) { return moniker::Status::Ok(); }};
  const auto read = moniker::Rewrite(STDIN_FILENO, {}, nothing_is_mapped, sinks);
  if (!read.ok() || read->fault) return 1;
  for (const auto& name : read->summary.passed_on) std::printf("%s\n", name.c_str());
  return 0;
}
