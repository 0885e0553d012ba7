#include "moniker/keyring.h"

#include <algorithm>
#include <ctime>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "keyring/keyring_file.h"

namespace moniker {
namespace {

using internal::ByteReader;
using internal::ByteView;
using internal::ByteWriter;

constexpr std::size_t kMaxFileSize = std::size_t{1} << 20;
constexpr std::size_t kMaxAppSize = 64;
constexpr std::size_t kMaxKeys = 4096;
constexpr std::size_t kEncodedKeySize = 46;
constexpr std::uint8_t kXChaCha20Poly1305 = 1;

constexpr Status Malformed() {
  return Status(StatusCode::kAltered, "the keyring is not of its format");
}

// Which algorithm a key is for is part of the key, never the caller's choice.
std::uint8_t AlgorithmOf(KeyKind kind, Suite suite) {
  return kind == KeyKind::kStorage ? kXChaCha20Poly1305 : static_cast<std::uint8_t>(suite);
}

Result<std::vector<std::uint8_t>> ReadKeyringFile(const std::string& path) {
  std::vector<std::uint8_t> file(kMaxFileSize);
  const Result<std::size_t> size = internal::ReadFile(path, file);
  if (!size.ok()) {
    return size.status().code() == StatusCode::kInvalidArgument ? Malformed() : size.status();
  }
  file.resize(*size);
  return file;
}

}  // namespace

std::string_view VaultModeName(VaultMode mode) {
  return mode == VaultMode::kEnrolled ? "enrolled" : "derived";
}

Status ValidateApp(std::string_view app) {
  if (app.empty()) return Status(StatusCode::kInvalidArgument, "app: empty");
  if (app.size() > kMaxAppSize) {
    return Status(StatusCode::kInvalidArgument, "app: longer than 64 bytes");
  }
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789._-/";
  if (app.find_first_not_of(kAllowed) != std::string_view::npos) {
    return Status(StatusCode::kInvalidArgument, "app: a character other than a-z 0-9 . _ - /");
  }
  return Status::Ok();
}

Result<SecretBytes> Keyring::ReadRootFile(const std::string& path) {
  constexpr std::size_t kDigits = 2 * kKeySize;
  constexpr Status kNotARoot(StatusCode::kInvalidArgument,
                             "root key: not a file of 64 hexadecimal digits");
  MONIKER_ASSIGN_OR_RETURN(SecretBytes text, SecretBytes::Allocate(kDigits + 1));
  const Result<std::size_t> size = internal::ReadFile(path, text.Expose());
  if (!size.ok()) {
    return size.status().code() == StatusCode::kInvalidArgument ? kNotARoot : size.status();
  }
  const std::string_view digits = internal::AsText(std::as_const(text).Expose());
  const bool whole = *size == kDigits || (*size == kDigits + 1 && digits.back() == '\n');
  MONIKER_ASSIGN_OR_RETURN(SecretBytes root, SecretBytes::Allocate(kKeySize));
  if (!whole || !internal::DecodeHexSecret(digits.substr(0, kDigits), root.Expose())) {
    return kNotARoot;
  }
  return root;
}

Result<Keyring> Keyring::Create(Options options) {
  MONIKER_RETURN_IF_ERROR(internal::EnsureSodium());
  MONIKER_RETURN_IF_ERROR(ValidateApp(options.app));
  if (options.identity_root && options.identity_root->size() != kKeySize) {
    return Status(StatusCode::kInvalidArgument, "root key: not 32 bytes");
  }
  Keyring keyring;
  keyring.app_ = std::move(options.app);
  keyring.suite_ = options.suite;
  keyring.mode_ = options.mode;
  internal::FillRandom(keyring.vault_id_);
  MONIKER_RETURN_IF_ERROR(keyring.AddKey(KeyKind::kIdentity, 1, std::move(options.identity_root)));
  MONIKER_RETURN_IF_ERROR(keyring.AddKey(KeyKind::kStorage, 1, std::nullopt));
  MONIKER_RETURN_IF_ERROR(keyring.AddKey(KeyKind::kIndex, 1, std::nullopt));
  return keyring;
}

Status Keyring::AddKey(KeyKind kind, std::uint32_t epoch, std::optional<SecretBytes> bytes) {
  if (!bytes) {
    MONIKER_ASSIGN_OR_RETURN(bytes, internal::RandomSecret(kKeySize));
  }
  const auto now = static_cast<std::uint64_t>(std::time(nullptr));
  const auto after = std::ranges::find_if(keys_, [&](const Key& key) {
    return std::pair(key.kind, key.epoch) > std::pair(kind, epoch);
  });
  keys_.insert(after, Key{kind, epoch, now, *std::move(bytes)});
  return Status::Ok();
}

Result<Keyring> Keyring::Copy() const {
  if (keys_.empty()) return Status(StatusCode::kClosed, "the keyring was moved from");
  Keyring copy;
  copy.app_ = app_;
  copy.suite_ = suite_;
  copy.mode_ = mode_;
  copy.vault_id_ = vault_id_;
  for (const Key& key : keys_) {
    MONIKER_RETURN_IF_ERROR(internal::RequireIntact(key.bytes));
    MONIKER_ASSIGN_OR_RETURN(SecretBytes bytes, SecretBytes::CopyOf(key.bytes.Expose()));
    copy.keys_.push_back(Key{key.kind, key.epoch, key.created, std::move(bytes)});
  }
  return copy;
}

Result<Keyring> Keyring::WithNewEpoch(KeyKind kind) const {
  constexpr std::uint32_t kHighestEpoch = std::numeric_limits<std::uint32_t>::max();
  if (keys_.size() >= kMaxKeys || NewestEpoch(kind) == kHighestEpoch) {
    return Status(StatusCode::kExhausted, "the keyring has no room for another epoch");
  }
  MONIKER_ASSIGN_OR_RETURN(Keyring keyring, Copy());
  if (NewestEpoch(kind) == 0) return Status(StatusCode::kInvalidArgument, "kind of key: not known");
  MONIKER_RETURN_IF_ERROR(keyring.AddKey(kind, NewestEpoch(kind) + 1, std::nullopt));
  return keyring;
}

Result<Keyring> Keyring::WithoutEpoch(KeyKind kind, std::uint32_t epoch) const {
  if (Find(kind, epoch) == nullptr) {
    return Status(StatusCode::kNotFound, "the keyring has no key of this epoch", epoch);
  }
  if (epoch == NewestEpoch(kind)) {
    return Status(StatusCode::kInvalidArgument, "the newest epoch cannot be destroyed", epoch);
  }
  MONIKER_ASSIGN_OR_RETURN(Keyring keyring, Copy());
  std::erase_if(keyring.keys_,
                [&](const Key& key) { return key.kind == kind && key.epoch == epoch; });
  return keyring;
}

Result<Keyring> Keyring::Load(const std::string& path, const Protector& protector) {
  MONIKER_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> file, ReadKeyringFile(path));
  MONIKER_ASSIGN_OR_RETURN(const internal::KeyringFile::Opened opened,
                           internal::KeyringFile::Open(file, protector));
  return DecodeBody(opened.suite, opened.body.Expose());
}

Result<std::string> Keyring::RememberedKeyFile(const std::string& path) {
  MONIKER_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> file, ReadKeyringFile(path));
  return internal::KeyringFile::RememberedKeyFile(file);
}

Status Keyring::Save(const std::string& path, const Protector& protector) const {
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes body, EncodeBody());
  MONIKER_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> file,
                           internal::KeyringFile::Seal(suite_, body, protector));
  return internal::ReplaceFileDurably(path, file);
}

Status Keyring::SaveOver(const std::string& path, const Protector& protector) const {
  MONIKER_ASSIGN_OR_RETURN(const Keyring old, Load(path, protector));
  if (old.vault_id_ != vault_id_) {
    return Status(StatusCode::kConflict, "the keyring is that of another vault");
  }
  MONIKER_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> file, ReadKeyringFile(path));
  MONIKER_ASSIGN_OR_RETURN(const Protector own,
                           internal::KeyringFile::ProtectorOf(file, protector));
  return Save(path, own);
}

Result<SecretBytes> Keyring::EncodeBody() const {
  if (keys_.empty()) return Status(StatusCode::kClosed, "the keyring was moved from");
  for (const Key& key : keys_) MONIKER_RETURN_IF_ERROR(internal::RequireIntact(key.bytes));
  const std::size_t size =
      vault_id_.size() + 1 + 4 + app_.size() + 2 + keys_.size() * kEncodedKeySize;
  MONIKER_ASSIGN_OR_RETURN(SecretBytes body, SecretBytes::Allocate(size));
  ByteWriter writer(body.Expose());
  writer.Bytes(vault_id_).U8(static_cast<std::uint8_t>(mode_)).Prefixed(app_);
  writer.U16(static_cast<std::uint16_t>(keys_.size()));
  for (const Key& key : keys_) {
    writer.U8(static_cast<std::uint8_t>(key.kind))
        .U32(key.epoch)
        .U8(AlgorithmOf(key.kind, suite_))
        .U64(key.created)
        .Bytes(key.bytes.Expose());
  }
  return body;
}

Result<Keyring> Keyring::DecodeBody(Suite suite, std::span<const std::uint8_t> body) {
  ByteReader reader(body);
  Keyring keyring;
  keyring.suite_ = suite;
  const ByteView vault_id = reader.Bytes(keyring.vault_id_.size());
  std::copy(vault_id.begin(), vault_id.end(), keyring.vault_id_.begin());
  keyring.mode_ = static_cast<VaultMode>(reader.U8());
  keyring.app_ = reader.PrefixedText();
  const std::size_t count = reader.U16();
  if (!reader.ok() || keyring.mode_ < VaultMode::kDerived || keyring.mode_ > VaultMode::kEnrolled ||
      !ValidateApp(keyring.app_).ok() || count > kMaxKeys ||
      reader.remaining() != count * kEncodedKeySize) {
    return Malformed();
  }
  for (std::size_t i = 0; i < count; ++i) {
    Key key;
    key.kind = static_cast<KeyKind>(reader.U8());
    key.epoch = reader.U32();
    const std::uint8_t algorithm = reader.U8();
    key.created = reader.U64();
    MONIKER_ASSIGN_OR_RETURN(key.bytes, SecretBytes::CopyOf(reader.Bytes(kKeySize)));
    const bool known = key.kind >= KeyKind::kIdentity && key.kind <= KeyKind::kIndex;
    const bool ascending =
        keyring.keys_.empty() || std::pair(keyring.keys_.back().kind, keyring.keys_.back().epoch) <
                                     std::pair(key.kind, key.epoch);
    if (!known || key.epoch == 0 || algorithm != AlgorithmOf(key.kind, suite) || !ascending) {
      return Malformed();
    }
    keyring.keys_.push_back(std::move(key));
  }
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex}) {
    if (keyring.Epochs(kind).empty()) return Malformed();
  }
  return keyring;
}

std::vector<std::uint32_t> Keyring::Epochs(KeyKind kind) const {
  std::vector<std::uint32_t> epochs;
  for (const Key& key : keys_) {
    if (key.kind == kind) epochs.push_back(key.epoch);
  }
  return epochs;
}

std::uint32_t Keyring::NewestEpoch(KeyKind kind) const {
  const std::vector<std::uint32_t> epochs = Epochs(kind);
  return epochs.empty() ? 0 : epochs.back();
}

std::uint64_t Keyring::CreatedAt(KeyKind kind, std::uint32_t epoch) const {
  const Key* const key = Find(kind, epoch);
  return key == nullptr ? 0 : key->created;
}

const Keyring::Key* Keyring::Find(KeyKind kind, std::uint32_t epoch) const {
  for (const Key& key : keys_) {
    if (key.kind == kind && key.epoch == epoch) return &key;
  }
  return nullptr;
}

Result<std::unique_ptr<Prf>> Keyring::SubkeyPrf(KeyKind kind, std::uint32_t epoch,
                                                std::string_view label,
                                                std::span<const std::uint8_t> context) const {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes subkey, Subkey(kind, epoch, label, context));
  return MakePrf(suite_, std::move(subkey));
}

Result<SecretBytes> Keyring::Subkey(KeyKind kind, std::uint32_t epoch, std::string_view label,
                                    std::span<const std::uint8_t> context) const {
  const Key* const key = Find(kind, epoch);
  if (key == nullptr) {
    return Status(StatusCode::kNotFound, "the keyring has no key of this epoch", epoch);
  }
  return internal::DeriveSubkey(suite_, key->bytes, label, context);
}

}  // namespace moniker
