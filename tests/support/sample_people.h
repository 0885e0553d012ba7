// The five people of tests/data, and what the platform shows of each: read from people.json and
// live-participants.json, which other code than ours made for the root key of root.hex.

#ifndef MONIKER_TESTS_SUPPORT_SAMPLE_PEOPLE_H_
#define MONIKER_TESTS_SUPPORT_SAMPLE_PEOPLE_H_

#include <cstddef>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/person.h"
#include "support/hex.h"
#include "support/temporary_folder.h"

namespace moniker::testing {

inline constexpr const char* kSampleApp = "clinic-7";
inline constexpr const char* kSampleAvatarTemplate = "https://avatars.example.org/{avatar}.svg";

// Two of them as constants, as tests/data has them for the app's scope and for a conference's.
inline constexpr PersonView kMaria = {
    .issuer = "mrn.hospital-a", .id = "00123456", .name = "Maria Jensen"};
inline constexpr PersonView kJose = {
    .issuer = "mrn.hospital-a", .id = "00123457", .name = "José García-Núñez"};
inline constexpr std::string_view kMariaId = "m32pnb88e0wgd7hc26m7ph6zyfqm3092";
inline constexpr std::string_view kMariaUuid = "18ad55a1-0e07-80d3-8582-350f689bfe7d";
inline constexpr std::string_view kMariaParticipant = "bdd640fb-0667-4ad1-9c80-317fa3b1799d";
inline constexpr std::string_view kMariaInVisit42 = "masat0zm843tjq7f9421yapab7xdcp47";
inline constexpr std::string_view kJoseId = "mwvk50v2ag2fjasx0866240pzxh7d7h6";

struct SamplePerson {
  std::string issuer;
  std::string id;
  std::string name;
  std::string role;
  std::string external_id;
  std::string participant_id;
  std::string display_name;  // "Patient RCG-V3F"
  std::string avatar_url;

  PersonView view() const { return {.issuer = issuer, .id = id, .name = name}; }
};

// The objects of a file that has one member with a text value on each line. Not a JSON parser.
inline std::vector<std::map<std::string, std::string>> ReadFlatObjects(const std::string& path) {
  std::vector<std::map<std::string, std::string>> objects;
  std::istringstream lines(ReadBytes(path));
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> texts;  // between quotes
    for (std::size_t at = line.find('"'); at != std::string::npos;) {
      const std::size_t end = line.find('"', at + 1);
      texts.push_back(line.substr(at + 1, end - at - 1));
      at = line.find('"', end + 1);
    }
    if (texts.empty() && line.find('{') != std::string::npos) objects.emplace_back();
    if (texts.size() == 2) objects.back()[texts[0]] = texts[1];
  }
  std::erase_if(objects, [](const auto& object) { return object.empty(); });
  return objects;
}

inline std::vector<SamplePerson> SamplePeople() {
  const std::string folder = std::string(MONIKER_TEST_DIR) + "/data/";
  std::vector<SamplePerson> people;
  for (const auto& person : ReadFlatObjects(folder + "people.json")) {
    people.push_back({person.at("issuer"),
                      person.at("id"),
                      person.at("name"),
                      person.at("role"),
                      person.at("external_id"),
                      person.at("participant_id"),
                      {},
                      {}});
  }
  for (const auto& shown : ReadFlatObjects(folder + "live-participants.json")) {
    for (SamplePerson& person : people) {
      if (person.external_id != shown.at("externalId")) continue;
      person.display_name = shown.at("name");
      person.avatar_url = shown.at("avatarUrl");
    }
  }
  if (people.size() != 5) throw std::runtime_error("not five people in the samples");
  return people;
}

inline SecretBytes SampleRoot() {
  return Secret(FromHex(ReadBytes(std::string(MONIKER_TEST_DIR) + "/data/root.hex").substr(0, 64)));
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_SAMPLE_PEOPLE_H_
