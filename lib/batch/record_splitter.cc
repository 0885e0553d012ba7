#include "batch/record_splitter.h"

#include "batch/byte_scan.h"
#include "batch/json_index.h"

namespace moniker::internal {
namespace {

class LineSplitter final : public RecordSplitter {
 public:
  std::size_t Cut(std::string_view text) override { return text.rfind('\n') + 1; }
};

class CsvSplitter final : public RecordSplitter {
 public:
  explicit CsvSplitter(char quote) : quote_(quote) {}

  // A line end with an even number of quotes before it is outside of them.
  std::size_t Cut(std::string_view text) override {
    const std::size_t end = EndOfLastRecord(text);
    if (end > 0 || text.size() < kLongestQuoted) return end;
    return CountBytes(text, quote_) % 2 == 1 ? text.size() : 0;
  }

 private:
  std::size_t EndOfLastRecord(std::string_view text) const {
    bool is_inside = CountBytes(text, quote_) % 2 == 1;
    std::size_t end = text.size();
    while (end > 0) {
      const char wanted[] = {'\n', quote_};
      const std::size_t at =
          is_inside ? text.rfind(quote_, end - 1)
                    : text.find_last_of(std::string_view(wanted, sizeof(wanted)), end - 1);
      if (at == std::string_view::npos) return 0;
      if (!is_inside && text[at] == '\n') return at + 1;
      is_inside = !is_inside;
      end = at;
    }
    return 0;
  }

  const char quote_;
};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The place behind a string whose content begins at `pos`; npos if it does not end.
std::size_t SkipString(std::string_view text, std::size_t pos) {
  for (;;) {
    pos = text.find('"', pos);
    if (pos == std::string_view::npos) return pos;
    std::size_t backslashes = 0;
    while (text[pos - 1 - backslashes] == '\\') ++backslashes;  // ends at the opening quote
    ++pos;
    if (backslashes % 2 == 0) return pos;
  }
}

class JsonSplitter final : public RecordSplitter {
 public:
  explicit JsonSplitter(JsonPlace place) : place_(place) {}

  JsonPlace place() const override { return place_; }

  std::size_t Cut(std::string_view text) override {
    if (place_ == JsonPlace::kArrayEnd) return text.size();
    const bool is_array = place_ != JsonPlace::kDocuments;
    std::size_t depth = place_ == JsonPlace::kArrayInside ? 1 : 0;
    std::size_t cut = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '"') {
        i = SkipString(text, i + 1);
        if (i == std::string_view::npos) break;
        --i;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth > 0) --depth;
        if (is_array && depth == 0) {
          place_ = JsonPlace::kArrayEnd;
          return text.size();
        }
      } else if (is_array ? (c == ',' && depth == 1) : (depth == 0 && IsSpace(c))) {
        cut = is_array ? i : i + 1;
      }
    }
    if (is_array && cut > 0) place_ = JsonPlace::kArrayInside;
    return cut;
  }

 private:
  JsonPlace place_;
};

}  // namespace

std::unique_ptr<RecordSplitter> MakeSplitter(RecordFormat format, char quote,
                                             std::string_view beginning) {
  switch (format) {
    case RecordFormat::kCsv:
      if (quote == '\0') return std::make_unique<LineSplitter>();
      return std::make_unique<CsvSplitter>(quote);
    case RecordFormat::kJsonLines: return std::make_unique<LineSplitter>();
    case RecordFormat::kJson:
      return std::make_unique<JsonSplitter>(SkipJsonSpace(beginning).starts_with('[')
                                                ? JsonPlace::kArrayBegin
                                                : JsonPlace::kDocuments);
  }
  __builtin_unreachable();
}

}  // namespace moniker::internal
