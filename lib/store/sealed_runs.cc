#include "store/sealed_runs.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <compare>
#include <tuple>
#include <utility>

#include "base/status_macros.h"

namespace moniker::internal {
namespace {

// As much as is sorted at once; and as much of each run as is read ahead.
constexpr std::size_t kRunSize = std::size_t{8} << 20;
constexpr std::size_t kReadSize = std::size_t{64} << 10;

// A row: tag, u32(number), u32(size), sealed record.
constexpr std::size_t kHeadSize = SealedRuns::kTagSize + 4 + 4;

std::uint64_t BigEndian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

std::size_t SizeOfRow(ByteView head) {
  ByteReader reader(head);
  reader.Bytes(SealedRuns::kTagSize + 4);
  return kHeadSize + reader.U32();
}

}  // namespace

Result<SealedRuns> SealedRuns::Create(const std::string& folder) {
  SealedRuns runs;
  if (folder.empty()) return runs;
  Result<FileDescriptor> file = OpenNamelessFile(folder);
  if (!file.ok() && file.status().code() != StatusCode::kUnsupported) return file.status();
  if (file.ok()) runs.file_ = *std::move(file);
  return runs;
}

Status SealedRuns::Add(const RecordTag& tag, std::uint32_t number, ByteView sealed) {
  const std::size_t size = kHeadSize + sealed.size();
  if (pending_.size() + size > kRunSize && !pending_.empty()) MONIKER_RETURN_IF_ERROR(WriteRun());
  const std::size_t offset = pending_.size();
  const ByteView bytes = tag.bytes();
  places_.push_back({BigEndian(bytes.first(8)), BigEndian(bytes.subspan(8)), offset});
  pending_.resize(offset + size);
  ByteWriter(ByteSpan(pending_).subspan(offset)).Bytes(bytes).U32(number).Prefixed(sealed);
  return Status::Ok();
}

Status SealedRuns::WriteRun() {
  std::ranges::sort(places_, {}, [](const Place& place) {
    return std::tuple(place.high, place.low, place.offset);
  });
  const std::uint64_t begin = size_;
  std::vector<std::uint8_t> ordered;
  ordered.reserve(kReadSize + kHeadSize);
  for (const Place& place : places_) {
    const ByteView rest = ByteView(pending_).subspan(place.offset);
    const ByteView row = rest.first(SizeOfRow(rest));
    ordered.insert(ordered.end(), row.begin(), row.end());
    if (ordered.size() < kReadSize) continue;
    MONIKER_RETURN_IF_ERROR(Write(ordered));
    ordered.clear();
  }
  MONIKER_RETURN_IF_ERROR(Write(ordered));
  runs_.push_back({begin, size_, {}, 0});
  pending_.clear();
  places_.clear();
  return Status::Ok();
}

Status SealedRuns::Write(ByteView bytes) {
  if (file_.valid()) {
    MONIKER_RETURN_IF_ERROR(WriteAll(file_.get(), bytes));
  } else {
    image_.insert(image_.end(), bytes.begin(), bytes.end());
  }
  size_ += bytes.size();
  return Status::Ok();
}

Status SealedRuns::ReadAt(std::uint64_t position, ByteSpan bytes) const {
  if (!file_.valid()) {
    std::copy_n(image_.begin() + static_cast<std::ptrdiff_t>(position), bytes.size(),
                bytes.begin());
    return Status::Ok();
  }
  while (!bytes.empty()) {
    const ssize_t got =
        ::pread(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      return Status(StatusCode::kIo, "cannot read a temporary file", got < 0 ? errno : 0);
    position += static_cast<std::uint64_t>(got);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return Status::Ok();
}

Status SealedRuns::Finish() {
  if (!pending_.empty()) MONIKER_RETURN_IF_ERROR(WriteRun());
  pending_ = {};
  places_ = {};
  return Status::Ok();
}

Status SealedRuns::Fill(Cursor* cursor, std::size_t size) const {
  std::vector<std::uint8_t>& buffer = cursor->buffer;
  if (buffer.size() - cursor->used >= size) return Status::Ok();
  buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(cursor->used));
  cursor->used = 0;
  const std::size_t old_size = buffer.size();
  const std::uint64_t more =
      std::min<std::uint64_t>(cursor->end - cursor->position, std::max(size, kReadSize) - old_size);
  buffer.resize(old_size + static_cast<std::size_t>(more));
  MONIKER_RETURN_IF_ERROR(ReadAt(cursor->position, ByteSpan(buffer).subspan(old_size)));
  cursor->position += more;
  return Status::Ok();
}

// The next row of the run; false at its end.
Result<bool> SealedRuns::LoadRow(Cursor* cursor) const {
  if (cursor->left().empty() && cursor->position == cursor->end) {
    cursor->buffer = {};
    cursor->used = 0;
    return false;
  }
  MONIKER_RETURN_IF_ERROR(Fill(cursor, kHeadSize));
  MONIKER_RETURN_IF_ERROR(Fill(cursor, SizeOfRow(cursor->left())));
  return true;
}

// Whether the row of run a comes after that of run b: rows of one tag in the order of their adding.
bool SealedRuns::IsBehind(std::size_t a, std::size_t b) const {
  const auto order = std::lexicographical_compare_three_way(
      runs_[a].tag().begin(), runs_[a].tag().end(), runs_[b].tag().begin(), runs_[b].tag().end());
  return order == 0 ? a > b : order > 0;
}

Status SealedRuns::BeginReading() {
  is_reading_ = true;
  for (std::size_t run = 0; run < runs_.size(); ++run) {
    MONIKER_ASSIGN_OR_RETURN(const bool is_there, LoadRow(&runs_[run]));
    if (is_there) heap_.push_back(run);
  }
  std::ranges::make_heap(heap_, [this](std::size_t a, std::size_t b) { return IsBehind(a, b); });
  return Status::Ok();
}

void SealedRuns::Take(Cursor* cursor, std::uint32_t* number, SealedRecord* record) {
  ByteReader reader(cursor->left());
  record->tag = RecordTag(reader.Bytes(kTagSize));
  *number = reader.U32();
  const ByteView sealed = reader.Prefixed();
  record->sealed.assign(sealed.begin(), sealed.end());
  cursor->used += kHeadSize + sealed.size();
}

Status SealedRuns::Next(std::size_t limit, Rows* rows) {
  if (!is_reading_) MONIKER_RETURN_IF_ERROR(BeginReading());
  const auto is_behind = [this](std::size_t a, std::size_t b) { return IsBehind(a, b); };
  rows->records.resize(limit);
  rows->numbers.resize(limit);
  std::size_t count = 0;
  for (; count < limit && !heap_.empty(); ++count) {
    std::ranges::pop_heap(heap_, is_behind);
    Cursor* const cursor = &runs_[heap_.back()];
    Take(cursor, &rows->numbers[count], &rows->records[count]);
    MONIKER_ASSIGN_OR_RETURN(const bool is_there, LoadRow(cursor));
    if (is_there) {
      std::ranges::push_heap(heap_, is_behind);
    } else {
      heap_.pop_back();
    }
  }
  rows->records.resize(count);
  rows->numbers.resize(count);
  return Status::Ok();
}

}  // namespace moniker::internal
