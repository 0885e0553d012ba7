#include "io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "failure.h"
#include "moniker/output_file.h"

namespace moniker::tool {
namespace {

bool IsStandard(const std::string& path) { return path.empty() || path == "-"; }

[[noreturn]] void FailSystem(const std::string& context, const char* what) {
  throw Failure(kFailed, context + ": " + what + " (" + std::strerror(errno) + ")");
}

void WriteStandardOutput(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) FailSystem("standard output", "cannot write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string ReadInput(const std::string& path) {
  const std::string context = IsStandard(path) ? "standard input" : path;
  const int fd = IsStandard(path) ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) FailSystem(context, "cannot open");
  constexpr std::size_t kStep = std::size_t{1} << 16;
  std::string text;
  struct stat info;
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    text.reserve(static_cast<std::size_t>(info.st_size) + kStep);
  }
  for (ssize_t got = 1; got != 0;) {
    const std::size_t used = text.size();
    text.resize(used + kStep);
    got = ::read(fd, text.data() + used, kStep);
    const int error = errno;
    text.resize(used + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && error != EINTR) {
      errno = error;
      if (fd != STDIN_FILENO) ::close(fd);
      FailSystem(context, "cannot read");
    }
  }
  if (fd != STDIN_FILENO) ::close(fd);
  return text;
}

void WriteOutput(const std::string& path, std::string_view bytes) {
  if (IsStandard(path)) {
    WriteStandardOutput(bytes);
    return;
  }
  OutputFile output = Take(OutputFile::Create(path), path);
  Require(output.Write(bytes), path);
  Require(output.Commit(), path);
}

void RequireDifferentFiles(const std::string& input, const std::string& output) {
  if (IsStandard(output)) return;
  struct stat from;
  struct stat to;
  const bool have_input =
      (IsStandard(input) ? ::fstat(STDIN_FILENO, &from) : ::stat(input.c_str(), &from)) == 0;
  if (have_input && ::stat(output.c_str(), &to) == 0 && from.st_dev == to.st_dev &&
      from.st_ino == to.st_ino) {
    FailUsage(output + ": input and output are the same file");
  }
}

void Tell(std::string_view text) {
  std::fprintf(stderr, "moniker: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace moniker::tool
