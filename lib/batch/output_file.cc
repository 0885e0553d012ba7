#include "moniker/output_file.h"

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
  State(std::string path, std::string temporary, internal::FileDescriptor file)
      : path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  Status Write(std::string_view bytes) {
    return internal::WriteAll(file_.get(), internal::AsBytes(bytes));
  }

  Status Commit() {
    if (committed_) return Status(StatusCode::kClosed, "the output is complete already");
    if (::fsync(file_.get()) != 0) {
      return internal::ErrnoStatus(errno, "cannot make the output durable");
    }
    if (temporary_.empty()) MONIKER_RETURN_IF_ERROR(GiveTemporaryName());
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
      return internal::ErrnoStatus(errno, "cannot give the output its name");
    }
    temporary_.clear();
    committed_ = true;
    return internal::SyncParentFolder(path_);
  }

 private:
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
  bool committed_ = false;
};

OutputFile::OutputFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
OutputFile::OutputFile(OutputFile&& other) noexcept = default;
OutputFile::~OutputFile() = default;

Result<OutputFile> OutputFile::Create(const std::string& path) {
  struct stat info;
  if (::lstat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return Status(StatusCode::kConflict, "the output is there already, and is no regular file");
  }
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

Status OutputFile::Write(std::string_view bytes) {
  if (state_ == nullptr) return Status(StatusCode::kClosed, "the output was moved from");
  return state_->Write(bytes);
}

Status OutputFile::Commit() {
  if (state_ == nullptr) return Status(StatusCode::kClosed, "the output was moved from");
  return state_->Commit();
}

}  // namespace moniker
