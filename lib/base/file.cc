#include "base/file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include "base/status_macros.h"

namespace moniker::internal {
namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

Result<std::size_t> ReadAll(const FileDescriptor& file, ByteSpan buffer) {
  std::size_t used = 0;
  std::uint8_t beyond = 0;
  while (true) {
    // One byte more than fits tells a file that is too large from one that just fits.
    const ByteSpan room = used < buffer.size() ? buffer.subspan(used) : ByteSpan(&beyond, 1);
    const ssize_t got = ::read(file.get(), room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "cannot read the file");
    if (got == 0) return used;
    if (used == buffer.size()) {
      return Status(StatusCode::kInvalidArgument, "the file is larger than such a file can be");
    }
    used += static_cast<std::size_t>(got);
  }
}

Status WriteDurably(const FileDescriptor& file, ByteView bytes) {
  MONIKER_RETURN_IF_ERROR(WriteAll(file.get(), bytes));
  if (::fsync(file.get()) != 0) return ErrnoStatus(errno, "cannot make the file durable");
  return Status::Ok();
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.fd_;
    other.fd_ = -1;
  }
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Status ErrnoStatus(int error, LiteralMessage message) {
  StatusCode code = StatusCode::kIo;
  switch (error) {
    case ENOENT:
    case ENOTDIR: code = StatusCode::kNotFound; break;
    case EEXIST: code = StatusCode::kConflict; break;
    case EACCES:
    case EPERM: code = StatusCode::kPermission; break;
    case EROFS: code = StatusCode::kReadOnly; break;
    case ENOSPC:
    case EDQUOT: code = StatusCode::kNoSpace; break;
    default: break;
  }
  return Status(code, message, error);
}

Result<FileDescriptor> OpenFile(const std::string& path, int flags, int mode) {
  int fd;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return ErrnoStatus(errno, "cannot open the file");
  FileDescriptor file(fd);
  if (fd > STDERR_FILENO) return file;
  const int higher = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (higher < 0) return ErrnoStatus(errno, "cannot open the file");
  return FileDescriptor(higher);
}

Result<FileDescriptor> OpenNamelessFile(const std::string& folder) {
  Result<FileDescriptor> file = OpenFile(folder, O_TMPFILE | O_RDWR, S_IRUSR | S_IWUSR);
  // EISDIR: a kernel or file system that does not know the flag and sees a folder opened for
  // writing.
  if (!file.ok() && (file.status().locator() == EOPNOTSUPP || file.status().locator() == EISDIR)) {
    return Status(StatusCode::kUnsupported, "the file system has no files without a name");
  }
  return file;
}

Status NameFile(const FileDescriptor& file, const std::string& path) {
  const std::string self = "/proc/self/fd/" + std::to_string(file.get());
  if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    return ErrnoStatus(errno, "cannot give the file its name");
  }
  return Status::Ok();
}

Result<std::size_t> ReadFile(const std::string& path, ByteSpan buffer) {
  MONIKER_ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  return ReadAll(file, buffer);
}

Result<std::size_t> ReadSecretFile(const std::string& path, ByteSpan buffer) {
  MONIKER_ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  // The open file is asked, not its name, so that nobody can exchange it in between.
  struct stat status;
  if (::fstat(file.get(), &status) != 0) return ErrnoStatus(errno, "cannot inspect the file");
  if (S_ISREG(status.st_mode)) {
    if ((status.st_mode & kOthers) != 0) {
      return Status(StatusCode::kPermission, "the file is open to others; its mode must be 0600");
    }
    if (status.st_uid != ::geteuid() && status.st_uid != 0) {
      return Status(StatusCode::kPermission, "the file belongs to another user");
    }
  }
  return ReadAll(file, buffer);
}

Status WriteAll(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoStatus(errno, "cannot write the file");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return Status::Ok();
}

Status CreateFileDurably(const std::string& path, ByteView bytes) {
  const Result<FileDescriptor> nameless = OpenNamelessFile(ParentOf(path));
  if (!nameless.ok() && nameless.status().code() != StatusCode::kUnsupported) {
    return nameless.status();
  }
  if (nameless.ok()) {
    MONIKER_RETURN_IF_ERROR(WriteDurably(*nameless, bytes));
    MONIKER_RETURN_IF_ERROR(NameFile(*nameless, path));
    const Status status = SyncParentFolder(path);
    if (!status.ok()) ::unlink(path.c_str());
    return status;
  }
  MONIKER_ASSIGN_OR_RETURN(const FileDescriptor file,
                           OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR));
  Status status = WriteDurably(file, bytes);
  if (status.ok()) status = SyncParentFolder(path);
  if (!status.ok()) ::unlink(path.c_str());
  return status;
}

Status ReplaceFileDurably(const std::string& path, ByteView bytes) {
  std::string temporary = path + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return ErrnoStatus(errno, "cannot make a temporary file");
  const FileDescriptor file(fd);
  Status status = WriteDurably(file, bytes);
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, "cannot rename the file");
  }
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  return SyncParentFolder(path);
}

std::string ParentOf(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::string> AbsolutePath(const std::string& path, LiteralMessage missing) {
  char resolved[PATH_MAX];
  if (::realpath(path.c_str(), resolved) == nullptr) return ErrnoStatus(errno, missing);
  return std::string(resolved);
}

Status SyncParentFolder(const std::string& path) {
  MONIKER_ASSIGN_OR_RETURN(const FileDescriptor folder,
                           OpenFile(ParentOf(path), O_RDONLY | O_DIRECTORY));
  if (::fsync(folder.get()) != 0) return ErrnoStatus(errno, "cannot make the folder durable");
  return Status::Ok();
}

Status MakePrivateFolder(const std::string& path) {
  if (::mkdir(path.c_str(), S_IRWXU) != 0) return ErrnoStatus(errno, "cannot make the folder");
  return Status::Ok();
}

Status RequireLocalFileSystem(const std::string& path) {
  // statfs(2); those without a name in <linux/magic.h> are from the sources of the file systems.
  constexpr std::array<std::uint32_t, 13> kNetwork = {
      NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC, NCP_SUPER_MAGIC,
      AFS_SUPER_MAGIC, AFS_FS_MAGIC,    CODA_SUPER_MAGIC, CEPH_SUPER_MAGIC, V9FS_MAGIC,
      0x0BD00BD0,  // Lustre
      0x47504653,  // IBM Storage Scale (GPFS)
      0x01161970,  // GFS2
  };
  struct statfs info;
  if (::statfs(path.c_str(), &info) != 0) {
    return ErrnoStatus(errno, "cannot inspect the file system");
  }
  for (const std::uint32_t magic : kNetwork) {
    if (static_cast<std::uint32_t>(info.f_type) == magic) {
      return Status(StatusCode::kUnsupported, "a vault cannot lie on a network file system");
    }
  }
  return Status::Ok();
}

}  // namespace moniker::internal
