#include "moniker/protector.h"

#include <unistd.h>

#include "base/bytes.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "crypto/sodium.h"

namespace moniker {
namespace {

using internal::AsText;

constexpr std::string_view kKeyFilePrefix = "moniker-key-1:";
constexpr std::size_t kKeyFileSize = kKeyFilePrefix.size() + 2 * kKeySize + 1;
constexpr std::size_t kMaxPassphraseSize = 1024;

constexpr Status NotAKeyFile() {
  return Status(StatusCode::kAltered, "the file is not a key file");
}

Result<std::string> RememberedPath(const std::string& path) {
  MONIKER_ASSIGN_OR_RETURN(std::string absolute,
                           internal::AbsolutePath(path, "cannot find the key file"));
  if (internal::FindTextFault(absolute) != internal::TextFault::kNone) {
    return Status(StatusCode::kInvalidArgument, "path of the key file: not plain UTF-8");
  }
  return absolute;
}

// The format has lower-case digits alone; DecodeHexSecret would take upper case too.
bool HasUpperCase(std::string_view digits) {
  bool found = false;
  for (const char c : digits) found |= c >= 'A' && c <= 'F';
  return found;
}

}  // namespace

Result<Protector> Protector::KeyFile(const std::string& path) {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes text, SecretBytes::Allocate(kKeyFileSize));
  const Result<std::size_t> size = internal::ReadSecretFile(path, text.Expose());
  if (!size.ok()) {
    return size.status().code() == StatusCode::kInvalidArgument ? NotAKeyFile() : size.status();
  }
  const std::string_view line = AsText(std::as_const(text).Expose());
  if (*size != kKeyFileSize || !line.starts_with(kKeyFilePrefix) || line.back() != '\n') {
    return NotAKeyFile();
  }
  const std::string_view digits = line.substr(kKeyFilePrefix.size(), 2 * kKeySize);
  Protector protector(Kind::kKeyFile);
  MONIKER_ASSIGN_OR_RETURN(protector.key_, SecretBytes::Allocate(kKeySize));
  if (HasUpperCase(digits) || !internal::DecodeHexSecret(digits, protector.key_.Expose())) {
    return NotAKeyFile();
  }
  MONIKER_ASSIGN_OR_RETURN(protector.path_, RememberedPath(path));
  return protector;
}

Result<Protector> Protector::NewKeyFile(const std::string& path) {
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes key, internal::RandomSecret(kKeySize));
  MONIKER_ASSIGN_OR_RETURN(SecretBytes text, SecretBytes::Allocate(kKeyFileSize));
  internal::ByteWriter writer(text.Expose());
  writer.Bytes(kKeyFilePrefix);
  for (const std::uint8_t byte : key.Expose()) {
    writer.U8(internal::HexDigitOfSecret(byte >> 4)).U8(internal::HexDigitOfSecret(byte & 15));
  }
  writer.U8('\n');
  MONIKER_RETURN_IF_ERROR(internal::CreateFileDurably(path, std::as_const(text).Expose()));
  Result<Protector> protector = KeyFile(path);
  if (!protector.ok()) ::unlink(path.c_str());
  return protector;
}

Result<Protector> Protector::Passphrase(SecretText passphrase, PassphraseCost cost) {
  if (passphrase.empty() || passphrase.size() > kMaxPassphraseSize) {
    return Status(StatusCode::kInvalidArgument, "passphrase: 1 to 1024 bytes are needed");
  }
  if (!cost.valid()) {
    return Status(StatusCode::kInvalidArgument, "passphrase cost: out of range");
  }
  Protector protector(Kind::kPassphrase);
  protector.passphrase_ = std::move(passphrase);
  protector.cost_ = cost;
  return protector;
}

Result<Protector> Protector::PassphraseFile(const std::string& path, PassphraseCost cost) {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes text, SecretBytes::Allocate(kMaxPassphraseSize + 1));
  const Result<std::size_t> size = internal::ReadSecretFile(path, text.Expose());
  if (!size.ok()) return size.status();
  text.Truncate(*size);
  if (*size > 0 && text.Expose().back() == '\n') text.Truncate(*size - 1);
  return Passphrase(SecretText(std::move(text)), cost);
}

Result<Protector> Protector::Copy() const {
  if (!key_.intact() || !passphrase_.intact()) {
    return Status(StatusCode::kClosed, "a protector cannot be used in the child of a fork");
  }
  Protector copy(kind_);
  copy.path_ = path_;
  copy.cost_ = cost_;
  MONIKER_ASSIGN_OR_RETURN(copy.key_, SecretBytes::CopyOf(key_.Expose()));
  MONIKER_ASSIGN_OR_RETURN(copy.passphrase_, SecretText::CopyOf(passphrase_.Expose()));
  return copy;
}

}  // namespace moniker
