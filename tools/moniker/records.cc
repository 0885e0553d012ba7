#include "records.h"

#include <simdjson.h>

#include <algorithm>
#include <new>

#include "failure.h"
#include "moniker/json_text.h"

namespace moniker::tool {
namespace {

[[noreturn]] void FailAt(std::size_t index, const std::string& what, const std::string& hint = "",
                         std::string_view field = "") {
  throw Failure(kFailed, "record " + std::to_string(index + 1) + ": " + what, hint)
      .Because(StatusCode::kInvalidArgument)
      .At(index + 1, field);
}

// simdjson's own words are about the text's form alone, never its content.
std::string_view Describe(simdjson::error_code error) {
  if (error == simdjson::MEMALLOC) throw std::bad_alloc();
  return error == simdjson::UTF8_ERROR ? "not UTF-8" : "not JSON";
}

Record ReadObject(std::size_t index, simdjson::dom::element element) {
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) FailAt(index, "not a JSON object");
  Record record(index);
  for (const simdjson::dom::key_value_pair member : object) {
    std::string_view text;
    const bool is_text = member.value.get(text) == simdjson::SUCCESS;
    record.Add(member.key, is_text ? std::optional<std::string>(text) : std::nullopt);
  }
  return record;
}

std::vector<Record> ParseArray(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (const auto error = parser.parse(text).get(document)) {
    throw Failure(kFailed, "the input is " + std::string(Describe(error)) +
                               " (it begins with [ and so must be one array of records)");
  }
  simdjson::dom::array array;
  if (document.get(array) != simdjson::SUCCESS) throw Failure(kFailed, "the input is not an array");
  std::vector<Record> records;
  for (const simdjson::dom::element element : array) {
    records.push_back(ReadObject(records.size(), element));
  }
  return records;
}

std::vector<Record> ParseLines(const std::string& text) {
  std::vector<Record> records;
  simdjson::dom::parser parser;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = text.substr(start, end - start);
    start = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    simdjson::dom::element document;
    if (const auto error = parser.parse(line).get(document)) {
      FailAt(records.size(), std::string(Describe(error)),
             "one JSON object on one line, or one array of them");
    }
    records.push_back(ReadObject(records.size(), document));
  }
  return records;
}

}  // namespace

void Record::Add(std::string_view name, std::optional<std::string> text) {
  if (std::ranges::any_of(members_, [&](const Member& m) { return m.name == name; })) {
    // The name is the input's own, so its place is told instead.
    FailAt(index_, "member " + std::to_string(members_.size() + 1) + ": has the name of another");
  }
  members_.push_back({std::string(name), std::move(text)});
}

const std::string& Record::Text(std::string_view name) const {
  for (const Member& member : members_) {
    if (member.name != name) continue;
    if (!member.text) Fail(name, "not a string");
    return *member.text;
  }
  Fail(name, "missing");
}

std::optional<std::string_view> Record::TextIfThere(std::string_view name) const {
  if (std::ranges::none_of(members_, [&](const Member& m) { return m.name == name; })) return {};
  return Text(name);
}

void Record::Fail(std::string_view name, std::string_view what) const {
  FailAt(index_, "member \"" + std::string(name) + "\": " + std::string(what), "", name);
}

std::vector<Record> ParseRecords(std::string text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text[first] == '[' ? ParseArray(text) : ParseLines(text);
}

void JsonLine::Name(std::string_view name) {
  body_ += body_.empty() ? "" : ",";
  AppendJsonString(name, &body_);
  body_ += ':';
}

std::string HexOf(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string digits;
  for (const std::uint8_t byte : bytes) {
    digits += kDigits[byte >> 4];
    digits += kDigits[byte & 0x0F];
  }
  return digits;
}

JsonLine& JsonLine::Text(std::string_view name, std::string_view text) {
  Name(name);
  AppendJsonString(text, &body_);
  return *this;
}

JsonLine& JsonLine::Bool(std::string_view name, bool value) {
  Name(name);
  body_ += value ? "true" : "false";
  return *this;
}

JsonLine& JsonLine::Raw(std::string_view name, std::string_view json) {
  Name(name);
  body_ += json;
  return *this;
}

JsonLine& JsonLine::Number(std::string_view name, std::int64_t value) {
  Name(name);
  body_ += std::to_string(value);
  return *this;
}

void JsonLine::AppendTo(std::string* out) const { *out += "{" + body_ + "}\n"; }

}  // namespace moniker::tool
