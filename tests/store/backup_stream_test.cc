#include "store/backup_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/records.h"
#include "support/status_matchers.h"
#include "support/test_keyring.h"
#include "support/vector_file.h"

namespace moniker::internal {
namespace {

using testing::Bytes;
using testing::Counting;
using testing::Expect;
using testing::HasCode;
using testing::IsOk;
using testing::MakeKeyring;
using testing::TestKeyring;
using testing::VectorFile;

using Plain = std::vector<std::uint8_t>;

// What comes in pieces of 1000 bytes, as from a pipe.
BackupReader::Source From(const SealedBytes& bytes, std::size_t* used) {
  return [&bytes, used](std::span<std::uint8_t> memory) -> Result<std::size_t> {
    const std::size_t size = std::min({memory.size(), bytes.size() - *used, std::size_t{1000}});
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(*used), size, memory.begin());
    *used += size;
    return size;
  };
}

Result<Plain> ReadWhole(const Keyring& keyring, const SealedBytes& backup) {
  std::size_t used = 0;
  Result<BackupReader> reader = BackupReader::Create(keyring, From(backup, &used));
  if (!reader.ok()) return reader.status();
  Plain plain;
  do {
    std::uint8_t byte = 0;
    const Status status = reader->Read({&byte, 1});
    if (!status.ok()) return status;
    plain.push_back(byte);
  } while (!reader->RequireEnd().ok());
  return plain;
}

SealedBytes Write(const Keyring& keyring, const Plain& plain, std::size_t piece) {
  SealedBytes backup;
  BackupWriter writer = Expect(BackupWriter::Create(keyring, [&](std::span<const std::uint8_t> part) {
    backup.insert(backup.end(), part.begin(), part.end());
    return Status::Ok();
  }));
  for (std::size_t at = 0; at < plain.size(); at += piece) {
    Expect(writer.Append(ByteView(plain).subspan(at, std::min(piece, plain.size() - at))));
  }
  Expect(writer.Finish());
  return backup;
}

Keyring KeyringOf(const VectorFile& vector) {
  TestKeyring keys;
  keys.suite = vector.Get("suite") == "blake2b" ? Suite::kBlake2b : Suite::kHmacSha256;
  std::ranges::copy(Bytes(vector.Bytes("vault-id-hex")), keys.vault_id.begin());
  keys.keys = {{KeyKind::kStorage,
                static_cast<std::uint32_t>(std::stoul(vector.Get("storage-epoch"))),
                Bytes(vector.Bytes("storage-key-hex"))}};
  return MakeKeyring(keys);
}

TEST(BackupStreamTest, AgreesWithTheSpecification) {
  int accepted = 0;
  int refused = 0;
  for (const VectorFile& vector : testing::ReadVectors("backup", "backup")) {
    SCOPED_TRACE(vector.name());
    const Keyring keyring = KeyringOf(vector);
    const Result<Plain> plain = ReadWhole(keyring, Bytes(vector.Bytes("backup-hex")));
    if (vector.Get("expect") == "error") {
      ++refused;
      EXPECT_EQ(StatusCodeName(plain.status().code()), vector.Get("code"));
      continue;
    }
    ++accepted;
    ASSERT_THAT(plain, IsOk());
    EXPECT_EQ(std::to_string(plain->size()), vector.Get("plain-size"));
    const Plain end = Bytes(vector.Bytes("plain-end-hex"));
    EXPECT_TRUE(std::equal(end.rbegin(), end.rend(), plain->rbegin()));
  }
  EXPECT_GE(accepted, 4);
  EXPECT_GE(refused, 20);
}

TEST(BackupStreamTest, WhatIsWrittenIsReadBackWhateverItsSize) {
  const Keyring keyring = MakeKeyring({});
  for (const std::size_t size :
       {std::size_t{1}, kBackupChunkSize - 1, kBackupChunkSize, kBackupChunkSize + 1,
        2 * kBackupChunkSize, 3 * kBackupChunkSize + 7}) {
    const Plain plain = Counting(size, 5);
    const SealedBytes backup = Write(keyring, plain, 777);
    EXPECT_EQ(Expect(ReadWhole(keyring, backup)), plain);
  }
}

TEST(BackupStreamTest, TwoBackupsOfTheSameHaveNoBytesInCommonBehindTheHeader) {
  const Keyring keyring = MakeKeyring({});
  const Plain plain(1000);
  const SealedBytes a = Write(keyring, plain, 1000);
  const SealedBytes b = Write(keyring, plain, 1000);
  std::size_t same = 0;
  for (std::size_t i = sizeof(BackupHeader); i < a.size(); ++i) same += a[i] == b[i] ? 1u : 0u;
  EXPECT_LT(same, a.size() / 20);  // 1 in 256 by chance
}

TEST(BackupStreamTest, EveryCutIsRefused) {
  const Keyring keyring = MakeKeyring({});
  const Plain plain = Counting(kBackupChunkSize + 100, 0);
  const SealedBytes backup = Write(keyring, plain, 10'000);
  for (std::size_t size = 0; size < backup.size(); size += size < 100 ? 1 : 997) {
    const SealedBytes cut(backup.begin(), backup.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THAT(ReadWhole(keyring, cut), HasCode(StatusCode::kAltered)) << size;
  }
}

TEST(BackupStreamTest, EveryBitCounts) {
  const Keyring keyring = MakeKeyring({});
  SealedBytes backup = Write(keyring, Counting(500, 0), 500);
  for (std::size_t bit = 0; bit < backup.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1 << (bit % 8));
    backup[bit / 8] ^= mask;
    EXPECT_FALSE(ReadWhole(keyring, backup).ok()) << bit;
    backup[bit / 8] ^= mask;
  }
  EXPECT_THAT(ReadWhole(keyring, backup), IsOk());
}

TEST(BackupStreamTest, AFailureOfSourceOrSinkIsItsError) {
  const Keyring keyring = MakeKeyring({});
  const Status full(StatusCode::kNoSpace, "full");
  EXPECT_THAT(BackupWriter::Create(keyring, [&](auto) { return full; }),
              HasCode(StatusCode::kNoSpace));
  const Status broken(StatusCode::kIo, "broken");
  EXPECT_THAT(BackupReader::Create(keyring, [&](auto) -> Result<std::size_t> { return broken; }),
              HasCode(StatusCode::kIo));
}

}  // namespace
}  // namespace moniker::internal
