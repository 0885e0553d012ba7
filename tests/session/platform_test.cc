// Platforms() against the platforms' documentation, written down here a second time
// (docs/platforms.md), and CheckField at its limits.

#include "moniker/platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/avatar.h"
#include "moniker/identity_gate.h"
#include "moniker/keyring.h"
#include "moniker/metadata.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using testing::Expect;
using testing::HasCode;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StorageKind;
using testing::TestVault;
using Part = Platform::Part;
using Unit = Platform::Unit;
using IdRendering = Platform::IdRendering;

constexpr std::array<Part, 3> kParts = {Part::kExternalId, Part::kDisplayName, Part::kAvatarUrl};

// What the documentation says of a field. 0: no limit is documented.
struct Documented {
  std::string_view name = {};
  std::size_t max = 0;
  Unit unit = Unit::kBytes;
  std::size_t min = 0;
};

struct Row {
  std::string_view key;
  std::string_view type;
  Documented id;
  Documented name;
  Documented avatar_url;
  std::array<Part, 3> order = kParts;
  IdRendering rendering = IdRendering::kExternalId;
};

constexpr std::array kNameIdAvatar = {Part::kDisplayName, Part::kExternalId, Part::kAvatarUrl};
constexpr std::array kIdNameAvatar = {Part::kExternalId, Part::kDisplayName, Part::kAvatarUrl};
constexpr std::array kNameAvatarId = {Part::kDisplayName, Part::kAvatarUrl, Part::kExternalId};

const std::vector<Row>& DocumentedPlatforms() {
  static const std::vector<Row> rows = {
      // The seven SDKs: the external ID has at most 1,024 bytes, name and avatar URL no limit.
      {.key = "dolbyio-web",
       .type = "ParticipantInfo",
       .id = {"externalId", 1024},
       .name = {"name"},
       .avatar_url = {"avatarUrl"},
       .order = kNameIdAvatar},
      {.key = "dolbyio-ios",
       .type = "VTParticipantInfo",
       .id = {"externalID", 1024},
       .name = {"name"},
       .avatar_url = {"avatarURL"},
       .order = kIdNameAvatar},
      {.key = "dolbyio-android",
       .type = "ParticipantInfo",
       .id = {"externalId", 1024},
       .name = {"name"},
       .avatar_url = {"avatarUrl"},
       .order = kNameIdAvatar},
      {.key = "dolbyio-cpp",
       .type = "services::session::user_info",
       .id = {"externalId", 1024},
       .name = {"name"},
       .avatar_url = {"avatarUrl"},
       .order = kNameIdAvatar},
      {.key = "dolbyio-dotnet",
       .type = "UserInfo",
       .id = {"ExternalId", 1024},
       .name = {"Name"},
       .avatar_url = {"AvatarURL"},
       .order = kNameIdAvatar},
      {.key = "dolbyio-flutter",
       .type = "ParticipantInfo",
       .id = {"externalId", 1024},
       .name = {.name = "name", .min = 1},
       .avatar_url = {"avatarUrl"},
       .order = kNameAvatarId},
      {.key = "dolbyio-react-native",
       .type = "ParticipantInfo",
       .id = {"externalId", 1024},
       .name = {"name"},
       .avatar_url = {"avatarUrl"},
       .order = kNameAvatarId},
      // The others.
      {.key = "livekit",
       .type = "access token",
       .id = {"identity", 256, Unit::kBytes, 1},
       .name = {"name", 256},
       .avatar_url = {}},
      {.key = "twilio-video",
       .type = "access token",
       .id = {"identity", 128, Unit::kCharacters, 1},
       .name = {},
       .avatar_url = {}},
      {.key = "agora",
       .type = "user account",
       .id = {"userAccount", 255, Unit::kBytes, 1},
       .name = {},
       .avatar_url = {}},
      {.key = "daily",
       .type = "meeting token",
       .id = {"user_id", 36, Unit::kBytes, 36},
       .name = {"user_name"},
       .avatar_url = {},
       .rendering = IdRendering::kUuid},
      {.key = "zoom-video",
       .type = "session token and join",
       .id = {"user_key", 35, Unit::kCharacters},
       .name = {"userName", 200, Unit::kCharacters},
       .avatar_url = {}},
      {.key = "vonage",
       .type = "connection data",
       .id = {"data", 1000, Unit::kCharacters},
       .name = {},
       .avatar_url = {}},
      {.key = "chime",
       .type = "CreateAttendee",
       .id = {"ExternalUserId", 64, Unit::kCharacters, 2},
       .name = {},
       .avatar_url = {}},
      {.key = "ivs",
       .type = "CreateParticipantToken",
       .id = {"userId", 128, Unit::kCharacters},
       .name = {},
       .avatar_url = {}},
      {.key = "azure-communication",
       .type = "call agent",
       .id = {},
       .name = {"displayName", 256, Unit::kCharacters},
       .avatar_url = {},
       .rendering = IdRendering::kNone},
      {.key = "jitsi",
       .type = "JWT, context.user",
       .id = {"id"},
       .name = {"name"},
       .avatar_url = {"avatar"}},
      {.key = "matrix",
       .type = "user",
       .id = {"localpart", 255, Unit::kBytes, 1},
       .name = {"displayname"},
       .avatar_url = {}},
      {.key = "stream",
       .type = "user",
       .id = {"id", 255, Unit::kBytes, 1},
       .name = {"name"},
       .avatar_url = {"image"}},
      {.key = "sendbird",
       .type = "user",
       .id = {"user_id", 80, Unit::kCharacters, 1},
       .name = {"nickname", 80, Unit::kCharacters},
       .avatar_url = {"profile_url", 2048, Unit::kCharacters}},
      {.key = "cometchat",
       .type = "user",
       .id = {"uid", 100, Unit::kCharacters, 1},
       .name = {"name", 100, Unit::kCharacters},
       .avatar_url = {"avatar", 3000, Unit::kCharacters}},
      {.key = "zego-zim",
       .type = "user",
       .id = {"userID", 32, Unit::kBytes, 1},
       .name = {"userName", 256},
       .avatar_url = {}},
  };
  return rows;
}

const Platform& Find(std::string_view key) {
  const Platform* const platform = FindPlatform(key);
  if (platform == nullptr) throw std::runtime_error("no platform " + std::string(key));
  return *platform;
}

const Documented& DocumentedFieldOf(const Row& row, Part part) {
  return part == Part::kExternalId    ? row.id
         : part == Part::kDisplayName ? row.name
                                      : row.avatar_url;
}

// A character that every platform takes, repeated.
std::string Plain(std::size_t size) { return std::string(size, 'a'); }

std::string Repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// --- The table ---

TEST(PlatformTest, EveryDocumentedPlatformIsThereAndNoOther) {
  std::set<std::string_view> documented = {"generic"};
  for (const Row& row : DocumentedPlatforms()) documented.insert(row.key);
  std::set<std::string_view> known;
  for (const Platform& platform : Platforms()) known.insert(platform.key);
  EXPECT_EQ(known, documented);
  EXPECT_EQ(known.size(), 1u + 7 + 15);
}

TEST(PlatformTest, KeysAreUniqueLowerCaseAndFound) {
  std::set<std::string_view> keys;
  for (const Platform& platform : Platforms()) {
    EXPECT_TRUE(keys.insert(platform.key).second) << platform.key;
    EXPECT_EQ(platform.key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
              std::string_view::npos)
        << platform.key;
    EXPECT_EQ(FindPlatform(platform.key), &platform);
    EXPECT_FALSE(platform.title.empty());
    EXPECT_FALSE(platform.type.empty());
  }
}

TEST(PlatformTest, WhatIsNoKeyIsNotFound) {
  for (const std::string_view key : {"", "dolbyio", "Daily", "daily ", "dolbyio-cp", "dolbyio-cppp",
                                     "DOLBYIO-CPP", "any platform"}) {
    EXPECT_EQ(FindPlatform(key), nullptr) << key;
  }
}

TEST(PlatformTest, TheFirstHasTheProjectsSpellingAndNoLimits) {
  const Platform& generic = Platforms().front();
  EXPECT_EQ(generic.key, "generic");
  EXPECT_EQ(generic.id.name, "external_id");
  EXPECT_EQ(generic.name.name, "name");
  EXPECT_EQ(generic.avatar_url.name, "avatar_url");
  for (const Part part : kParts) {
    EXPECT_THAT(CheckField(generic, part, ""), IsOk());
    EXPECT_THAT(CheckField(generic, part, Plain(100'000)), IsOk());
    EXPECT_THAT(CheckField(generic, part, std::string(1, '\0') + "\x7f \xff"), IsOk());
  }
}

TEST(PlatformTest, EveryFieldIsSpelledAsDocumented) {
  for (const Row& row : DocumentedPlatforms()) {
    SCOPED_TRACE(row.key);
    const Platform& platform = Find(row.key);
    EXPECT_EQ(platform.type, row.type);
    for (const Part part : kParts) {
      EXPECT_EQ(platform.FieldOf(part).name, DocumentedFieldOf(row, part).name);
    }
  }
}

TEST(PlatformTest, ConstructorsTakeTheirArgumentsInTheDocumentedOrder) {
  for (const Row& row : DocumentedPlatforms()) {
    SCOPED_TRACE(row.key);
    EXPECT_EQ(Find(row.key).order, row.order);
  }
}

// The page has a table row for each key, with the spelling of each field.
TEST(PlatformTest, ThePageOfTheDocumentationHasEveryPlatformAndSpelling) {
  std::istringstream page(
      testing::ReadBytes(std::string(MONIKER_TEST_DIR) + "/../docs/platforms.md"));
  std::map<std::string, std::string> rows;  // by key
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("| `")) rows[line.substr(3, line.find('`', 3) - 3)] = line;
  }
  for (const Row& row : DocumentedPlatforms()) {
    SCOPED_TRACE(row.key);
    const auto found = rows.find(std::string(row.key));
    ASSERT_NE(found, rows.end());
    for (const Part part : kParts) {
      const std::string_view name = DocumentedFieldOf(row, part).name;
      if (name.empty()) continue;
      EXPECT_THAT(found->second, HasSubstr("`" + std::string(name) + "`"));
    }
  }
}

TEST(PlatformTest, EveryOrderNamesEachPartOnce) {
  for (const Platform& platform : Platforms()) {
    EXPECT_EQ(std::set<Part>(platform.order.begin(), platform.order.end()).size(), 3u)
        << platform.key;
  }
}

TEST(PlatformTest, DailyGetsAUuidAzureNoIdAndEveryOtherTheExternalId) {
  for (const Row& row : DocumentedPlatforms()) {
    EXPECT_EQ(Find(row.key).id_rendering, row.rendering) << row.key;
  }
}

TEST(PlatformTest, MetadataHasAPlaceOnTheSevenSdksVonageLiveKitAndWhereThereAreNoLimits) {
  for (const Platform& platform : Platforms()) {
    SCOPED_TRACE(platform.key);
    if (platform.key.starts_with("dolbyio-") || platform.key == "vonage" ||
        platform.key == "generic") {
      EXPECT_EQ(platform.metadata, Platform::Metadata::kInExternalId);
    } else if (platform.key == "livekit") {
      EXPECT_EQ(platform.metadata, Platform::Metadata::kOwnField);
    } else {
      EXPECT_EQ(platform.metadata, Platform::Metadata::kNone);
    }
    EXPECT_EQ(platform.metadata_field, platform.key == "livekit" ? "metadata" : "");
    // It is bound to the 32 characters, so these have to be there.
    if (platform.metadata != Platform::Metadata::kNone) {
      EXPECT_EQ(platform.id_rendering, IdRendering::kExternalId);
    }
  }
}

// --- Metadata ---

// A keyring's text of the longest metadata.
std::string LongestText() {
  Result<Keyring> keyring = Keyring::Create({.app = "clinic-7"});
  const Metadata longest{.role = std::string(40, 'R'),
                         .locale = "abcdefgh-abcdefgh-abcdefgh-abcdefgh",
                         .shard = 0xFFFFFFFF,
                         .flags = 0xFFFFFFFF,
                         .expiry = 0xFFFFFFFF};
  return Expect(SealMetadata(
      *keyring, 1, Expect(ExternalId::Parse("m32pnb88e0wgd7hc26m7ph6zyfqm3092")), longest));
}

TEST(PlatformMetadataTest, TheLongestTextFitsWhereThereIsAPlace) {
  const std::string text = LongestText();
  int places = 0;
  for (const Platform& platform : Platforms()) {
    const Status status = CheckMetadataFits(platform, text);
    if (platform.metadata == Platform::Metadata::kNone) {
      EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument)) << platform.key;
      EXPECT_EQ(status.message(), "metadata: the platform has no place for it");
    } else {
      EXPECT_THAT(status, IsOk()) << platform.key;
      ++places;
    }
  }
  EXPECT_EQ(places, 10);
}

TEST(PlatformMetadataTest, OneByteOrCharacterAboveTheLimitIsAnError) {
  const std::string text = LongestText();
  for (const std::string_view key : {"dolbyio-cpp", "dolbyio-dotnet", "vonage"}) {
    SCOPED_TRACE(key);
    Platform platform = Find(key);
    EXPECT_THAT(CheckMetadataFits(platform, Plain(platform.id.max)), IsOk());
    EXPECT_THAT(CheckMetadataFits(platform, Plain(platform.id.max + 1)),
                HasCode(StatusCode::kInvalidArgument));
    platform.id.max = text.size();
    EXPECT_THAT(CheckMetadataFits(platform, text), IsOk());
    platform.id.max = text.size() - 1;
    EXPECT_EQ(CheckMetadataFits(platform, text).message(),
              "external ID: longer than the platform takes");
    platform.id.max = 0;
    platform.id.allowed = "abcdefghijklmnopqrstuvwxyz0123456789";
    EXPECT_EQ(CheckMetadataFits(platform, text).message(),
              "external ID: a character the platform refuses");
  }
}

TEST(PlatformMetadataTest, ThePageSaysWhereItGoes) {
  const std::string page =
      testing::ReadBytes(std::string(MONIKER_TEST_DIR) + "/../docs/platforms.md");
  EXPECT_THAT(page, HasSubstr("## Metadata"));
  for (const std::string_view name : {"`livekit`", "`vonage`", "`metadata`"}) {
    EXPECT_THAT(page.substr(page.find("## Metadata")), HasSubstr(std::string(name)));
  }
}

// --- Limits ---

TEST(PlatformTest, TextOfTheMaximumIsTakenAndOneMoreIsNot) {
  int limits = 0;
  for (const Row& row : DocumentedPlatforms()) {
    for (const Part part : kParts) {
      const Documented& field = DocumentedFieldOf(row, part);
      if (field.max == 0) continue;
      ++limits;
      SCOPED_TRACE(std::string(row.key) + " " + std::string(field.name));
      EXPECT_THAT(CheckField(Find(row.key), part, Plain(field.max)), IsOk());
      const Status status = CheckField(Find(row.key), part, Plain(field.max + 1));
      EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument));
      EXPECT_THAT(status.message(), HasSubstr("longer"));
    }
  }
  EXPECT_EQ(limits, 28);
}

TEST(PlatformTest, TextOfTheMinimumIsTakenAndOneLessIsNot) {
  int limits = 0;
  for (const Row& row : DocumentedPlatforms()) {
    for (const Part part : kParts) {
      const Documented& field = DocumentedFieldOf(row, part);
      if (field.name.empty()) continue;
      SCOPED_TRACE(std::string(row.key) + " " + std::string(field.name));
      EXPECT_THAT(CheckField(Find(row.key), part, Plain(field.min)), IsOk());
      if (field.min == 0) continue;
      ++limits;
      const Status status = CheckField(Find(row.key), part, Plain(field.min - 1));
      EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument));
      EXPECT_THAT(status.message(), HasSubstr("shorter"));
    }
  }
  EXPECT_EQ(limits, 11);
}

TEST(PlatformTest, WithoutADocumentedLimitAnyLengthIsTaken) {
  for (const Row& row : DocumentedPlatforms()) {
    for (const Part part : kParts) {
      const Documented& field = DocumentedFieldOf(row, part);
      if (field.name.empty() || field.max != 0) continue;
      EXPECT_THAT(CheckField(Find(row.key), part, Plain(100'000)), IsOk()) << row.key;
    }
  }
}

// "ä" is one character of two bytes, "語" one of three, "𝄞" one of four (and two of UTF-16).
TEST(PlatformTest, BytesAreCountedWhereThePlatformCountsBytes) {
  const Platform& cpp = Find("dolbyio-cpp");
  EXPECT_THAT(CheckField(cpp, Part::kExternalId, Repeated("ä", 512)), IsOk());
  EXPECT_THAT(CheckField(cpp, Part::kExternalId, Repeated("ä", 512) + "a"),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckField(cpp, Part::kExternalId, Repeated("語", 341) + "a"), IsOk());
  EXPECT_THAT(CheckField(cpp, Part::kExternalId, Repeated("語", 341) + "aa"),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckField(cpp, Part::kExternalId, Repeated("𝄞", 256)), IsOk());
  EXPECT_THAT(CheckField(cpp, Part::kExternalId, Repeated("𝄞", 257)),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckField(Find("livekit"), Part::kDisplayName, Repeated("ä", 128)), IsOk());
  EXPECT_THAT(CheckField(Find("livekit"), Part::kDisplayName, Repeated("ä", 129)),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckField(Find("zego-zim"), Part::kDisplayName, Repeated("語", 86)),
              HasCode(StatusCode::kInvalidArgument));
}

TEST(PlatformTest, CharactersAreCountedWhereThePlatformCountsCharacters) {
  int fields = 0;
  for (const Row& row : DocumentedPlatforms()) {
    for (const Part part : kParts) {
      const Documented& field = DocumentedFieldOf(row, part);
      // What takes no other than named ASCII characters has none of several bytes.
      if (field.max == 0 || field.unit != Unit::kCharacters ||
          !Find(row.key).FieldOf(part).allowed.empty()) {
        continue;
      }
      ++fields;
      SCOPED_TRACE(std::string(row.key) + " " + std::string(field.name));
      for (const std::string_view character : {"ä", "語", "𝄞"}) {
        EXPECT_THAT(CheckField(Find(row.key), part, Repeated(character, field.max)), IsOk());
        EXPECT_THAT(CheckField(Find(row.key), part, Repeated(character, field.max + 1)),
                    HasCode(StatusCode::kInvalidArgument));
      }
    }
  }
  EXPECT_EQ(fields, 11);
}

TEST(PlatformTest, AFieldThatThePlatformDoesNotHaveTakesAnything) {
  EXPECT_THAT(CheckField(Find("agora"), Part::kDisplayName, Repeated("語", 100'000)), IsOk());
  EXPECT_THAT(CheckField(Find("azure-communication"), Part::kExternalId, ""), IsOk());
}

TEST(PlatformTest, MessagesNameThePartAndNotTheText) {
  const Platform& sendbird = Find("sendbird");
  const std::string text = "maria.jensen@example.org" + Plain(3000);
  const Status id = CheckField(sendbird, Part::kExternalId, text);
  const Status name = CheckField(sendbird, Part::kDisplayName, text);
  const Status avatar = CheckField(sendbird, Part::kAvatarUrl, text);
  EXPECT_THAT(id.message(), HasSubstr("external ID"));
  EXPECT_THAT(name.message(), HasSubstr("display name"));
  EXPECT_THAT(avatar.message(), HasSubstr("avatar URL"));
  for (const Status& status : {id, name, avatar}) {
    EXPECT_EQ(status.message().find("maria"), std::string_view::npos);
    EXPECT_EQ(status.locator(), Status::kNowhere);
  }
}

// --- Characters ---

// Whether the documentation lets a field have the ASCII character; nothing where it does not say.
std::optional<bool> IsDocumented(std::string_view key, Part part, char c) {
  const auto lower = c >= 'a' && c <= 'z';
  const auto upper = c >= 'A' && c <= 'Z';
  const auto digit = c >= '0' && c <= '9';
  const auto one_of = [c](std::string_view set) { return set.find(c) != std::string_view::npos; };
  const auto printable = c >= ' ' && c <= '~';
  if (key == "dolbyio-dotnet" && printable) return true;  // ASCII
  if (key == "dolbyio-dotnet") return std::nullopt;
  if (part != Part::kExternalId) return true;
  if (key == "agora") {
    return lower || upper || digit || one_of(" !#$%&()+-:;<=.>?@[]^_{}|~,");
  }
  // [-_&@+=,(){}\[\]\/«».:|'"#a-zA-Z0-9À-ÿ\s]*, of which \s is left open but for the blank
  if (key == "chime") {
    if (!printable) return std::nullopt;
    return lower || upper || digit || one_of("-_&@+=,(){}[]/.:|'\"# ");
  }
  if (key == "matrix") return lower || digit || one_of("._=-/+");
  if (key == "stream") return lower || digit || one_of("@_-");
  if (key == "cometchat") {  // "lower-cased by the server"
    if (upper) return false;
    return lower || digit ? std::optional(true) : std::nullopt;
  }
  if (key == "zego-zim") {  // an "ASCII subset"
    return lower || digit ? std::optional(true) : std::nullopt;
  }
  return true;
}

TEST(PlatformTest, EachAsciiCharacterIsTakenAsDocumented) {
  int refused = 0;
  for (const Row& row : DocumentedPlatforms()) {
    for (const Part part : kParts) {
      const Documented& field = DocumentedFieldOf(row, part);
      if (field.name.empty()) continue;
      for (int value = 0; value < 128; ++value) {
        const char c = static_cast<char>(value);
        const std::optional<bool> expected = IsDocumented(row.key, part, c);
        if (!expected) continue;
        const std::string filler = Plain(field.min > 0 ? field.min - 1 : 0);
        for (const std::string& text : {filler + c, c + filler}) {
          const Status status = CheckField(Find(row.key), part, text);
          EXPECT_EQ(status.ok(), *expected) << row.key << " " << field.name << ", byte " << value;
          if (*expected) continue;
          ++refused;
          EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
          EXPECT_THAT(status.message(), HasSubstr("character"));
        }
      }
    }
  }
  EXPECT_GT(refused, 300);
}

// Chime's own set goes on to U+00FF. What we send is ASCII, so a field with a set takes nothing
// else.
TEST(PlatformTest, WhereCharactersAreNamedNoByteAboveAsciiIsTaken) {
  int fields = 0;
  for (const Platform& platform : Platforms()) {
    for (const Part part : kParts) {
      const Platform::Field& field = platform.FieldOf(part);
      if (field.allowed.empty()) continue;
      ++fields;
      for (int value = 128; value < 256; ++value) {
        const std::string text = Plain(field.min) + static_cast<char>(value);
        EXPECT_THAT(CheckField(platform, part, text), HasCode(StatusCode::kInvalidArgument))
            << platform.key << ", byte " << value;
      }
    }
  }
  EXPECT_EQ(fields, 9);
}

TEST(PlatformTest, WhereNoCharactersAreNamedAllOfUtf8IsTaken) {
  for (const std::string_view key :
       {"dolbyio-web", "dolbyio-ios", "livekit", "twilio-video", "ivs", "vonage", "sendbird"}) {
    EXPECT_THAT(CheckField(Find(key), Part::kExternalId, "Ł王é𝄞"), IsOk()) << key;
  }
}

// "no aws: prefix": CheckField says "Whether a platform takes `text`".
TEST(PlatformTest, ChimeRefusesAnIdThatBeginsAsItsOwn) {
  EXPECT_THAT(CheckField(Find("chime"), Part::kExternalId, "aws:someone"),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckField(Find("chime"), Part::kExternalId, "someone:aws:"), IsOk());
}

// --- What we send ---

TEST(PlatformTest, ThePortableIdPassesEveryPlatformThatTakesIt) {
  for (const Platform& platform : Platforms()) {
    if (platform.id_rendering == IdRendering::kUuid) continue;
    for (const std::string_view id :
         {"m32pnb88e0wgd7hc26m7ph6zyfqm3092", "masat0zm843tjq7f9421yapab7xdcp47"}) {
      EXPECT_THAT(CheckField(platform, Part::kExternalId, id), IsOk()) << platform.key;
    }
  }
  EXPECT_THAT(CheckField(Find("daily"), Part::kExternalId, "m32pnb88e0wgd7hc26m7ph6zyfqm3092"),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckField(Find("daily"), Part::kExternalId, "18ad55a1-0e07-80d3-8582-350f689bfe7d"),
              IsOk());
}

TEST(PlatformTest, ThePortableNamePassesEveryPlatform) {
  for (const Platform& platform : Platforms()) {
    EXPECT_THAT(CheckField(platform, Part::kDisplayName, "P RCG-V3F"), IsOk()) << platform.key;
    EXPECT_THAT(CheckField(platform, Part::kDisplayName, Plain(64)), IsOk()) << platform.key;
  }
}

TEST(PlatformTest, EveryPlatformTakesEveryCharacterOfItsIds) {
  for (const Platform& platform : Platforms()) {
    SCOPED_TRACE(platform.key);
    if (platform.id_rendering == IdRendering::kUuid) {
      for (const char digit : std::string_view("0123456789abcdef")) {
        std::string uuid(36, digit);
        for (const std::size_t hyphen : {8u, 13u, 18u, 23u}) uuid[hyphen] = '-';
        EXPECT_THAT(CheckField(platform, Part::kExternalId, uuid), IsOk()) << digit;
      }
    } else {
      for (const char one : std::string_view("0123456789abcdefghjkmnpqrstvwxyz")) {
        const std::string id = "m" + std::string(31, one);
        EXPECT_THAT(CheckField(platform, Part::kExternalId, id), IsOk()) << one;
      }
    }
  }
}

TEST(PlatformTest, EveryPlatformTakesEveryCharacterOfAvatarUrls) {
  int characters = 0;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string url_template =
        "https://a.example/" + std::string(1, static_cast<char>(byte)) + "{avatar}";
    if (!ValidateAvatarUrlTemplate(url_template).ok()) continue;
    ++characters;
    for (const Platform& platform : Platforms()) {
      EXPECT_THAT(CheckField(platform, Part::kAvatarUrl, AvatarUrl(url_template, 255)), IsOk())
          << platform.key << ", byte " << byte;
    }
  }
  EXPECT_GE(characters, 62);
}

// No limit of a platform is narrower than what a gate can make: so none is ever in the way.
TEST(PlatformTest, EveryPlatformTakesTheLongestRoleAndTheLongestTemplate) {
  const TestVault test(StorageKind::kMemory);
  const std::string url_template = "https://" + Plain(1024 - 8 - 8) + "{avatar}";
  for (const Platform& platform : Platforms()) {
    SCOPED_TRACE(platform.key);
    const IdentityGate gate = Expect(IdentityGate::Create(
        *test.vault,
        {.scope = Scope::App(), .platform = platform.key, .avatar_url_template = url_template}));
    const Result<SessionIdentity> identity = gate.Admit(
        {.issuer = "mrn.hospital-a", .id = "00123456", .name = "Maria Jensen"}, Plain(40));
    ASSERT_THAT(identity, IsOk());
    EXPECT_EQ(identity->display_name().size(), 48u);
    EXPECT_EQ(identity->avatar_url().empty(), platform.avatar_url.name.empty());
  }
}

}  // namespace
}  // namespace moniker
