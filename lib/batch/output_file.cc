#include "moniker/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/file.h"
#include "base/status_macros.h"

namespace moniker {

Result<OutputFile> OutputFile::Create(const std::string& path) {
  struct stat info;
  if (::lstat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return Status(StatusCode::kConflict, "the output is there already, and is no regular file");
  }
  const int nameless =
      ::open(internal::ParentOf(path).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (nameless >= 0) return OutputFile(path, "", nameless);
  std::string temporary = path + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return internal::ErrnoStatus(errno, "cannot make a file for the output");
  return OutputFile(path, std::move(temporary), fd);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::exchange(other.fd_, -1)),
      committed_(other.committed_) {}

OutputFile::~OutputFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status OutputFile::Write(std::string_view bytes) {
  return internal::WriteAll(fd_, internal::AsBytes(bytes));
}

// rename(2) alone replaces a file in one step, and it needs a name to begin with.
Status OutputFile::GiveTemporaryName() {
  const std::string self = "/proc/self/fd/" + std::to_string(fd_);
  for (int attempt = 0;; ++attempt) {
    std::string name = path_ + "." + std::to_string(::getpid()) + "." + std::to_string(attempt);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      temporary_ = std::move(name);
      return Status::Ok();
    }
    if (errno != EEXIST) return internal::ErrnoStatus(errno, "cannot name the output");
  }
}

Status OutputFile::Commit() {
  if (committed_) return Status(StatusCode::kClosed, "the output is complete already");
  if (::fsync(fd_) != 0) return internal::ErrnoStatus(errno, "cannot make the output durable");
  if (temporary_.empty()) MONIKER_RETURN_IF_ERROR(GiveTemporaryName());
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return internal::ErrnoStatus(errno, "cannot give the output its name");
  }
  temporary_.clear();
  committed_ = true;
  return internal::SyncParentFolder(path_);
}

}  // namespace moniker
