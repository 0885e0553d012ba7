// Runs a fuzz target over each file of its corpus, and over some thousand inputs that are made of
// these: bits and bytes changed, parts cut out, doubled and joined. The same on every machine.
//
// Usage: <target>_corpus FOLDER MUTATIONS

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "support/temporary_folder.h"

namespace moniker::testing {
namespace {

void Run(const std::string& input) {
  FuzzOne({reinterpret_cast<const std::uint8_t*>(input.data()), input.size()});
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& corpus) : corpus_(corpus) {}

  std::string Next() {
    std::string input = corpus_[Below(corpus_.size())];
    for (std::size_t changes = 1 + Below(4); changes > 0; --changes) Change(&input);
    return input;
  }

 private:
  std::size_t Below(std::size_t bound) { return random_() % bound; }

  void Change(std::string* input) {
    if (input->empty()) {
      input->push_back(static_cast<char>(random_()));
      return;
    }
    const std::size_t at = Below(input->size());
    switch (Below(6)) {
      case 0: (*input)[at] = static_cast<char>((*input)[at] ^ 1 << Below(8)); break;
      case 1: (*input)[at] = static_cast<char>(random_()); break;
      case 2: input->erase(at, 1 + Below(8)); break;
      case 3: input->insert(at, input->substr(Below(input->size()), 1 + Below(16))); break;
      case 4: input->insert(at, 1, "\0\xff\x7f\x80"[Below(4)]); break;
      default: {
        const std::string& other = corpus_[Below(corpus_.size())];
        *input = input->substr(0, at) + other.substr(std::min(at, other.size()));
      }
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_{1};
};

int RunCorpus(const std::string& folder, std::size_t mutations) {
  if (std::filesystem::is_directory("/dev/shm")) ::setenv("TMPDIR", "/dev/shm", 0);
  std::vector<std::string> names = NamesIn(folder);
  std::sort(names.begin(), names.end());
  std::vector<std::string> corpus;
  for (const std::string& name : names) corpus.push_back(ReadBytes(folder + "/" + name));
  Require(corpus.size() >= 3, "there is a corpus");
  for (const std::string& input : corpus) Run(input);
  Mutator mutator(corpus);
  for (std::size_t i = 0; i < mutations; ++i) Run(mutator.Next());
  std::printf("%zu files and %zu changed inputs\n", corpus.size(), mutations);
  return 0;
}

}  // namespace
}  // namespace moniker::testing

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return moniker::testing::RunCorpus(argv[1], std::strtoul(argv[2], nullptr, 10));
}
