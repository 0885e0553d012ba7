#include "store/manifest.h"

#include <algorithm>

#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "store/audit_chain.h"

namespace moniker::internal {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kSize =
    1 + 8 + kKeySize + 1 + kTableCount * (8 + sizeof(Digest)) + 8 + sizeof(Digest) + kKeySize;

}  // namespace

Result<Manifest> NewManifest() {
  Manifest manifest;
  MONIKER_ASSIGN_OR_RETURN(manifest.integrity_key, RandomSecret(kKeySize));
  MONIKER_ASSIGN_OR_RETURN(manifest.audit.next_key, RandomSecret(kKeySize));
  return manifest;
}

Result<SecretBytes> EncodeManifest(const Manifest& manifest) {
  if (manifest.integrity_key.size() != kKeySize || manifest.audit.next_key.size() != kKeySize ||
      manifest.counter == 0) {
    return Status(StatusCode::kInvalidArgument, "a manifest that could not be read back");
  }
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, SecretBytes::Allocate(kSize));
  ByteWriter writer(payload.Expose());
  writer.U8(kFormat)
      .U64(manifest.counter)
      .Bytes(manifest.integrity_key.Expose())
      .U8(static_cast<std::uint8_t>(kTableCount));
  for (const Manifest::Rows& rows : manifest.tables) writer.U64(rows.count).Bytes(rows.digest);
  writer.U64(manifest.audit.entries)
      .Bytes(manifest.audit.head)
      .Bytes(manifest.audit.next_key.Expose());
  return payload;
}

Result<Manifest> DecodeManifest(ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  Manifest manifest;
  manifest.counter = reader.U64();
  MONIKER_ASSIGN_OR_RETURN(manifest.integrity_key, SecretBytes::CopyOf(reader.Bytes(kKeySize)));
  const std::size_t tables = reader.U8();
  for (Manifest::Rows& rows : manifest.tables) {
    rows.count = reader.U64();
    rows.digest = ReadDigest(&reader);
  }
  manifest.audit.entries = reader.U64();
  manifest.audit.head = ReadDigest(&reader);
  MONIKER_ASSIGN_OR_RETURN(manifest.audit.next_key, SecretBytes::CopyOf(reader.Bytes(kKeySize)));
  if (!reader.AtEnd() || format != kFormat || tables != kTableCount || manifest.counter == 0) {
    return Status(StatusCode::kAltered, "the manifest of the store is not of its format");
  }
  return manifest;
}

Result<Manifest> ReadManifest(const RecordSealer& sealer, StorageReader* reader) {
  const RecordTag tag = ManifestTag();
  std::vector<std::optional<SealedBytes>> found;
  MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kMeta, {&tag, 1}, &found));
  if (!found[0]) return Status(StatusCode::kAltered, "the manifest of the store is missing");
  MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                           sealer.Open(Table::kMeta, tag, *found[0]));
  return DecodeManifest(opened.payload.Expose());
}

Result<IntegrityKeys> IntegrityKeys::Create(const Keyring& keyring, const Manifest& manifest) {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes key, SecretBytes::CopyOf(manifest.integrity_key.Expose()));
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<Prf> prf,
                           MakePrf(keyring.suite(), std::move(key)));
  IntegrityKeys keys;
  MONIKER_ASSIGN_OR_RETURN(keys.key_, SecretBytes::CopyOf(manifest.integrity_key.Expose()));
  MONIKER_ASSIGN_OR_RETURN(keys.row_, prf->Subkey("manifest-row", keyring.vault_id()));
  MONIKER_ASSIGN_OR_RETURN(keys.manifest_, prf->Subkey("manifest", keyring.vault_id()));
  MONIKER_ASSIGN_OR_RETURN(keys.anchor_, prf->Subkey("anchor-head", keyring.vault_id()));
  MONIKER_ASSIGN_OR_RETURN(keys.audit_, prf->Subkey("audit-chain", keyring.vault_id()));
  MONIKER_ASSIGN_OR_RETURN(keys.tombstone_, prf->Subkey("anchor-tombstone", keyring.vault_id()));
  return keys;
}

bool IntegrityKeys::AreOf(const Manifest& manifest) const {
  return ConstantTimeEqual(key_.Expose(), manifest.integrity_key.Expose());
}

// u8(table) || lp(tag) || lp(sealed record)
Result<std::vector<Digest>> IntegrityKeys::OfRows(Table table,
                                                  std::span<const SealedRecord> records) const {
  std::size_t size = 0;
  for (const SealedRecord& record : records) {
    size += 1 + 4 + record.tag.bytes().size() + 4 + record.sealed.size();
  }
  std::vector<std::uint8_t> memory(size);
  ByteWriter writer(memory);
  std::vector<ByteView> messages;
  messages.reserve(records.size());
  for (const SealedRecord& record : records) {
    const std::size_t begin = writer.size();
    writer.U8(static_cast<std::uint8_t>(table)).Prefixed(record.tag.bytes()).Prefixed(record.sealed);
    messages.push_back(writer.written().subspan(begin));
  }
  std::vector<Digest> digests(records.size());
  MONIKER_RETURN_IF_ERROR(row_->ComputeMany(messages, digests));
  return digests;
}

Result<Digest> IntegrityKeys::OfManifest(const Manifest& manifest) const {
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes payload, EncodeManifest(manifest));
  return manifest_->Compute(payload.Expose());
}

Result<Digest> IntegrityKeys::OfAuditEntry(std::uint64_t number, const Digest& before,
                                           ByteView payload) const {
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes message, AuditMessage(number, before, payload));
  return audit_->Compute(message.Expose());
}

}  // namespace moniker::internal
