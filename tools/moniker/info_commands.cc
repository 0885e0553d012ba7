// The commands that need no vault: platforms and version.

#include <algorithm>

#include "commands.h"
#include "io.h"
#include "moniker/platform.h"
#include "moniker/version.h"
#include "records.h"

namespace moniker::tool {
namespace {

std::string LimitText(const Platform::Field& field) {
  if (field.name.empty()) return "-";
  if (field.max == 0) return "no documented limit";
  const char* unit = field.unit == Platform::Unit::kBytes ? " bytes" : " characters";
  return (field.min > 1 ? std::to_string(field.min) + ".." : "") + std::to_string(field.max) + unit;
}

std::string_view RenderingName(Platform::IdRendering rendering) {
  switch (rendering) {
    case Platform::IdRendering::kExternalId: return "external-id";
    case Platform::IdRendering::kUuid: return "uuid";
    case Platform::IdRendering::kNone: break;
  }
  return "none";
}

std::string_view MetadataName(Platform::Metadata metadata) {
  switch (metadata) {
    case Platform::Metadata::kInExternalId: return "in-external-id";
    case Platform::Metadata::kOwnField: return "own-field";
    case Platform::Metadata::kNone: break;
  }
  return "none";
}

// For people: the field that the metadata goes into.
std::string MetadataText(const Platform& platform) {
  if (platform.metadata == Platform::Metadata::kInExternalId) return "in the ID";
  return platform.metadata_field.empty() ? "-" : std::string(platform.metadata_field);
}

std::string Padded(std::string_view text, std::size_t width) {
  std::string padded(text);
  padded.resize(std::max(width, text.size()) + 2, ' ');
  return padded;
}

std::string OrDash(std::string_view text) { return text.empty() ? "-" : std::string(text); }

void AppendRow(std::string* out, std::string_view key, const std::string& id,
               const std::string& name, const std::string& avatar, const std::string& metadata,
               const std::string& limit) {
  *out += Padded(key, 20) + Padded(id, 14) + Padded(name, 11) + Padded(avatar, 11) +
          Padded(metadata, 9) + limit + "\n";
}

}  // namespace

ExitStatus ListPlatforms(bool json) {
  std::string out;
  if (!json) AppendRow(&out, "PLATFORM", "ID", "NAME", "AVATAR", "METADATA", "LIMIT OF THE ID");
  for (const Platform& platform : Platforms()) {
    if (json) {
      JsonLine()
          .Text("platform", platform.key)
          .Text("title", platform.title)
          .Text("type", platform.type)
          .Text("id_rendering", RenderingName(platform.id_rendering))
          .Text("id", platform.id.name)
          .Number("id_max", static_cast<std::int64_t>(platform.id.max))
          .Text("name", platform.name.name)
          .Number("name_max", static_cast<std::int64_t>(platform.name.max))
          .Text("avatar_url", platform.avatar_url.name)
          .Number("avatar_url_max", static_cast<std::int64_t>(platform.avatar_url.max))
          .Text("metadata", MetadataName(platform.metadata))
          .Text("metadata_field", platform.metadata_field)
          .Text("note", platform.note)
          .AppendTo(&out);
    } else {
      AppendRow(&out, platform.key, OrDash(platform.id.name), OrDash(platform.name.name),
                OrDash(platform.avatar_url.name), MetadataText(platform), LimitText(platform.id));
    }
  }
  Output("-").Write(out);
  return kDone;
}

ExitStatus PrintVersion(bool json) {
  std::string out;
  if (json) {
    JsonLine()
        .Text("version", MONIKER_VERSION)
        .Number("pseudonym_format", kPseudonymFormat)
        .Number("keyring_format", kKeyringFormat)
        .Number("mapping_store_format", kMappingStoreFormat)
        .Number("metadata_format", kMetadataFormat)
        .AppendTo(&out);
  } else {
    out = "moniker " MONIKER_VERSION "\n";
  }
  Output("-").Write(out);
  return kDone;
}

}  // namespace moniker::tool
