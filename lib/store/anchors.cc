#include "store/anchors.h"

#include <algorithm>
#include <string_view>

#include "base/status_macros.h"
#include "crypto/sodium.h"

namespace moniker {

const char* AnchorStateName(AnchorState state) {
  switch (state) {
    case AnchorState::kCurrent: return "current";
    case AnchorState::kBehind: return "behind";
    case AnchorState::kAhead: return "ahead";
    case AnchorState::kOtherHistory: return "other_history";
    case AnchorState::kAltered: return "altered";
    case AnchorState::kMissing: return "missing";
  }
  return "";
}

namespace internal {
namespace {

constexpr std::string_view kMagic = "mnka";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kSize = 4 + 1 + sizeof(VaultId) + 8 + 2 * sizeof(Digest) + 8;

constexpr Status AlteredHead() {
  return Status(StatusCode::kAltered, "the anchor of the store was altered");
}

Result<AnchorReport> CompareOne(std::span<const Anchor::Head> heads, const Manifest& manifest,
                                const VaultId& vault, const IntegrityKeys& keys) {
  // Nothing was left yet of a store whose only change so far is its making or upgrade.
  if (heads.empty()) {
    return AnchorReport{manifest.counter == 1 ? AnchorState::kBehind : AnchorState::kMissing, 0, 0};
  }
  MONIKER_ASSIGN_OR_RETURN(const std::optional<AnchorHead> head, NewestHead(heads, vault, keys));
  if (!head) return AnchorReport{AnchorState::kAltered, 0, 0};
  AnchorReport report{AnchorState::kCurrent, head->counter, head->audit_entries};
  if (head->counter > manifest.counter) {
    report.state = AnchorState::kAhead;
  } else if (head->counter < manifest.counter) {
    report.state = AnchorState::kBehind;
  } else {
    MONIKER_ASSIGN_OR_RETURN(const Digest digest, keys.OfManifest(manifest));
    if (!ConstantTimeEqual(digest, head->manifest)) report.state = AnchorState::kOtherHistory;
  }
  return report;
}

}  // namespace

Result<Anchor::Head> EncodeAnchorHead(const AnchorHead& head, const VaultId& vault,
                                      const IntegrityKeys& keys) {
  Anchor::Head bytes(kSize + sizeof(Digest));
  ByteWriter writer(bytes);
  writer.Bytes(kMagic)
      .U8(kFormat)
      .Bytes(vault)
      .U64(head.counter)
      .Bytes(head.manifest)
      .U64(head.audit_entries)
      .Bytes(head.audit_head);
  MONIKER_ASSIGN_OR_RETURN(const Digest authenticator, keys.OfAnchorHead(writer.written()));
  writer.Bytes(authenticator);
  return bytes;
}

Result<AnchorHead> DecodeAnchorHead(ByteView bytes, const VaultId& vault,
                                    const IntegrityKeys& keys) {
  ByteReader reader(bytes);
  const std::string_view magic = AsText(reader.Bytes(kMagic.size()));
  const std::uint8_t format = reader.U8();
  const ByteView vault_id = reader.Bytes(vault.size());
  AnchorHead head;
  head.counter = reader.U64();
  head.manifest = ReadDigest(&reader);
  head.audit_entries = reader.U64();
  head.audit_head = ReadDigest(&reader);
  const Digest authenticator = ReadDigest(&reader);
  if (!reader.AtEnd() || magic != kMagic || format != kFormat ||
      !std::ranges::equal(vault_id, vault)) {
    return AlteredHead();
  }
  MONIKER_ASSIGN_OR_RETURN(const Digest expected, keys.OfAnchorHead(bytes.first(kSize)));
  if (!ConstantTimeEqual(expected, authenticator)) return AlteredHead();
  return head;
}

Result<std::optional<AnchorHead>> NewestHead(std::span<const Anchor::Head> heads,
                                             const VaultId& vault, const IntegrityKeys& keys) {
  std::optional<AnchorHead> newest;
  for (const Anchor::Head& bytes : heads) {
    const Result<AnchorHead> head = DecodeAnchorHead(bytes, vault, keys);
    if (!head.ok() && head.status().code() != StatusCode::kAltered) return head.status();
    if (head.ok() && (!newest || head->counter > newest->counter)) newest = *head;
  }
  return newest;
}

Anchors::Readings Anchors::Read() const {
  Readings readings;
  for (const std::shared_ptr<Anchor>& anchor : anchors_) readings.push_back(anchor->ReadHeads());
  return readings;
}

Result<std::vector<AnchorReport>> Anchors::Compare(const Readings& readings,
                                                   const Manifest& manifest, const VaultId& vault,
                                                   const IntegrityKeys& keys) {
  std::vector<AnchorReport> reports;
  for (const auto& reading : readings) {
    if (!reading.ok()) {
      reports.push_back({AnchorState::kMissing, 0, 0});
      continue;
    }
    MONIKER_ASSIGN_OR_RETURN(const AnchorReport report,
                             CompareOne(*reading, manifest, vault, keys));
    reports.push_back(report);
  }
  return reports;
}

Status Anchors::Judge(const Readings& readings, const Manifest& manifest,
                      std::span<const AnchorReport> reports) {
  for (std::size_t i = 0; i < reports.size(); ++i) {
    switch (reports[i].state) {
      case AnchorState::kCurrent:
      case AnchorState::kBehind: break;
      case AnchorState::kAhead:
        return Status(StatusCode::kRolledBack, "the store is older than its anchor says",
                      static_cast<std::int64_t>(reports[i].counter - manifest.counter));
      case AnchorState::kOtherHistory:
        return Status(StatusCode::kAltered, "the store is not the one that was anchored");
      case AnchorState::kAltered: return AlteredHead();
      case AnchorState::kMissing:
        if (!readings[i].ok()) return readings[i].status();
        return Status(StatusCode::kAltered, "the anchor of the store is empty");
    }
  }
  return Status::Ok();
}

Status Anchors::KeepTombstones(std::span<const Tombstone> tombstones, const VaultId& vault,
                               const IntegrityKeys& keys) const {
  if (tombstones.empty()) return Status::Ok();
  MONIKER_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> log,
                           EncodeTombstoneLog(tombstones, vault, keys));
  for (const std::shared_ptr<Anchor>& anchor : anchors_) {
    MONIKER_RETURN_IF_ERROR(anchor->AppendToLog(log));
  }
  return Status::Ok();
}

Result<std::vector<Tombstone>> Anchors::ReadTombstones(const VaultId& vault,
                                                       const IntegrityKeys& keys) const {
  std::vector<Tombstone> all;
  for (const std::shared_ptr<Anchor>& anchor : anchors_) {
    MONIKER_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> log, anchor->ReadLog());
    MONIKER_ASSIGN_OR_RETURN(const std::vector<Tombstone> tombstones,
                             DecodeTombstoneLog(log, vault, keys));
    all.insert(all.end(), tombstones.begin(), tombstones.end());
  }
  return all;
}

void Anchors::Keep(const Manifest& manifest, const VaultId& vault,
                   const IntegrityKeys& keys) const {
  if (anchors_.empty()) return;
  const Result<Digest> digest = keys.OfManifest(manifest);
  if (!digest.ok()) return;
  const Result<Anchor::Head> head =
      EncodeAnchorHead({.counter = manifest.counter,
                        .manifest = *digest,
                        .audit_entries = manifest.audit.entries,
                        .audit_head = manifest.audit.head},
                       vault, keys);
  if (!head.ok()) return;
  for (const std::shared_ptr<Anchor>& anchor : anchors_) {
    static_cast<void>(anchor->KeepHead(manifest.counter, *head));
  }
}

}  // namespace internal
}  // namespace moniker
