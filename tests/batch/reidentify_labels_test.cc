// Old pseudonyms to new ones: labels at the end of names, and identities of which nobody can tell
// what stands in their place.

#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <string>
#include <utility>

#include "moniker/json_text.h"
#include "reidentifying.h"
#include "test_directory.h"

namespace moniker {
namespace {

using testing::kJose;
using testing::kMaria;
using testing::kMariaParticipant;
using testing::ReidentifyCsv;
using testing::ReidentifyJson;
using testing::TestDirectory;
using testing::TestIdentity;

constexpr char kNewMaria[] = "masat0zm843tjq7f9421yapab7xdcp47";
constexpr char kNewJose[] = "m9wrcy4v6z5knpaza4xh9epkrrcvh6m0";

TestIdentity Maria() {
  return {.person = 0,
          .identifier = kNewMaria,
          .label = "RCG-V3F",
          .words = "Snowbound Calcite 01",
          .new_label = "0AZ-C67",
          .new_words = "Amber Heron 42"};
}

TestDirectory NewIds() {
  TestDirectory directory;
  directory.Add(kMaria, Maria());
  TestIdentity participant = Maria();
  participant.kind = TestIdentity::Kind::kParticipantId;
  participant.identifier.clear();
  directory.Add(kMariaParticipant, participant);
  directory.Add(kJose, {.person = 1,
                        .identifier = kNewJose,
                        .label = "EWK-Q39",
                        .words = "Library Carnelian 95",
                        .new_label = "YPF-5WA",
                        .new_words = "Amber Heron 43"});
  return directory;
}

std::string Json(const std::string& text, ReidentifyCounts* counts = nullptr,
                 const TestDirectory& directory = NewIds()) {
  const Result<std::string> out = ReidentifyJson(text, directory, {}, counts);
  return out.ok() ? *out : "error: " + std::string(out.status().message());
}

TEST(ReidentifyLabelsTest, TheLabelAtTheEndOfANameIsReplacedAlone) {
  ReidentifyCounts counts;
  EXPECT_EQ(
      Json(R"({"externalId":"m32pnb88e0wgd7hc26m7ph6zyfqm3092", "name": "Dr Patient RCG-V3F"})",
           &counts),
      R"({"externalId":"masat0zm843tjq7f9421yapab7xdcp47", "name": "Dr Patient 0AZ-C67"})");
  EXPECT_EQ(counts.names, 1U);
  EXPECT_EQ(counts.external_ids, 1U);
}

TEST(ReidentifyLabelsTest, WordsBecomeWords) {
  EXPECT_EQ(
      Json(R"({"exid":"m32pnb88e0wgd7hc26m7ph6zyfqm3092","name":"Patient Snowbound Calcite 01"})"),
      R"({"exid":"masat0zm843tjq7f9421yapab7xdcp47","name":"Patient Amber Heron 42"})");
}

TEST(ReidentifyLabelsTest, NamesWithoutTheLabelStay) {
  for (const char* name : {"Maria", "RCG-V3F Patient", "xRCG-V3F", "Patient EWK-Q39", "", " "}) {
    ReidentifyCounts counts;
    const std::string tail = std::string(R"(,"name":")") + name + R"("})";
    EXPECT_EQ(Json(R"({"exid":"m32pnb88e0wgd7hc26m7ph6zyfqm3092")" + tail, &counts),
              R"({"exid":"masat0zm843tjq7f9421yapab7xdcp47")" + tail);
    EXPECT_EQ(counts.names, 0U);
  }
}

TEST(ReidentifyLabelsTest, LabelsThatAreNoNamesStay) {
  const std::string text = R"({"exid":"x","note":"Patient RCG-V3F","room":"RCG-V3F"})";
  EXPECT_EQ(Json(text), text);
}

TEST(ReidentifyLabelsTest, AParticipantIdStaysAndDecidesWhoseTheNameIs) {
  EXPECT_EQ(Json(R"({"userId":"bdd640fb-0667-4ad1-9c80-317fa3b1799d","name":"Patient RCG-V3F"})"),
            R"({"userId":"bdd640fb-0667-4ad1-9c80-317fa3b1799d","name":"Patient 0AZ-C67"})");
}

TEST(ReidentifyLabelsTest, IdsBeforeTheLabelAreReplacedToo) {
  EXPECT_EQ(Json(R"({"exid":"m32pnb88e0wgd7hc26m7ph6zyfqm3092",)"
                 R"("name":"by mwvk50v2ag2fjasx0866240pzxh7d7h6 RCG-V3F"})"),
            R"({"exid":"masat0zm843tjq7f9421yapab7xdcp47",)"
            R"("name":"by m9wrcy4v6z5knpaza4xh9epkrrcvh6m0 0AZ-C67"})");
}

TEST(ReidentifyLabelsTest, NamesBesideIdsOfTwoPersonsStayAndAreCounted) {
  ReidentifyCounts counts;
  const std::string out =
      Json(R"({"exid":"m32pnb88e0wgd7hc26m7ph6zyfqm3092",)"
           R"("userId":"mwvk50v2ag2fjasx0866240pzxh7d7h6","name":"Patient RCG-V3F"})",
           &counts);
  EXPECT_NE(out.find("Patient RCG-V3F"), std::string::npos);
  EXPECT_EQ(counts.ambiguous_names, 1U);
}

TEST(ReidentifyLabelsTest, AStyleWithoutANewLabelIsAFaultOfNamesThatHaveIt) {
  TestDirectory directory;
  TestIdentity maria = Maria();
  maria.new_words.clear();
  directory.Add(kMaria, maria);
  EXPECT_EQ(Json(R"({"exid":"m32pnb88e0wgd7hc26m7ph6zyfqm3092","name":"Patient RCG-V3F"})", nullptr,
                 directory),
            R"({"exid":"masat0zm843tjq7f9421yapab7xdcp47","name":"Patient 0AZ-C67"})");
  const Result<std::string> out = ReidentifyJson(
      R"({"exid":"m32pnb88e0wgd7hc26m7ph6zyfqm3092","name":"Patient Snowbound Calcite 01"})",
      directory, {}, nullptr);
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.status().code(), StatusCode::kUnsupported);
  EXPECT_EQ(out.status().locator(), 1);
}

TEST(ReidentifyLabelsTest, WhatCannotBeToldIsAFaultWhereverItStands) {
  TestDirectory directory = NewIds();
  TestIdentity refused = Maria();
  refused.identifier.clear();
  refused.refusal = Status(StatusCode::kNotFound, "no new one");
  directory.Add(kMaria, refused);
  refused.kind = TestIdentity::Kind::kParticipantId;
  directory.Add(kMariaParticipant, refused);
  for (const char* text :
       {R"({"a":"m32pnb88e0wgd7hc26m7ph6zyfqm3092"})", R"({"m32pnb88e0wgd7hc26m7ph6zyfqm3092":1})",
        R"({"a":"rec_m32pnb88e0wgd7hc26m7ph6zyfqm3092.mp3"})",
        R"({"a":"{\"b\":[\"m32pnb88e0wgd7hc26m7ph6zyfqm3092\"]}"})",
        R"({"userId":"bdd640fb-0667-4ad1-9c80-317fa3b1799d","name":"Patient RCG-V3F"})"}) {
    EXPECT_EQ(Json(text, nullptr, directory), "error: no new one") << text;
  }
  const std::string kept = R"({"userId":"bdd640fb-0667-4ad1-9c80-317fa3b1799d","name":"Patient"})";
  EXPECT_EQ(Json(kept, nullptr, directory), kept);
  for (const char* text :
       {"m32pnb88e0wgd7hc26m7ph6zyfqm3092\nx\n", "a\nm32pnb88e0wgd7hc26m7ph6zyfqm3092\n",
        "a,b\nx,to m32pnb88e0wgd7hc26m7ph6zyfqm3092\n"}) {
    const Result<std::string> out = ReidentifyCsv(text, ',', directory, {}, nullptr);
    ASSERT_FALSE(out.ok()) << text;
    EXPECT_EQ(out.status().message(), "no new one");
  }
}

TEST(ReidentifyLabelsTest, RecordsWithARefusalAreLeftOutWithTheirCounts) {
  TestDirectory directory = NewIds();
  TestIdentity refused = Maria();
  refused.refusal = Status(StatusCode::kNotFound, "no new one");
  directory.Add(kMaria, refused);
  RewriteOptions options = testing::CsvOptions({});
  options.skip_faulty = true;
  const testing::Reidentified run = testing::RunReidentify(
      "a,b\nmwvk50v2ag2fjasx0866240pzxh7d7h6,m32pnb88e0wgd7hc26m7ph6zyfqm3092\n"
      "mwvk50v2ag2fjasx0866240pzxh7d7h6,x\n",
      options, {}, directory.Sources());
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(run.text, "a,b\nm9wrcy4v6z5knpaza4xh9epkrrcvh6m0,x\n");
  EXPECT_EQ(run.outcome.counts.external_ids, 1U);
  ASSERT_EQ(run.told.size(), 1U);
  EXPECT_EQ(run.told.front().record, 1U);
}

// Whatever the text: there, and back by the inverse, is the identity.
TEST(ReidentifyLabelsTest, ThereAndBackIsTheIdentity) {
  const TestDirectory there_directory = NewIds();
  TestDirectory back;
  for (const auto& [id, identity] : there_directory.known()) {
    TestIdentity inverse = identity;
    std::swap(inverse.label, inverse.new_label);
    std::swap(inverse.words, inverse.new_words);
    const bool stays = identity.identifier.empty();
    inverse.identifier = stays ? "" : id;
    back.Add(stays ? id : identity.identifier, inverse);
  }
  const std::string parts[] = {
      kMaria, kJose, kMariaParticipant,      "Patient RCG-V3F", "EWK-Q39", "x", "_",
      ".mp3", " ",   "Snowbound Calcite 01", "a, \n b",         "{\"a\":", "}", "Patient ",
      "ß"};
  const char* const fields[] = {"externalId", "userId", "name", "nickName", "id", "note"};
  std::mt19937 random(3);
  int changed = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string json = "{";
    std::string csv = "externalId,name,note\n";
    for (int i = 0; i < 3; ++i) {
      std::string value;
      for (auto n = random() % 3; n > 0; --n) value += parts[random() % std::size(parts)];
      AppendJsonString(fields[random() % std::size(fields)] + std::to_string(i * (i > 1)), &json);
      json += ":";
      AppendJsonString(value, &json);
      json += i < 2 ? ", " : "}";
      csv += (i == 0 ? "\"" : ",\"") + testing::ReplaceAll(value, "\"", "\"\"") + "\"";
    }
    csv += "\n";
    const Result<std::string> there = ReidentifyJson(json, NewIds(), {}, nullptr);
    if (!there.ok()) continue;  // two keys that would become one
    const Result<std::string> again = ReidentifyJson(*there, back, {}, nullptr);
    ASSERT_TRUE(again.ok());
    ASSERT_EQ(*again, json) << *there;
    changed += *there != json;
    const Result<std::string> csv_there = ReidentifyCsv(csv, ',', NewIds(), {}, nullptr);
    ASSERT_TRUE(csv_there.ok()) << csv;
    const Result<std::string> csv_again = ReidentifyCsv(*csv_there, ',', back, {}, nullptr);
    ASSERT_TRUE(csv_again.ok());
    ASSERT_EQ(*csv_again, csv) << *csv_there;
  }
  EXPECT_GT(changed, 500);
}

}  // namespace
}  // namespace moniker
