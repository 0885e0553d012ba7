#include "store/audit_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "store/test_store.h"
#include "support/hex.h"
#include "support/status_matchers.h"
#include "support/test_keyring.h"
#include "support/vector_file.h"

namespace moniker::internal {
namespace {

using testing::Expect;
using testing::FromHex;
using testing::HasCode;
using testing::IsOk;
using testing::NumberTag;
using testing::ReadVectors;
using testing::ScanAll;
using testing::TestStore;
using testing::ToHex;
using testing::VectorFile;

AuditEntry EntryOf(std::string actor) {
  AuditEntry entry;
  entry.time_ms = 1'700'000'000'123;
  entry.actor = std::move(actor);
  entry.purpose = "treatment";
  entry.asked = 1;
  return entry;
}

Keyring KeyringOf(const VectorFile& vector) {
  testing::TestKeyring wanted;
  wanted.suite = vector.Get("suite") == "blake2b" ? Suite::kBlake2b : Suite::kHmacSha256;
  const auto vault_id = FromHex(vector.Get("vault-id-hex"));
  std::copy(vault_id.begin(), vault_id.end(), wanted.vault_id.begin());
  return testing::MakeKeyring(wanted);
}

TEST(AuditChainTest, MarksAndHeadsAgreeWithTheSpecification) {
  int marks = 0;
  for (const VectorFile& vector : ReadVectors("mapping-store", "audit-chain")) {
    SCOPED_TRACE(vector.name());
    const Keyring keyring = KeyringOf(vector);
    Manifest manifest = Expect(NewManifest());
    manifest.integrity_key = testing::Secret(FromHex(vector.Get("integrity-key-hex")));
    const IntegrityKeys keys = Expect(IntegrityKeys::Create(keyring, manifest));
    SecretBytes key = testing::Secret(FromHex(vector.Get("first-key-hex")));
    Digest head{};
    for (std::uint64_t i = 1; i <= std::stoull(vector.Get("entries")); ++i) {
      const std::string prefix = "entry-" + std::to_string(i);
      const auto payload = FromHex(vector.Get(prefix + "-payload-hex"));
      const AuditEntry entry = Expect(DecodeAuditEntry(payload));
      if (entry.mark) {
        const ByteView unmarked = ByteView(payload).first(payload.size() - sizeof(Digest));
        EXPECT_EQ(Expect(AuditMark(keyring, key, i, head, unmarked)), *entry.mark);
        key = Expect(NextAuditKey(keyring, key));
        ++marks;
      }
      head = Expect(keys.OfAuditEntry(i, head, payload));
      EXPECT_EQ(ToHex(head), vector.Get(prefix + "-head-hex"));
      EXPECT_EQ(ToHex(key.Expose()), vector.Get(prefix + "-next-key-hex"));
    }
  }
  EXPECT_EQ(marks, 4 * 3 + 2);
}

TEST(AuditChainTest, ATagAndItsNumberBelongTogether) {
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x0102030405060708}, ~std::uint64_t{0}}) {
    EXPECT_EQ(AuditTag(number), NumberTag(number));
    EXPECT_EQ(AuditNumberOf(AuditTag(number)), number);
  }
  EXPECT_EQ(AuditNumberOf(RecordTag(testing::Counting(7))), std::nullopt);
  EXPECT_EQ(AuditNumberOf(RecordTag(testing::Counting(9))), std::nullopt);
}

class AppendTest : public ::testing::Test, protected TestStore {
 protected:
  Manifest ReadNow() const { return Expect(ReadManifest(store->keys()->sealer(), backend.get())); }
};

TEST_F(AppendTest, TheManifestNamesTheLastEntryAndTheKeysBeforeItAreGone) {
  std::set<std::string> keys;
  std::set<std::string> heads;
  Manifest before = ReadNow();
  EXPECT_EQ(before.audit.entries, 0u);
  EXPECT_EQ(before.audit.head, Digest{});
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ASSERT_THAT(store->AppendAuditEntry(EntryOf("the same")), IsOk());
    const Manifest now = ReadNow();
    const Keyring& keyring = store->keys()->keyring();
    EXPECT_EQ(now.audit.entries, i);
    EXPECT_EQ(now.counter, before.counter + 1);
    EXPECT_EQ(ToHex(now.audit.next_key.Expose()),
              ToHex(Expect(NextAuditKey(keyring, before.audit.next_key)).Expose()));
    const auto payload = Payload(Table::kAudit, NumberTag(i));
    const ByteView unmarked = payload.Expose().first(payload.size() - sizeof(Digest));
    EXPECT_EQ(Expect(DecodeAuditEntry(payload.Expose())).mark,
              Expect(AuditMark(keyring, before.audit.next_key, i, before.audit.head, unmarked)));
    const IntegrityKeys integrity_keys = Expect(IntegrityKeys::Create(keyring, now));
    EXPECT_EQ(now.audit.head,
              Expect(integrity_keys.OfAuditEntry(i, before.audit.head, payload.Expose())));
    keys.insert(ToHex(now.audit.next_key.Expose()));
    heads.insert(ToHex(now.audit.head));
    before = Expect(DecodeManifest(Payload(Table::kMeta, ManifestTag()).Expose()));
  }
  EXPECT_EQ(keys.size(), 3u);
  EXPECT_EQ(heads.size(), 3u);
}

TEST_F(AppendTest, OtherChangesOfTheStoreLeaveTheLogAsItIs) {
  ASSERT_THAT(store->AppendAuditEntry(EntryOf("first")), IsOk());
  const Manifest before = ReadNow();
  AdmitOne({.issuer = "mrn.hospital-a", .id = "7", .name = "Ada Lovelace"});
  const Manifest after = ReadNow();
  EXPECT_GT(after.counter, before.counter);
  EXPECT_EQ(after.audit.entries, before.audit.entries);
  EXPECT_EQ(after.audit.head, before.audit.head);
  EXPECT_EQ(ToHex(after.audit.next_key.Expose()), ToHex(before.audit.next_key.Expose()));
}

TEST_F(AppendTest, ResealingAndRotatingLeaveTheChainWhole) {
  ASSERT_THAT(store->AppendAuditEntry(EntryOf("first")), IsOk());
  ASSERT_THAT(Rotate(KeyKind::kStorage), IsOk());
  ASSERT_THAT(store->Reseal(nullptr), IsOk());
  const Manifest before = ReadNow();
  ASSERT_THAT(store->AppendAuditEntry(EntryOf("second")), IsOk());
  EXPECT_EQ(ReadNow().audit.entries, 2u);
  EXPECT_EQ(ScanAll(*backend, Table::kAudit).size(), 2u);
  const IntegrityKeys keys = Expect(IntegrityKeys::Create(store->keys()->keyring(), before));
  Digest head{};
  for (std::uint64_t i = 1; i <= 2; ++i) {
    head = Expect(keys.OfAuditEntry(i, head, Payload(Table::kAudit, NumberTag(i)).Expose()));
  }
  EXPECT_EQ(head, ReadNow().audit.head);
}

TEST_F(AppendTest, AnEntryThatCannotBeReadBackIsNotWritten) {
  const auto before = content();
  EXPECT_THAT(store->AppendAuditEntry(EntryOf("")), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(store->AppendAuditEntry(EntryOf("two\nlines")),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(content(), before);
}

}  // namespace
}  // namespace moniker::internal
