#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/file.h"
#include "base/status_macros.h"
#include "moniker/anchor.h"

namespace moniker {
namespace {

// Two places that are written in turn, each within one sector of a disk: u16le(size), the head,
// zeros.
constexpr std::size_t kPlaceSize = 512;
constexpr std::size_t kPlaces = 2;
static_assert(Anchor::kMaxHeadSize + 2 <= kPlaceSize);

// Records of the log follow the places, none across the border of a sector.
constexpr std::size_t kLogBegin = kPlaces * kPlaceSize;
static_assert(kPlaceSize % Anchor::kLogRecordSize == 0);

class FileAnchor final : public Anchor {
 public:
  explicit FileAnchor(std::string path) : path_(std::move(path)) {}

  Result<std::vector<Head>> ReadHeads() override {
    MONIKER_ASSIGN_OR_RETURN(const internal::FileDescriptor file, Open(O_RDONLY));
    std::array<std::uint8_t, kPlaces * kPlaceSize> bytes{};
    // What a file that was cut short lacks reads as zeros: a place without a head.
    if (::pread(file.get(), bytes.data(), bytes.size(), 0) < 0) {
      return internal::ErrnoStatus(errno, "cannot read the anchor");
    }
    std::vector<Head> heads;
    for (std::size_t place = 0; place < kPlaces; ++place) {
      internal::ByteReader reader(
          internal::ByteView(bytes).subspan(place * kPlaceSize, kPlaceSize));
      const internal::ByteView head = reader.Bytes(reader.U16());
      if (!head.empty()) heads.emplace_back(head.begin(), head.end());
    }
    return heads;
  }

  Status KeepHead(std::uint64_t counter, std::span<const std::uint8_t> head) override {
    if (head.size() > kMaxHeadSize) {
      return Status(StatusCode::kInvalidArgument, "a head that an anchor has no room for");
    }
    MONIKER_ASSIGN_OR_RETURN(const std::vector<Head> kept, ReadHeads());
    MONIKER_ASSIGN_OR_RETURN(const internal::FileDescriptor file, Open(O_WRONLY));
    std::array<std::uint8_t, kPlaceSize> place{};
    internal::ByteWriter(place).U16(static_cast<std::uint16_t>(head.size())).Bytes(head);
    const auto offset = static_cast<off_t>(counter % kPlaces * kPlaceSize);
    const ssize_t written = ::pwrite(file.get(), place.data(), place.size(), offset);
    if (written < 0) return internal::ErrnoStatus(errno, "cannot write the anchor");
    if (static_cast<std::size_t>(written) != place.size()) {
      return Status(StatusCode::kNoSpace, "the anchor could not be written whole");
    }
    // A head may be behind, but there must be one: an empty anchor keeps the vault from being
    // opened, and that is how this file would be found after a machine failed.
    if (kept.empty() && ::fsync(file.get()) != 0) {
      return internal::ErrnoStatus(errno, "cannot make the anchor durable");
    }
    return Status::Ok();
  }

  Status AppendToLog(std::span<const std::uint8_t> records) override {
    if (records.size() % kLogRecordSize != 0) {
      return Status(StatusCode::kInvalidArgument, "not whole records of an anchor's log");
    }
    MONIKER_ASSIGN_OR_RETURN(const internal::FileDescriptor file, Open(O_WRONLY));
    MONIKER_ASSIGN_OR_RETURN(const std::size_t size, LogSize(file));
    auto offset = static_cast<off_t>(kLogBegin + size);
    while (!records.empty()) {
      const ssize_t written = ::pwrite(file.get(), records.data(), records.size(), offset);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return internal::ErrnoStatus(errno, "cannot write the anchor");
      offset += written;
      records = records.subspan(static_cast<std::size_t>(written));
    }
    if (::fsync(file.get()) != 0) {
      return internal::ErrnoStatus(errno, "cannot make the anchor durable");
    }
    return Status::Ok();
  }

  Result<std::vector<std::uint8_t>> ReadLog() override {
    MONIKER_ASSIGN_OR_RETURN(const internal::FileDescriptor file, Open(O_RDONLY));
    MONIKER_ASSIGN_OR_RETURN(const std::size_t size, LogSize(file));
    std::vector<std::uint8_t> log(size);
    for (std::size_t used = 0; used < size;) {
      const ssize_t got = ::pread(file.get(), log.data() + used, size - used,
                                  static_cast<off_t>(kLogBegin + used));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return internal::ErrnoStatus(got < 0 ? errno : EIO, "cannot read the anchor");
      used += static_cast<std::size_t>(got);
    }
    return log;
  }

 private:
  // Of whole records; what a write that was cut short has left is overwritten.
  static Result<std::size_t> LogSize(const internal::FileDescriptor& file) {
    struct stat info;
    if (::fstat(file.get(), &info) != 0) {
      return internal::ErrnoStatus(errno, "cannot inspect the anchor");
    }
    const auto size = static_cast<std::size_t>(info.st_size);
    return size <= kLogBegin ? 0 : (size - kLogBegin) / kLogRecordSize * kLogRecordSize;
  }

  Result<internal::FileDescriptor> Open(int access) const {
    Result<internal::FileDescriptor> file =
        internal::OpenFile(path_, access | O_NOFOLLOW | O_NONBLOCK);
    if (!file.ok()) {
      return internal::ErrnoStatus(static_cast<int>(file.status().locator()),
                                   "cannot open the anchor");
    }
    struct stat info;
    if (::fstat(file->get(), &info) != 0 || !S_ISREG(info.st_mode)) {
      return Status(StatusCode::kNotFound, "the anchor is not a regular file");
    }
    return file;
  }

  const std::string path_;
};

}  // namespace

Status CreateFileAnchor(const std::string& path) {
  return internal::CreateFileDurably(path, std::array<std::uint8_t, kPlaces * kPlaceSize>{});
}

std::unique_ptr<Anchor> OpenFileAnchor(const std::string& path) {
  return std::make_unique<FileAnchor>(path);
}

}  // namespace moniker
