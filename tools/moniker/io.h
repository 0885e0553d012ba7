// Input and output of commands: files, or standard input and output.

#ifndef MONIKER_TOOLS_MONIKER_IO_H_
#define MONIKER_TOOLS_MONIKER_IO_H_

#include <string>
#include <string_view>

namespace moniker::tool {

// The whole of a file, or of standard input for "" and "-". Throws Failure.
std::string ReadInput(const std::string& path);

// Writes the whole output: a file appears whole or not at all; standard output for "" and "-".
// Throws Failure.
void WriteOutput(const std::string& path, std::string_view bytes);

// Refuses, as a usage error, an output that is the input. Throws Failure.
void RequireDifferentFiles(const std::string& input, const std::string& output);

// "moniker: text" on standard error.
void Tell(std::string_view text);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_IO_H_
