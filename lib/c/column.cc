#include "c/column.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/status_macros.h"
#include "boundary/arguments.h"
#include "boundary/structs.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kIdSize = ExternalId::kSize;
constexpr std::size_t kAtOnce = 1024;

constexpr Status kBadOffset(StatusCode::kInvalidArgument,
                            "column: an offset below the one before it, or behind the bytes");

class Column {
 public:
  static Result<Column> Read(const moniker_column* column) {
    MONIKER_ASSIGN_OR_RETURN(const moniker_column given, ReadStruct(column));
    Column read;
    read.given_ = given;
    MONIKER_ASSIGN_OR_RETURN(read.issuer_, ReadText(given.issuer));
    MONIKER_ASSIGN_OR_RETURN(read.bytes_, ReadText({given.bytes, given.bytes_size}));
    MONIKER_ASSIGN_OR_RETURN(read.kind_, ReadKind(given.kind));
    if (given.offset_bits != 32 && given.offset_bits != 64) {
      return Status(StatusCode::kInvalidArgument, "column: offsets neither of 32 nor of 64 bits");
    }
    constexpr std::size_t kMost = PTRDIFF_MAX / (2 * kIdSize);
    if (given.count > kMost || given.first > kMost) {
      return Status(StatusCode::kInvalidArgument, "column: more than there can be");
    }
    if (given.count > 0 && given.offsets == nullptr) {
      return Status(StatusCode::kInvalidArgument, "column: no offsets");
    }
    return read;
  }

  std::size_t count() const { return given_.count; }

  bool Has(std::size_t index) const {
    if (given_.validity == nullptr) return true;
    const std::size_t bit = given_.first + index;
    return (given_.validity[bit / 8] >> bit % 8 & 1) != 0;
  }

  Result<Identifier> At(std::size_t index) const {
    const std::int64_t begin = Offset(given_.first + index);
    const std::int64_t end = Offset(given_.first + index + 1);
    if (begin < 0 || end < begin || static_cast<std::uint64_t>(end) > bytes_.size()) {
      return kBadOffset.At(static_cast<std::int64_t>(index));
    }
    const auto at = static_cast<std::size_t>(begin);
    return Identifier{issuer_, bytes_.substr(at, static_cast<std::size_t>(end) - at), kind_};
  }

 private:
  // Byte by byte: nothing says that the caller's memory is aligned.
  std::int64_t Offset(std::size_t index) const {
    const auto* const offsets = static_cast<const unsigned char*>(given_.offsets);
    if (given_.offset_bits == 32) {
      std::int32_t offset;
      std::memcpy(&offset, offsets + index * sizeof offset, sizeof offset);
      return offset;
    }
    std::int64_t offset;
    std::memcpy(&offset, offsets + index * sizeof offset, sizeof offset);
    return offset;
  }

  moniker_column given_;
  std::string_view issuer_;
  std::string_view bytes_;
  std::optional<IdentifierKind> kind_;
};

// The next texts of a column that are there, and the IDs that are made of them.
class Block {
 public:
  explicit Block(const Column& column) : column_(column) {}

  // From text `*next` on, which it leaves behind the last that was taken. Errors: kInvalidArgument.
  Status Fill(std::size_t* next) {
    size_ = 0;
    for (; size_ < kAtOnce && *next < column_.count(); ++*next) {
      if (!column_.Has(*next)) continue;
      MONIKER_ASSIGN_OR_RETURN(identifiers_[size_], column_.At(*next));
      places_[size_++] = *next;
    }
    return Status::Ok();
  }

  // The locator of an error is the place in the column.
  Status Derive(const Anonymizer& anonymizer, char* external_ids) {
    const Status status =
        anonymizer.ExternalIdsOfMany({identifiers_.data(), size_}, {texts_.data(), size_});
    if (!status.ok()) {
      const std::int64_t index = status.locator();
      const bool is_one = index >= 0 && static_cast<std::size_t>(index) < size_;
      return is_one ? status.At(static_cast<std::int64_t>(places_[static_cast<std::size_t>(index)]))
                    : status;
    }
    for (std::size_t i = 0; i < size_; ++i) {
      std::memcpy(external_ids + places_[i] * kIdSize, texts_[i].data(), kIdSize);
    }
    return Status::Ok();
  }

 private:
  const Column& column_;
  std::size_t size_ = 0;
  std::array<Identifier, kAtOnce> identifiers_;
  std::array<std::size_t, kAtOnce> places_;
  std::array<ExternalId::Text, kAtOnce> texts_;
};

Status DeriveBlocks(const Anonymizer& anonymizer, const Column& column, char* external_ids) {
  Block block(column);
  for (std::size_t next = 0; next < column.count();) {
    MONIKER_RETURN_IF_ERROR(block.Fill(&next));
    MONIKER_RETURN_IF_ERROR(block.Derive(anonymizer, external_ids));
  }
  return Status::Ok();
}

}  // namespace

Status DeriveColumn(const Anonymizer& anonymizer, const moniker_column* column, char* external_ids,
                    std::size_t size) {
  MONIKER_ASSIGN_OR_RETURN(const Column read, Column::Read(column));
  if (size != read.count() * kIdSize || (external_ids == nullptr && size > 0)) {
    return Status(StatusCode::kInvalidArgument, "output: not 32 bytes for each text");
  }
  const Status status = DeriveBlocks(anonymizer, read, external_ids);
  if (!status.ok() && size > 0) std::memset(external_ids, 0, size);
  return status;
}

}  // namespace moniker::internal
