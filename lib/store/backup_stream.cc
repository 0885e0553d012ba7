#include "store/backup_stream.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/status_macros.h"
#include "crypto/sodium.h"

namespace moniker::internal {
namespace {

constexpr std::string_view kMagic = "mnkb";
constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kSymmetric = 1;
constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kSaltOffset = std::tuple_size_v<BackupHeader> - kSaltSize;

constexpr Status AlteredBackup() {
  return Status(StatusCode::kAltered, "the backup was altered or cut short");
}

Result<SecretBytes> KeyOf(const Keyring& keyring, std::uint32_t epoch, ByteView salt) {
  std::array<std::uint8_t, sizeof(VaultId) + kSaltSize> context;
  ByteWriter(context).Bytes(keyring.vault_id()).Bytes(salt);
  return keyring.Subkey(KeyKind::kStorage, epoch, "backup-seal", context);
}

// No two chunks of a backup have one nonce, and no two backups one key.
std::array<std::uint8_t, kNonceSize> NonceOf(std::uint64_t chunk, bool is_last) {
  std::array<std::uint8_t, kNonceSize> nonce{};
  ByteWriter(ByteSpan(nonce).subspan(kNonceSize - 9)).U64(chunk).U8(is_last ? 1 : 0);
  return nonce;
}

std::vector<std::uint8_t> AssociatedData(const BackupHeader& header) {
  constexpr std::string_view kLabel = "moniker/v1/backup";
  std::vector<std::uint8_t> bytes(kLabel.size() + 1 + header.size());
  ByteWriter(bytes).Bytes(kLabel).U8(0).Bytes(header);
  return bytes;
}

// As much as there is.
Result<std::size_t> Fill(const BackupReader::Source& source, ByteSpan bytes) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    MONIKER_ASSIGN_OR_RETURN(const std::size_t got, source(bytes.subspan(used)));
    if (got == 0) break;
    if (got > bytes.size() - used) return Status(StatusCode::kIo, "a source that reads too much");
    used += got;
  }
  return used;
}

}  // namespace

Result<BackupWriter> BackupWriter::Create(const Keyring& keyring, Sink sink) {
  const std::uint32_t epoch = keyring.NewestEpoch(KeyKind::kStorage);
  BackupHeader header;
  ByteWriter(header).Bytes(kMagic).U8(kFormat).U8(kSymmetric).U32(epoch).Bytes(keyring.vault_id());
  const ByteSpan salt = ByteSpan(header).subspan(kSaltOffset);
  FillRandom(salt);
  MONIKER_ASSIGN_OR_RETURN(SecretBytes key, KeyOf(keyring, epoch, salt));
  MONIKER_RETURN_IF_ERROR(sink(header));
  return BackupWriter(std::move(key), header, std::move(sink));
}

Status BackupWriter::Append(ByteView bytes) {
  while (!bytes.empty()) {
    // A full chunk waits for what follows it: it may be the last one.
    if (plaintext_.size() == kBackupChunkSize) MONIKER_RETURN_IF_ERROR(Seal(false));
    const std::size_t size = std::min(bytes.size(), kBackupChunkSize - plaintext_.size());
    plaintext_.insert(plaintext_.end(), bytes.begin(),
                      bytes.begin() + static_cast<std::ptrdiff_t>(size));
    bytes = bytes.subspan(size);
  }
  return Status::Ok();
}

Status BackupWriter::Finish() { return Seal(true); }

Status BackupWriter::Seal(bool is_last) {
  std::vector<std::uint8_t> sealed(plaintext_.size() + kTagSize);
  MONIKER_RETURN_IF_ERROR(AeadSeal(key_, NonceOf(chunk_, is_last), AssociatedData(header_),
                                   plaintext_, sealed));
  ++chunk_;
  plaintext_.clear();
  return sink_(sealed);
}

Result<BackupReader> BackupReader::Create(const Keyring& keyring, Source source) {
  BackupHeader header{};
  MONIKER_ASSIGN_OR_RETURN(const std::size_t size, Fill(source, header));
  ByteReader reader(ByteView(header).first(size));
  const std::string_view magic = AsText(reader.Bytes(kMagic.size()));
  const std::uint8_t format = reader.U8();
  const std::uint8_t how = reader.U8();
  const std::uint32_t epoch = reader.U32();
  const ByteView vault_id = reader.Bytes(sizeof(VaultId));
  const ByteView salt = reader.Bytes(kSaltSize);
  if (magic != kMagic) return Status(StatusCode::kAltered, "the file is not a backup");
  if (format > kFormat) {
    return Status(StatusCode::kNewerFormat, "the backup was written by a newer version");
  }
  if (!reader.AtEnd() || format != kFormat || how != kSymmetric) return AlteredBackup();
  if (!std::ranges::equal(vault_id, keyring.vault_id())) {
    return Status(StatusCode::kAltered, "the backup is that of another vault, or was altered");
  }
  Result<SecretBytes> key = KeyOf(keyring, epoch, salt);
  if (key.status().code() == StatusCode::kNotFound) {
    return Status(StatusCode::kNotFound,
                  "the keyring does not have the storage epoch of the backup");
  }
  if (!key.ok()) return key.status();
  return BackupReader(*std::move(key), header, std::move(source));
}

Status BackupReader::Open() {
  if (is_last_) return AlteredBackup();
  constexpr std::size_t kSealedSize = kBackupChunkSize + kTagSize;
  // One byte beyond the chunk tells whether it is the last one.
  std::vector<std::uint8_t> sealed(kSealedSize + 1);
  std::ranges::copy(ahead_, sealed.begin());
  MONIKER_ASSIGN_OR_RETURN(const std::size_t got,
                           Fill(source_, ByteSpan(sealed).subspan(ahead_.size())));
  const std::size_t size = ahead_.size() + got;
  is_last_ = size <= kSealedSize;
  ahead_.assign(sealed.begin() + kSealedSize, sealed.end());
  if (is_last_) ahead_.clear();
  sealed.resize(std::min(size, kSealedSize));
  if (sealed.size() <= kTagSize) return AlteredBackup();
  plaintext_.resize(sealed.size() - kTagSize);
  used_ = 0;
  const Status status = AeadOpen(key_, NonceOf(chunk_, is_last_), AssociatedData(header_), sealed,
                                 plaintext_);
  ++chunk_;
  return status.code() == StatusCode::kAltered ? AlteredBackup() : status;
}

Status BackupReader::Read(ByteSpan bytes) {
  while (!bytes.empty()) {
    if (used_ == plaintext_.size()) MONIKER_RETURN_IF_ERROR(Open());
    const std::size_t size = std::min(bytes.size(), plaintext_.size() - used_);
    std::copy_n(plaintext_.begin() + static_cast<std::ptrdiff_t>(used_), size, bytes.begin());
    used_ += size;
    bytes = bytes.subspan(size);
  }
  return Status::Ok();
}

Status BackupReader::RequireEnd() const {
  return is_last_ && used_ == plaintext_.size() ? Status::Ok() : AlteredBackup();
}

}  // namespace moniker::internal
