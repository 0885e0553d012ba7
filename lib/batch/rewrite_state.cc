#include "batch/rewrite_state.h"

#include <zlib.h>

#include <charconv>
#include <iterator>

namespace moniker::internal {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr std::ptrdiff_t kNumbersOfRun = 8;  // those of the job follow

// All numbers of a text; nothing if it has anything else but one blank between them.
std::vector<std::uint64_t> NumbersOf(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  const char* pos = text.data();
  const char* const end = pos + text.size();
  while (pos != end) {
    std::uint64_t number = 0;
    const auto [behind, error] = std::from_chars(pos, end, number);
    if (error != std::errc() || (behind != end && *behind != ' ')) return {};
    numbers.push_back(number);
    pos = behind == end ? end : behind + 1;
  }
  return numbers;
}

}  // namespace

std::uint32_t ChecksumOf(std::string_view text) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

void RewriteState::Pass(std::uint64_t size, std::uint32_t checksum) {
  constexpr std::uint64_t kFactor = 0x100000001B3;  // of FNV-1a
  if (size == 0) return;                            // the last block may be empty, and says nothing
  text_size += size;
  text_check = (text_check ^ checksum) * kFactor;
}

std::string RewriteState::Encode() const {
  std::string text = std::to_string(kFormat);
  const auto add = [&text](std::uint64_t number) { text += " " + std::to_string(number); };
  add(text_size);
  add(text_check);
  add(records);
  add(rejected);
  add(bytes_out);
  add(has_written_record ? 1 : 0);
  add(has_rejected_header ? 1 : 0);
  for (const std::uint64_t number : of_job) add(number);
  return text;
}

Result<RewriteState> RewriteState::Decode(std::string_view text) {
  const std::vector<std::uint64_t> numbers = NumbersOf(text);
  if (std::ssize(numbers) < kNumbersOfRun || numbers[0] != kFormat) {
    return Status(StatusCode::kInvalidArgument, "resume_from: not a checkpoint");
  }
  RewriteState state;
  state.text_size = numbers[1];
  state.text_check = numbers[2];
  state.records = numbers[3];
  state.rejected = numbers[4];
  state.bytes_out = numbers[5];
  state.has_written_record = numbers[6] != 0;
  state.has_rejected_header = numbers[7] != 0;
  state.of_job.assign(numbers.begin() + kNumbersOfRun, numbers.end());
  return state;
}

}  // namespace moniker::internal
