#include "io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "failure.h"
#include "messages.h"
#include "moniker/protector.h"

namespace moniker::tool {
namespace {

bool IsStandard(const std::string& path) { return path.empty() || path == "-"; }

[[noreturn]] void FailSystem(const std::string& context, const char* what) {
  throw Failure(kFailed, context + ": " + what + " (" + std::strerror(errno) + ")");
}

Status WriteStandardOutput(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Status(StatusCode::kIo, "cannot write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Status::Ok();
}

// As it comes from a pipe, in blocks that are not moved until the end is there: what is copied
// while a program waits for more stays behind in the processor's registers, and so in a core.
std::string ReadBlocks(int fd, const std::string& context) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  std::vector<std::string> blocks;
  for (std::size_t used = kBlock;;) {
    if (used == kBlock) {
      blocks.emplace_back(kBlock, '\0');
      used = 0;
    }
    const ssize_t got = ::read(fd, blocks.back().data() + used, kBlock - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) FailSystem(context, "cannot read");
    if (got == 0) {
      blocks.back().resize(used);
      break;
    }
    used += static_cast<std::size_t>(got);
  }
  std::string text = std::move(blocks.front());
  for (std::size_t i = 1; i < blocks.size(); ++i) text += blocks[i];
  return text;
}

bool SameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string WithoutControls(std::string_view text) {
  std::string line(text);
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    const bool c1 =
        byte == 0xC2 && i + 1 < line.size() && static_cast<unsigned char>(line[i + 1]) < 0xA0;
    if (c1) line.replace(i, 2, "?");
    if (byte < 0x20 || byte == 0x7F) line[i] = '?';
  }
  return line;
}

}  // namespace

std::string ReadInput(const std::string& path) {
  const Input input(path);
  return ReadBlocks(input.fd(), input.name());
}

Input::Input(const std::string& path)
    : name_(IsStandard(path) ? "standard input" : path), fd_(STDIN_FILENO) {
  if (IsStandard(path)) return;
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) FailSystem(path, "cannot open");
}

Input::~Input() {
  if (fd_ != STDIN_FILENO) ::close(fd_);
}

Output::Output(const std::string& path) : name_(IsStandard(path) ? "standard output" : path) {
  if (!IsStandard(path)) file_.emplace(Take(OutputFile::Create(path), path));
}

Output::Output(const std::string& path, std::uint64_t size)
    : name_(path), file_(Take(OutputFile::Continue(path, size), path)), size_(size) {}

void Output::Write(std::string_view bytes) {
  Require(Append(bytes), name_);
  Require(Commit(), name_);
}

Status Output::Append(std::string_view bytes) {
  size_ += bytes.size();
  if (file_) return file_->Write(bytes);
  if (!is_flowing_) {
    if (held_back_.size() + bytes.size() <= kHeldBack) {
      held_back_.append(bytes);
      return Status::Ok();
    }
    if (const Status status = Commit(); !status.ok()) return status;
  }
  return WriteStandardOutput(bytes);
}

Status Output::MakeDurable() { return file_->MakeDurable(); }

Status Output::Commit() {
  if (file_) return file_->Commit();
  is_flowing_ = true;
  const std::string held_back = std::move(held_back_);
  held_back_.clear();
  return WriteStandardOutput(held_back);
}

void CheckOutput(const std::string& output, const std::string& input, const std::string& vault) {
  if (IsStandard(output)) return;
  struct stat folder;
  struct stat vault_folder;
  if (::stat(FolderOf(output).c_str(), &folder) == 0 && ::stat(vault.c_str(), &vault_folder) == 0 &&
      SameFile(folder, vault_folder)) {
    FailUsage(output + ": an output does not belong into a vault");
  }
  struct stat from;
  struct stat to;
  if (::stat(output.c_str(), &to) != 0) return;
  const bool have_input =
      (IsStandard(input) ? ::fstat(STDIN_FILENO, &from) : ::stat(input.c_str(), &from)) == 0;
  if (have_input && SameFile(from, to)) {
    FailUsage(output + ": input and output are the same file");
  }
  if (S_ISREG(to.st_mode) && Protector::KeyFile(output).ok())
    FailUsage(output + ": a key file is no output");
}

void Tell(std::string_view text) {
  TellInPlace("");
  PrintNote(WithoutControls(text));
}

void TellInPlace(std::string_view text) {
  static bool is_there = false;
  if (is_there) std::fputs("\r\x1B[K", stderr);  // to the beginning of the line, and all of it away
  is_there = !text.empty();
  if (is_there) std::fprintf(stderr, "moniker: %s", WithoutControls(text).c_str());
  std::fflush(stderr);
}

std::string Plural(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace moniker::tool
