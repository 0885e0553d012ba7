#include "store/tombstone.h"

#include <algorithm>
#include <string_view>

#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "moniker/anchor.h"
#include "store/index_tags.h"
#include "store/scan.h"

namespace moniker::internal {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kPayloadSize = 1 + 8 + 8;

constexpr std::string_view kLogMagic = "mnkt";
constexpr std::size_t kLogTextSize = 4 + 1 + sizeof(VaultId) + IndexTags::kSize + 8 + 8;
constexpr std::size_t kLogUsedSize = kLogTextSize + sizeof(Digest);
static_assert(kLogUsedSize <= Anchor::kLogRecordSize);

constexpr Status AlteredLog() {
  return Status(StatusCode::kAltered, "the log of the anchor was altered");
}

bool IsValid(const Tombstone& tombstone) {
  return tombstone.person.bytes().size() == IndexTags::kSize && tombstone.counter != 0;
}

bool IsZero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

Result<Tombstone> DecodeLogRecord(ByteView record, const VaultId& vault,
                                  const IntegrityKeys& keys) {
  ByteReader reader(record);
  const std::string_view magic = AsText(reader.Bytes(kLogMagic.size()));
  const std::uint8_t format = reader.U8();
  const ByteView vault_id = reader.Bytes(vault.size());
  Tombstone tombstone;
  tombstone.person = RecordTag(reader.Bytes(IndexTags::kSize));
  tombstone.counter = reader.U64();
  tombstone.time_ms = reader.U64();
  const ByteView authenticator = reader.Bytes(sizeof(Digest));
  if (magic != kLogMagic || format != kFormat || !std::ranges::equal(vault_id, vault) ||
      !IsValid(tombstone) || !IsZero(reader.Bytes(reader.remaining()))) {
    return AlteredLog();
  }
  MONIKER_ASSIGN_OR_RETURN(const Digest expected, keys.OfTombstone(record.first(kLogTextSize)));
  if (!ConstantTimeEqual(expected, authenticator)) return AlteredLog();
  return tombstone;
}

}  // namespace

Result<SecretBytes> EncodeTombstone(const Tombstone& tombstone) {
  if (!IsValid(tombstone)) {
    return Status(StatusCode::kInvalidArgument, "a tombstone that could not be read back");
  }
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, SecretBytes::Allocate(kPayloadSize));
  ByteWriter(payload.Expose()).U8(kFormat).U64(tombstone.time_ms).U64(tombstone.counter);
  return payload;
}

Result<Tombstone> DecodeTombstone(const RecordTag& tag, ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  Tombstone tombstone;
  tombstone.person = tag;
  tombstone.time_ms = reader.U64();
  tombstone.counter = reader.U64();
  if (!reader.AtEnd() || format != kFormat || !IsValid(tombstone)) {
    return Status(StatusCode::kAltered, "a record of the store is not of its format");
  }
  return tombstone;
}

Result<std::vector<Tombstone>> ReadTombstones(const RecordSealer& sealer, StorageReader* reader) {
  std::vector<Tombstone> tombstones;
  MONIKER_RETURN_IF_ERROR(
      ForEach(Table::kTombstone, reader, [&](const SealedRecord& record) -> Status {
        MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                                 sealer.Open(Table::kTombstone, record.tag, record.sealed));
        MONIKER_ASSIGN_OR_RETURN(tombstones.emplace_back(),
                                 DecodeTombstone(record.tag, opened.payload.Expose()));
        return Status::Ok();
      }));
  return tombstones;
}

Result<std::vector<std::uint8_t>> EncodeTombstoneLog(std::span<const Tombstone> tombstones,
                                                     const VaultId& vault,
                                                     const IntegrityKeys& keys) {
  std::vector<std::uint8_t> log(tombstones.size() * Anchor::kLogRecordSize);
  for (std::size_t i = 0; i < tombstones.size(); ++i) {
    if (!IsValid(tombstones[i])) {
      return Status(StatusCode::kInvalidArgument, "a tombstone that could not be read back");
    }
    ByteWriter writer(ByteSpan(log).subspan(i * Anchor::kLogRecordSize, Anchor::kLogRecordSize));
    writer.Bytes(kLogMagic)
        .U8(kFormat)
        .Bytes(vault)
        .Bytes(tombstones[i].person.bytes())
        .U64(tombstones[i].counter)
        .U64(tombstones[i].time_ms);
    MONIKER_ASSIGN_OR_RETURN(const Digest authenticator, keys.OfTombstone(writer.written()));
    writer.Bytes(authenticator);
  }
  return log;
}

Result<std::vector<Tombstone>> DecodeTombstoneLog(ByteView log, const VaultId& vault,
                                                  const IntegrityKeys& keys) {
  std::vector<Tombstone> tombstones;
  if (log.size() % Anchor::kLogRecordSize != 0) return AlteredLog();
  for (; !log.empty(); log = log.subspan(Anchor::kLogRecordSize)) {
    const ByteView record = log.first(Anchor::kLogRecordSize);
    if (IsZero(record)) continue;
    MONIKER_ASSIGN_OR_RETURN(tombstones.emplace_back(), DecodeLogRecord(record, vault, keys));
  }
  return tombstones;
}

}  // namespace moniker::internal
