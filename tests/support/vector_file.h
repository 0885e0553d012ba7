// Reads the files of tests/vectors (format: tests/vectors/README.md).

#ifndef MONIKER_TESTS_SUPPORT_VECTOR_FILE_H_
#define MONIKER_TESTS_SUPPORT_VECTOR_FILE_H_

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace moniker::testing {

class VectorFile {
 public:
  static VectorFile Read(const std::filesystem::path& path) {
    std::ifstream in(path);
    if (!in) throw std::runtime_error("cannot open " + path.string());
    VectorFile file;
    file.name_ = path.filename().string();
    for (std::string line; std::getline(in, line);) {
      if (line.empty() || line[0] == '#') continue;
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos) throw std::runtime_error("no colon in " + file.name_);
      const std::string value = line.size() > colon + 1 ? line.substr(colon + 2) : "";
      if (!file.values_.emplace(line.substr(0, colon), value).second) {
        throw std::runtime_error("a key twice in " + file.name_);
      }
    }
    return file;
  }

  const std::string& name() const { return name_; }
  bool Has(const std::string& key) const { return values_.count(key) != 0; }

  const std::string& Get(const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end()) throw std::runtime_error("no " + key + " in " + name_);
    return found->second;
  }

  // The bytes of a key that ends in "-hex".
  std::string Bytes(const std::string& key) const {
    const std::string& digits = Get(key);
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
      bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    }
    return bytes;
  }

 private:
  std::string name_;
  std::map<std::string, std::string> values_;
};

// Every vector of a family whose `type` is `type`, in order of names. None is an error: a test
// without vectors would always pass.
inline std::vector<VectorFile> ReadVectors(const std::string& family, const std::string& type) {
  std::vector<std::filesystem::path> paths;
  const auto folder = std::filesystem::path(MONIKER_TEST_DIR) / "vectors" / family;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<VectorFile> vectors;
  for (const auto& path : paths) {
    VectorFile file = VectorFile::Read(path);
    if (file.Get("type") == type) vectors.push_back(std::move(file));
  }
  if (vectors.empty()) throw std::runtime_error("no vectors of type " + type);
  return vectors;
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_VECTOR_FILE_H_
