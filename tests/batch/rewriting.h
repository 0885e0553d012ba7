// Runs Rewrite over a text in memory, with a mapper whose answers can be told by looking.

#ifndef MONIKER_TESTS_BATCH_REWRITING_H_
#define MONIKER_TESTS_BATCH_REWRITING_H_

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moniker/rewrite.h"

namespace moniker::testing {

// A file without a name that holds a text.
class TextFile {
 public:
  explicit TextFile(std::string_view text) : fd_(::memfd_create("text", MFD_CLOEXEC)) {
    while (!text.empty()) {
      const ssize_t written = ::write(fd_, text.data(), text.size());
      if (written <= 0) throw std::runtime_error("no file in memory");
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (fd_ < 0 || ::lseek(fd_, 0, SEEK_SET) != 0) throw std::runtime_error("no file in memory");
  }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile() { ::close(fd_); }

  int fd() const { return fd_; }

 private:
  int fd_;
};

// "abc" becomes "<abc>"; values that begin with "bad" are a fault at byte 2, and "end" ends the
// run.
class BracketMapper : public CellMapper {
 public:
  // Every call's number of cells is added here, if given. Only with one thread.
  explicit BracketMapper(std::vector<std::size_t>* calls = nullptr) : calls_(calls) {}

  Status Map(const CellBlock& block, std::vector<CellFault>* faults) override {
    answers_.clear();
    if (calls_ != nullptr) calls_->push_back(block.cells.size());
    for (Cell& cell : block.cells) {
      if (cell.group >= block.groups) throw std::logic_error("a group that there is not");
      if (cell.is_null) continue;
      if (cell.value == "end") return Status(StatusCode::kIo, "the mapper failed", 7);
      if (cell.value.starts_with("bad")) {
        faults->push_back(
            {cell.record, cell.column, Status(StatusCode::kInvalidArgument, "bad", 2)});
        continue;
      }
      cell.replacement = answers_.emplace_back("<" + std::string(cell.value) + ">");
    }
    return Status::Ok();
  }

 private:
  std::deque<std::string> answers_;
  std::vector<std::size_t>* calls_;
};

inline CellMapperFactory Brackets(std::vector<std::size_t>* calls = nullptr) {
  return [calls]() -> Result<std::unique_ptr<CellMapper>> {
    return std::unique_ptr<CellMapper>(std::make_unique<BracketMapper>(calls));
  };
}

struct Rewritten {
  Status status;
  RewriteOutcome outcome;
  std::string text;
  std::string rejected;
  std::vector<RecordFault> told;
};

inline Rewritten RunRewrite(std::string_view text, const RewriteOptions& options,
                            const CellMapperFactory& mappers = Brackets()) {
  const TextFile file(text);
  Rewritten result;
  RewriteSinks sinks;
  sinks.write = [&](std::string_view bytes) {
    result.text.append(bytes);
    return Status::Ok();
  };
  sinks.reject = [&](std::string_view bytes) {
    result.rejected.append(bytes);
    return Status::Ok();
  };
  sinks.tell = [&](const RecordFault& fault) { result.told.push_back(fault); };
  Result<RewriteOutcome> outcome = Rewrite(file.fd(), options, mappers, sinks);
  result.status = outcome.status();
  if (outcome.ok()) result.outcome = *std::move(outcome);
  return result;
}

inline RewriteColumn Replaced(std::string name, std::string added = "") {
  return {std::move(name), RewriteColumn::Fate::kReplace, std::move(added)};
}
inline RewriteColumn Beside(std::string name, std::string added) {
  return {std::move(name), RewriteColumn::Fate::kKeep, std::move(added)};
}
inline RewriteColumn LookedAt(std::string name) {
  return {std::move(name), RewriteColumn::Fate::kKeep, ""};
}
inline RewriteColumn Dropped(std::string name) {
  return {std::move(name), RewriteColumn::Fate::kDrop, ""};
}

inline RewriteOptions CsvOptions(std::vector<RewriteColumn> columns) {
  RewriteOptions options;
  options.format = RecordFormat::kCsv;
  options.columns = std::move(columns);
  options.threads = 1;
  return options;
}

inline RewriteOptions JsonOptions(RecordFormat format, std::vector<RewriteColumn> columns) {
  RewriteOptions options = CsvOptions(std::move(columns));
  options.format = format;
  return options;
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_BATCH_REWRITING_H_
