#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "moniker/reidentify.h"
#include "reidentifying.h"
#include "test_directory.h"

namespace moniker {
namespace {

using testing::kJose;
using testing::kJoseParticipant;
using testing::kMaria;
using testing::kMariaParticipant;
using testing::kStranger;
using testing::People;
using testing::ReadDataFile;
using testing::ReidentifyCsv;
using testing::ReidentifyJson;
using testing::ReplaceAll;
using testing::TestDirectory;

std::string Fill(std::string text) {
  text = ReplaceAll(text, "$maria_p", kMariaParticipant);
  text = ReplaceAll(text, "$jose_p", kJoseParticipant);
  text = ReplaceAll(text, "$maria", kMaria);
  text = ReplaceAll(text, "$jose", kJose);
  return ReplaceAll(text, "$stranger", kStranger);
}

class ReidentifyCsvTest : public ::testing::Test {
 protected:
  std::string Rewrite(const std::string& text) {
    counts_ = {};
    const Result<std::string> out =
        ReidentifyCsv(Fill(text), separator_, directory_, options_, &counts_);
    return out.ok() ? *out : "error: " + std::string(out.status().message());
  }

  void ExpectUnchanged(const std::string& text) { EXPECT_EQ(Rewrite(text), Fill(text)); }

  TestDirectory directory_ = People();
  char separator_ = ',';
  ReidentifyOptions options_;
  ReidentifyCounts counts_;
};

TEST_F(ReidentifyCsvTest, IdsAreReplacedInAnyColumn) {
  EXPECT_EQ(Rewrite("a,b\r\n$maria,\"$jose\"\r\n\"to $maria\",x\r\n"),
            "a,b\r\n00123456,\"00123457\"\r\n\"to 00123456\",x\r\n");
  EXPECT_EQ(counts_.external_ids, 3u);
}

TEST_F(ReidentifyCsvTest, ParticipantIdsFollowThePolicy) {
  const std::string text = "file\nrec_$maria_p_160.mp3\n$jose_p\n";
  ExpectUnchanged(text);
  options_.participants = ParticipantPolicy::kId;
  EXPECT_EQ(Rewrite(text), "file\nrec_00123456_160.mp3\n00123457\n");
  options_.participants = ParticipantPolicy::kName;
  EXPECT_EQ(Rewrite(text), "file\nrec_Maria Jensen_160.mp3\nJosé García-Núñez\n");
  EXPECT_EQ(counts_.participant_ids, 2u);
}

TEST_F(ReidentifyCsvTest, NamesBesideAnOwnIdBecomeRealNames) {
  EXPECT_EQ(Rewrite("userId,name,nickName,alias\n$maria_p,Any,\"Any, other\",Any\n$jose_p,,x,\n"),
            Fill("userId,name,nickName,alias\n$maria_p,Maria Jensen,\"Maria Jensen\",Any\n"
                 "$jose_p,,José García-Núñez,\n"));
  EXPECT_EQ(counts_.names, 3u);
  EXPECT_EQ(Rewrite("name,externalId\nAny,$maria\n"), "name,externalId\nMaria Jensen,00123456\n");
}

TEST_F(ReidentifyCsvTest, AnUnknownOwnIdLeavesTheName) {
  ExpectUnchanged("userId,owner,name\nw1,$maria_p,Patient RCG-V3F\n");
  EXPECT_EQ(counts_.unknown_ids, 1u);
  EXPECT_EQ(counts_.names, 0u);
}

TEST_F(ReidentifyCsvTest, OwnIdsOfTwoPersonsLeaveTheName) {
  ExpectUnchanged("userId,participantId,name\n$maria_p,$jose_p,Patient RCG-V3F\n");
  EXPECT_EQ(counts_.ambiguous_names, 1u);
}

TEST_F(ReidentifyCsvTest, WithoutOwnIdsThePersonOfTheCellsGivesItsNameToItsLabel) {
  EXPECT_EQ(Rewrite("mrn,name\n$maria,Patient RCG-V3F\n$maria,room-1\n$jose,Patient RCG-V3F\n"),
            "mrn,name\n00123456,Maria Jensen\n00123456,room-1\n00123457,Patient RCG-V3F\n");
  EXPECT_EQ(Rewrite("mrn,part,name\n$maria,$maria_p,Patient RCG-V3F\n"),
            Fill("mrn,part,name\n00123456,$maria_p,Maria Jensen\n"));
  EXPECT_EQ(Rewrite("mrn,owner,name\n$maria,$jose,Patient RCG-V3F\n"),
            "mrn,owner,name\n00123456,00123457,Patient RCG-V3F\n");
  // An own ID column that is empty in this record.
  EXPECT_EQ(Rewrite("userId,mrn,name\n,$maria,Patient RCG-V3F\n"),
            "userId,mrn,name\n,00123456,Maria Jensen\n");
}

TEST_F(ReidentifyCsvTest, APersonDoesNotReachTheNextRecord) {
  ExpectUnchanged("userId,name\n$maria_p,\n,Patient RCG-V3F\n");
}

TEST_F(ReidentifyCsvTest, CellsMayHoldJson) {
  EXPECT_EQ(
      Rewrite("id,payload\nw1,\"{\"\"userId\"\":\"\"$maria_p\"\",\"\"name\"\":\"\"x\"\"}\"\n"),
      Fill("id,payload\nw1,\"{\"\"userId\"\":\"\"$maria_p\"\",\"\"name\"\":"
           "\"\"Maria Jensen\"\"}\"\n"));
  ExpectUnchanged("id,payload\nw1,\"{\"\"name\"\":\"\"Patient RCG-V3F\"\"}\"\n");
}

TEST_F(ReidentifyCsvTest, JsonInACellInheritsThePersonOfTheRecord) {
  EXPECT_EQ(Rewrite("userId,payload\n$maria_p,\"{\"\"name\"\":\"\"Patient RCG-V3F\"\"}\"\n"),
            Fill("userId,payload\n$maria_p,\"{\"\"name\"\":\"\"Maria Jensen\"\"}\"\n"));
  EXPECT_EQ(Rewrite("mrn,payload\n$maria,[{\"name\":\"Patient RCG-V3F\"}]\n"),
            "error: a quote in an unquoted field");
  ExpectUnchanged("userId,payload\n$maria_p,\"{\"\"name\"\":\"\"Mixer\"\"}\"\n");
}

TEST_F(ReidentifyCsvTest, ColumnsMayBeIds) {
  EXPECT_EQ(Rewrite("day,$maria,to $jose\n1,2,3\n"), "day,00123456,to 00123457\n1,2,3\n");
  EXPECT_EQ(Rewrite("day,$maria\n1,\"{\"\"name\"\":\"\"Patient RCG-V3F\"\"}\"\n"),
            "day,00123456\n1,\"{\"\"name\"\":\"\"Maria Jensen\"\"}\"\n");
  const Status status =
      ReidentifyCsv(Fill("$maria,00123456\n1,2\n"), separator_, directory_, options_, nullptr)
          .status();
  EXPECT_EQ(status.code(), StatusCode::kConflict);
  EXPECT_EQ(status.locator(), 0);
  EXPECT_EQ(Rewrite("$maria,$maria\n1,2\n"), "00123456,00123456\n1,2\n");
}

TEST_F(ReidentifyCsvTest, ReplacementsAreQuotedIfTheyMustBe) {
  directory_.Add(kMaria, {.person = 1, .identifier = "1,2", .name = "\"Q\" Jensen"});
  EXPECT_EQ(Rewrite("id,name\n$maria,x\n"), "id,name\n\"1,2\",\"\"\"Q\"\" Jensen\"\n");
  separator_ = ';';
  EXPECT_EQ(Rewrite("id;name\n$maria;x\n"), "id;name\n1,2;\"\"\"Q\"\" Jensen\"\n");
}

TEST_F(ReidentifyCsvTest, AllOtherBytesStay) {
  EXPECT_EQ(Rewrite("\xEF\xBB\xBFid , \tx,\"y\"\"\"\r\n$maria, 0.10 ,\"\"\n\"a\",\"b\n\",c"),
            "\xEF\xBB\xBFid , \tx,\"y\"\"\"\r\n00123456, 0.10 ,\"\"\n\"a\",\"b\n\",c");
}

TEST_F(ReidentifyCsvTest, AnErrorSaysWhichRecordAndGivesNoText) {
  directory_.Add("bad", {.person = 1, .identifier = "\xFF"});
  directory_.Add("nul", {.person = 1, .identifier = std::string(1, '\0')});
  directory_.Add("a", {.person = 1, .identifier = "same"});
  directory_.Add("b", {.person = 2, .identifier = "same"});
  struct Bad {
    const char* text;
    std::int64_t record;
    StatusCode code;
  };
  const std::vector<Bad> cases = {
      {"", 0, StatusCode::kInvalidArgument},
      {"x,y\n$maria,1\n$maria\n", 2, StatusCode::kInvalidArgument},
      {"x\n$maria\n\"$maria", 2, StatusCode::kInvalidArgument},
      {"x\n1\nbad\n", 2, StatusCode::kInvalidArgument},
      {"x\n1\n2\nnul\n", 3, StatusCode::kInvalidArgument},
      {"bad\n1\n", 0, StatusCode::kInvalidArgument},
      {"x\n1\n\"{\"\"a\"\":1,\"\"b\"\":2}\"\n", 2, StatusCode::kConflict},
  };
  for (const Bad& bad : cases) {
    SCOPED_TRACE(bad.text);
    ReidentifyCounts counts{.names = 77};
    const Result<std::string> out =
        ReidentifyCsv(Fill(bad.text), separator_, directory_, options_, &counts);
    ASSERT_FALSE(out.ok());
    EXPECT_EQ(out.status().code(), bad.code);
    EXPECT_EQ(out.status().locator(), bad.record);
    EXPECT_EQ(counts.names, 77u);
  }
}

TEST_F(ReidentifyCsvTest, CellsColumnsAndTokensAreAskedForOnce) {
  std::vector<std::string> asked;
  const std::string text =
      Fill("key,two words\nvalue,\"a $stranger\"\nvalue,$stranger\n\"{\"\"k\"\":\"\"v\"\"}\",\n");
  const auto run =
      testing::RunReidentify(text, testing::CsvOptions({}), options_, directory_.Sources(&asked));
  ASSERT_TRUE(run.status.ok());
  // First those of the header.
  EXPECT_EQ(asked,
            (std::vector<std::string>{"key", "value", kStranger, "{\"k\":\"v\"}", "k", "v"}));
}

// What pseudonymizing does to tests/data/visits.csv, and back.
TEST_F(ReidentifyCsvTest, VisitsComeBackAsTheyWere) {
  const std::string visits = ReadDataFile("visits.csv");
  std::string pseudonymous = visits;
  for (const auto& [id, identity] : directory_.known()) {
    if (identity.kind != testing::TestIdentity::Kind::kExternalId) continue;
    pseudonymous = ReplaceAll(pseudonymous, "," + identity.identifier + ",", "," + id + ",");
    pseudonymous = ReplaceAll(pseudonymous, identity.name, "Patient " + identity.label);
  }
  ASSERT_NE(pseudonymous, visits);
  options_.name_fields = {"patient name"};
  EXPECT_EQ(Rewrite(pseudonymous), visits);
  EXPECT_EQ(counts_.external_ids, 5u);
  EXPECT_EQ(counts_.names, 5u);
  EXPECT_EQ(counts_.unknown_ids, 0u);
}

}  // namespace
}  // namespace moniker
