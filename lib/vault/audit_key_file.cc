#include "vault/audit_key_file.h"

#include <unistd.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "crypto/sodium.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kDigits = 2 * kKeySize;

}  // namespace

Result<NewAuditKeyFile> NewAuditKeyFile::Make(const std::string& path) {
  if (path.empty()) return NewAuditKeyFile({}, {});
  MONIKER_ASSIGN_OR_RETURN(SecretBytes key, RandomSecret(kKeySize));
  MONIKER_ASSIGN_OR_RETURN(SecretBytes text, SecretBytes::Allocate(kDigits + 1));
  ByteWriter writer(text.Expose());
  for (const std::uint8_t byte : key.Expose()) {
    writer.U8(HexDigitOfSecret(byte >> 4)).U8(HexDigitOfSecret(byte & 15));
  }
  writer.U8('\n');
  MONIKER_RETURN_IF_ERROR(CreateFileDurably(path, std::as_const(text).Expose()));
  return NewAuditKeyFile(path, std::move(key));
}

NewAuditKeyFile::~NewAuditKeyFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Result<SecretBytes> ReadAuditKeyFile(const std::string& path) {
  constexpr Status kNone(StatusCode::kInvalidArgument,
                         "audit key: not a file of 64 hexadecimal digits");
  MONIKER_ASSIGN_OR_RETURN(SecretBytes text, SecretBytes::Allocate(kDigits + 1));
  const Result<std::size_t> size = ReadSecretFile(path, text.Expose());
  if (!size.ok()) {
    return size.status().code() == StatusCode::kInvalidArgument ? kNone : size.status();
  }
  const std::string_view digits = AsText(std::as_const(text).Expose());
  const bool whole = *size == kDigits || (*size == kDigits + 1 && digits.back() == '\n');
  MONIKER_ASSIGN_OR_RETURN(SecretBytes key, SecretBytes::Allocate(kKeySize));
  if (!whole || !DecodeHexSecret(digits.substr(0, kDigits), key.Expose())) return kNone;
  return key;
}

}  // namespace moniker::internal
