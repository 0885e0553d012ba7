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

 private:
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
