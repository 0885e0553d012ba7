#include "moniker/output_check.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "batch/block_source.h"
#include "batch/byte_source.h"
#include "batch/json_index.h"
#include "batch/record_counter.h"

namespace moniker {
namespace {

using internal::ByteSource;
using internal::RecordCounter;

constexpr Status kDifferent(StatusCode::kConflict, "the output is another");

// What a run writes beside what is there.
class Comparison {
 public:
  explicit Comparison(int output) : there_(output) {}

  // kDifferent ends the run: what follows has nothing to be compared with.
  Status Take(std::string_view expected) {
    buffer_.resize(expected.size());
    Result<std::size_t> read = there_.Read(buffer_);
    // Damage of what is compressed is a difference too.
    if (!read.ok() && read.status().code() != StatusCode::kInvalidArgument) return read.status();
    const std::size_t got = read.ok() ? *read : 0;
    const auto [at, unused] = std::mismatch(
        buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(got), expected.begin());
    const auto equal = static_cast<std::size_t>(at - buffer_.begin());
    equal_ += equal;
    if (equal == expected.size()) return Status::Ok();
    is_different_ = true;
    return kDifferent;
  }

  // Whether there is more than the run wrote.
  Result<bool> HasMore() {
    char byte;
    const Result<std::size_t> got = there_.Read({&byte, 1});
    if (!got.ok() && got.status().code() != StatusCode::kInvalidArgument) return got.status();
    return !got.ok() || *got > 0;
  }

  bool is_different() const { return is_different_; }
  std::uint64_t equal() const { return equal_; }

 private:
  ByteSource there_;
  std::vector<char> buffer_;
  std::uint64_t equal_ = 0;
  bool is_different_ = false;
};

// In which record of what a run writes the byte behind the first `equal` ones is.
class Place {
 public:
  Place(const RewriteOptions& options, std::uint64_t equal) : options_(options), left_(equal) {}

  Status Take(std::string_view text) {
    if (!counter_) {
      std::string_view beginning = text.substr(internal::SizeOfByteOrderMark(text));
      beginning = internal::SkipJsonSpace(beginning);
      const bool is_json = beginning.starts_with('{') || beginning.starts_with('[');
      const RecordFormat found = is_json ? RecordFormat::kJson : RecordFormat::kCsv;
      counter_.emplace(options_.format.value_or(found), options_.quote, text);
    }
    const std::uint64_t size = std::min<std::uint64_t>(text.size(), left_ + 1);
    counter_->Add(text.substr(0, static_cast<std::size_t>(size)));
    if (size == left_ + 1) return kDifferent;
    left_ -= size;
    return Status::Ok();
  }

  std::uint64_t record() const { return counter_ ? counter_->record() : 0; }

 private:
  const RewriteOptions& options_;
  std::optional<RecordCounter> counter_;
  std::uint64_t left_;
};

}  // namespace

Result<OutputCheck> CheckReidentified(int input, int output, const RewriteOptions& options,
                                      const ReidentifyOptions& rules,
                                      const IdentitySourceFactory& sources,
                                      const RewriteSinks& sinks) {
  RewriteOptions plain = options;
  plain.output_compression = Compression::kNone;
  Comparison comparison(output);
  RewriteSinks comparing = sinks;
  comparing.write = [&](std::string_view text) { return comparison.Take(text); };
  Result<ReidentifyOutcome> run = Reidentify(input, plain, rules, sources, comparing);
  OutputCheck check;
  if (run.ok()) {
    check.run = *std::move(run);
    if (check.run.fault) return check;
    MONIKER_ASSIGN_OR_RETURN(const bool has_more, comparison.HasMore());
    if (!has_more) return check;
  } else if (!comparison.is_different()) {
    return run.status();
  }
  if (::lseek(input, 0, SEEK_SET) != 0) {
    return Status(StatusCode::kIo, "cannot read the input a second time", errno);
  }
  Place place(plain, comparison.equal());
  RewriteSinks counting;
  counting.write = [&](std::string_view text) { return place.Take(text); };
  // It ends where the difference is, or with an error that it had before.
  static_cast<void>(Reidentify(input, plain, rules, sources, counting));
  check.different_record = place.record();
  return check;
}

}  // namespace moniker
