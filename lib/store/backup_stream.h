// A backup as bytes: sealed chunks of which none can be left out, moved or altered unnoticed.
//
// Format: docs/formats/backup.md, sections 1 and 2.
// Thread safety: used by one thread.

#ifndef MONIKER_LIB_STORE_BACKUP_STREAM_H_
#define MONIKER_LIB_STORE_BACKUP_STREAM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "moniker/keyring.h"
#include "moniker/result.h"
#include "moniker/secret.h"
#include "moniker/status.h"

namespace moniker::internal {

inline constexpr std::size_t kBackupChunkSize = std::size_t{1} << 16;

// "mnkb" || u8(format) || u8(how it is sealed) || u32(storage epoch) || vault ID || salt
using BackupHeader = std::array<std::uint8_t, 4 + 1 + 1 + 4 + 16 + 32>;

class BackupWriter {
 public:
  using Sink = std::function<Status(std::span<const std::uint8_t>)>;

  // Under the newest storage epoch, with a random salt. Errors: kExhausted, kClosed; the sink's.
  static Result<BackupWriter> Create(const Keyring& keyring, Sink sink);

  // Errors of both: kClosed; the sink's.
  Status Append(ByteView bytes);
  // The end; once. REQUIRES: something was appended.
  Status Finish();

 private:
  BackupWriter(SecretBytes key, const BackupHeader& header, Sink sink)
      : key_(std::move(key)), header_(header), sink_(std::move(sink)) {}

  Status Seal(bool is_last);

  SecretBytes key_;
  BackupHeader header_;
  Sink sink_;
  std::uint64_t chunk_ = 0;
  std::vector<std::uint8_t> plaintext_;  // of the chunk that is being filled
};

class BackupReader {
 public:
  // Fills a part of the memory from its begin on and says how much; 0 at the end.
  using Source = std::function<Result<std::size_t>(std::span<std::uint8_t>)>;

  // Errors: kAltered for what is no backup of this vault; kNotFound if the keyring does not have
  // the epoch that it is sealed under; kNewerFormat; kExhausted, kClosed; the source's.
  static Result<BackupReader> Create(const Keyring& keyring, Source source);

  // Fills the whole memory. Errors: kAltered if the backup ends before, or was altered; the
  // source's.
  Status Read(ByteSpan bytes);

  // kAltered if anything is left.
  Status RequireEnd() const;

 private:
  BackupReader(SecretBytes key, const BackupHeader& header, Source source)
      : key_(std::move(key)), header_(header), source_(std::move(source)) {}

  Status Open();

  SecretBytes key_;
  BackupHeader header_;
  Source source_;
  std::uint64_t chunk_ = 0;
  bool is_last_ = false;
  std::vector<std::uint8_t> ahead_;      // read, and of the next chunk
  std::vector<std::uint8_t> plaintext_;  // of the chunk that was opened last
  std::size_t used_ = 0;                 // of it
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_BACKUP_STREAM_H_
