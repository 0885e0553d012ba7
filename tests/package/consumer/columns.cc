// The columns of a table on the command line: columns TEXT

#include <cstdio>

#include "moniker/csv.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto table = moniker::CsvDocument::Parse(argv[1]);
  if (!table) return 1;
  for (const auto& name : table->columns()) std::printf("%s\n", name.c_str());
  return 0;
}
