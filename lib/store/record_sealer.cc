#include "store/record_sealer.h"

#include <algorithm>
#include <array>

#include "base/ranges.h"
#include "base/status_macros.h"
#include "crypto/sodium.h"

namespace moniker::internal {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kSymmetric = 1;
constexpr std::size_t kHeaderSize = 10;
constexpr std::size_t kPaddingStep = 64;
constexpr std::uint8_t kPaddingMark = 0x80;
constexpr std::size_t kMaxRecordSize = std::size_t{1} << 20;
constexpr std::size_t kMaxAuditSize = std::size_t{64} << 20;
constexpr std::size_t kOverhead = kHeaderSize + kNonceSize + kTagSize;

constexpr Status Altered() {
  return Status(StatusCode::kAltered, "a record of the store was altered");
}

// Less is done sooner than a thread begins.
constexpr std::size_t kFewestForThread = 256;

std::size_t PaddedSize(std::size_t size) { return (size / kPaddingStep + 1) * kPaddingStep; }

std::size_t MaxSize(Table table) { return table == Table::kAudit ? kMaxAuditSize : kMaxRecordSize; }

// "moniker/v1/record" || 0x00 || vault ID || u8(table) || lp(tag) || bytes 0..9 of the record
class AssociatedData {
 public:
  AssociatedData(const VaultId& vault_id, Table table, const RecordTag& tag, ByteView header)
      : writer_(buffer_) {
    writer_.Bytes("moniker/v1/record")
        .U8(0)
        .Bytes(vault_id)
        .U8(static_cast<std::uint8_t>(table))
        .Prefixed(tag.bytes())
        .Bytes(header);
  }

  ByteView view() const { return writer_.written(); }

 private:
  std::array<std::uint8_t, 17 + 1 + 16 + 1 + 4 + RecordTag::kMaxSize + kHeaderSize> buffer_{};
  ByteWriter writer_;
};

}  // namespace

Result<RecordSealer> RecordSealer::Create(const Keyring& keyring) {
  RecordSealer sealer;
  sealer.vault_id_ = keyring.vault_id();
  sealer.newest_epoch_ = keyring.NewestEpoch(KeyKind::kStorage);
  for (const std::uint32_t epoch : keyring.Epochs(KeyKind::kStorage)) {
    MONIKER_ASSIGN_OR_RETURN(SecretBytes key, keyring.Subkey(KeyKind::kStorage, epoch,
                                                             "record-seal", keyring.vault_id()));
    sealer.keys_.emplace(epoch, std::move(key));
  }
  return sealer;
}

Result<SealedBytes> RecordSealer::Seal(Table table, const RecordTag& tag, std::uint32_t version,
                                       ByteView payload) const {
  const Plain record{table, tag, version, payload};
  SealedBytes sealed;
  MONIKER_RETURN_IF_ERROR(SealRange({&record, 1}, {&sealed, 1}));
  return sealed;
}

Result<std::vector<SealedBytes>> RecordSealer::SealMany(std::span<const Plain> records) const {
  std::vector<SealedBytes> sealed(records.size());
  if (records.empty()) return sealed;
  MONIKER_RETURN_IF_ERROR(
      InRanges(records.size(), kFewestForThread, [&](std::size_t begin, std::size_t size) {
        return SealRange(records.subspan(begin, size), std::span(sealed).subspan(begin, size));
      }));
  return sealed;
}

// One place for the padded payloads of all of them, and one drawing of their nonces.
Status RecordSealer::SealRange(std::span<const Plain> records,
                               std::span<SealedBytes> sealed) const {
  std::size_t largest = 0;
  for (const Plain& record : records) {
    if (record.version == 0) {
      return Status(StatusCode::kInvalidArgument, "versions of a record begin at 1");
    }
    const std::size_t padded = PaddedSize(record.payload.size());
    if (kOverhead + padded > MaxSize(record.table)) {
      return Status(StatusCode::kInvalidArgument, "too much for one record");
    }
    largest = std::max(largest, padded);
  }
  MONIKER_ASSIGN_OR_RETURN(SecretBytes place, SecretBytes::Allocate(largest));
  std::vector<std::uint8_t> nonces(records.size() * kNonceSize);
  FillRandom(nonces);
  const SecretBytes& key = keys_.at(newest_epoch_);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Plain& record = records[i];
    const ByteSpan plaintext = place.Expose().first(PaddedSize(record.payload.size()));
    const ByteView padding = ByteWriter(plaintext).Bytes(record.payload).U8(kPaddingMark).written();
    std::ranges::fill(plaintext.subspan(padding.size()), std::uint8_t{0});

    sealed[i].resize(kOverhead + plaintext.size());
    ByteWriter writer(sealed[i]);
    writer.U8(kFormat).U8(kSymmetric).U32(newest_epoch_).U32(record.version);
    const AssociatedData associated_data(vault_id_, record.table, record.tag, writer.written());
    const ByteView nonce = ByteView(nonces).subspan(i * kNonceSize, kNonceSize);
    writer.Bytes(nonce);
    MONIKER_RETURN_IF_ERROR(AeadSeal(key, nonce, associated_data.view(), plaintext,
                                     ByteSpan(sealed[i]).subspan(kHeaderSize + kNonceSize)));
  }
  return Status::Ok();
}

std::uint32_t RecordSealer::EpochOf(ByteView sealed) {
  ByteReader reader(sealed);
  reader.Bytes(2);
  return reader.U32();
}

Result<RecordSealer::Opened> RecordSealer::Open(Table table, const RecordTag& tag,
                                                ByteView sealed) const {
  ByteReader reader(sealed);
  const std::uint8_t format = reader.U8();
  const std::uint8_t how = reader.U8();
  const auto key = keys_.find(reader.U32());
  const std::uint32_t version = reader.U32();
  const ByteView nonce = reader.Bytes(kNonceSize);
  const ByteView ciphertext = reader.Bytes(reader.remaining());
  if (!reader.ok() || format != kFormat || how != kSymmetric || key == keys_.end() ||
      version == 0 || sealed.size() > MaxSize(table) ||
      ciphertext.size() < kPaddingStep + kTagSize ||
      (ciphertext.size() - kTagSize) % kPaddingStep != 0) {
    return Altered();
  }
  Opened opened{version, {}};
  MONIKER_ASSIGN_OR_RETURN(opened.payload, SecretBytes::Allocate(ciphertext.size() - kTagSize));
  const AssociatedData associated_data(vault_id_, table, tag, sealed.first(kHeaderSize));
  const Status status =
      AeadOpen(key->second, nonce, associated_data.view(), ciphertext, opened.payload.Expose());
  if (!status.ok()) return status.code() == StatusCode::kAltered ? Altered() : status;

  // The padding is authenticated, so its end may be looked for without care for time.
  const ByteView plaintext = std::as_const(opened.payload).Expose();
  std::size_t size = plaintext.size();
  while (size > plaintext.size() - kPaddingStep && plaintext[size - 1] == 0) --size;
  if (size == plaintext.size() - kPaddingStep || plaintext[size - 1] != kPaddingMark) {
    return Altered();
  }
  opened.payload.Truncate(size - 1);
  return opened;
}

}  // namespace moniker::internal
