// Schemas, logs, stores and whole folders that were altered or exchanged.
// Cells of the matrix in docs/threat-model.md.

#include <gtest/gtest.h>

#include "tamper/tamper_matrix.h"

namespace moniker::testing {
namespace {

// --- Table dropped ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeADroppedTable) {
  vault_.Run("DROP TABLE roster");
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureNoticesADroppedTable) {
  vault_.Run("DROP TABLE roster");
  ExpectNoticedBy(Measure::kStructure);
}

// --- Trigger added ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeAnAddedTrigger) {
  AddTrigger();
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureNoticesAnAddedTrigger) {
  AddTrigger();
  ExpectNoticedBy(Measure::kStructure);
}

// --- View added ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeAnAddedView) {
  vault_.Run("CREATE VIEW more AS SELECT * FROM person");
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureNoticesAnAddedView) {
  vault_.Run("CREATE VIEW more AS SELECT * FROM person");
  ExpectNoticedBy(Measure::kStructure);
}

// --- -wal removed ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeARemovedLog) {
  RemoveLog();
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureDoesNotNoticeARemovedLog) {
  RemoveLog();
  ExpectNotNoticedBy(Measure::kStructure);
}

TEST_F(TamperMatrixTest, TheManifestDoesNotNoticeARemovedLog) {
  RemoveLog();
  ExpectNotNoticedBy(Measure::kManifest);
}

TEST_F(TamperMatrixTest, TheHeadNoticesARemovedLog) {
  RemoveLog();
  ExpectNoticedBy(Measure::kHead);
}

// --- -wal exchanged for an older one ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeAnOlderLog) {
  PutBackAnOlderLog();
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureDoesNotNoticeAnOlderLog) {
  PutBackAnOlderLog();
  ExpectNotNoticedBy(Measure::kStructure);
}

TEST_F(TamperMatrixTest, TheManifestDoesNotNoticeAnOlderLog) {
  PutBackAnOlderLog();
  ExpectNotNoticedBy(Measure::kManifest);
}

TEST_F(TamperMatrixTest, TheHeadNoticesAnOlderLog) {
  PutBackAnOlderLog();
  ExpectNoticedBy(Measure::kHead);
}

// --- Yesterday's store ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeYesterdaysStore) {
  PutBack(kStoreFiles);
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureDoesNotNoticeYesterdaysStore) {
  PutBack(kStoreFiles);
  ExpectNotNoticedBy(Measure::kStructure);
}

TEST_F(TamperMatrixTest, TheManifestDoesNotNoticeYesterdaysStore) {
  PutBack(kStoreFiles);
  ExpectNotNoticedBy(Measure::kManifest);
}

TEST_F(TamperMatrixTest, TheHeadNoticesYesterdaysStore) {
  PutBack(kStoreFiles);
  ExpectNoticedBy(Measure::kHead);
}

// --- Store, keyring and store.head of yesterday together ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeYesterdaysFolder) {
  PutBack(kAllFiles);
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureDoesNotNoticeYesterdaysFolder) {
  PutBack(kAllFiles);
  ExpectNotNoticedBy(Measure::kStructure);
}

TEST_F(TamperMatrixTest, TheManifestDoesNotNoticeYesterdaysFolder) {
  PutBack(kAllFiles);
  ExpectNotNoticedBy(Measure::kManifest);
}

TEST_F(TamperMatrixTest, TheHeadDoesNotNoticeYesterdaysFolder) {
  PutBack(kAllFiles);
  ExpectNotNoticedBy(Measure::kHead);
}

TEST_F(TamperMatrixTest, TheAnchorNoticesYesterdaysFolder) {
  PutBack(kAllFiles);
  ExpectNoticedBy(Measure::kAnchor);
}

// --- Two copies in use ---

TEST_F(TamperMatrixTest, RecordsDoNotNoticeASecondCopyInUse) {
  UseTwoCopies();
  ExpectNotNoticedBy(Measure::kRecords);
}

TEST_F(TamperMatrixTest, StructureDoesNotNoticeASecondCopyInUse) {
  UseTwoCopies();
  ExpectNotNoticedBy(Measure::kStructure);
}

TEST_F(TamperMatrixTest, TheManifestDoesNotNoticeASecondCopyInUse) {
  UseTwoCopies();
  ExpectNotNoticedBy(Measure::kManifest);
}

TEST_F(TamperMatrixTest, TheHeadDoesNotNoticeASecondCopyInUse) {
  UseTwoCopies();
  ExpectNotNoticedBy(Measure::kHead);
}

TEST_F(TamperMatrixTest, TheAnchorNoticesASecondCopyInUse) {
  UseTwoCopies();
  ExpectNoticedBy(Measure::kAnchor);
}

}  // namespace
}  // namespace moniker::testing
