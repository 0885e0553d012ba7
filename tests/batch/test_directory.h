// The people of tests/data/people.json as an IdentityDirectory, and the files beside it.

#ifndef MONIKER_TESTS_BATCH_TEST_DIRECTORY_H_
#define MONIKER_TESTS_BATCH_TEST_DIRECTORY_H_

#include <simdjson.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

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

class TestDirectory : public IdentityDirectory {
 public:
  void Add(const std::string& id, const KnownIdentity& identity) { known_[id] = identity; }
  void Remove(const std::string& id) { known_.erase(id); }
  const std::map<std::string, KnownIdentity, std::less<>>& known() const { return known_; }

  const KnownIdentity* Find(std::string_view id) const override {
    const auto found = known_.find(id);
    return found == known_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, KnownIdentity, std::less<>> known_;
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
    KnownIdentity identity;
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

// Asks another directory, and remembers what it was asked for although it was not collected.
class StrictDirectory : public IdentityDirectory {
 public:
  StrictDirectory(const IdentityDirectory& directory, std::set<std::string, std::less<>> collected)
      : directory_(directory), collected_(std::move(collected)) {}

  const KnownIdentity* Find(std::string_view id) const override {
    if (collected_.find(id) == collected_.end()) misses_.emplace(id);
    return directory_.Find(id);
  }

  const std::set<std::string>& misses() const { return misses_; }

 private:
  const IdentityDirectory& directory_;
  const std::set<std::string, std::less<>> collected_;
  mutable std::set<std::string> misses_;
};

inline std::string ReplaceAll(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_BATCH_TEST_DIRECTORY_H_
