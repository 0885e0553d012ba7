#include "moniker/json_text.h"

#include <cstddef>

namespace moniker {
namespace {

bool MustBeEscaped(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void AppendEscaped(char c, std::string* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out->push_back('\\');
  switch (c) {
    case '\b': out->push_back('b'); return;
    case '\f': out->push_back('f'); return;
    case '\n': out->push_back('n'); return;
    case '\r': out->push_back('r'); return;
    case '\t': out->push_back('t'); return;
    case '"':
    case '\\': out->push_back(c); return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  out->append("u00");
  out->push_back(kDigits[byte >> 4]);
  out->push_back(kDigits[byte & 0x0F]);
}

}  // namespace

void AppendJsonString(std::string_view utf8, std::string* out) {
  out->push_back('"');
  std::size_t copied = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    if (!MustBeEscaped(utf8[i])) continue;
    out->append(utf8.substr(copied, i - copied));
    AppendEscaped(utf8[i], out);
    copied = i + 1;
  }
  out->append(utf8.substr(copied));
  out->push_back('"');
}

}  // namespace moniker
