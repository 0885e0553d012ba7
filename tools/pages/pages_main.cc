// Writes what the package of the program has beside it: moniker.1, moniker-COMMAND.1, and
// completions. Usage: moniker_pages FOLDER

#include <cstdio>
#include <fstream>
#include <string>

#include "command_text.h"

namespace {

bool Write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) std::fprintf(stderr, "moniker_pages: cannot write %s\n", path.c_str());
  return !file.fail();
}

}  // namespace

int main(int argc, char** argv) {
  namespace pages = moniker::pages;
  if (argc != 2) return 2;
  const std::string folder = std::string(argv[1]) + "/";
  const pages::CommandText program = pages::DescribeProgram();
  bool good = Write(folder + "moniker.1", pages::ManPage(program, program)) &&
              Write(folder + "moniker.bash", pages::BashCompletion(program)) &&
              Write(folder + "_moniker", pages::ZshCompletion(program)) &&
              Write(folder + "moniker.fish", pages::FishCompletion(program));
  for (const pages::CommandText& command : program.commands) {
    good = good &&
           Write(folder + "moniker-" + command.name() + ".1", pages::ManPage(program, command));
  }
  return good ? 0 : 1;
}
