// Input and output of commands: files, or standard input and output.

#ifndef MONIKER_TOOLS_MONIKER_IO_H_
#define MONIKER_TOOLS_MONIKER_IO_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "moniker/output_file.h"

namespace moniker::tool {

// The whole of a file, or of standard input for "" and "-". Throws Failure.
std::string ReadInput(const std::string& path);

// Where a command writes: a file, which appears whole or not at all, or standard output for "" and
// "-".
class Output {
 public:
  // Finds out whether there can be such a file, before the work is done. Throws Failure.
  explicit Output(const std::string& path);
  // A file that goes on behind its first `size` bytes: OutputFile::Continue. Throws Failure.
  Output(const std::string& path, std::uint64_t size);

  // Everything, once. Throws Failure.
  void Write(std::string_view bytes);

  // Bit by bit. A file appears with Commit; standard output is held back until there is more than
  // kHeldBack of it, so that a run that fails by then has written nothing.
  static constexpr std::size_t kHeldBack = std::size_t{4} << 20;
  Status Append(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  Status MakeDurable();  // of a file
  Status Commit();

  // Of a file: the name that it has until Commit, if any.
  const std::string& temporary_name() const { return file_->temporary_name(); }

  // For messages: the path, or "standard output".
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::optional<OutputFile> file_;
  std::uint64_t size_ = 0;
  std::string held_back_;
  bool is_flowing_ = false;
};

// A file to read, or standard input for "" and "-".
class Input {
 public:
  // Throws Failure.
  explicit Input(const std::string& path);
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input();

  int fd() const { return fd_; }
  // For messages: the path, or "standard input".
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  int fd_;
};

// Refuses, as a usage error, an output that is the input, a key file, or in the folder of a vault.
// Throws Failure.
void CheckOutput(const std::string& output, const std::string& input, const std::string& vault);

// "moniker: text" on standard error, on one line: a control character (of a column's name, say)
// becomes ?.
void Tell(std::string_view text);

// Likewise on a terminal, without the end of the line: the next Tell or TellInPlace takes its
// place.
// "": nothing is left there.
void TellInPlace(std::string_view text);

// "1 record", "2 records".
std::string Plural(std::uint64_t count, const char* one, const char* many);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_IO_H_
