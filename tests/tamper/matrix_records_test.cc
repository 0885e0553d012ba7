// Records and rows that were altered, exchanged, moved, deleted, copied or put back.
// Cells of the matrix in docs/threat-model.md.

#include <gtest/gtest.h>

#include "tamper/tamper_matrix.h"

namespace moniker::testing {
namespace {

TEST_F(TamperMatrixTest, NothingIsNoticedOfAVaultThatNobodyTouched) {
  for (const Measure measure :
       {Measure::kRecords, Measure::kStructure, Measure::kManifest, Measure::kHead,
        Measure::kAnchor, Measure::kAuditLog, Measure::kAuditKey}) {
    ExpectNotNoticedBy(measure);
  }
  EXPECT_FALSE(vault_.IsReported());
}

// --- Ciphertext altered ---

TEST_F(TamperMatrixTest, RecordsNoticeAnAlteredCiphertext) {
  vault_.FlipByte(Table::kPerson, kCiphertextAt);
  ExpectNoticedBy(Measure::kRecords);
}

// --- Nonce altered ---

TEST_F(TamperMatrixTest, RecordsNoticeAnAlteredNonce) {
  vault_.FlipByte(Table::kExternalId, kNonceAt);
  ExpectNoticedBy(Measure::kRecords);
}

// --- Storage epoch altered ---

TEST_F(TamperMatrixTest, RecordsNoticeAnotherKeyNumber) {
  vault_.FlipByte(Table::kParticipant, kEpochAt);
  ExpectNoticedBy(Measure::kRecords);
}

// --- Record version altered ---

TEST_F(TamperMatrixTest, RecordsNoticeAnotherVersion) {
  vault_.FlipByte(Table::kIdentifier, kVersionAt);
  ExpectNoticedBy(Measure::kRecords);
}

// --- Two records exchanged ---

TEST_F(TamperMatrixTest, RecordsNoticeExchangedRecords) {
  ExchangeRecords();
  ExpectNoticedBy(Measure::kRecords);
}

// --- Record moved to another table ---

TEST_F(TamperMatrixTest, RecordsNoticeARecordOfAnotherTable) {
  vault_.Put(Table::kPerson,
             {vault_.Row(Table::kPerson).tag, vault_.Row(Table::kExternalId).sealed});
  ExpectNoticedBy(Measure::kRecords);
}

// --- Record of another vault ---

TEST_F(TamperMatrixTest, RecordsNoticeARecordOfAnotherVault) {
  const TamperedVault other;
  vault_.Put(Table::kPerson, {vault_.Row(Table::kPerson).tag, other.Row(Table::kPerson).sealed});
  ExpectNoticedBy(Measure::kRecords);
}

// --- Tree altered: a row vanishes ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeARowThatTheTreeLost) {
  vault_.LoseLastIndexCell("external_id");
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureNoticesARowThatTheTreeLost) {
  vault_.LoseLastIndexCell("external_id");
  ExpectNoticedBy(Measure::kStructure);
}

// --- Tag altered: a row vanishes ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeARowUnderAnotherTag) {
  MoveToAnotherTag();
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureDoesNotNoticeARowUnderAnotherTag) {
  MoveToAnotherTag();
  ExpectNotNoticedBy(Measure::kStructure);
}

TEST_F(TamperMatrixTest, TheManifestNoticesARowUnderAnotherTag) {
  MoveToAnotherTag();
  ExpectNoticedBy(Measure::kManifest);
}

// --- Row deleted ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeADeletedRow) {
  DeleteRow();
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureDoesNotNoticeADeletedRow) {
  DeleteRow();
  ExpectNotNoticedBy(Measure::kStructure);
}

TEST_F(TamperMatrixTest, TheManifestNoticesADeletedRow) {
  DeleteRow();
  ExpectNoticedBy(Measure::kManifest);
}

// --- Row copied to a tag of its own ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeACopiedRow) {
  CopyRow();
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureDoesNotNoticeACopiedRow) {
  CopyRow();
  ExpectNotNoticedBy(Measure::kStructure);
}

TEST_F(TamperMatrixTest, TheManifestNoticesACopiedRow) {
  CopyRow();
  ExpectNoticedBy(Measure::kManifest);
}

// --- Row put back to an older version ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeAnOlderRow) {
  PutBackAnOlderRow();
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureDoesNotNoticeAnOlderRow) {
  PutBackAnOlderRow();
  ExpectNotNoticedBy(Measure::kStructure);
}

TEST_F(TamperMatrixTest, TheManifestNoticesAnOlderRow) {
  PutBackAnOlderRow();
  ExpectNoticedBy(Measure::kManifest);
}

}  // namespace
}  // namespace moniker::testing
