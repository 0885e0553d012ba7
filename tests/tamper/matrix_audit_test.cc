// Audit logs that were altered, reordered, replayed, cut or rewritten.
// Cells of the matrix in docs/threat-model.md.

#include <gtest/gtest.h>

#include "tamper/tamper_matrix.h"

namespace moniker::testing {
namespace {

// --- Audit entry altered ---

TEST_F(TamperMatrixTest, TheAuditLogNoticesAnAlteredAuditEntry) {
  vault_.FlipByte(Table::kAudit, kCiphertextAt);
  ExpectNoticedBy(Measure::kAuditLog);
}

// --- Audit entries exchanged ---

TEST_F(TamperMatrixTest, TheAuditLogNoticesExchangedAuditEntries) {
  ExchangeAuditEntries();
  ExpectNoticedBy(Measure::kAuditLog);
}

// --- Audit entry replayed behind the last ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeAReplayedAuditEntry) {
  ReplayAuditEntry();
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, TheAuditLogNoticesAReplayedAuditEntry) {
  ReplayAuditEntry();
  ExpectNoticedBy(Measure::kAuditLog);
}

// --- Audit entry sealed anew, by who has the storage keys ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeAnAuditEntrySealedAnew) {
  vault_.SealAuditEntryAnew(2);
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, TheAuditLogNoticesAnAuditEntrySealedAnew) {
  vault_.SealAuditEntryAnew(2);
  ExpectNoticedBy(Measure::kAuditLog);
}

// --- Audit tail cut ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeACutAuditTail) {
  CutAuditTail();
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureDoesNotNoticeACutAuditTail) {
  CutAuditTail();
  ExpectNotNoticedBy(Measure::kStructure);
}

TEST_F(TamperMatrixTest, TheManifestNoticesACutAuditTail) {
  CutAuditTail();
  ExpectNoticedBy(Measure::kManifest);
}

// --- Audit log rewritten by who has all keys, with store.head ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeARewrittenAuditLog) {
  vault_.ForgeAuditLog(2);
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureDoesNotNoticeARewrittenAuditLog) {
  vault_.ForgeAuditLog(2);
  ExpectNotNoticedBy(Measure::kStructure);
}

TEST_F(TamperMatrixTest, TheManifestDoesNotNoticeARewrittenAuditLog) {
  vault_.ForgeAuditLog(2);
  ExpectNotNoticedBy(Measure::kManifest);
}

TEST_F(TamperMatrixTest, TheHeadDoesNotNoticeARewrittenAuditLog) {
  vault_.ForgeAuditLog(2);
  ExpectNotNoticedBy(Measure::kHead);
}

TEST_F(TamperMatrixTest, TheAnchorNoticesARewrittenAuditLog) {
  vault_.ForgeAuditLog(2);
  ExpectNoticedBy(Measure::kAnchor);
}

TEST_F(TamperMatrixTest, TheAuditLogDoesNotNoticeARewrittenAuditLog) {
  vault_.ForgeAuditLog(2);
  ExpectNotNoticedBy(Measure::kAuditLog);
}

TEST_F(TamperMatrixTest, TheAuditKeyNoticesARewrittenAuditLog) {
  vault_.ForgeAuditLog(2);
  ExpectNoticedBy(Measure::kAuditKey);
}

}  // namespace
}  // namespace moniker::testing
