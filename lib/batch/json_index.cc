#include "batch/json_index.h"

#include <limits>

#include "batch/byte_scan.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kMaxDocumentSize = std::numeric_limits<std::uint32_t>::max();

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The value of four hexadecimal digits at the beginning of `text`, or -1.
int FourHexDigits(std::string_view text) {
  if (text.size() < 4) return -1;
  int value = 0;
  for (const char c : text.substr(0, 4)) {
    if (HexValue(c) < 0) return -1;
    value = value * 16 + HexValue(c);
  }
  return value;
}

bool IsHighSurrogate(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(int unit) { return unit >= 0xDC00 && unit < 0xE000; }

void AppendUtf8(std::uint32_t c, std::string* out) {
  const auto tail = [](std::uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->append({static_cast<char>(0xC0 | (c >> 6)), tail(c)});
  } else if (c < 0x10000) {
    out->append({static_cast<char>(0xE0 | (c >> 12)), tail(c >> 6), tail(c)});
  } else {
    out->append({static_cast<char>(0xF0 | (c >> 18)), tail(c >> 12), tail(c >> 6), tail(c)});
  }
}

// Appends what the escape at the beginning of `text` stands for; returns its size.
// REQUIRES: a valid escape.
std::size_t AppendUnescaped(std::string_view text, std::string* out) {
  switch (text[1]) {
    case 'b': out->push_back('\b'); return 2;
    case 'f': out->push_back('\f'); return 2;
    case 'n': out->push_back('\n'); return 2;
    case 'r': out->push_back('\r'); return 2;
    case 't': out->push_back('\t'); return 2;
    case 'u': break;
    default: out->push_back(text[1]); return 2;
  }
  const int unit = FourHexDigits(text.substr(2));
  if (!IsHighSurrogate(unit)) {
    AppendUtf8(static_cast<std::uint32_t>(unit), out);
    return 6;
  }
  const int low = FourHexDigits(text.substr(8));
  AppendUtf8(static_cast<std::uint32_t>(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)), out);
  return 12;
}

}  // namespace

class JsonIndex::Scanner {
 public:
  Scanner(std::string_view text, JsonIndex* index)
      : text_(text), nodes_(index->nodes_), open_(index->open_) {}

  // False: not a document; pos() is at most where the fault is.
  bool Scan() {
    if (!ScanValue()) return false;
    while (!open_.empty()) {
      if (!ScanNext()) return false;
    }
    return true;
  }

  std::size_t pos() const { return pos_; }
  bool too_deep() const { return too_deep_; }

 private:
  // Members or elements of the innermost object or array, until it ends or another begins in it.
  bool ScanNext() {
    const std::uint32_t top = open_.back();
    const std::size_t depth = open_.size();
    const bool is_object = nodes_[top].kind == JsonNode::Kind::kObject;
    bool is_empty = nodes_.size() == std::size_t{top} + 1;
    do {
      SkipSpace();
      if (Take(is_object ? '}' : ']')) {
        Close();
        return true;
      }
      if (!is_empty && !Take(',')) return false;
      if (is_object && !ScanKey()) return false;
      if (!ScanValue()) return false;
      is_empty = false;
    } while (open_.size() == depth);
    return true;
  }

  bool ScanKey() {
    SkipSpace();
    if (!ScanString(JsonNode::Kind::kKey)) return false;
    SkipSpace();
    return Take(':');
  }

  bool ScanValue() {
    SkipSpace();
    if (pos_ == text_.size()) return false;
    switch (text_[pos_]) {
      case '{': return Open(JsonNode::Kind::kObject);
      case '[': return Open(JsonNode::Kind::kArray);
      case '"': return ScanString(JsonNode::Kind::kString);
      default: return ScanScalar();
    }
  }

  bool Open(JsonNode::Kind kind) {
    too_deep_ = open_.size() == kMaxJsonDepth;
    if (too_deep_) return false;
    open_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    AddNode(kind, pos_++, false);
    return true;
  }

  void Close() {
    JsonNode& node = nodes_[open_.back()];
    node.end = static_cast<std::uint32_t>(pos_);
    node.next = static_cast<std::uint32_t>(nodes_.size());
    open_.pop_back();
  }

  bool ScanString(JsonNode::Kind kind) {
    const std::size_t begin = pos_;
    bool escaped = false;
    if (!Take('"')) return false;
    for (;;) {
      pos_ = FindEndOfPlainJson(text_, pos_);
      if (Take('"')) break;
      if (!ScanEscape()) return false;  // also at a control character and at the end of the text
      escaped = true;
    }
    AddNode(kind, begin, escaped);
    return true;
  }

  bool ScanEscape() {
    if (!Take('\\') || pos_ == text_.size()) return false;
    if (!Take('u')) {
      return std::string_view("\"\\/bfnrt").find(text_[pos_++]) != std::string_view::npos;
    }
    const int unit = FourHexDigits(text_.substr(pos_));
    if (unit < 0 || IsLowSurrogate(unit)) return false;
    pos_ += 4;
    if (!IsHighSurrogate(unit)) return true;
    // Half a pair is allowed by the grammar, but no UTF-8 can say it.
    if (!Take('\\') || !Take('u') || !IsLowSurrogate(FourHexDigits(text_.substr(pos_)))) {
      return false;
    }
    pos_ += 4;
    return true;
  }

  bool ScanScalar() {
    const std::size_t begin = pos_;
    if (!TakeWord("true") && !TakeWord("false") && !TakeWord("null") && !ScanNumber()) return false;
    AddNode(JsonNode::Kind::kScalar, begin, false);
    return true;
  }

  bool ScanNumber() {
    Take('-');
    if (!Take('0') && !TakeDigits()) return false;
    if (Take('.') && !TakeDigits()) return false;
    if (!Take('e') && !Take('E')) return true;
    if (!Take('+')) Take('-');
    return TakeDigits();
  }

  bool TakeDigits() {
    const std::size_t begin = pos_;
    while (pos_ < text_.size() && IsDigit(text_[pos_])) ++pos_;
    return pos_ > begin;
  }

  bool TakeWord(std::string_view word) {
    if (!text_.substr(pos_).starts_with(word)) return false;
    pos_ += word.size();
    return true;
  }

  bool Take(char c) {
    if (pos_ == text_.size() || text_[pos_] != c) return false;
    ++pos_;
    return true;
  }

  void SkipSpace() {
    while (pos_ < text_.size() && IsSpace(text_[pos_])) ++pos_;
  }

  void AddNode(JsonNode::Kind kind, std::size_t begin, bool escaped) {
    nodes_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(pos_),
                      static_cast<std::uint32_t>(nodes_.size() + 1), kind, escaped});
  }

  const std::string_view text_;
  std::vector<JsonNode>& nodes_;
  std::vector<std::uint32_t>& open_;
  std::size_t pos_ = 0;
  bool too_deep_ = false;
};

Result<std::size_t> JsonIndex::Read(std::string_view text) {
  nodes_.clear();
  open_.clear();
  Scanner scanner(text.substr(0, kMaxDocumentSize), this);
  if (scanner.Scan()) return scanner.pos();
  nodes_.clear();
  if (scanner.too_deep()) {
    return Status(StatusCode::kInvalidArgument, "JSON: nested too deeply");
  }
  if (scanner.pos() == kMaxDocumentSize) {
    return Status(StatusCode::kUnsupported, "JSON: a document of 4 GiB or more");
  }
  return Status(StatusCode::kInvalidArgument, "JSON: not a valid document");
}

std::string_view JsonStringValue(std::string_view document, const JsonNode& node,
                                 std::string* scratch) {
  std::string_view rest = document.substr(node.begin + 1, node.end - node.begin - 2);
  if (!node.escaped) return rest;
  scratch->clear();
  for (std::size_t escape = rest.find('\\'); escape != std::string_view::npos;
       escape = rest.find('\\')) {
    scratch->append(rest.substr(0, escape));
    rest.remove_prefix(escape);
    rest.remove_prefix(AppendUnescaped(rest, scratch));
  }
  return scratch->append(rest);
}

std::string_view SkipJsonSpace(std::string_view text) {
  std::size_t begin = 0;
  while (begin < text.size() && IsSpace(text[begin])) ++begin;
  return text.substr(begin);
}

}  // namespace moniker::internal
