// The key of the first audit entry's mark, written out once for who is to verify the audit log.
//
// Format: docs/formats/mapping-store.md, section 4.3.
// Thread safety: used by one thread.

#ifndef MONIKER_LIB_VAULT_AUDIT_KEY_FILE_H_
#define MONIKER_LIB_VAULT_AUDIT_KEY_FILE_H_

#include <string>
#include <utility>

#include "moniker/result.h"
#include "moniker/secret.h"

namespace moniker::internal {

// A new key in a new file, which is removed again unless it is kept.
class NewAuditKeyFile {
 public:
  // No file and no key if `path` is empty. Errors: kConflict if something is there; those of
  // writing; kExhausted.
  static Result<NewAuditKeyFile> Make(const std::string& path);

  NewAuditKeyFile(NewAuditKeyFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), key_(std::move(other.key_)) {}
  ~NewAuditKeyFile();

  SecretBytes TakeKey() { return std::move(key_); }
  void Keep() { path_.clear(); }

 private:
  NewAuditKeyFile(std::string path, SecretBytes key)
      : path_(std::move(path)), key_(std::move(key)) {}

  std::string path_;
  SecretBytes key_;
};

// Errors: kNotFound, kPermission (also if others can read it), kIo; kInvalidArgument if it is none.
Result<SecretBytes> ReadAuditKeyFile(const std::string& path);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_VAULT_AUDIT_KEY_FILE_H_
