// The people of tests/data/people.json as an IdentitySource, and the files beside it.

#ifndef MONIKER_TESTS_BATCH_TEST_DIRECTORY_H_
#define MONIKER_TESTS_BATCH_TEST_DIRECTORY_H_

#include <simdjson.h>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/reidentify.h"

namespace moniker::testing {

inline constexpr char kMaria[] = "m32pnb88e0wgd7hc26m7ph6zyfqm3092";
inline constexpr char kMariaParticipant[] = "bdd640fb-0667-4ad1-9c80-317fa3b1799d";
inline constexpr char kJose[] = "mwvk50v2ag2fjasx0866240pzxh7d7h6";
inline constexpr char kJoseParticipant[] = "bc8960a9-23b8-41e9-b924-56de3eb13b90";
inline constexpr char kSian[] = "mc6k8cxyv8banj5hvt6qvecrjqdz3xyp";
// Shaped as IDs, but nobody's.
inline constexpr char kStranger[] = "m0000000000000000000000000000000";
inline constexpr char kStrangerParticipant[] = "3f0f1f62-9a0e-4a57-b7d7-5d7c3f6f2b10";

inline std::string ReadDataFile(const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(MONIKER_TEST_DIR) / "data";
  std::ifstream in(folder / name, std::ios::binary);
  if (!in) throw std::runtime_error("cannot open " + (folder / name).string());
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

struct TestIdentity {
  using Kind = KnownIdentity::Kind;

  Kind kind = Kind::kExternalId;
  std::uint64_t person = 0;
  std::string identifier = {};
  std::string name = {};
  std::string label = {};
  std::string words = {};
  std::string new_label = {};
  std::string new_words = {};
  Status refusal = Status::Ok();
};

class TestDirectory {
 public:
  void Add(const std::string& id, const TestIdentity& identity) { known_[id] = identity; }
  void Remove(const std::string& id) { known_.erase(id); }
  const std::map<std::string, TestIdentity, std::less<>>& known() const { return known_; }

  // Each answers from copies that are gone with its next answer, as it may. `asked` (may be null)
  // gets what they are asked; then only with one thread.
  IdentitySourceFactory Sources(std::vector<std::string>* asked = nullptr) const {
    return [this, asked]() -> Result<std::unique_ptr<IdentitySource>> {
      return std::unique_ptr<IdentitySource>(std::make_unique<Source>(*this, asked));
    };
  }

 private:
  class Source final : public IdentitySource {
   public:
    Source(const TestDirectory& directory, std::vector<std::string>* asked)
        : directory_(directory), asked_(asked) {}

    Status FindMany(std::span<const std::string_view> ids,
                    std::span<std::optional<KnownIdentity>> answers) override {
      texts_.clear();
      for (std::size_t i = 0; i < ids.size(); ++i) {
        if (asked_ != nullptr) asked_->emplace_back(ids[i]);
        const auto found = directory_.known_.find(ids[i]);
        if (found == directory_.known_.end()) continue;
        const TestIdentity& known = found->second;
        answers[i] = KnownIdentity{.kind = known.kind,
                                   .person = Keep(std::to_string(known.person)),
                                   .identifier = Keep(known.identifier),
                                   .name = Keep(known.name),
                                   .label = Keep(known.label),
                                   .words = Keep(known.words),
                                   .new_label = Keep(known.new_label),
                                   .new_words = Keep(known.new_words),
                                   .refusal = known.refusal};
      }
      return Status::Ok();
    }

   private:
    std::string_view Keep(const std::string& text) { return texts_.emplace_back(text); }

    const TestDirectory& directory_;
    std::vector<std::string>* const asked_;
    std::deque<std::string> texts_;
  };

  std::map<std::string, TestIdentity, std::less<>> known_;
};

// All people, with external and participant IDs; the labels are those of the other samples.
inline TestDirectory People() {
  static constexpr const char* kLabels[] = {"RCG-V3F", "EWK-Q39", "7NR-P9G", "JAT-3QJ", "S1G-21Z"};
  const std::string json = ReadDataFile("people.json");
  simdjson::dom::parser parser;
  TestDirectory directory;
  std::uint64_t person = 0;
  for (const simdjson::dom::element member : parser.parse(json).get_array()) {
    const auto text = [&](const char* key) {
      return std::string(member[key].get_string().value());
    };
    TestIdentity identity;
    identity.kind = KnownIdentity::Kind::kExternalId;
    identity.person = person;
    identity.identifier = text("id");
    identity.name = text("name");
    identity.label = kLabels[person++];
    directory.Add(text("external_id"), identity);
    identity.kind = KnownIdentity::Kind::kParticipantId;
    directory.Add(text("participant_id"), identity);
  }
  return directory;
}

inline std::string ReplaceAll(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_BATCH_TEST_DIRECTORY_H_
