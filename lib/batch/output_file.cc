#include "moniker/output_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/file.h"
#include "base/status_macros.h"

namespace moniker {

class OutputFile::State {
 public:
  State(std::string path, std::string temporary, internal::FileDescriptor file,
        bool is_to_stay = false)
      : path_(std::move(path)),
        temporary_(std::move(temporary)),
        file_(std::move(file)),
        is_to_stay_(is_to_stay) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (!temporary_.empty() && !is_to_stay_) ::unlink(temporary_.c_str());
  }

  Status Write(std::string_view bytes) {
    return internal::WriteAll(file_.get(), internal::AsBytes(bytes));
  }

  Status MakeDurable() {
    if (::fsync(file_.get()) != 0) {
      return internal::ErrnoStatus(errno, "cannot make the output durable");
    }
    if (name_is_durable_ || temporary_.empty()) return Status::Ok();
    MONIKER_RETURN_IF_ERROR(internal::SyncParentFolder(temporary_));
    name_is_durable_ = true;
    return Status::Ok();
  }

  const std::string& temporary() const { return temporary_; }

  Status Commit() {
    if (committed_) return Status(StatusCode::kClosed, "the output is complete already");
    if (::fsync(file_.get()) != 0) {
      return internal::ErrnoStatus(errno, "cannot make the output durable");
    }
    MONIKER_RETURN_IF_ERROR(GiveName());
    committed_ = true;
    return internal::SyncParentFolder(path_);
  }

 private:
  // A file without a name gets its own at once where that is free: a program that is killed before
  // or after leaves nothing else.
  Status GiveName() {
    if (temporary_.empty()) {
      const Status named = internal::NameFile(file_, path_);
      if (named.code() != StatusCode::kConflict) return named;
      MONIKER_RETURN_IF_ERROR(GiveTemporaryName());
    }
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
      return internal::ErrnoStatus(errno, "cannot give the output its name");
    }
    temporary_.clear();
    return Status::Ok();
  }

  // rename(2) alone replaces a file in one step, and it needs a name to begin with.
  Status GiveTemporaryName() {
    for (int attempt = 0;; ++attempt) {
      std::string name = path_ + "." + std::to_string(::getpid()) + "." + std::to_string(attempt);
      const Status status = internal::NameFile(file_, name);
      if (status.ok()) temporary_ = std::move(name);
      if (status.code() != StatusCode::kConflict) return status;
    }
  }

  std::string path_;
  std::string temporary_;  // its name so far; empty if it has none
  internal::FileDescriptor file_;
  bool is_to_stay_;
  bool name_is_durable_ = false;
  bool committed_ = false;
};

namespace {

Status RequireReplaceable(const std::string& path) {
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode)) return Status::Ok();
  return Status(StatusCode::kConflict, "the output is there already, and is no regular file");
}

// That nobody else reads or writes what is continued, and that it is long enough.
Status RequireContinuable(int fd, const std::string& name, std::uint64_t size) {
  struct stat info;
  struct stat named;
  if (::fstat(fd, &info) != 0 || ::lstat(name.c_str(), &named) != 0) {
    return internal::ErrnoStatus(errno, "cannot look at the output");
  }
  if (info.st_dev != named.st_dev || info.st_ino != named.st_ino) {
    return Status(StatusCode::kConflict, "another run has just completed it");
  }
  const bool is_own = S_ISREG(info.st_mode) && info.st_uid == ::geteuid() && info.st_nlink == 1 &&
                      (info.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  if (!is_own) {
    return Status(StatusCode::kPermission, "what is to be continued is no file of this user alone");
  }
  if (static_cast<std::uint64_t>(info.st_size) < size) {
    return Status(StatusCode::kConflict, "what is to be continued is shorter than it was");
  }
  return Status::Ok();
}

}  // namespace

OutputFile::OutputFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
OutputFile::OutputFile(OutputFile&& other) noexcept = default;
OutputFile::~OutputFile() = default;

Result<OutputFile> OutputFile::Create(const std::string& path) {
  MONIKER_RETURN_IF_ERROR(RequireReplaceable(path));
  Result<internal::FileDescriptor> nameless = internal::OpenNamelessFile(internal::ParentOf(path));
  if (nameless.ok()) {
    return OutputFile(std::make_unique<State>(path, "", *std::move(nameless)));
  }
  if (nameless.status().code() != StatusCode::kUnsupported) return nameless.status();
  std::string temporary = path + ".XXXXXX";
  const int fd = ::mkstemp(temporary.data());  // mode 0600
  if (fd < 0) return internal::ErrnoStatus(errno, "cannot make a file for the output");
  return OutputFile(
      std::make_unique<State>(path, std::move(temporary), internal::FileDescriptor(fd)));
}

std::string OutputFile::PartialName(const std::string& path) { return path + ".partial"; }

Result<OutputFile> OutputFile::Continue(const std::string& path, std::uint64_t size) {
  MONIKER_RETURN_IF_ERROR(RequireReplaceable(path));
  const std::string partial = PartialName(path);
  const int flags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK | (size == 0 ? O_CREAT : 0);
  MONIKER_ASSIGN_OR_RETURN(internal::FileDescriptor file,
                           internal::OpenFile(partial, flags, S_IRUSR | S_IWUSR));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return Status(StatusCode::kConflict, "another run is writing it", errno);
  }
  MONIKER_RETURN_IF_ERROR(RequireContinuable(file.get(), partial, size));
  const auto end = static_cast<off_t>(size);
  if (::ftruncate(file.get(), end) != 0 || ::lseek(file.get(), end, SEEK_SET) != end) {
    return internal::ErrnoStatus(errno, "cannot continue the output");
  }
  return OutputFile(std::make_unique<State>(path, partial, std::move(file), /*is_to_stay=*/true));
}

const std::string& OutputFile::temporary_name() const {
  static const std::string none;
  return state_ == nullptr ? none : state_->temporary();
}

Status OutputFile::MakeDurable() {
  if (state_ == nullptr) return Status(StatusCode::kClosed, "the output was moved from");
  return state_->MakeDurable();
}

Status OutputFile::Write(std::string_view bytes) {
  if (state_ == nullptr) return Status(StatusCode::kClosed, "the output was moved from");
  return state_->Write(bytes);
}

Status OutputFile::Commit() {
  if (state_ == nullptr) return Status(StatusCode::kClosed, "the output was moved from");
  return state_->Commit();
}

}  // namespace moniker
