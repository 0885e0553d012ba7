// A file system between SQLite and the system's own. While one exists it is the default of the
// process, and a test is asked before each call that can change what is stored.

#ifndef MONIKER_TESTS_SQLITE_VFS_SHIM_H_
#define MONIKER_TESTS_SQLITE_VFS_SHIM_H_

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <utility>

namespace moniker::testing {

// What SQLite is about to do.
struct FileCall {
  enum Kind { kWrite, kTruncate, kSync, kShmMap, kShmLock, kUnfetch };
  enum Role { kDatabase, kLog, kOther };

  Kind kind;
  Role role;
  int first = 0;  // of kShmLock: the slots, and SQLITE_SHM_...
  int count = 0;
  int flags = 0;

  bool Locks(int slot) const {
    return kind == kShmLock && first <= slot && slot < first + count &&
           (flags & (SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE)) ==
               (SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
  }

  // Slots of the shared memory (https://www.sqlite.org/walformat.html, section 2.3.1).
  // Recovery takes the slot too, together with the next one.
  bool BeginsCheckpoint() const { return Locks(1) && count == 1; }
  bool LocksReadMark() const { return kind == kShmLock && first >= 3 && Locks(first); }
};

class VfsShim {
 public:
  // Answers SQLITE_OK to go on; any other code is the result of the call, which is then not made.
  using Hook = std::function<int(const FileCall&)>;

  VfsShim() {
    real_ = sqlite3_vfs_find(nullptr);
    current_ = this;
    vfs_ = *real_;
    vfs_.zName = "moniker-test";
    vfs_.pNext = nullptr;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = Open;
    if (sqlite3_vfs_register(&vfs_, 1) != SQLITE_OK) throw std::runtime_error("no file system");
  }
  VfsShim(const VfsShim&) = delete;
  VfsShim& operator=(const VfsShim&) = delete;
  // REQUIRES: every connection that was opened meanwhile is closed.
  ~VfsShim() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
    current_ = nullptr;
  }

  // Called from every thread that uses SQLite, several at once.
  void Watch(Hook hook) { Exchange(std::make_shared<Hook>(std::move(hook))); }
  void Ignore() { Exchange(nullptr); }

 private:
  struct File {
    sqlite3_file base;
    FileCall::Role role;
  };

  static sqlite3_file* Real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1);
  }
  static const sqlite3_io_methods* Calls(sqlite3_file* file) { return Real(file)->pMethods; }

  void Exchange(std::shared_ptr<Hook> hook) {
    const std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }

  static int Ask(sqlite3_file* file, FileCall call) {
    call.role = reinterpret_cast<File*>(file)->role;
    std::shared_ptr<Hook> hook;
    {
      const std::lock_guard lock(current_->mutex_);
      hook = current_->hook_;
    }
    return hook == nullptr ? SQLITE_OK : (*hook)(call);
  }

  static int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto* const own = new (file) File{};
    own->role = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? FileCall::kDatabase
                : (flags & SQLITE_OPEN_WAL) != 0   ? FileCall::kLog
                                                   : FileCall::kOther;
    const int code = current_->real_->xOpen(current_->real_, name, Real(file), flags, out_flags);
    own->base.pMethods = Calls(file) == nullptr ? nullptr : &kMethods;
    return code;
  }

  static int Close(sqlite3_file* file) {
    const int code = Calls(file)->xClose(Real(file));
    file->pMethods = nullptr;
    return code;
  }
  static int Read(sqlite3_file* file, void* buffer, int size, sqlite3_int64 offset) {
    return Calls(file)->xRead(Real(file), buffer, size, offset);
  }
  static int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    const int code = Ask(file, {FileCall::kWrite, FileCall::kOther});
    return code != SQLITE_OK ? code : Calls(file)->xWrite(Real(file), bytes, size, offset);
  }
  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    const int code = Ask(file, {FileCall::kTruncate, FileCall::kOther});
    return code != SQLITE_OK ? code : Calls(file)->xTruncate(Real(file), size);
  }
  static int Sync(sqlite3_file* file, int flags) {
    const int code = Ask(file, {FileCall::kSync, FileCall::kOther});
    return code != SQLITE_OK ? code : Calls(file)->xSync(Real(file), flags);
  }
  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    return Calls(file)->xFileSize(Real(file), size);
  }
  static int Lock(sqlite3_file* file, int level) { return Calls(file)->xLock(Real(file), level); }
  static int Unlock(sqlite3_file* file, int level) {
    return Calls(file)->xUnlock(Real(file), level);
  }
  static int CheckReservedLock(sqlite3_file* file, int* held) {
    return Calls(file)->xCheckReservedLock(Real(file), held);
  }
  static int FileControl(sqlite3_file* file, int operation, void* argument) {
    return Calls(file)->xFileControl(Real(file), operation, argument);
  }
  static int SectorSize(sqlite3_file* file) { return Calls(file)->xSectorSize(Real(file)); }
  static int DeviceCharacteristics(sqlite3_file* file) {
    return Calls(file)->xDeviceCharacteristics(Real(file));
  }
  static int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
    const int code = Ask(file, {FileCall::kShmMap, FileCall::kOther});
    return code != SQLITE_OK ? code : Calls(file)->xShmMap(Real(file), page, size, extend, memory);
  }
  static int ShmLock(sqlite3_file* file, int first, int count, int flags) {
    const int code = Ask(file, {FileCall::kShmLock, FileCall::kOther, first, count, flags});
    return code != SQLITE_OK ? code : Calls(file)->xShmLock(Real(file), first, count, flags);
  }
  static void ShmBarrier(sqlite3_file* file) { Calls(file)->xShmBarrier(Real(file)); }
  static int ShmUnmap(sqlite3_file* file, int remove) {
    return Calls(file)->xShmUnmap(Real(file), remove);
  }
  static int Fetch(sqlite3_file* file, sqlite3_int64 offset, int size, void** memory) {
    return Calls(file)->xFetch(Real(file), offset, size, memory);
  }
  static int Unfetch(sqlite3_file* file, sqlite3_int64 offset, void* memory) {
    const int code = Ask(file, {FileCall::kUnfetch, FileCall::kOther});
    return code != SQLITE_OK ? code : Calls(file)->xUnfetch(Real(file), offset, memory);
  }

  static constexpr sqlite3_io_methods kMethods = {3,
                                                  Close,
                                                  Read,
                                                  Write,
                                                  Truncate,
                                                  Sync,
                                                  FileSize,
                                                  Lock,
                                                  Unlock,
                                                  CheckReservedLock,
                                                  FileControl,
                                                  SectorSize,
                                                  DeviceCharacteristics,
                                                  ShmMap,
                                                  ShmLock,
                                                  ShmBarrier,
                                                  ShmUnmap,
                                                  Fetch,
                                                  Unfetch};

  static inline VfsShim* current_ = nullptr;
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
  std::mutex mutex_;
  std::shared_ptr<Hook> hook_;
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SQLITE_VFS_SHIM_H_
