// SessionIdentity::As against structs spelled as the platforms spell them (docs/platforms.md):
// without their headers, so what counts here is the names, the types and the orders of members.

#include "moniker/session_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "moniker/identity_gate.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using testing::Expect;
using ::testing::Optional;
using testing::StorageKind;
using testing::TestVault;

constexpr std::string_view kId = "m32pnb88e0wgd7hc26m7ph6zyfqm3092";
constexpr std::string_view kUuid = "18ad55a1-0e07-80d3-8582-350f689bfe7d";
constexpr std::string_view kName = "Patient RCG-V3F";
constexpr std::string_view kAvatar = "https://avatars.example.org/211.svg";

class SessionIdentityTest : public ::testing::Test {
 protected:
  SessionIdentity Admit(std::string_view platform = "generic",
                        std::optional<std::string> avatar_url_template = std::nullopt) {
    const IdentityGate gate = Expect(IdentityGate::Create(
        *vault_.vault, {.scope = Scope::App(),
                        .platform = platform,
                        .avatar_url_template = std::move(avatar_url_template)}));
    return Expect(gate.Admit({.issuer = "mrn.hospital-a", .id = "00123456", .name = "Maria Jensen"},
                             "Patient"));
  }

  TestVault vault_{StorageKind::kMemory};
};

// --- The seven SDKs ---

namespace web {
// session.open({name, externalId, avatarUrl}): all optional.
struct ParticipantInfo {
  std::optional<std::string> name;
  std::optional<std::string> externalId;
  std::optional<std::string> avatarUrl;
};
}  // namespace web

TEST_F(SessionIdentityTest, FillsTheStructOfTheWebSdk) {
  const auto info = Admit("dolbyio-web").As<web::ParticipantInfo>();
  EXPECT_THAT(info.name, Optional(kName));
  EXPECT_THAT(info.externalId, Optional(kId));
  EXPECT_THAT(info.avatarUrl, Optional(kAvatar));
}

namespace ios {
// init(externalID:name:avatarURL:): all nullable.
struct VTParticipantInfo {
  std::optional<std::string> externalID;
  std::optional<std::string> name;
  std::optional<std::string> avatarURL;
};
}  // namespace ios

TEST_F(SessionIdentityTest, FillsTheStructOfTheIosSdk) {
  const auto info = Admit("dolbyio-ios").As<ios::VTParticipantInfo>();
  EXPECT_THAT(info.externalID, Optional(kId));
  EXPECT_THAT(info.name, Optional(kName));
  EXPECT_THAT(info.avatarURL, Optional(kAvatar));
}

namespace android {
// ParticipantInfo(name, externalId, avatarUrl) with getName(), getExternalId(), getAvatarUrl().
struct ParticipantInfo {
  std::optional<std::string> name;
  std::optional<std::string> externalId;
  std::optional<std::string> avatarUrl;
};
}  // namespace android

TEST_F(SessionIdentityTest, FillsTheStructOfTheAndroidSdk) {
  const auto info = Admit("dolbyio-android").As<android::ParticipantInfo>();
  EXPECT_THAT(info.name, Optional(kName));
  EXPECT_THAT(info.externalId, Optional(kId));
  EXPECT_THAT(info.avatarUrl, Optional(kAvatar));
}

namespace services::session {
struct user_info {
  std::string name{};
  std::string externalId{};
  std::string avatarUrl{};
  std::optional<std::string> participant_id{};
};
}  // namespace services::session

TEST_F(SessionIdentityTest, FillsTheUserInfoOfTheCppSdkAndLeavesItsParticipantIdToIt) {
  const auto info = Admit("dolbyio-cpp").As<services::session::user_info>();
  EXPECT_EQ(info.name, kName);
  EXPECT_EQ(info.externalId, kId);
  EXPECT_EQ(info.avatarUrl, kAvatar);
  EXPECT_EQ(info.participant_id, std::nullopt);
}

struct participant_info {
  struct info {
    std::optional<std::string> name;
    std::optional<std::string> external_id;
    std::optional<std::string> avatar_url;
  };
  std::string user_id;
  info info_;
};

TEST_F(SessionIdentityTest, FillsTheInfoOfARemoteParticipantOfTheCppSdk) {
  const auto info = Admit("dolbyio-cpp").As<participant_info::info>();
  EXPECT_THAT(info.name, Optional(kName));
  EXPECT_THAT(info.external_id, Optional(kId));
  EXPECT_THAT(info.avatar_url, Optional(kAvatar));
}

namespace dotnet {
struct UserInfo {
  std::string Id = "given by open";
  std::string Name;
  std::string ExternalId;
  std::string AvatarURL;
};
}  // namespace dotnet

TEST_F(SessionIdentityTest, FillsTheUserInfoOfTheDotNetSdkAndLeavesItsIdToIt) {
  const auto info = Admit("dolbyio-dotnet").As<dotnet::UserInfo>();
  EXPECT_EQ(info.Name, kName);
  EXPECT_EQ(info.ExternalId, kId);
  EXPECT_EQ(info.AvatarURL, kAvatar);
  EXPECT_EQ(info.Id, "given by open");
}

namespace flutter {
// Positional (name, avatarUrl, externalId); the name is required.
struct ParticipantInfo {
  std::string name;
  std::optional<std::string> avatarUrl;
  std::optional<std::string> externalId;
};
}  // namespace flutter

TEST_F(SessionIdentityTest, FillsTheStructOfTheFlutterSdk) {
  const auto info = Admit("dolbyio-flutter").As<flutter::ParticipantInfo>();
  EXPECT_EQ(info.name, kName);
  EXPECT_THAT(info.avatarUrl, Optional(kAvatar));
  EXPECT_THAT(info.externalId, Optional(kId));
}

namespace react_native {
struct ParticipantInfo {
  std::optional<std::string> name;
  std::optional<std::string> avatarUrl;
  std::optional<std::string> externalId;
};
}  // namespace react_native

TEST_F(SessionIdentityTest, FillsTheStructOfTheReactNativeSdk) {
  const auto info = Admit("dolbyio-react-native").As<react_native::ParticipantInfo>();
  EXPECT_THAT(info.name, Optional(kName));
  EXPECT_THAT(info.avatarUrl, Optional(kAvatar));
  EXPECT_THAT(info.externalId, Optional(kId));
}

// --- Orders of members ---

template <int kOrder>
struct Shuffled;
template <>
struct Shuffled<0> {
  std::string name, externalId, avatarUrl;
};
template <>
struct Shuffled<1> {
  std::string name, avatarUrl, externalId;
};
template <>
struct Shuffled<2> {
  std::string externalId, name, avatarUrl;
};
template <>
struct Shuffled<3> {
  std::string externalId, avatarUrl, name;
};
template <>
struct Shuffled<4> {
  std::string avatarUrl, name, externalId;
};
template <>
struct Shuffled<5> {
  std::string avatarUrl, externalId, name;
};

template <int kOrder>
void ExpectByName(const SessionIdentity& identity) {
  SCOPED_TRACE(kOrder);
  const auto info = identity.As<Shuffled<kOrder>>();
  EXPECT_EQ(info.name, kName);
  EXPECT_EQ(info.externalId, kId);
  EXPECT_EQ(info.avatarUrl, kAvatar);
}

TEST_F(SessionIdentityTest, TheOrderOfMembersDoesNotMatter) {
  const SessionIdentity identity = Admit();
  ExpectByName<0>(identity);
  ExpectByName<1>(identity);
  ExpectByName<2>(identity);
  ExpectByName<3>(identity);
  ExpectByName<4>(identity);
  ExpectByName<5>(identity);
}

// --- The other platforms ---

struct LiveKitParticipant {
  std::string metadata;
  std::string name;
  std::string identity;
};

struct DailyMeetingToken {
  std::string user_name;
  std::string user_id;
};

struct ZoomSession {
  std::string userName;
  std::string user_key;
};

struct JitsiContextUser {
  std::string id;
  std::string name;
  std::string avatar;
  std::string email = "left out";
};

struct MatrixProfile {
  std::string user_id;
  std::string displayname;
  std::string avatar_url;
};

struct StreamUser {
  std::string id;
  std::string name;
  std::string image;
};

struct SendbirdUser {
  std::string user_id;
  std::string nickname;
  std::string profile_url;
};

struct CometChatUser {
  std::string uid;
  std::string name;
  std::string avatar;
};

struct ZimUserInfo {
  std::string userName;
  std::string userID;
};

TEST_F(SessionIdentityTest, FillsTheParticipantOfLiveKit) {
  const auto info = Admit("livekit").As<LiveKitParticipant>();
  EXPECT_EQ(info.identity, kId);
  EXPECT_EQ(info.name, kName);
  EXPECT_EQ(info.metadata, "");
}

TEST_F(SessionIdentityTest, FillsTheMeetingTokenOfDailyWithAUuid) {
  const auto info = Admit("daily").As<DailyMeetingToken>();
  EXPECT_EQ(info.user_id, kUuid);
  EXPECT_EQ(info.user_name, kName);
}

TEST_F(SessionIdentityTest, FillsTheSessionOfZoom) {
  const auto info = Admit("zoom-video").As<ZoomSession>();
  EXPECT_EQ(info.user_key, kId);
  EXPECT_EQ(info.userName, kName);
}

TEST_F(SessionIdentityTest, FillsTheContextUserOfJitsiAndNotItsEmail) {
  const auto info = Admit("jitsi").As<JitsiContextUser>();
  EXPECT_EQ(info.id, kId);
  EXPECT_EQ(info.name, kName);
  EXPECT_EQ(info.avatar, kAvatar);
  EXPECT_EQ(info.email, "left out");
}

TEST_F(SessionIdentityTest, FillsTheUserOfStream) {
  const auto info = Admit("stream").As<StreamUser>();
  EXPECT_EQ(info.id, kId);
  EXPECT_EQ(info.name, kName);
  EXPECT_EQ(info.image, kAvatar);
}

TEST_F(SessionIdentityTest, FillsTheUserOfSendbird) {
  const auto info = Admit("sendbird").As<SendbirdUser>();
  EXPECT_EQ(info.user_id, kId);
  EXPECT_EQ(info.nickname, kName);
  EXPECT_EQ(info.profile_url, kAvatar);
}

TEST_F(SessionIdentityTest, FillsTheUserOfCometChat) {
  const auto info = Admit("cometchat").As<CometChatUser>();
  EXPECT_EQ(info.uid, kId);
  EXPECT_EQ(info.name, kName);
  EXPECT_EQ(info.avatar, kAvatar);
}

TEST_F(SessionIdentityTest, FillsTheUserInfoOfZim) {
  const auto info = Admit("zego-zim").As<ZimUserInfo>();
  EXPECT_EQ(info.userID, kId);
  EXPECT_EQ(info.userName, kName);
}

// "every spelling that SDKs use": lib/session/platform.cc itself says how Matrix spells it. Whether
// it compiles is asked first, so that a spelling that is missing fails a test and not the whole
// program.
template <typename T>
void ExpectProfileOfMatrix(const SessionIdentity& identity) {
  constexpr bool kKnown = internal::DisplayNameSpellings::kIn<T>;
  EXPECT_TRUE(kKnown) << "displayname is no known spelling of the display name";
  if constexpr (kKnown) {
    const T info = identity.template As<T>();
    EXPECT_EQ(info.user_id, kId);
    EXPECT_EQ(info.displayname, kName);
    EXPECT_EQ(info.avatar_url, "");  // Matrix takes no URL of the web there
  }
}

TEST_F(SessionIdentityTest, FillsTheProfileOfMatrix) {
  ExpectProfileOfMatrix<MatrixProfile>(Admit("matrix"));
}

// --- The platform's own ID of a participant ---

template <typename T>
T Filled(const SessionIdentity& identity) {
  return identity.As<T>();
}

struct WithUserIdInCamelCase {
  std::string userId = "theirs", externalId, name;
};
struct WithUserIdInSnakeCase {
  std::string external_id, user_id = "theirs", name;
};
struct WithUserIdInCapitals {
  std::string userID = "theirs", externalId, name;
};
struct WithId {
  std::string externalId, id = "theirs", name;
};
struct WithParticipantId {
  std::string participant_id = "theirs", externalId, participantId = "theirs", name;
};
struct WithOwnerId {
  std::string externalId, ownerId = "theirs", name;
};

TEST_F(SessionIdentityTest, ParticipantIdsBesideAnExternalIdAreLeftAlone) {
  const SessionIdentity who = Admit();
  EXPECT_EQ(Filled<WithUserIdInCamelCase>(who).userId, "theirs");
  EXPECT_EQ(Filled<WithUserIdInSnakeCase>(who).user_id, "theirs");
  EXPECT_EQ(Filled<WithUserIdInCapitals>(who).userID, "theirs");
  EXPECT_EQ(Filled<WithId>(who).id, "theirs");
  EXPECT_EQ(Filled<WithParticipantId>(who).participant_id, "theirs");
  EXPECT_EQ(Filled<WithParticipantId>(who).participantId, "theirs");
  EXPECT_EQ(Filled<WithOwnerId>(who).ownerId, "theirs");
  EXPECT_EQ(Filled<WithUserIdInCamelCase>(who).externalId, kId);
  EXPECT_EQ(Filled<WithUserIdInSnakeCase>(who).external_id, kId);
}

// As Agora and Zoom have them: 32-bit numbers that the service gives.
struct WithNumericIds {
  unsigned uid = 7;
  int id = 8;
  std::string userAccount;
  std::string name;
};

TEST_F(SessionIdentityTest, NumericIdsAreLeftAlone) {
  const auto info = Admit("agora").As<WithNumericIds>();
  EXPECT_EQ(info.userAccount, kId);
  EXPECT_EQ(info.uid, 7u);
  EXPECT_EQ(info.id, 8);
}

// --- What is absent ---

TEST_F(SessionIdentityTest, WithoutAnAvatarAnOptionalMemberStaysEmpty) {
  const SessionIdentity identity = Admit("generic", "");
  EXPECT_EQ(identity.avatar_url(), "");
  EXPECT_EQ(identity.As<web::ParticipantInfo>().avatarUrl, std::nullopt);
  EXPECT_EQ(identity.As<ios::VTParticipantInfo>().avatarURL, std::nullopt);
  EXPECT_EQ(identity.As<participant_info::info>().avatar_url, std::nullopt);
  EXPECT_EQ(identity.As<services::session::user_info>().avatarUrl, "");
  EXPECT_THAT(identity.As<web::ParticipantInfo>().externalId, Optional(kId));
}

struct WithDefaultPicture {
  std::string externalId, name, avatarUrl = "default.svg";
  int volume = 11;
};

TEST_F(SessionIdentityTest, OtherMembersStayAsTheStructMakesThem) {
  EXPECT_EQ(Admit("generic", "").As<WithDefaultPicture>().avatarUrl, "default.svg");
  EXPECT_EQ(Admit().As<WithDefaultPicture>().avatarUrl, kAvatar);
  EXPECT_EQ(Admit().As<WithDefaultPicture>().volume, 11);
}

struct WithoutAvatar {
  std::string externalId, name;
};

TEST_F(SessionIdentityTest, AStructWithoutAnAvatarIsFilled) {
  const auto info = Admit().As<WithoutAvatar>();
  EXPECT_EQ(info.externalId, kId);
  EXPECT_EQ(info.name, kName);
}

// A default external ID (an old login name, say) must not survive where the platform makes the ID.
struct WithDefaultId {
  std::string id = "maria.jensen", displayName;
};

TEST_F(SessionIdentityTest, OfAPlatformThatMakesTheIdItselfNoIdIsSent) {
  const auto info = Admit("azure-communication").As<WithDefaultId>();
  EXPECT_EQ(info.id, "");
  EXPECT_EQ(info.displayName, kName);
}

// --- Lifetimes and types ---

TEST_F(SessionIdentityTest, AFilledStructOutlivesTheIdentity) {
  std::optional<SessionIdentity> identity = Admit();
  const auto info = identity->As<web::ParticipantInfo>();
  const char* const text = identity->external_id().data();
  EXPECT_NE(static_cast<const void*>(info.externalId->data()), static_cast<const void*>(text));
  identity.reset();
  EXPECT_THAT(info.externalId, Optional(kId));
}

struct WithViews {
  std::string externalId, name;
  std::string_view identity;  // would outlive what it points to
  const char* avatarUrl = nullptr;
};

TEST_F(SessionIdentityTest, MembersThatDoNotOwnTheirTextAreLeftAlone) {
  const auto info = Admit().As<WithViews>();
  EXPECT_EQ(info.identity.data(), nullptr);
  EXPECT_EQ(info.avatarUrl, nullptr);
  EXPECT_EQ(info.externalId, kId);
}

struct WithHiddenViews {
  std::optional<std::string_view> externalId;
};

TEST_F(SessionIdentityTest, AnOptionalViewDoesNotOwnItsText) {
  // A const, so that the claim fails a test and not the compiler.
  const bool taken = internal::ExternalIdSpellings::kIn<WithHiddenViews>;
  EXPECT_FALSE(taken) << "As would leave a view of a SessionIdentity that may be gone";
}

struct WithOtherOwners {
  std::filesystem::path externalId;  // what owns its text need not be a std::string
  std::u8string_view name_of_something_else;
  std::string name;
};

TEST_F(SessionIdentityTest, AnyTypeThatOwnsItsTextIsFilled) {
  EXPECT_EQ(Admit().As<WithOtherOwners>().externalId.native(), kId);
}

TEST_F(SessionIdentityTest, HoldsTheUuidWhereThePlatformKeepsNothingElse) {
  EXPECT_EQ(Admit("daily").external_id(), kUuid);
  EXPECT_EQ(Admit("generic").external_id(), kId);
  EXPECT_EQ(Admit("azure-communication").external_id(), "");
}

TEST_F(SessionIdentityTest, HasNoAvatarWhereThePlatformHasNone) {
  EXPECT_EQ(Admit("zego-zim").avatar_url(), "");
  EXPECT_EQ(Admit("sendbird").avatar_url(), kAvatar);
}

TEST_F(SessionIdentityTest, ACopyIsEqualInAllThatItShows) {
  const SessionIdentity one = Admit();
  const SessionIdentity other = one;
  EXPECT_EQ(other.external_id(), one.external_id());
  EXPECT_EQ(other.display_name(), one.display_name());
  EXPECT_EQ(other.avatar_url(), one.avatar_url());
  EXPECT_EQ(other.pseudonym().digest(), one.pseudonym().digest());
}

}  // namespace
}  // namespace moniker
