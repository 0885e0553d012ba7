#include "batch/block_source.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/status_macros.h"
#include "batch/json_index.h"

namespace moniker::internal {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// A text that begins with more white space than this is taken for what it looks like.
constexpr std::size_t kEnoughToKnow = std::size_t{1} << 20;
constexpr std::size_t kMaxBlock = std::numeric_limits<std::uint32_t>::max();

}  // namespace

std::size_t SizeOfByteOrderMark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

Result<bool> BlockSource::Next(Block* block) {
  if (is_over_) return false;
  block->is_first = splitter_ == nullptr;
  MONIKER_ASSIGN_OR_RETURN(const std::size_t filled, Fill(block));
  block->bytes_read = bytes_.bytes_read();
  rest_.assign(block->bytes_.begin() + static_cast<std::ptrdiff_t>(block->size_),
               block->bytes_.begin() + static_cast<std::ptrdiff_t>(filled));
  return true;
}

// Reads until there is a record, or the end. Returns how much was read, of which the block is the
// first part.
Result<std::size_t> BlockSource::Fill(Block* block) {
  std::vector<char>& bytes = block->bytes_;
  bytes.resize(std::max({options_.block_size, rest_.size() * 2, std::size_t{1}}));
  std::size_t filled = rest_.size();
  std::copy(rest_.begin(), rest_.end(), bytes.begin());
  for (;;) {
    MONIKER_ASSIGN_OR_RETURN(const std::size_t got, bytes_.Read(std::span(bytes).subspan(filled)));
    filled += got;
    const std::string_view text(bytes.data(), filled);
    if (splitter_ == nullptr && !Begin(text, filled < bytes.size())) {
      bytes.resize(bytes.size() * 2);
      continue;
    }
    block->place = splitter_->place();
    if (filled < bytes.size()) {
      is_over_ = block->is_last = true;
      block->size_ = filled;
    } else {
      block->is_last = false;
      block->size_ = splitter_->Cut(text);
    }
    if (block->size_ > 0 || is_over_) return filled;
    if (bytes.size() == kMaxBlock) {
      return Status(StatusCode::kUnsupported, "a record of 4 GiB or more");
    }
    bytes.resize(std::min(bytes.size() * 2, kMaxBlock));
  }
}

// False if more must be read to know what the text is.
bool BlockSource::Begin(std::string_view text, bool is_all) {
  const bool is_enough = is_all || text.size() >= kEnoughToKnow;
  if (text.size() < kByteOrderMark.size() && !is_enough) return false;
  text.remove_prefix(SizeOfByteOrderMark(text));
  const std::string_view visible = SkipJsonSpace(text);
  if (visible.empty() && !is_enough) return false;
  const bool json = visible.starts_with('{') || visible.starts_with('[');
  format_ = options_.format.value_or(json ? RecordFormat::kJson : RecordFormat::kCsv);
  splitter_ = MakeSplitter(format_, options_.quote, text);
  return true;
}

}  // namespace moniker::internal
