#include "keyring/keyring_file.h"

#include <algorithm>
#include <array>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "crypto/sodium.h"

namespace moniker::internal {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic = {'m', 'n', 'k', 'k', 'e', 'y', 's', '\n'};
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kFixedHeaderSize = 54;
constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kCommitmentSize = 32;
constexpr std::size_t kMaxPathSize = 4096;
constexpr std::string_view kSealLabel = "keyring-seal";
constexpr std::string_view kCommitLabel = "keyring-commit";

constexpr Status Damaged() {
  return Status(StatusCode::kAltered, "the keyring file is damaged or was altered");
}

bool IsAbsolutePath(std::string_view path) {
  return !path.empty() && path.size() <= kMaxPathSize && path.front() == '/' &&
         FindTextFault(path) == TextFault::kNone;
}

}  // namespace

// A parsed file; the views point into it.
struct KeyringFile::Header {
  Suite suite;
  Protector::Kind protector;
  ByteView salt;
  Protector::PassphraseCost cost;
  std::string_view path;
  ByteView commitment;
  ByteView associated_data;  // everything before the nonce
  ByteView nonce;
  ByteView sealed_body;
};

Result<KeyringFile::Header> KeyringFile::ParseHeader(ByteView file) {
  ByteReader reader(file);
  const ByteView magic = reader.Bytes(kMagic.size());
  if (!std::equal(magic.begin(), magic.end(), kMagic.begin(), kMagic.end())) {
    return Status(StatusCode::kAltered, "the file is not a keyring");
  }
  const std::uint16_t version = reader.U16();
  if (version > kVersion) {
    return Status(StatusCode::kNewerFormat, "the keyring was written by a newer version");
  }
  const std::uint8_t suite = reader.U8();
  const std::uint8_t protector = reader.U8();
  Header header;
  header.salt = reader.Bytes(kSaltSize);
  header.cost.passes = reader.U32();
  header.cost.memory_kib = reader.U32();
  header.path = AsText(reader.Bytes(reader.U16()));
  header.commitment = reader.Bytes(kCommitmentSize);
  header.associated_data = file.first(file.size() - reader.remaining());
  header.nonce = reader.Bytes(kNonceSize);
  header.sealed_body = reader.Prefixed();
  if (!reader.AtEnd() || version != kVersion || header.sealed_body.size() < kTagSize ||
      (suite != 1 && suite != 2)) {
    return Damaged();
  }
  header.suite = static_cast<Suite>(suite);
  if (protector == 1) {
    header.protector = Protector::Kind::kKeyFile;
    if (header.cost.passes != 0 || header.cost.memory_kib != 0 || !IsAbsolutePath(header.path)) {
      return Damaged();
    }
  } else if (protector == 2) {
    header.protector = Protector::Kind::kPassphrase;
    if (!header.cost.valid() || !header.path.empty()) return Damaged();
  } else {
    return Damaged();
  }
  return header;
}

Result<SecretBytes> KeyringFile::ProtectorKey(const Protector& protector, const Header& header) {
  if (protector.kind() == Protector::Kind::kRemembered &&
      header.protector == Protector::Kind::kKeyFile) {
    MONIKER_ASSIGN_OR_RETURN(Protector remembered, Protector::KeyFile(std::string(header.path)));
    return std::move(remembered.key_);
  }
  if (protector.kind() != header.protector) {
    return header.protector == Protector::Kind::kKeyFile
               ? Status(StatusCode::kInvalidArgument, "the keyring is protected by a key file")
               : Status(StatusCode::kInvalidArgument, "the keyring is protected by a passphrase");
  }
  if (protector.key_.empty() && protector.passphrase_.empty()) {
    return Status(StatusCode::kClosed, "the protector was moved from");
  }
  if (protector.kind() == Protector::Kind::kKeyFile) {
    MONIKER_RETURN_IF_ERROR(RequireIntact(protector.key_));
    return SecretBytes::CopyOf(protector.key_.Expose());
  }
  return DeriveFromPassphrase(protector.passphrase_, header.salt.first(kArgon2SaltSize),
                              {header.cost.passes, header.cost.memory_kib});
}

Result<std::string> KeyringFile::RememberedKeyFile(ByteView file) {
  MONIKER_ASSIGN_OR_RETURN(const Header header, ParseHeader(file));
  return std::string(header.path);
}

Result<Protector> KeyringFile::ProtectorOf(ByteView file, const Protector& given) {
  MONIKER_ASSIGN_OR_RETURN(const Header header, ParseHeader(file));
  if (given.kind() == Protector::Kind::kRemembered) {
    return Protector::KeyFile(std::string(header.path));
  }
  MONIKER_ASSIGN_OR_RETURN(Protector protector, given.Copy());
  protector.path_ = header.path;
  if (header.protector == Protector::Kind::kPassphrase) protector.cost_ = header.cost;
  return protector;
}

Result<KeyringFile::Opened> KeyringFile::Open(ByteView file, const Protector& protector) {
  MONIKER_ASSIGN_OR_RETURN(const Header header, ParseHeader(file));
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes key, ProtectorKey(protector, header));
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes commitment,
                           DeriveSubkey(header.suite, key, kCommitLabel, header.salt));
  if (!ConstantTimeEqual(commitment.Expose(), header.commitment)) {
    return protector.kind() == Protector::Kind::kPassphrase
               ? Status(StatusCode::kWrongKey, "the passphrase is not that of the keyring")
               : Status(StatusCode::kWrongKey, "the key file is not that of the keyring");
  }
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes seal_key,
                           DeriveSubkey(header.suite, key, kSealLabel, header.salt));
  Opened opened{header.suite, {}};
  MONIKER_ASSIGN_OR_RETURN(opened.body,
                           SecretBytes::Allocate(header.sealed_body.size() - kTagSize));
  if (!AeadOpen(seal_key, header.nonce, header.associated_data, header.sealed_body,
                opened.body.Expose())
           .ok()) {
    return Damaged();
  }
  return opened;
}

Result<std::vector<std::uint8_t>> KeyringFile::Seal(Suite suite, const SecretBytes& body,
                                                    const Protector& protector) {
  MONIKER_RETURN_IF_ERROR(EnsureSodium());
  if (protector.kind() == Protector::Kind::kRemembered) {
    return Status(StatusCode::kInvalidArgument, "a keyring is written with a key or passphrase");
  }
  std::array<std::uint8_t, kSaltSize> salt;
  FillRandom(salt);
  std::array<std::uint8_t, kNonceSize> nonce;
  FillRandom(nonce);

  Header header;
  header.protector = protector.kind();
  header.salt = salt;
  const bool with_passphrase = protector.kind() == Protector::Kind::kPassphrase;
  header.cost = with_passphrase ? protector.cost_ : Protector::PassphraseCost{0, 0};
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes key, ProtectorKey(protector, header));
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes commitment,
                           DeriveSubkey(suite, key, kCommitLabel, salt));
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes seal_key, DeriveSubkey(suite, key, kSealLabel, salt));

  const std::size_t head_size = kFixedHeaderSize + protector.path_.size() + kCommitmentSize;
  const std::size_t sealed_size = body.size() + kTagSize;
  std::vector<std::uint8_t> file(head_size + kNonceSize + 4 + sealed_size);
  ByteWriter writer(file);
  writer.Bytes(kMagic)
      .U16(kVersion)
      .U8(static_cast<std::uint8_t>(suite))
      .U8(with_passphrase ? 2 : 1)
      .Bytes(salt)
      .U32(header.cost.passes)
      .U32(header.cost.memory_kib)
      .U16(static_cast<std::uint16_t>(protector.path_.size()))
      .Bytes(protector.path_)
      .Bytes(commitment.Expose());
  const ByteView associated_data = writer.written();
  writer.Bytes(nonce).U32(static_cast<std::uint32_t>(sealed_size));
  MONIKER_RETURN_IF_ERROR(AeadSeal(seal_key, nonce, associated_data, body.Expose(),
                                   ByteSpan(file).subspan(writer.size())));
  return file;
}

}  // namespace moniker::internal
