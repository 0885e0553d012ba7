#include "moniker/platform.h"

#include "base/utf8.h"

namespace moniker {
namespace {

using Part = Platform::Part;
using Unit = Platform::Unit;
using Field = Platform::Field;
using IdRendering = Platform::IdRendering;
using Metadata = Platform::Metadata;

constexpr std::string_view kLowerAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kAgora =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "
    "!#$%&()+-:;<=.>?@[]^_{}|~,";
constexpr std::string_view kChime =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_&@+=,(){}[]/.:|'\"#";
constexpr std::string_view kMatrixLocalPart = "abcdefghijklmnopqrstuvwxyz0123456789._=-/+";
constexpr std::string_view kStream = "abcdefghijklmnopqrstuvwxyz0123456789@_-";
constexpr std::string_view kAscii =
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
    "abcdefghijklmnopqrstuvwxyz{|}~";
constexpr std::array kNameFirst = {Part::kDisplayName, Part::kExternalId, Part::kAvatarUrl};
constexpr std::array kIdLast = {Part::kDisplayName, Part::kAvatarUrl, Part::kExternalId};

constexpr Platform kPlatforms[] = {
    {.key = "generic",
     .title = "any platform",
     .type = "SessionIdentity",
     .id = {.name = "external_id"},
     .name = {.name = "name"},
     .avatar_url = {.name = "avatar_url"},
     .metadata = Metadata::kInExternalId,
     .note = "no limits checked; 32 characters of a-z 0-9, ASCII name"},

    // The seven SDKs of the Dolby.io Communications platform.
    {.key = "dolbyio-web",
     .title = "Dolby.io Communications SDK for Web (JavaScript)",
     .type = "ParticipantInfo",
     .id = {.name = "externalId", .max = 1024},
     .name = {.name = "name"},
     .avatar_url = {.name = "avatarUrl"},
     .order = kNameFirst,
     .metadata = Metadata::kInExternalId,
     .note = "object to session.open(info)"},
    {.key = "dolbyio-ios",
     .title = "Dolby.io Communications SDK for iOS (Swift)",
     .type = "VTParticipantInfo",
     .id = {.name = "externalID", .max = 1024},
     .name = {.name = "name"},
     .avatar_url = {.name = "avatarURL"},
     .metadata = Metadata::kInExternalId,
     .note = "init(externalID:name:avatarURL:)"},
    {.key = "dolbyio-android",
     .title = "Dolby.io Communications SDK for Android (Java, Kotlin)",
     .type = "ParticipantInfo",
     .id = {.name = "externalId", .max = 1024},
     .name = {.name = "name"},
     .avatar_url = {.name = "avatarUrl"},
     .order = kNameFirst,
     .metadata = Metadata::kInExternalId,
     .note = "constructor (name, externalId, avatarUrl)"},
    {.key = "dolbyio-cpp",
     .title = "Dolby.io Communications SDK for C++",
     .type = "services::session::user_info",
     .id = {.name = "externalId", .max = 1024},
     .name = {.name = "name"},
     .avatar_url = {.name = "avatarUrl"},
     .order = kNameFirst,
     .metadata = Metadata::kInExternalId,
     .note = "aggregate; remote participants spell it external_id, avatar_url"},
    {.key = "dolbyio-dotnet",
     .title = "Dolby.io Communications SDK for .NET (C#)",
     .type = "UserInfo",
     .id = {.name = "ExternalId", .max = 1024, .allowed = kAscii},
     .name = {.name = "Name", .allowed = kAscii},
     .avatar_url = {.name = "AvatarURL", .allowed = kAscii},
     .order = kNameFirst,
     .metadata = Metadata::kInExternalId,
     .note = "marshalled as ANSI: ASCII only, never null"},
    {.key = "dolbyio-flutter",
     .title = "Dolby.io Communications SDK for Flutter (Dart)",
     .type = "ParticipantInfo",
     .id = {.name = "externalId", .max = 1024},
     .name = {.name = "name", .min = 1},
     .avatar_url = {.name = "avatarUrl"},
     .order = kIdLast,
     .metadata = Metadata::kInExternalId,
     .note = "positional (name, avatarUrl, externalId)"},
    {.key = "dolbyio-react-native",
     .title = "Dolby.io Communications SDK for React Native (TypeScript)",
     .type = "ParticipantInfo",
     .id = {.name = "externalId", .max = 1024},
     .name = {.name = "name"},
     .avatar_url = {.name = "avatarUrl"},
     .order = kIdLast,
     .metadata = Metadata::kInExternalId,
     .note = "object to open(info)"},

    // Other platforms with the same model.
    {.key = "livekit",
     .title = "LiveKit",
     .type = "access token",
     .id = {.name = "identity", .min = 1, .max = 256},
     .name = {.name = "name", .max = 256},
     .metadata = Metadata::kOwnField,
     .metadata_field = "metadata",
     .note = "limits are the server's defaults"},
    {.key = "twilio-video",
     .title = "Twilio Video",
     .type = "access token",
     .id = {.name = "identity", .min = 1, .max = 128, .unit = Unit::kCharacters},
     .note = "no name field"},
    {.key = "agora",
     .title = "Agora",
     .type = "user account",
     .id = {.name = "userAccount", .min = 1, .max = 255, .allowed = kAgora},
     .note = "no name field"},
    {.key = "daily",
     .title = "Daily",
     .type = "meeting token",
     .id_rendering = IdRendering::kUuid,
     .id = {.name = "user_id", .min = 36, .max = 36},
     .name = {.name = "user_name"},
     .note = "HIPAA domains return anything but a UUID as \"hipaa\""},
    {.key = "zoom-video",
     .title = "Zoom Video SDK",
     .type = "session token and join",
     .id = {.name = "user_key", .max = 35, .unit = Unit::kCharacters},
     .name = {.name = "userName", .max = 200, .unit = Unit::kCharacters}},
    {.key = "vonage",
     .title = "Vonage Video (OpenTok)",
     .type = "connection data",
     .id = {.name = "data", .max = 1000, .unit = Unit::kCharacters},
     .metadata = Metadata::kInExternalId,
     .note = "connection data is one string; no name field"},
    {.key = "chime",
     .title = "Amazon Chime SDK",
     .type = "CreateAttendee",
     .id = {.name = "ExternalUserId",
            .min = 2,
            .max = 64,
            .unit = Unit::kCharacters,
            .allowed = kChime,
            .forbidden_prefix = "aws:"},
     .note = "no aws: prefix; no name field"},
    {.key = "ivs",
     .title = "Amazon IVS Real-Time",
     .type = "CreateParticipantToken",
     .id = {.name = "userId", .max = 128, .unit = Unit::kCharacters},
     .note = "attributes hold at most 1 KB in all; no name field"},
    {.key = "azure-communication",
     .title = "Azure Communication Services",
     .type = "call agent",
     .id_rendering = IdRendering::kNone,
     .name = {.name = "displayName", .max = 256, .unit = Unit::kCharacters},
     .note = "the service makes the ID: bind it as participant ID"},
    {.key = "jitsi",
     .title = "Jitsi Meet",
     .type = "JWT, context.user",
     .id = {.name = "id"},
     .name = {.name = "name"},
     .avatar_url = {.name = "avatar"},
     .note = "leave email out"},
    {.key = "matrix",
     .title = "Matrix",
     .type = "user",
     // The limit of 255 bytes is for @localpart:server as a whole; what is left is for the server.
     .id = {.name = "localpart", .min = 1, .max = 255, .allowed = kMatrixLocalPart},
     .name = {.name = "displayname"},
     .note = "255 bytes for the whole of @localpart:server"},
    {.key = "stream",
     .title = "Stream",
     .type = "user",
     .id = {.name = "id", .min = 1, .max = 255, .allowed = kStream},
     .name = {.name = "name"},
     .avatar_url = {.name = "image"}},
    {.key = "sendbird",
     .title = "Sendbird",
     .type = "user",
     .id = {.name = "user_id", .min = 1, .max = 80, .unit = Unit::kCharacters},
     .name = {.name = "nickname", .max = 80, .unit = Unit::kCharacters},
     .avatar_url = {.name = "profile_url", .max = 2048, .unit = Unit::kCharacters}},
    {.key = "cometchat",
     .title = "CometChat",
     .type = "user",
     .id = {.name = "uid",
            .min = 1,
            .max = 100,
            .unit = Unit::kCharacters,
            .allowed = kLowerAndDigits},
     .name = {.name = "name", .max = 100, .unit = Unit::kCharacters},
     .avatar_url = {.name = "avatar", .max = 3000, .unit = Unit::kCharacters},
     .note = "the server lower-cases the uid"},
    {.key = "zego-zim",
     .title = "ZEGO ZIM",
     .type = "user",
     .id = {.name = "userID", .min = 1, .max = 32, .allowed = kLowerAndDigits},
     .name = {.name = "userName", .max = 256}},
};

// One message for each part, in the order of Platform::Part.
using Messages = std::array<Status, 3>;
constexpr Messages kTooLong = {
    Status(StatusCode::kInvalidArgument, "external ID: longer than the platform takes"),
    Status(StatusCode::kInvalidArgument, "display name: longer than the platform takes"),
    Status(StatusCode::kInvalidArgument, "avatar URL: longer than the platform takes")};
constexpr Messages kTooShort = {
    Status(StatusCode::kInvalidArgument, "external ID: shorter than the platform takes"),
    Status(StatusCode::kInvalidArgument, "display name: shorter than the platform takes"),
    Status(StatusCode::kInvalidArgument, "avatar URL: shorter than the platform takes")};
constexpr Messages kNotAllowed = {
    Status(StatusCode::kInvalidArgument, "external ID: a character the platform refuses"),
    Status(StatusCode::kInvalidArgument, "display name: a character the platform refuses"),
    Status(StatusCode::kInvalidArgument, "avatar URL: a character the platform refuses")};

}  // namespace

std::span<const Platform> Platforms() { return kPlatforms; }

const Platform* FindPlatform(std::string_view key) {
  for (const Platform& platform : kPlatforms) {
    if (platform.key == key) return &platform;
  }
  return nullptr;
}

Status CheckField(const Platform& platform, Part part, std::string_view text) {
  const Field& field = platform.FieldOf(part);
  if (field.name.empty()) return Status::Ok();
  const std::size_t size =
      field.unit == Unit::kBytes ? text.size() : internal::CountCodePoints(text);
  const auto index = static_cast<std::size_t>(part);
  if (size < field.min) return kTooShort[index];
  if (field.max != 0 && size > field.max) return kTooLong[index];
  if (!field.allowed.empty() && text.find_first_not_of(field.allowed) != std::string_view::npos) {
    return kNotAllowed[index];
  }
  if (!field.forbidden_prefix.empty() && text.starts_with(field.forbidden_prefix)) {
    return kNotAllowed[index];
  }
  return Status::Ok();
}

Status CheckMetadataFits(const Platform& platform, std::string_view external_id_text) {
  switch (platform.metadata) {
    case Metadata::kInExternalId: return CheckField(platform, Part::kExternalId, external_id_text);
    case Metadata::kOwnField: return Status::Ok();
    case Metadata::kNone: break;
  }
  return Status(StatusCode::kInvalidArgument, "metadata: the platform has no place for it");
}

}  // namespace moniker
