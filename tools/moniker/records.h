// Records of the command line: one JSON object on one line, or all of them in one JSON array.

#ifndef MONIKER_TOOLS_MONIKER_RECORDS_H_
#define MONIKER_TOOLS_MONIKER_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moniker::tool {

class Record {
 public:
  struct Member {
    std::string name;
    std::optional<std::string> text;  // nothing if it is not a string
  };

  explicit Record(std::size_t index) : index_(index) {}

  void Add(std::string_view name,
           std::optional<std::string> text);  // throws Failure if it is there

  std::size_t index() const { return index_; }  // from 0
  const std::vector<Member>& members() const { return members_; }

  // The text of a member that must be there. Throws Failure.
  const std::string& Text(std::string_view name) const;

  // The same for one that may be absent.
  std::optional<std::string_view> TextIfThere(std::string_view name) const;

  // Throws Failure: `record N: member "NAME": what`. `name` is one that the program knows.
  [[noreturn]] void Fail(std::string_view name, std::string_view what) const;

 private:
  std::size_t index_;
  std::vector<Member> members_;
};

// A byte order mark is let pass; blank lines are skipped and not counted. Throws Failure with the
// record for what is not JSON, no object, not UTF-8, or has a member twice.
std::vector<Record> ParseRecords(std::string text);

// Two lower case hexadecimal digits for each byte.
std::string HexOf(std::span<const std::uint8_t> bytes);

// Writes one JSON object on a line.
class JsonLine {
 public:
  JsonLine& Text(std::string_view name, std::string_view text);
  JsonLine& Bool(std::string_view name, bool value);
  JsonLine& Raw(std::string_view name, std::string_view json);
  JsonLine& Number(std::string_view name, std::int64_t value);
  void AppendTo(std::string* out) const;  // with the line feed

 private:
  void Name(std::string_view name);

  std::string body_;
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_RECORDS_H_
