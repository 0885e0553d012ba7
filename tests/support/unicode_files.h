// Reads the Unicode Character Database 15.0 (Debian: package unicode-data). A file that is missing
// or of another version is an error, never a reason to skip a test.

#ifndef MONIKER_TESTS_SUPPORT_UNICODE_FILES_H_
#define MONIKER_TESTS_SUPPORT_UNICODE_FILES_H_

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moniker::testing {

inline std::string ToUtf8(char32_t c) {
  const auto tail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

inline std::string ToUtf8(std::u32string_view text) {
  std::string bytes;
  for (const char32_t c : text) bytes += ToUtf8(c);
  return bytes;
}

// "0041 030A" as UTF-8.
inline std::string FromCodes(const std::string& codes) {
  std::string bytes;
  std::istringstream in(codes);
  for (std::string code; in >> code;) {
    bytes += ToUtf8(static_cast<char32_t>(std::stoul(code, nullptr, 16)));
  }
  return bytes;
}

struct CodeRange {
  char32_t first;
  char32_t last;

  // "0041" or "0041..005A".
  static CodeRange Parse(const std::string& text) {
    const std::size_t dots = text.find("..");
    const auto first = static_cast<char32_t>(std::stoul(text.substr(0, dots), nullptr, 16));
    if (dots == std::string::npos) return {first, first};
    return {first, static_cast<char32_t>(std::stoul(text.substr(dots + 2), nullptr, 16))};
  }
};

class UnicodeFile {
 public:
  // `name` without the .bz2 that Debian adds to large files.
  static UnicodeFile Read(const std::string& name) {
    const std::string path = "/usr/share/unicode/" + name;
    const bool packed = !std::filesystem::exists(path);
    const std::string command = packed ? "bzip2 -dc " + path + ".bz2" : "cat " + path;
    UnicodeFile file;
    file.Parse(OutputOf(command));
    const std::string stem = std::filesystem::path(name).stem().string();
    if (file.first_line_.rfind("# " + stem + "-15.0.0.txt", 0) != 0) {
      throw std::runtime_error(path + ": missing, or not of Unicode 15.0 (package unicode-data)");
    }
    return file;
  }

  // The fields of each line, without blanks around them and without comments.
  std::vector<std::vector<std::string>> rows() && { return std::move(rows_); }

 private:
  static std::string OutputOf(const std::string& command) {
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
    std::string output;
    char buffer[1 << 16];
    for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
      output.append(buffer, got);
    }
    if (::pclose(pipe) != 0) throw std::runtime_error(command + " failed");
    return output;
  }

  static std::string Trim(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
  }

  void Parse(const std::string& text) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      if (first_line_.empty()) first_line_ = line;
      std::istringstream fields(line.substr(0, line.find('#')));
      std::vector<std::string> row;
      for (std::string field; std::getline(fields, field, ';');) row.push_back(Trim(field));
      if (row.size() > 1) rows_.push_back(std::move(row));
    }
  }

  std::string first_line_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_UNICODE_FILES_H_
