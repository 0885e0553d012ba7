#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "moniker/json_text.h"
#include "moniker/reidentify.h"
#include "reidentifying.h"
#include "test_directory.h"

namespace moniker {
namespace {

using testing::kJose;
using testing::kJoseParticipant;
using testing::kMaria;
using testing::kMariaParticipant;
using testing::kSian;
using testing::kStranger;
using testing::kStrangerParticipant;
using testing::People;
using testing::ReidentifyCsv;
using testing::ReidentifyJson;
using testing::ReplaceAll;
using testing::TestDirectory;

// Cases are written with short words in place of IDs: $maria is the external ID of Maria Jensen
// (00123456), $maria_p her participant ID, and so on.
std::string Fill(std::string text) {
  text = ReplaceAll(text, "$maria_p", kMariaParticipant);
  text = ReplaceAll(text, "$jose_p", kJoseParticipant);
  text = ReplaceAll(text, "$stranger_p", kStrangerParticipant);
  text = ReplaceAll(text, "$maria", kMaria);
  text = ReplaceAll(text, "$jose", kJose);
  text = ReplaceAll(text, "$sian", kSian);
  return ReplaceAll(text, "$stranger", kStranger);
}

class ReidentifyJsonTest : public ::testing::Test {
 protected:
  std::string Rewrite(const std::string& text) {
    counts_ = {};
    const Result<std::string> out = ReidentifyJson(Fill(text), directory_, options_, &counts_);
    return out.ok() ? *out : "error: " + std::string(out.status().message());
  }

  Status StatusOf(const std::string& text) {
    return ReidentifyJson(Fill(text), directory_, options_, nullptr).status();
  }

  void ExpectUnchanged(const std::string& text) { EXPECT_EQ(Rewrite(text), Fill(text)); }

  TestDirectory directory_ = People();
  ReidentifyOptions options_;
  ReidentifyCounts counts_;
};

// ---- IDs

TEST_F(ReidentifyJsonTest, ExternalIdsBecomeIdentifiersWhereverTheyStand) {
  EXPECT_EQ(Rewrite(R"("$maria")"), R"("00123456")");
  EXPECT_EQ(Rewrite(R"({"anything": "$maria"})"), R"({"anything": "00123456"})");
  EXPECT_EQ(Rewrite(R"(["$maria", ["$jose"]])"), R"(["00123456", ["00123457"]])");
  EXPECT_EQ(Rewrite(R"({"$maria": 1})"), R"({"00123456": 1})");
  EXPECT_EQ(Rewrite(R"({"ownerId": "$sian", "externalIds": ["$maria"]})"),
            R"({"ownerId": "s-0042", "externalIds": ["00123456"]})");
  EXPECT_EQ(Rewrite(R"("see $maria, $jose.")"), R"("see 00123456, 00123457.")");
  EXPECT_EQ(Rewrite(R"({"to $maria": 1})"), R"({"to 00123456": 1})");
  EXPECT_EQ(counts_.external_ids, 1u);
}

TEST_F(ReidentifyJsonTest, AnExternalIdWithMetadataIsReplacedAsAWhole) {
  const std::string sealed = std::string(kMaria) + "." + std::string(124, 'A');
  const std::string longer = std::string(kMaria) + "." + std::string(295, 'A');
  directory_.Add(sealed, directory_.known().at(kMaria));
  directory_.Add(longer, directory_.known().at(kMaria));
  for (const std::string& id : {sealed, longer}) {
    EXPECT_EQ(Rewrite("\"" + id + "\""), R"("00123456")");
    EXPECT_EQ(Rewrite("{\"" + id + "\": \"see " + id + ", " + kMaria + ".mp3\"}"),
              R"({"00123456": "see 00123456, 00123456.mp3"})");
    EXPECT_EQ(Rewrite("\"/rec/" + id + ".mp3\""), R"("/rec/00123456.mp3")");
    EXPECT_EQ(Rewrite("{\"externalId\": \"" + id + "\", \"name\": \"Patient RCG-V3F\"}"),
              R"({"externalId": "00123456", "name": "Maria Jensen"})");
    EXPECT_EQ(counts_.unknown_ids, 0u);
  }
}

TEST_F(ReidentifyJsonTest, AnExternalIdWithMetadataIsAskedForAsItStands) {
  const std::string sealed = std::string(kMaria) + "." + std::string(210, 'A');
  std::vector<std::string> asked;
  const auto run = testing::RunReidentify("[\"" + sealed + "\", \"a " + sealed + ".mp3\"]",
                                          testing::JsonOptions(RecordFormat::kJson, {}), options_,
                                          directory_.Sources(&asked));
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(asked, std::vector<std::string>{sealed});
  // Nobody was resolved: it stays, metadata and all.
  ExpectUnchanged("[\"" + sealed + "\", \"a " + sealed + ".mp3\"]");
  EXPECT_EQ(counts_.unknown_ids, 2u);
}

TEST_F(ReidentifyJsonTest, IdsInsideAWordStay) {
  ExpectUnchanged(R"(["x$maria", "$maria0", "$maria$maria", "0$maria_p"])");
  EXPECT_EQ(counts_.external_ids, 0u);
}

TEST_F(ReidentifyJsonTest, IdsOfAnyShapeAreFoundAsWholeTexts) {
  directory_.Add("user/17", {.person = 9, .identifier = "MRN 9", .name = "Nine", .label = "L"});
  directory_.Add(std::string(256, 'x'), {.person = 9, .identifier = "long"});
  directory_.Add(std::string(257, 'x'), {.person = 9, .identifier = "too long"});
  directory_.Add("two words", {.person = 9, .identifier = "words"});
  EXPECT_EQ(Rewrite(R"({"user/17": "user\/17"})"), R"({"MRN 9": "MRN 9"})");
  EXPECT_EQ(Rewrite("\"" + std::string(256, 'x') + "\""), "\"long\"");
  ExpectUnchanged("\"" + std::string(257, 'x') + "\"");
  ExpectUnchanged(R"(["two words", "see user/17", "xuser/17"])");
}

TEST_F(ReidentifyJsonTest, IdsWrittenWithEscapesAreFound) {
  EXPECT_EQ(Rewrite(R"("\u006d32pnb88e0wgd7hc26m7ph6zyfqm3092")"), R"("00123456")");
  EXPECT_EQ(Rewrite(R"({"\u006D32pnb88e0wgd7hc26m7ph6zyfqm3092": 1})"), R"({"00123456": 1})");
  EXPECT_EQ(Rewrite(R"("\u00e9:m32pnb88e0wgd7hc26m7ph6zyfqm309\u0032")"), R"("é:00123456")");
  EXPECT_EQ(Rewrite(R"({"externa\u006cId": "$maria", "n\u0061me": "x"})"),
            R"({"externa\u006cId": "00123456", "n\u0061me": "Maria Jensen"})");
  EXPECT_EQ(Rewrite(R"("\/$maria\/\ud83d\ude00")"), R"("/00123456/😀")");
}

TEST_F(ReidentifyJsonTest, ParticipantIdsFollowThePolicy) {
  const std::string text =
      R"({"userId": "$maria_p", "$jose_p": "$jose_p", "file": "a_conn_$maria_p_160.mp3"})";
  options_.participants = ParticipantPolicy::kKeep;
  ExpectUnchanged(text);
  EXPECT_EQ(counts_.participant_ids, 4u);
  options_.participants = ParticipantPolicy::kId;
  EXPECT_EQ(Rewrite(text),
            R"({"userId": "00123456", "00123457": "00123457", "file": "a_conn_00123456_160.mp3"})");
  EXPECT_EQ(counts_.participant_ids, 4u);
  options_.participants = ParticipantPolicy::kName;
  EXPECT_EQ(Rewrite(text), R"({"userId": "Maria Jensen", "José García-Núñez": "José García-Núñez",)"
                           R"( "file": "a_conn_Maria Jensen_160.mp3"})");
  EXPECT_EQ(counts_.participant_ids, 4u);
  EXPECT_EQ(counts_.names, 0u);
}

TEST_F(ReidentifyJsonTest, ThePolicyDoesNotTouchExternalIds) {
  for (const ParticipantPolicy policy :
       {ParticipantPolicy::kKeep, ParticipantPolicy::kId, ParticipantPolicy::kName}) {
    options_.participants = policy;
    EXPECT_EQ(Rewrite(R"("$maria")"), R"("00123456")");
  }
}

TEST_F(ReidentifyJsonTest, UnknownIdsStayAndAreCountedOnce) {
  ExpectUnchanged(R"({"externalId": "$stranger"})");
  EXPECT_EQ(counts_.unknown_ids, 1u);
  ExpectUnchanged(R"({"userId": "$stranger_p", "uid": "w1"})");
  EXPECT_EQ(counts_.unknown_ids, 2u);
  ExpectUnchanged(R"({"$stranger": "$stranger", "x": "a $stranger b $stranger"})");
  EXPECT_EQ(counts_.unknown_ids, 4u);
  // Not the shape of an external ID, and not the ID of the object.
  ExpectUnchanged(R"({"confId": "$stranger_p", "ownerId": "$stranger_p", "$stranger_p": "x"})");
  EXPECT_EQ(counts_.unknown_ids, 0u);
  ExpectUnchanged(R"({"id": "see $stranger"})");
  EXPECT_EQ(counts_.unknown_ids, 1u);
}

TEST_F(ReidentifyJsonTest, AnIdentityWithoutIdentifierOrNameLeavesWhatItCannotReplace) {
  directory_.Add(kMaria, {.person = 1, .label = "RCG-V3F"});
  ExpectUnchanged(R"({"externalId": "$maria", "name": "Patient RCG-V3F"})");
  directory_.Add(
      kMariaParticipant,
      {.kind = testing::TestIdentity::Kind::kParticipantId, .person = 1, .identifier = "00123456"});
  options_.participants = ParticipantPolicy::kName;
  ExpectUnchanged(R"(["$maria_p"])");
}

// ---- names

TEST_F(ReidentifyJsonTest, EveryNameMemberBesideAnIdBecomesTheRealName) {
  for (const char* key : {"name", "externalName", "nickName", "nickname", "userName", "displayName",
                          "display_name", "external_name"}) {
    const std::string name_first = std::string("{\"") + key + "\": \"Any\", \"externalId\": \"";
    EXPECT_EQ(Rewrite(name_first + "$maria\"}"),
              ReplaceAll(name_first, "Any", "Maria Jensen") + "00123456\"}");
    EXPECT_EQ(counts_.names, 1u);
  }
  ExpectUnchanged(R"({"Name": "Any", "names": "Any", "alias": "Any", "userId": "$maria_p"})");
}

TEST_F(ReidentifyJsonTest, EveryOwnIdMemberDecidesOfWhomAnObjectSpeaks) {
  for (const char* key :
       {"externalId", "external_id", "externalID", "exid", "userId", "userID", "user_id",
        "participantId", "participant_id", "identity", "userAccount", "user_key", "uid", "id"}) {
    EXPECT_EQ(Rewrite(std::string("{\"name\": \"Any\", \"") + key + "\": \"$maria_p\"}"),
              Fill(std::string("{\"name\": \"Maria Jensen\", \"") + key + "\": \"$maria_p\"}"));
  }
}

TEST_F(ReidentifyJsonTest, OtherMembersNeverDecide) {
  for (const char* key : {"ownerId", "ownerExternalId", "confId", "user", "ID", "ids"}) {
    EXPECT_EQ(Rewrite(std::string("{\"name\": \"Patient RCG-V3F\", \"") + key + "\": \"$maria\"}"),
              std::string("{\"name\": \"Patient RCG-V3F\", \"") + key + "\": \"00123456\"}");
    EXPECT_EQ(counts_.names, 0u);
  }
}

TEST_F(ReidentifyJsonTest, NamesAreFurtherFieldsIfTheCallerSaysSo) {
  options_.name_fields = {"patient name"};
  EXPECT_EQ(Rewrite(R"({"id": "$maria", "patient name": "x", "name": "y", "patient": "z"})"),
            R"({"id": "00123456", "patient name": "Maria Jensen", "name": "Maria Jensen",)"
            R"( "patient": "z"})");
}

TEST_F(ReidentifyJsonTest, OnlyStringsAreNamesAndOwnIds) {
  ExpectUnchanged(
      R"({"userId": "$maria_p", "name": null, "nickName": ["x"], "userName": {"a": 1}})");
  ExpectUnchanged(R"({"userId": ["$maria_p"], "name": "Any"})");
  ExpectUnchanged(R"({"userId": {"id": "$maria_p"}, "name": "Any"})");
  // A number or nothing is no ID of the object, so it inherits.
  EXPECT_EQ(Rewrite(R"({"userId": "$maria_p", "x": {"id": 5, "uid": null, "externalId": "",)"
                    R"( "name": "Patient RCG-V3F"}})"),
            Fill(R"({"userId": "$maria_p", "x": {"id": 5, "uid": null, "externalId": "",)"
                 R"( "name": "Maria Jensen"}})"));
  EXPECT_EQ(counts_.unknown_ids, 0u);
}

TEST_F(ReidentifyJsonTest, AnEmptyNameStaysEmpty) {
  ExpectUnchanged(R"({"userId": "$maria_p", "name": ""})");
  EXPECT_EQ(counts_.names, 0u);
}

TEST_F(ReidentifyJsonTest, TwoIdsOfOnePersonAgree) {
  EXPECT_EQ(Rewrite(R"({"userId": "$maria_p", "externalId": "$maria", "name": "x"})"),
            Fill(R"({"userId": "$maria_p", "externalId": "00123456", "name": "Maria Jensen"})"));
  EXPECT_EQ(Rewrite(R"({"id": "w1", "externalId": "$maria", "name": "x"})"),
            R"({"id": "w1", "externalId": "00123456", "name": "Maria Jensen"})");
  EXPECT_EQ(counts_.unknown_ids, 0u);
}

// Everything has an `id`: a webhook, a connection, a conference.
TEST_F(ReidentifyJsonTest, APlainIdThatIsNotKnownIsNobodysAndDoesNotStopInheriting) {
  ExpectUnchanged(R"({"id": "w1", "name": "Room 1"})");
  EXPECT_EQ(counts_.unknown_ids, 0u);
  EXPECT_EQ(Rewrite(R"({"userId": "$maria_p", "metadata": {"id": "c-1", "name": "A RCG-V3F"}})"),
            Fill(R"({"userId": "$maria_p", "metadata": {"id": "c-1", "name": "Maria Jensen"}})"));
  EXPECT_EQ(Rewrite(R"({"id": "$maria", "metadata": {"name": "A RCG-V3F"}})"),
            R"({"id": "00123456", "metadata": {"name": "Maria Jensen"}})");
  ExpectUnchanged(R"({"id": "$stranger", "name": "A RCG-V3F"})");
  EXPECT_EQ(counts_.unknown_ids, 1u);
}

TEST_F(ReidentifyJsonTest, IdsOfTwoPersonsLeaveTheNameAndAreCounted) {
  EXPECT_EQ(Rewrite(R"({"userId": "$jose_p", "name": "Patient RCG-V3F", "externalId": "$maria"})"),
            Fill(R"({"userId": "$jose_p", "name": "Patient RCG-V3F", "externalId": "00123456"})"));
  EXPECT_EQ(counts_.ambiguous_names, 1u);
  EXPECT_EQ(counts_.names, 0u);
  // Nobody inherits from it.
  EXPECT_EQ(Rewrite(R"({"userId": "$jose_p", "externalId": "$maria",)"
                    R"( "x": {"name": "Patient RCG-V3F"}})"),
            Fill(R"({"userId": "$jose_p", "externalId": "00123456",)"
                 R"( "x": {"name": "Patient RCG-V3F"}})"));
  EXPECT_EQ(counts_.ambiguous_names, 0u);
}

TEST_F(ReidentifyJsonTest, ANameThatIsAnIdOfSomebodyElseIsAnId) {
  EXPECT_EQ(Rewrite(R"({"userId": "$maria_p", "name": "$jose"})"),
            Fill(R"({"userId": "$maria_p", "name": "00123457"})"));
  EXPECT_EQ(Rewrite(R"({"userId": "$maria_p", "name": "$maria"})"),
            Fill(R"({"userId": "$maria_p", "name": "Maria Jensen"})"));
  EXPECT_EQ(Rewrite(R"({"name": "$maria"})"), R"({"name": "00123456"})");
  ExpectUnchanged(R"({"name": "$maria_p", "userId": "$jose_p"})");
  EXPECT_EQ(Rewrite(R"({"userId": "$stranger_p", "name": "to $maria"})"),
            Fill(R"({"userId": "$stranger_p", "name": "to 00123456"})"));
}

// ---- inheritance

TEST_F(ReidentifyJsonTest, ANameThatEndsWithTheLabelIsInherited) {
  for (const char* text :
       {R"({"userId": "$maria_p", "metadata": {"externalName": "Patient RCG-V3F"}})",
        R"({"metadata": {"externalName": "Patient RCG-V3F"}, "userId": "$maria_p"})",
        R"({"userId": "$maria_p", "a": {"b": [[{"c": {"name": "RCG-V3F"}}]]}})",
        R"({"$maria_p": {"name": "Patient RCG-V3F"}})",
        R"({"$maria_p": [{"name": "Patient RCG-V3F"}]})",
        R"({"$maria_p": {"x": {"name": "Patient RCG-V3F"}}})",
        R"({"userId": "$jose_p", "$maria_p": {"name": "Patient RCG-V3F"}})"}) {
    const std::string expected = ReplaceAll(
        ReplaceAll(Fill(text), "Patient RCG-V3F", "Maria Jensen"), "\"RCG-V3F", "\"Maria Jensen");
    EXPECT_EQ(Rewrite(text), expected);
    EXPECT_EQ(counts_.names, 1u) << text;
  }
}

TEST_F(ReidentifyJsonTest, ANameWithoutTheLabelIsNotInherited) {
  for (const char* name : {"Mixer", "Patient EWK-Q39", "PatientRCG-V3F", "RCG-V3F Patient", ""}) {
    const std::string in_object = std::string(R"({"userId": "$maria_p", "x": {"name": ")") + name;
    ExpectUnchanged(in_object + "\"}}");
    const std::string under_key = std::string(R"({"$maria_p": {"name": ")") + name;
    ExpectUnchanged(under_key + "\"}}");
  }
}

TEST_F(ReidentifyJsonTest, AnUnknownOwnIdStopsInheritance) {
  ExpectUnchanged(R"({"userId": "$maria_p", "x": {"externalId": "Mixer_record",)"
                  R"( "name": "Patient RCG-V3F", "y": {"name": "Patient RCG-V3F"}}})");
  EXPECT_EQ(counts_.names, 0u);
  EXPECT_EQ(counts_.unknown_ids, 1u);
  ExpectUnchanged(R"({"$maria_p": {"userId": "$stranger_p", "name": "Patient RCG-V3F"}})");
}

TEST_F(ReidentifyJsonTest, TheMixerStays) {
  ExpectUnchanged(R"({"userId": "$stranger_p",)"
                  R"( "metadata": {"externalName": "Mixer", "externalId": "Mixer_record"}})");
  EXPECT_EQ(counts_.unknown_ids, 2u);
}

TEST_F(ReidentifyJsonTest, TheNearestIdDecides) {
  EXPECT_EQ(Rewrite(R"({"userId": "$maria_p", "x": {"userId": "$jose_p",)"
                    R"( "y": {"name": "Patient EWK-Q39"}, "z": {"name": "Patient RCG-V3F"}},)"
                    R"( "name": "a"})"),
            Fill(R"({"userId": "$maria_p", "x": {"userId": "$jose_p",)"
                 R"( "y": {"name": "José García-Núñez"}, "z": {"name": "Patient RCG-V3F"}},)"
                 R"( "name": "Maria Jensen"})"));
}

TEST_F(ReidentifyJsonTest, ThePersonOfAKeyEndsWithItsValue) {
  ExpectUnchanged(R"({"$maria_p": {"x": 1}, "other": {"name": "Patient RCG-V3F"}})");
  ExpectUnchanged(R"([{"userId": "$maria_p"}, {"name": "Patient RCG-V3F"}])");
  ExpectUnchanged(R"({"$maria_p": 1, "name": "Patient RCG-V3F"})");
}

TEST_F(ReidentifyJsonTest, AnObjectDoesNotGiveItsPersonToItsNeighboursInAList) {
  EXPECT_EQ(Rewrite(R"({"ownerId": "$sian", "participants": [{"userId": "$maria_p", "name": "a"},)"
                    R"( {"name": "Clinician 7NR-P9G"}, {"userId": "$jose_p", "name": "b"}]})"),
            Fill(R"({"ownerId": "s-0042", "participants": [{"userId": "$maria_p",)"
                 R"( "name": "Maria Jensen"}, {"name": "Clinician 7NR-P9G"},)"
                 R"( {"userId": "$jose_p", "name": "José García-Núñez"}]})"));
}

// ---- keys

TEST_F(ReidentifyJsonTest, TwoKeysThatBecomeOneAreAConflict) {
  directory_.Add("a", {.person = 1, .identifier = "same"});
  directory_.Add("b", {.person = 2, .identifier = "same"});
  for (const char* text : {R"({"a": 1, "b": 2})", R"({"a": 1, "same": 2})",
                           R"({"same": 1, "a": 2})", R"([{"x": {"y": 0, "b": 1, "z": 0, "a": 2}}])",
                           R"({"a": 1, "s\u0061me": 2})", R"({"x": "{\"a\": 1, \"b\": 2}"})"}) {
    const Status status = StatusOf(std::string("{} {}\n") + text);
    EXPECT_EQ(status.code(), StatusCode::kConflict) << text;
    EXPECT_EQ(status.locator(), 3);
  }
}

TEST_F(ReidentifyJsonTest, BothIdsOfOnePersonInOneObjectAreAConflict) {
  options_.participants = ParticipantPolicy::kId;
  EXPECT_EQ(StatusOf(R"({"$maria": 1, "$maria_p": 2})").code(), StatusCode::kConflict);
}

TEST_F(ReidentifyJsonTest, KeysThatWereEqualBeforeMayStayEqual) {
  directory_.Add("a", {.person = 1, .identifier = "same"});
  EXPECT_EQ(Rewrite(R"({"a": 1, "a": 2, "\u0061": 3})"), R"({"same": 1, "same": 2, "same": 3})");
  EXPECT_EQ(counts_.external_ids, 3u);
  EXPECT_EQ(Rewrite(R"({"x": 1, "x": 2, "a": 3})"), R"({"x": 1, "x": 2, "same": 3})");
}

TEST_F(ReidentifyJsonTest, KeysOfDifferentObjectsDoNotConflict) {
  directory_.Add("a", {.person = 1, .identifier = "same"});
  EXPECT_EQ(Rewrite(R"([{"a": {"same": 1}}, {"same": {"a": 1}}])"),
            R"([{"same": {"same": 1}}, {"same": {"same": 1}}])");
}

// ---- JSON in strings

std::string AsString(const std::string& json) {
  std::string out;
  AppendJsonString(json, &out);
  return out;
}

TEST_F(ReidentifyJsonTest, GoesIntoStringsThatHoldJson) {
  EXPECT_EQ(Rewrite(R"({"webhook": "{\"userId\":\"$maria_p\",\"name\":\"x\"}"})"),
            Fill(R"({"webhook": "{\"userId\":\"$maria_p\",\"name\":\"Maria Jensen\"}"})"));
  EXPECT_EQ(Rewrite(R"(["[\"$maria\", 0.1000, {\"$jose\": \"\\u00e9\"}]"])"),
            R"(["[\"00123456\", 0.1000, {\"00123457\": \"\\u00e9\"}]"])");
  EXPECT_EQ(Rewrite(R"(" \n{\"a\":\"$maria\"}\t ")"), R"(" \n{\"a\":\"00123456\"}\t ")");
}

TEST_F(ReidentifyJsonTest, AStringOfJsonInWhichNothingChangesKeepsItsBytes) {
  ExpectUnchanged(R"({"webhook": "\u007b\"a\"\u003a\/1\u007d", "x": "{\"\u0061\":\"\\\/\"}"})");
}

TEST_F(ReidentifyJsonTest, JsonInAStringInheritsThePersonAroundIt) {
  EXPECT_EQ(Rewrite(R"({"userId": "$maria_p", "m": "{\"name\":\"Patient RCG-V3F\"}"})"),
            Fill(R"({"userId": "$maria_p", "m": "{\"name\":\"Maria Jensen\"}"})"));
  EXPECT_EQ(Rewrite(R"({"$maria_p": ["[{\"name\":\"Patient RCG-V3F\"}]"]})"),
            Fill(R"({"$maria_p": ["[{\"name\":\"Maria Jensen\"}]"]})"));
  ExpectUnchanged(R"({"userId": "$stranger_p", "m": "{\"name\":\"Patient RCG-V3F\"}"})");
}

TEST_F(ReidentifyJsonTest, WhatOnlyLooksLikeJsonIsAText) {
  EXPECT_EQ(Rewrite(R"("{\"userId\":\"$maria\"")"), R"("{\"userId\":\"00123456\"")");
  EXPECT_EQ(Rewrite(R"("{$maria}")"), R"("{00123456}")");
  EXPECT_EQ(Rewrite(R"("[$maria] said")"), R"("[00123456] said")");
  EXPECT_EQ(Rewrite(R"("{} {\"id\":\"$maria\",\"name\":\"x\"}")"),
            R"("{} {\"id\":\"00123456\",\"name\":\"x\"}")");
  // Too deep for a document, so a text.
  const std::string deep = std::string(600, '[') + "\"$maria\"" + std::string(600, ']');
  EXPECT_EQ(Rewrite(AsString(deep)), AsString(ReplaceAll(deep, "$maria", "00123456")));
  EXPECT_EQ(counts_.external_ids, 1u);
}

TEST_F(ReidentifyJsonTest, EightStringsInsideEachOtherAreDocumentsAndDeeperOnesTexts) {
  std::string before = R"({"id":"short","name":"x","see":"$maria"})";
  directory_.Add("short", {.person = 7, .identifier = "7", .name = "Seven"});
  std::string as_document = R"({"id":"7","name":"Seven","see":"00123456"})";
  std::string as_text = R"({"id":"short","name":"x","see":"00123456"})";
  for (int nesting = 0; nesting <= 10; ++nesting) {
    EXPECT_EQ(Rewrite(before), nesting <= 8 ? as_document : as_text) << nesting;
    before = "[" + AsString(before) + "]";
    as_document = "[" + AsString(as_document) + "]";
    as_text = "[" + AsString(as_text) + "]";
  }
}

TEST_F(ReidentifyJsonTest, CountsInsideStringsToo) {
  Rewrite(R"(["{\"externalId\":\"$maria\",\"name\":\"x\",\"userId\":\"$maria_p\"}",)"
          R"( "{\"id\":\"$stranger\"}", "{\"id\":\"$maria\",\"uid\":\"$jose\",\"name\":\"x\"}"])");
  EXPECT_EQ(counts_.external_ids, 3u);
  EXPECT_EQ(counts_.participant_ids, 1u);
  EXPECT_EQ(counts_.names, 1u);
  EXPECT_EQ(counts_.unknown_ids, 1u);
  EXPECT_EQ(counts_.ambiguous_names, 1u);
}

// ---- what is written

TEST_F(ReidentifyJsonTest, NamesOfAnyCharactersAreEscaped) {
  for (const char* name :
       {"O\"Brien \\ Sons", "line\nbreak\x01", "王小明 😀", "{\"not\":\"json\"}", "</x>"}) {
    directory_.Add(kMaria, {.person = 1, .identifier = name, .name = name});
    EXPECT_EQ(Rewrite(R"({"id":"$maria","name":"x","y":"to $maria"})"),
              "{\"id\":" + AsString(name) + ",\"name\":" + AsString(name) +
                  ",\"y\":" + AsString("to " + std::string(name)) + "}");
    const std::string inner = "{\"id\":" + AsString(name) + "}";
    EXPECT_EQ(Rewrite(R"(["{\"id\":\"$maria\"}"])"), "[" + AsString(inner) + "]");
  }
}

TEST_F(ReidentifyJsonTest, AReplacementThatIsNotTextIsRefused) {
  directory_.Add(kMaria, {.person = 1, .identifier = "\xFF", .name = "\xC3"});
  for (const char* text :
       {R"(1 "$maria")", R"(1 "to $maria")", R"(1 {"$maria": 1})", R"(1 {"x": "[\"$maria\"]"})"}) {
    EXPECT_EQ(StatusOf(text).code(), StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(StatusOf(text).locator(), 2) << text;
  }
}

TEST_F(ReidentifyJsonTest, ReplacementsAreNotLookedAtAgain) {
  directory_.Add("a", {.person = 1, .identifier = "b", .name = "see " + std::string(kJose)});
  directory_.Add("b", {.person = 2, .identifier = "c"});
  EXPECT_EQ(Rewrite(R"({"id":"a","name":"x","y":"b"})"),
            Fill(R"({"id":"b","name":"see $jose","y":"c"})"));
}

TEST_F(ReidentifyJsonTest, AllBytesBesideAReplacementStay) {
  EXPECT_EQ(Rewrite("\xEF\xBB\xBF\r\n{ \"z\" :\t0.1000 ,\n\n\"id\":\"$maria\",  \"a\":1E5,\"a\":"
                    "123456789012345678901234567890,\"e\":\"\\u00e9\\/\" , \"l\":[ ] }\r\n\r\n"),
            "\xEF\xBB\xBF\r\n{ \"z\" :\t0.1000 ,\n\n\"id\":\"00123456\",  \"a\":1E5,\"a\":"
            "123456789012345678901234567890,\"e\":\"\\u00e9\\/\" , \"l\":[ ] }\r\n\r\n");
}

TEST_F(ReidentifyJsonTest, AvatarsAddressesAndAgentsStay) {
  ExpectUnchanged(R"({"userId": "$maria_p", "avatarUrl": "https://avatars.example.org/211.svg",)"
                  R"( "ipAddress": "192.0.2.71", "userAgent": "Mozilla/5.0 (X11) Gecko"})");
}

// ---- documents

TEST_F(ReidentifyJsonTest, ReadsAnyNumberOfDocuments) {
  EXPECT_EQ(Rewrite(""), "");
  EXPECT_EQ(Rewrite(" \n"), " \n");
  EXPECT_EQ(Rewrite("{\"id\":\"$maria\"}\n{\"id\":\"$jose\"}"),
            "{\"id\":\"00123456\"}\n{\"id\":\"00123457\"}");
  EXPECT_EQ(Rewrite("{\"id\":\"$maria\"}\r\n\r\n{\"id\":\"$jose\"}\r\n"),
            "{\"id\":\"00123456\"}\r\n\r\n{\"id\":\"00123457\"}\r\n");
  EXPECT_EQ(Rewrite("1 \"$maria\" null [\"$jose\"]\t{}"), "1 \"00123456\" null [\"00123457\"]\t{}");
}

TEST_F(ReidentifyJsonTest, APersonDoesNotReachTheNextDocument) {
  ExpectUnchanged("{\"userId\":\"$maria_p\"}\n{\"name\":\"Patient RCG-V3F\"}\n");
}

TEST_F(ReidentifyJsonTest, AnErrorSaysWhichDocumentAndGivesNoText) {
  struct Bad {
    std::string text;
    std::int64_t document;
  };
  const std::vector<Bad> cases = {
      {"{", 1},
      {"{\"id\":\"$maria\"", 1},
      {"{\"id\":\"$maria\"}\n{\"id\":", 2},
      {"{\"id\":\"$maria\"}\n{\"id\":\"$jose\"\n{\"id\":\"$jose\"}\n", 2},
      {"{}\n{}\n\xEF\xBB\xBF{}", 3},
      {"{}\n\n[\"\xFF\"]\n{}", 2},
      {"{}\n[\"\xED\xA0\x80\"]", 2},
      {"1 2 tru", 3},
      {"{}\n[\"\\ud800\"]", 2},
      {"{} " + std::string(513, '[') + std::string(513, ']'), 2},
      {"{}{}", 1},
      {"{}\n[1]x", 2},
      {"{},{}", 1},
      {"1 \"a\"\"b\"", 2},
      {std::string("{}\0", 3), 1},
  };
  for (const Bad& bad : cases) {
    SCOPED_TRACE(bad.text);
    ReidentifyCounts counts{.names = 77};
    const Result<std::string> out = ReidentifyJson(Fill(bad.text), directory_, options_, &counts);
    ASSERT_FALSE(out.ok());
    EXPECT_EQ(out.status().code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(out.status().locator(), bad.document);
    EXPECT_EQ(counts.names, 77u);
  }
}

TEST_F(ReidentifyJsonTest, EveryBeginningOfADocumentIsAnError) {
  const std::string text = testing::ReadDataFile("webhook-conference-ended.json");
  const std::size_t end = text.find_last_of('}');
  for (std::size_t size = 1; size <= end; ++size) {
    ASSERT_FALSE(StatusOf(text.substr(0, size)).ok()) << size;
  }
  EXPECT_TRUE(StatusOf(text.substr(0, end + 1)).ok());
}

TEST_F(ReidentifyJsonTest, DeepestDocumentIsRewritten) {
  const std::string open(512, '[');
  const std::string close(512, ']');
  EXPECT_EQ(Rewrite(open + "\"$maria\"" + close), open + "\"00123456\"" + close);
}

TEST_F(ReidentifyJsonTest, CountsMayBeLeftOut) {
  EXPECT_EQ(*ReidentifyJson(Fill(R"("$maria")"), directory_, options_, nullptr), R"("00123456")");
}

// ---- documents beside each other

TEST_F(ReidentifyJsonTest, ADocumentBecomesTheSameWhateverStandsBeforeIt) {
  const std::vector<std::string> documents = {
      R"({"externalId":"$maria","name":"N","id":"c-1"})",
      R"({"name":"N","externalId":"$maria","id":"c-1"})",
      R"({"externalId":"$stranger","name":"N","id":"$jose_p"})",
      R"({"id":"$jose","name":"$maria","other":{"name":"X RCG-V3F"}})",
      R"({"$maria_p":{"name":"X RCG-V3F"},"$jose":"id","name":"externalId"})",
      R"({"id":"name","name":"id","externalId":"externalId"})",
      R"({"two words":"see $maria, $stranger","j":"[\"$jose\",{\"name\":\"id\"}]"})",
      R"({"j":"{\"externalId\":\"$maria\",\"name\":\"N\"}","[1]":"[1]"})",
      R"(["$maria","id",["$stranger","{\"id\":\"$jose\"}"],"c-1"])",
      R"({"\u0069d":"\u006d0","x_$maria_p.mp3":"x_$maria_p.mp3"})",
      R"({"userId":"","name":"N"})",
      R"("$sian")",
      R"({})",
  };
  options_.unknown_mark = "?";
  std::mt19937 random(20261123);
  for (int round = 0; round < 40; ++round) {
    std::string text;
    std::string expected;
    ReidentifyCounts sum;
    for (int i = 0; i < 30; ++i) {
      const std::string& document = documents[random() % documents.size()];
      text += Fill(document) + "\n";
      expected += Rewrite(document) + "\n";
      sum.external_ids += counts_.external_ids;
      sum.names += counts_.names;
      sum.unknown_ids += counts_.unknown_ids;
    }
    RewriteOptions options = testing::JsonOptions(RecordFormat::kJsonLines, {});
    options.block_size = 1 + random() % 4096;
    const auto run = testing::RunReidentify(text, options, options_, directory_.Sources());
    ASSERT_TRUE(run.status.ok());
    EXPECT_EQ(run.text, expected);
    EXPECT_EQ(run.outcome.counts.external_ids, sum.external_ids);
    EXPECT_EQ(run.outcome.counts.names, sum.names);
    EXPECT_EQ(run.outcome.counts.unknown_ids, sum.unknown_ids);
  }
}

// ---- what is asked for

TEST_F(ReidentifyJsonTest, WholeTextsKeysAndTokensAreAskedForOnce) {
  std::vector<std::string> asked;
  const std::string text =
      Fill(R"({"key": "value", "two words": "a $maria b $stranger_p", "n": 17, "e": "",)"
           R"( "j": "[\"in\\nside\", \"\u0069nner\", {\"k2\": \"rec_$jose_p.mp3\"}]"})");
  const auto run =
      testing::RunReidentify(text + "\n" + text, testing::JsonOptions(RecordFormat::kJson, {}),
                             options_, directory_.Sources(&asked));
  ASSERT_TRUE(run.status.ok());
  std::vector<std::string> expected = {"key",
                                       "value",
                                       kMaria,
                                       kStrangerParticipant,
                                       "n",
                                       "e",
                                       "j",
                                       "inner",
                                       "k2",
                                       kJoseParticipant,
                                       "rec_" + std::string(kJoseParticipant) + ".mp3"};
  std::sort(asked.begin(), asked.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(asked, expected);
}

}  // namespace
}  // namespace moniker
