// The few things that Moniker does with files itself. Nothing here reads or writes the mapping
// store: that is left to SQLite (closing another descriptor of its file would drop its locks).
//
// Errors of every function: kNotFound, kPermission, kReadOnly, kNoSpace, kConflict (exists
// already), else kIo; the locator is errno.

#ifndef MONIKER_LIB_BASE_FILE_H_
#define MONIKER_LIB_BASE_FILE_H_

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "moniker/result.h"
#include "moniker/status.h"

namespace moniker::internal {

// A file descriptor that is closed with its owner.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// The Status of a failed system call.
Status ErrnoStatus(int error, LiteralMessage message);

// open(2), with O_CLOEXEC. Never descriptor 0, 1 or 2: what a program believes to write to a
// standard stream that is closed must not end in a file of ours.
Result<FileDescriptor> OpenFile(const std::string& path, int flags, int mode = 0);

// A file without a name in a folder (O_TMPFILE), mode 0600: a program that is killed leaves
// nothing. Errors: also kUnsupported if the file system has none.
Result<FileDescriptor> OpenNamelessFile(const std::string& folder);

// Gives it its name. kConflict if that is taken.
Status NameFile(const FileDescriptor& file, const std::string& path);

// Reads a whole file of at most buffer.size() bytes into memory of the caller; returns its size.
// A larger file is kInvalidArgument.
Result<std::size_t> ReadFile(const std::string& path, ByteSpan buffer);

// As ReadFile, for files that hold a secret: a regular file must belong to this user or to root and
// be closed to group and others, else kPermission. Pipes (process substitution) are taken as is.
Result<std::size_t> ReadSecretFile(const std::string& path, ByteSpan buffer);

// Writes everything, in as many calls as it takes; not durable by itself.
Status WriteAll(int fd, ByteView bytes);

// Makes `path` with mode 0600 and these bytes, whole or not at all, durable in file and folder when
// it returns; on failure nothing is left. kConflict if it exists.
Status CreateFileDurably(const std::string& path, ByteView bytes);

// Replaces `path`, or makes it, whole or not at all: temporary file beside it (0600), fsync,
// rename, fsync of the folder.
Status ReplaceFileDurably(const std::string& path, ByteView bytes);

// The path without links and dots. `missing` is the message if there is nothing.
Result<std::string> AbsolutePath(const std::string& path, LiteralMessage missing);

// The folder that holds `path`, as far as its text says.
std::string ParentOf(const std::string& path);

// fsync of the folder that holds `path`.
Status SyncParentFolder(const std::string& path);

// Makes a folder with mode 0700. kConflict if something is there.
Status MakePrivateFolder(const std::string& path);

// kUnsupported if `path` lies on a network file system, where locks and fsync cannot be relied on.
Status RequireLocalFileSystem(const std::string& path);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BASE_FILE_H_
