#include "moniker/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/file.h"
#include "base/status_macros.h"

namespace moniker {

Result<OutputFile> OutputFile::Create(const std::string& path) {
  std::string temporary = path + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return internal::ErrnoStatus(errno, "cannot make a temporary file for the output");
  return OutputFile(path, std::move(temporary), fd);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::exchange(other.fd_, -1)) {}

OutputFile::~OutputFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status OutputFile::Write(std::string_view bytes) {
  return internal::WriteAll(fd_, internal::AsBytes(bytes));
}

Status OutputFile::Commit() {
  if (temporary_.empty()) return Status(StatusCode::kClosed, "the output is complete already");
  if (::fsync(fd_) != 0) return internal::ErrnoStatus(errno, "cannot make the output durable");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return internal::ErrnoStatus(errno, "cannot give the output its name");
  }
  temporary_.clear();
  return internal::SyncParentFolder(path_);
}

}  // namespace moniker
