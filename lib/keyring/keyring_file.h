// The keyring file around its body: header, commitment, sealing.
//
// Format: docs/formats/keyring.md, sections 1 and 2.
// Thread safety: functions without state.

#ifndef MONIKER_LIB_KEYRING_KEYRING_FILE_H_
#define MONIKER_LIB_KEYRING_KEYRING_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "moniker/prf.h"
#include "moniker/protector.h"
#include "moniker/result.h"
#include "moniker/secret.h"

namespace moniker::internal {

class KeyringFile {
 public:
  struct Opened {
    Suite suite;
    SecretBytes body;
  };

  // Errors: as Keyring::Load, without those of reading the file.
  static Result<Opened> Open(ByteView file, const Protector& protector);

  // Empty if a passphrase protects the file. Errors: kAltered, kNewerFormat.
  static Result<std::string> RememberedKeyFile(ByteView file);

  // The protector that `given` is for this file, with the path of the key file or the cost of the
  // passphrase that the file names. Errors: as Protector::KeyFile for Remembered(); kAltered;
  // kExhausted, kClosed.
  static Result<Protector> ProtectorOf(ByteView file, const Protector& given);

  // Errors: kInvalidArgument for Protector::Remembered(); kExhausted, kClosed.
  static Result<std::vector<std::uint8_t>> Seal(Suite suite, const SecretBytes& body,
                                                const Protector& protector);

 private:
  struct Header;

  static Result<Header> ParseHeader(ByteView file);
  static Result<SecretBytes> ProtectorKey(const Protector& protector, const Header& header);
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_KEYRING_KEYRING_FILE_H_
