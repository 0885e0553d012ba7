#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/child_process.h"
#include "support/temporary_folder.h"

// The linker sends the calls of lib/base/file.cc here (--wrap, see tests/CMakeLists.txt), so that
// failures that no file system gives on demand can be had.
namespace {

struct Fault {
  int calls_before = 0;  // these succeed
  int error = 0;         // errno of the next one; the later ones succeed
  int count = 0;         // calls so far

  bool Now() { return error != 0 && count++ == calls_before; }
};

struct Faults {
  Fault fsync;
  Fault rename;
  Fault read;
  Fault write;
  std::size_t most_per_call = SIZE_MAX;  // of read and write
  std::optional<uid_t> owner;            // what fstat answers
  std::optional<std::uint32_t> file_system;
};

Faults faults;

int Fail(int error) {
  errno = error;
  return -1;
}

}  // namespace

extern "C" {
int __real_fsync(int file);
int __real_rename(const char* from, const char* to);
ssize_t __real_read(int file, void* buffer, size_t size);
ssize_t __real_write(int file, const void* buffer, size_t size);
int __real_fstat(int file, struct stat* status);
int __real_statfs(const char* path, struct statfs* info);

int __wrap_fsync(int file) {
  return faults.fsync.Now() ? Fail(faults.fsync.error) : __real_fsync(file);
}
int __wrap_rename(const char* from, const char* to) {
  return faults.rename.Now() ? Fail(faults.rename.error) : __real_rename(from, to);
}
ssize_t __wrap_read(int file, void* buffer, size_t size) {
  if (faults.read.Now()) return Fail(faults.read.error);
  return __real_read(file, buffer, std::min(size, faults.most_per_call));
}
ssize_t __wrap_write(int file, const void* buffer, size_t size) {
  if (faults.write.Now()) return Fail(faults.write.error);
  return __real_write(file, buffer, std::min(size, faults.most_per_call));
}
int __wrap_fstat(int file, struct stat* status) {
  const int result = __real_fstat(file, status);
  if (faults.owner) status->st_uid = *faults.owner;
  return result;
}
int __wrap_statfs(const char* path, struct statfs* info) {
  const int result = __real_statfs(path, info);
  if (faults.file_system) info->f_type = static_cast<long>(*faults.file_system);
  return result;
}
}

namespace moniker::internal {
namespace {

using testing::BecomeOrdinaryUser;
using testing::Describe;
using ::testing::ElementsAre;
using testing::EnterPrivateMountNamespace;
using testing::InChild;
using ::testing::IsEmpty;
using testing::kOrdinaryUser;
using testing::ModeOf;
using testing::NamesIn;
using testing::ReadBytes;
using testing::TemporaryFolder;
using ::testing::UnorderedElementsAre;
using testing::WriteBytes;

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override { faults = Faults(); }
  void TearDown() override { faults = Faults(); }

  std::string File(std::string_view name = "file") const { return folder_.File(name); }

  // Mounts a file system of 64 KiB in memory over the folder. In a child only.
  void MountSmallFileSystem() const {
    EnterPrivateMountNamespace();
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", folder_.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
      throw std::runtime_error("cannot mount a file system in memory");
    }
  }

  TemporaryFolder folder_;
};

std::string ReadWith(Result<std::size_t> (*read)(const std::string&, ByteSpan),
                     const std::string& path, std::size_t room = 4096) {
  std::vector<std::uint8_t> buffer(room);
  const Result<std::size_t> size = read(path, buffer);
  if (!size.ok()) return Describe(size.status());
  return std::string(AsText(ByteView(buffer).first(*size)));
}

TEST(ErrnoStatusTest, GivesTheCodeOfTheContractAndErrnoAsLocator) {
  struct Case {
    int error;
    StatusCode code;
  };
  for (const Case& c : {Case{ENOENT, StatusCode::kNotFound}, Case{EEXIST, StatusCode::kConflict},
                        Case{EACCES, StatusCode::kPermission}, Case{EPERM, StatusCode::kPermission},
                        Case{EROFS, StatusCode::kReadOnly}, Case{ENOSPC, StatusCode::kNoSpace},
                        Case{EDQUOT, StatusCode::kNoSpace}, Case{EIO, StatusCode::kIo},
                        Case{EISDIR, StatusCode::kIo}, Case{EMFILE, StatusCode::kIo},
                        Case{EFBIG, StatusCode::kIo}, Case{ELOOP, StatusCode::kIo}}) {
    const Status status = ErrnoStatus(c.error, "a failure");
    EXPECT_EQ(status.code(), c.code) << c.error;
    EXPECT_EQ(status.locator(), c.error);
    EXPECT_EQ(status.message(), "a failure");
  }
}

bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(FileDescriptorTest, ClosesOnceWithItsLastOwner) {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  FileDescriptor second;
  EXPECT_FALSE(second.valid());
  {
    FileDescriptor first(fd);
    EXPECT_TRUE(first.valid());
    second = std::move(first);
  }
  EXPECT_TRUE(IsOpen(fd));
  EXPECT_EQ(second.get(), fd);
  {
    const FileDescriptor third(std::move(second));
    EXPECT_EQ(third.get(), fd);
  }
  EXPECT_FALSE(IsOpen(fd));
}

TEST(FileDescriptorTest, AssignmentClosesWhatItHeld) {
  const int first = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int second = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  FileDescriptor owner(first);
  owner = FileDescriptor(second);
  EXPECT_FALSE(IsOpen(first));
  EXPECT_TRUE(IsOpen(second));
}

TEST_F(FileTest, ReadReturnsTheWholeFile) {
  const std::string bytes("a\0b\xFF\n", 5);
  WriteBytes(File(), bytes);
  EXPECT_EQ(ReadWith(ReadFile, File()), bytes);
  EXPECT_EQ(ReadWith(ReadSecretFile, File()), bytes);
}

TEST_F(FileTest, ReadTakesAFileThatJustFitsAndRefusesOneByteMore) {
  for (const std::size_t room : {std::size_t{0}, std::size_t{1}, std::size_t{4096}}) {
    WriteBytes(File(), std::string(room, 'x'));
    EXPECT_EQ(ReadWith(ReadFile, File(), room), std::string(room, 'x'));
    EXPECT_EQ(ReadWith(ReadSecretFile, File(), room), std::string(room, 'x'));
    WriteBytes(File(), std::string(room + 1, 'x'));
    EXPECT_EQ(ReadWith(ReadFile, File(), room), "invalid_argument");
    EXPECT_EQ(ReadWith(ReadSecretFile, File(), room), "invalid_argument");
  }
}

TEST_F(FileTest, ReadOfAMissingFileIsNotFound) {
  EXPECT_EQ(ReadWith(ReadFile, File()), "not_found at " + std::to_string(ENOENT));
  EXPECT_EQ(ReadWith(ReadSecretFile, File()), "not_found at " + std::to_string(ENOENT));
}

TEST_F(FileTest, ReadOfAFolderIsAnError) {
  EXPECT_EQ(ReadWith(ReadFile, folder_.path()), "io at " + std::to_string(EISDIR));
  EXPECT_EQ(ReadWith(ReadSecretFile, folder_.path()), "io at " + std::to_string(EISDIR));
}

TEST_F(FileTest, ReadWithoutTheRightIsPermission) {
  WriteBytes(File(), "x", 0);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  EXPECT_EQ(InChild([this] {
              BecomeOrdinaryUser();
              return ReadWith(ReadFile, File()) + ", " + ReadWith(ReadSecretFile, File());
            }),
            "permission at 13, permission at 13");
}

TEST_F(FileTest, ReadGoesOnAfterInterruptionsAndShortReads) {
  const std::string bytes(1000, 'y');
  WriteBytes(File(), bytes);
  faults.most_per_call = 7;
  faults.read = {.calls_before = 3, .error = EINTR};
  EXPECT_EQ(ReadWith(ReadFile, File()), bytes);
}

TEST_F(FileTest, ReadThatFailsInTheMiddleGivesNoValue) {
  WriteBytes(File(), std::string(1000, 'y'));
  faults.most_per_call = 7;
  faults.read = {.calls_before = 3, .error = EIO};
  EXPECT_EQ(ReadWith(ReadFile, File()), "io at " + std::to_string(EIO));
}

TEST_F(FileTest, SecretFileIsReadInExactlyTheModesThatAreClosedToOthers) {
  WriteBytes(File(), "secret");
  for (mode_t mode = 0; mode < 01000; ++mode) {
    ASSERT_EQ(::chmod(File().c_str(), mode), 0);
    const bool readable = ::geteuid() == 0 || (mode & 0400) != 0;
    const bool closed = (mode & 0077) == 0;
    EXPECT_EQ(ReadWith(ReadSecretFile, File()) == "secret", readable && closed) << std::oct << mode;
    if (readable && !closed) {
      EXPECT_EQ(ReadWith(ReadSecretFile, File()), "permission");
    }
  }
}

TEST_F(FileTest, SecretFileOfAnotherUserIsRefused) {
  WriteBytes(File(), "secret");
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(File().c_str(), kOrdinaryUser, kOrdinaryUser), 0);
  } else {
    faults.owner = ::geteuid() + 1;
  }
  EXPECT_EQ(ReadWith(ReadSecretFile, File()), "permission");
  EXPECT_EQ(ReadWith(ReadFile, File()), "secret");
}

TEST_F(FileTest, SecretFileOfRootIsReadByAnOrdinaryUser) {
  WriteBytes(File(), "secret");
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(File().c_str(), kOrdinaryUser, kOrdinaryUser), 0);
    ASSERT_EQ(::chown(folder_.path().c_str(), kOrdinaryUser, kOrdinaryUser), 0);
  }
  EXPECT_EQ(InChild([this] {
              BecomeOrdinaryUser();
              faults.owner = 0;
              const std::string of_root = ReadWith(ReadSecretFile, File());
              faults.owner = ::geteuid() + 1;
              return of_root + ", " + ReadWith(ReadSecretFile, File());
            }),
            "secret, permission");
}

TEST_F(FileTest, SecretFileBehindASymbolicLinkIsJudgedByTheFile) {
  WriteBytes(File(), "secret");
  ASSERT_EQ(::symlink(File().c_str(), File("link").c_str()), 0);
  EXPECT_EQ(ReadWith(ReadSecretFile, File("link")), "secret");
  ASSERT_EQ(::chmod(File().c_str(), 0640), 0);
  EXPECT_EQ(ReadWith(ReadSecretFile, File("link")), "permission");
}

TEST_F(FileTest, SecretIsReadFromAPipe) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(__real_write(ends[1], "secret", 6), 6);
  ::close(ends[1]);
  EXPECT_EQ(ReadWith(ReadSecretFile, "/dev/fd/" + std::to_string(ends[0])), "secret");
  ::close(ends[0]);
}

TEST_F(FileTest, CreateMakesTheFileWithMode0600WhateverTheUmask) {
  for (const mode_t mask : {0000u, 0022u, 0077u}) {
    const std::string path = File(std::to_string(mask));
    const mode_t before = ::umask(mask);
    const Status status = CreateFileDurably(path, AsBytes("content"));
    ::umask(before);
    ASSERT_TRUE(status.ok());
    EXPECT_EQ(ReadBytes(path), "content");
    EXPECT_EQ(ModeOf(path), 0600u);
  }
}

TEST_F(FileTest, CreateLeavesWhatIsThereAlone) {
  WriteBytes(File(), "old", 0644);
  EXPECT_EQ(Describe(CreateFileDurably(File(), AsBytes("new"))),
            "conflict at " + std::to_string(EEXIST));
  EXPECT_EQ(ReadBytes(File()), "old");
  EXPECT_EQ(ModeOf(File()), 0644u);
}

TEST_F(FileTest, CreateDoesNotFollowASymbolicLink) {
  ASSERT_EQ(::symlink(File("elsewhere").c_str(), File().c_str()), 0);
  EXPECT_EQ(CreateFileDurably(File(), AsBytes("new")).code(), StatusCode::kConflict);
  EXPECT_THAT(NamesIn(folder_.path()), ElementsAre("file"));
}

TEST_F(FileTest, CreateInAMissingFolderIsNotFound) {
  EXPECT_EQ(CreateFileDurably(File("a/b"), AsBytes("new")).code(), StatusCode::kNotFound);
  EXPECT_EQ(ReplaceFileDurably(File("a/b"), AsBytes("new")).code(), StatusCode::kNotFound);
}

// One after the other: the file, then its folder.
TEST_F(FileTest, CreateLeavesNothingWhenAnFsyncFails) {
  for (const int calls_before : {0, 1}) {
    faults.fsync = {.calls_before = calls_before, .error = EIO};
    EXPECT_EQ(Describe(CreateFileDurably(File(), AsBytes("new"))), "io at 5");
    EXPECT_THAT(NamesIn(folder_.path()), IsEmpty());
  }
  faults.fsync = {.calls_before = 2, .error = EIO};
  EXPECT_TRUE(CreateFileDurably(File(), AsBytes("new")).ok());
  EXPECT_EQ(faults.fsync.count, 2);
}

TEST_F(FileTest, CreateLeavesNothingWhenAWriteFails) {
  faults.most_per_call = 1;
  faults.write = {.calls_before = 2, .error = ENOSPC};
  EXPECT_EQ(CreateFileDurably(File(), AsBytes("new")).code(), StatusCode::kNoSpace);
  EXPECT_THAT(NamesIn(folder_.path()), IsEmpty());
}

TEST_F(FileTest, ReplaceMakesTheFileWithMode0600WhateverWasThere) {
  const mode_t before = ::umask(0);
  EXPECT_TRUE(ReplaceFileDurably(File(), AsBytes("first")).ok());
  ::umask(before);
  EXPECT_EQ(ReadBytes(File()), "first");
  EXPECT_EQ(ModeOf(File()), 0600u);
  ASSERT_EQ(::chmod(File().c_str(), 0644), 0);
  EXPECT_TRUE(ReplaceFileDurably(File(), AsBytes("second")).ok());
  EXPECT_EQ(ReadBytes(File()), "second");
  EXPECT_EQ(ModeOf(File()), 0600u);
  EXPECT_THAT(NamesIn(folder_.path()), ElementsAre("file"));
}

TEST_F(FileTest, ReplaceTakesAnEmptyAndALargeContent) {
  EXPECT_TRUE(ReplaceFileDurably(File(), {}).ok());
  EXPECT_EQ(ReadBytes(File()), "");
  const std::string large(3 << 20, 'z');
  faults.most_per_call = 100'000;
  faults.write = {.calls_before = 2, .error = EINTR};
  EXPECT_TRUE(ReplaceFileDurably(File(), AsBytes(large)).ok());
  EXPECT_EQ(ReadBytes(File()), large);
}

TEST_F(FileTest, ReplaceGivesWhoHasTheOldFileOpenTheOldContent) {
  WriteBytes(File(), "old content");
  const FileDescriptor reader(::open(File().c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(ReplaceFileDurably(File(), AsBytes("new")).ok());
  char buffer[32];
  EXPECT_EQ(__real_read(reader.get(), buffer, sizeof buffer), 11);
  EXPECT_EQ(std::string_view(buffer, 11), "old content");
}

TEST_F(FileTest, ReplaceOfASymbolicLinkLeavesWhatItPointsTo) {
  WriteBytes(File("target"), "target");
  ASSERT_EQ(::symlink(File("target").c_str(), File().c_str()), 0);
  ASSERT_TRUE(ReplaceFileDurably(File(), AsBytes("new")).ok());
  EXPECT_EQ(ReadBytes(File("target")), "target");
  EXPECT_EQ(ReadBytes(File()), "new");
}

TEST_F(FileTest, ReplaceOverAFolderIsAnErrorAndLeavesNoTemporaryFile) {
  ASSERT_EQ(::mkdir(File().c_str(), 0700), 0);
  EXPECT_EQ(ReplaceFileDurably(File(), AsBytes("new")).code(), StatusCode::kIo);
  EXPECT_THAT(NamesIn(folder_.path()), ElementsAre("file"));
}

TEST_F(FileTest, ReplaceThatFailsBeforeItsRenameLeavesTheOldContentAndNoTemporaryFile) {
  WriteBytes(File(), "old");
  const auto expect_old = [this](std::string_view expected) {
    EXPECT_EQ(Describe(ReplaceFileDurably(File(), AsBytes("new"))), expected);
    EXPECT_EQ(ReadBytes(File()), "old");
    EXPECT_THAT(NamesIn(folder_.path()), ElementsAre("file"));
    faults = Faults();
  };
  faults.write = {.error = EIO};
  expect_old("io at 5");
  faults.most_per_call = 1;
  faults.write = {.calls_before = 2, .error = ENOSPC};
  expect_old("no_space at 28");
  faults.fsync = {.error = EIO};
  expect_old("io at 5");
  faults.rename = {.error = EROFS};
  expect_old("read_only at 30");
}

TEST_F(FileTest, ReplaceThatCannotMakeTheFolderDurableSaysSo) {
  WriteBytes(File(), "old");
  faults.fsync = {.calls_before = 1, .error = EIO};
  EXPECT_EQ(Describe(ReplaceFileDurably(File(), AsBytes("new"))), "io at 5");
  EXPECT_EQ(ReadBytes(File()), "new");
  EXPECT_THAT(NamesIn(folder_.path()), ElementsAre("file"));
}

TEST_F(FileTest, ReadOnlyFolderIsPermissionAndKeepsTheOldContent) {
  WriteBytes(File(), "old");
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(folder_.path().c_str(), kOrdinaryUser, kOrdinaryUser), 0);
    ASSERT_EQ(::chown(File().c_str(), kOrdinaryUser, kOrdinaryUser), 0);
  }
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0500), 0);
  EXPECT_EQ(InChild([this] {
              BecomeOrdinaryUser();
              return Describe(ReplaceFileDurably(File(), AsBytes("new"))) + ", " +
                     Describe(CreateFileDurably(File("other"), AsBytes("new"))) + ", " +
                     Describe(MakePrivateFolder(File("folder")));
            }),
            "permission at 13, permission at 13, permission at 13");
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0700), 0);
  EXPECT_EQ(ReadBytes(File()), "old");
  EXPECT_THAT(NamesIn(folder_.path()), ElementsAre("file"));
}

TEST_F(FileTest, FullDeviceIsNoSpaceAndKeepsTheOldContent) {
  EXPECT_EQ(InChild([this] {
              MountSmallFileSystem();
              const std::string large(1 << 20, 'z');
              std::string answer = Describe(ReplaceFileDurably(File(), AsBytes("old"))) + ", ";
              answer += Describe(ReplaceFileDurably(File(), AsBytes(large))) + ", ";
              answer += Describe(CreateFileDurably(File("other"), AsBytes(large))) + ", ";
              answer += ReadBytes(File());
              for (const std::string& name : NamesIn(folder_.path())) answer += " " + name;
              return answer;
            }),
            "ok, no_space at 28, no_space at 28, old file");
}

TEST_F(FileTest, ReadOnlyFileSystemIsReadOnlyAndKeepsTheOldContent) {
  EXPECT_EQ(InChild([this] {
              MountSmallFileSystem();
              WriteBytes(File(), "old");
              if (::mount("none", folder_.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY,
                          nullptr) != 0) {
                return std::string("cannot mount anew");
              }
              return Describe(ReplaceFileDurably(File(), AsBytes("new"))) + ", " +
                     Describe(CreateFileDurably(File("other"), AsBytes("new"))) + ", " +
                     ReadBytes(File());
            }),
            "read_only at 30, read_only at 30, old");
}

TEST_F(FileTest, FileSizeLimitIsAnErrorAndKeepsTheOldContent) {
  WriteBytes(File(), "old");
  EXPECT_EQ(InChild([this] {
              std::signal(SIGXFSZ, SIG_IGN);
              const rlimit limit = {1000, 1000};
              if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return std::string("no limit");
              return Describe(ReplaceFileDurably(File(), AsBytes(std::string(2000, 'z'))));
            }),
            "io at " + std::to_string(EFBIG));
  EXPECT_EQ(ReadBytes(File()), "old");
  EXPECT_THAT(NamesIn(folder_.path()), ElementsAre("file"));
}

TEST_F(FileTest, SyncParentFolderFindsTheFolderOfEveryKindOfPath) {
  EXPECT_TRUE(SyncParentFolder(File()).ok());
  EXPECT_TRUE(SyncParentFolder("name-without-a-folder").ok());
  EXPECT_TRUE(SyncParentFolder("/name").ok());
  EXPECT_EQ(SyncParentFolder(File("missing/name")).code(), StatusCode::kNotFound);
  faults.fsync = {.error = EIO};
  EXPECT_EQ(Describe(SyncParentFolder(File())), "io at 5");
}

TEST_F(FileTest, PrivateFolderHasMode0700WhateverTheUmask) {
  for (const mode_t mask : {0000u, 0022u, 0077u}) {
    const std::string path = File(std::to_string(mask));
    const mode_t before = ::umask(mask);
    const Status status = MakePrivateFolder(path);
    ::umask(before);
    ASSERT_TRUE(status.ok());
    EXPECT_EQ(ModeOf(path), 0700u);
  }
}

TEST_F(FileTest, PrivateFolderWhereSomethingIsIsAConflict) {
  WriteBytes(File(), "old");
  ASSERT_EQ(::mkdir(File("folder").c_str(), 0755), 0);
  EXPECT_EQ(MakePrivateFolder(File()).code(), StatusCode::kConflict);
  EXPECT_EQ(MakePrivateFolder(File("folder")).code(), StatusCode::kConflict);
  EXPECT_EQ(ModeOf(File("folder")), 0755u);
  EXPECT_EQ(MakePrivateFolder(File("missing/folder")).code(), StatusCode::kNotFound);
}

// Numbers of statfs(2).
TEST_F(FileTest, NetworkFileSystemsAreUnsupported) {
  for (const std::uint32_t network :
       {0x6969u, 0x517Bu, 0xFE534D42u, 0xFF534D42u, 0x564Cu, 0x5346414Fu, 0x6B414653u, 0x73757245u,
        0x00C36400u, 0x01021997u, 0x0BD00BD0u, 0x47504653u, 0x01161970u}) {
    faults.file_system = network;
    EXPECT_EQ(RequireLocalFileSystem(folder_.path()).code(), StatusCode::kUnsupported) << network;
  }
}

TEST_F(FileTest, LocalFileSystemsAreAccepted) {
  // ext4, XFS, Btrfs, tmpfs, overlayfs, ZFS, F2FS
  for (const std::uint32_t local :
       {0xEF53u, 0x58465342u, 0x9123683Eu, 0x01021994u, 0x794C7630u, 0x2FC12FC1u, 0xF2F52010u}) {
    faults.file_system = local;
    EXPECT_TRUE(RequireLocalFileSystem(folder_.path()).ok()) << local;
  }
  faults.file_system.reset();
  EXPECT_EQ(RequireLocalFileSystem(File("missing")).code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace moniker::internal
