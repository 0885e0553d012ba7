// Tags and records of a test, and the content of a whole store as one value.

#ifndef MONIKER_TESTS_SUPPORT_RECORDS_H_
#define MONIKER_TESTS_SUPPORT_RECORDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/storage_backend.h"
#include "support/hex.h"

namespace moniker {

inline void PrintTo(const RecordTag& tag, std::ostream* out) {
  *out << "tag " << testing::ToHex(tag.bytes());
}

inline bool operator==(const SealedRecord& a, const SealedRecord& b) {
  return a.tag == b.tag && a.sealed == b.sealed;
}

inline void PrintTo(const SealedRecord& record, std::ostream* out) {
  PrintTo(record.tag, out);
  *out << " with " << record.sealed.size() << " bytes";
}

namespace testing {

inline constexpr std::array<Table, kTableCount> kAllTables = {
    Table::kMeta,  Table::kPerson,     Table::kExternalId, Table::kParticipant,
    Table::kAudit, Table::kIdentifier, Table::kRoster,     Table::kTombstone};

inline SealedBytes Bytes(std::string_view text) { return {text.begin(), text.end()}; }
inline RecordTag Tag(std::string_view text) { return RecordTag(Bytes(text)); }
inline SealedRecord Record(std::string_view tag, std::string_view sealed) {
  return {Tag(tag), Bytes(sealed)};
}

// A number as a tag of 8 bytes whose order is that of the numbers.
inline RecordTag NumberTag(std::uint64_t number) {
  std::array<std::uint8_t, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  }
  return RecordTag(bytes);
}

// Everything below throws where the store fails: for what a test takes for granted.

inline void Expect(const Status& status) {
  if (!status.ok()) {
    throw std::runtime_error("the store failed: " + std::string(StatusCodeName(status.code())) +
                             ": " + std::string(status.message()));
  }
}

template <typename T>
T Expect(Result<T> result) {
  Expect(result.status());
  return *std::move(result);
}

inline std::optional<SealedBytes> FindOne(StorageReader& reader, Table table,
                                          const RecordTag& tag) {
  std::vector<std::optional<SealedBytes>> found;
  Expect(reader.FindMany(table, {&tag, 1}, &found));
  return found.at(0);
}

inline void PutOne(StorageBackend& backend, Table table, const SealedRecord& record) {
  const auto transaction = Expect(backend.Begin());
  Expect(transaction->PutMany(table, {&record, 1}));
  Expect(transaction->Commit());
}

inline void EraseOne(StorageBackend& backend, Table table, const RecordTag& tag) {
  const auto transaction = Expect(backend.Begin());
  Expect(transaction->EraseMany(table, {&tag, 1}));
  Expect(transaction->Commit());
}

inline std::vector<SealedRecord> ScanAll(StorageReader& reader, Table table) {
  std::vector<SealedRecord> records;
  Expect(reader.Scan(table, std::nullopt, std::size_t{1} << 30, &records));
  return records;
}

// Every record of every table: equal contents are equal stores.
using Content = std::map<Table, std::vector<SealedRecord>>;

inline Content ContentOf(StorageReader& reader) {
  Content content;
  for (const Table table : kAllTables) content[table] = ScanAll(reader, table);
  return content;
}

inline void EraseAll(StorageBackend& backend) {
  const auto transaction = Expect(backend.Begin());
  for (const Table table : kAllTables) {
    for (const SealedRecord& record : ScanAll(*transaction, table)) {
      Expect(transaction->EraseMany(table, {&record.tag, 1}));
    }
  }
  Expect(transaction->Commit());
}

}  // namespace testing
}  // namespace moniker

#endif  // MONIKER_TESTS_SUPPORT_RECORDS_H_
