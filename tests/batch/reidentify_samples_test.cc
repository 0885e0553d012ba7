// The exports of tests/data, with everybody of people.json known.

#include <gtest/gtest.h>

#include <string>

#include "moniker/json_text.h"
#include "moniker/reidentify.h"
#include "reidentifying.h"
#include "test_directory.h"

namespace moniker {
namespace {

using testing::People;
using testing::ReadDataFile;
using testing::ReidentifyCsv;
using testing::ReidentifyJson;
using testing::ReplaceAll;
using testing::TestDirectory;

struct Sample {
  const char* file;
  ReidentifyCounts counts;  // counted by eye
};

constexpr Sample kSamples[] = {
    {"conference-created.json", {.external_ids = 6}},
    {"live-participants.json", {.external_ids = 5, .participant_ids = 5, .names = 5}},
    {"monitor-conferences.json", {.external_ids = 1, .participant_ids = 1, .names = 1}},
    {"monitor-participants.json", {.external_ids = 4, .participant_ids = 8, .names = 4}},
    {"monitor-webhooks.json",
     {.external_ids = 2, .participant_ids = 4, .names = 3, .unknown_ids = 2}},
    {"recordings.json", {.participant_ids = 9}},
    {"webhook-conference-ended.json",
     {.external_ids = 1, .participant_ids = 3, .names = 2, .unknown_ids = 2}},
};

void ExpectCounts(const ReidentifyCounts& actual, const ReidentifyCounts& expected) {
  EXPECT_EQ(actual.external_ids, expected.external_ids);
  EXPECT_EQ(actual.participant_ids, expected.participant_ids);
  EXPECT_EQ(actual.names, expected.names);
  EXPECT_EQ(actual.unknown_ids, expected.unknown_ids);
  EXPECT_EQ(actual.ambiguous_names, expected.ambiguous_names);
}

// In the samples every pseudonym stands where it should be replaced, and nobody's text contains
// another's, so that plain replacement of texts, blind to JSON, must give the same.
std::string ReplacedBlindly(std::string text, ParticipantPolicy policy) {
  static constexpr const char* kRoles[] = {"Patient ", "Clinician ", "Interpreter "};
  const TestDirectory people = People();
  for (const auto& [id, identity] : people.known()) {
    for (const char* role : kRoles) text = ReplaceAll(text, role + identity.label, identity.name);
    if (identity.kind == testing::TestIdentity::Kind::kExternalId ||
        policy == ParticipantPolicy::kId) {
      text = ReplaceAll(text, id, identity.identifier);
    } else if (policy == ParticipantPolicy::kName) {
      text = ReplaceAll(text, id, identity.name);
    }
  }
  return text;
}

TEST(ReidentifySamplesTest, BecomeWhatPlainReplacementGives) {
  for (const Sample& sample : kSamples) {
    SCOPED_TRACE(sample.file);
    const std::string text = ReadDataFile(sample.file);
    for (const ParticipantPolicy policy :
         {ParticipantPolicy::kKeep, ParticipantPolicy::kId, ParticipantPolicy::kName}) {
      ReidentifyCounts counts;
      const Result<std::string> out =
          ReidentifyJson(text, People(), {.participants = policy}, &counts);
      ASSERT_TRUE(out.ok()) << out.status().message();
      EXPECT_EQ(*out, ReplacedBlindly(text, policy));
      ExpectCounts(counts, sample.counts);
    }
  }
}

TEST(ReidentifySamplesTest, StayAsTheyAreIfNobodyIsKnown) {
  for (const Sample& sample : kSamples) {
    const std::string text = ReadDataFile(sample.file);
    const Result<std::string> out =
        ReidentifyJson(text, TestDirectory(), {.participants = ParticipantPolicy::kName}, nullptr);
    ASSERT_TRUE(out.ok());
    EXPECT_EQ(*out, text) << sample.file;
  }
}

TEST(ReidentifySamplesTest, ConferenceEnded) {
  const Result<std::string> out =
      ReidentifyJson(ReadDataFile("webhook-conference-ended.json"), People(),
                     {.participants = ParticipantPolicy::kId}, nullptr);
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(*out, R"({
  "eventType": "Conference.Ended",
  "conference": {
    "confId": "a88484c6-2a47-4691-86e2-933eec80b316",
    "confAlias": "room-1"
  },
  "ownerId": "s-0042",
  "participants": [
    {
      "userId": "00123456",
      "ipAddress": "192.0.2.71",
      "presenceDuration": 17773,
      "recvTimers": {},
      "sendTimers": {
        "VIDEO": 12425,
        "AUDIO": 15310
      },
      "metadata": {
        "preferSendMono": "false",
        "externalName": "Maria Jensen",
        "externalPhotoUrl": "https://avatars.example.org/211.svg",
        "simulcast": "false"
      }
    },
    {
      "userId": "00123457",
      "metadata": {
        "externalName": "José García-Núñez",
        "externalId": "00123457",
        "externalPhotoUrl": "https://avatars.example.org/208.svg",
        "ipAddress": "192.0.2.27"
      }
    },
    {
      "userId": "3f0f1f62-9a0e-4a57-b7d7-5d7c3f6f2b10",
      "metadata": {
        "externalName": "Mixer",
        "externalId": "Mixer_record"
      }
    }
  ]
}
)");
}

TEST(ReidentifySamplesTest, ConferenceCreated) {
  const Result<std::string> out =
      ReidentifyJson(ReadDataFile("conference-created.json"), People(), {}, nullptr);
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(*out, R"({
  "conferenceId": "a88484c6-2a47-4691-86e2-933eec80b316",
  "conferenceAlias": "room-1",
  "ownerExternalId": "s-0042",
  "usersTokens": {
    "00123456": "token-0",
    "00123457": "token-1",
    "s-0042": "token-2",
    "00987654": "token-3",
    "s-0107": "token-4"
  }
}
)");
}

// A webhook inside the log of webhooks, that log inside a field of another document, and this in
// a cell.
TEST(ReidentifySamplesTest, AnExportInAStringInAStringInACell) {
  const auto nested = [](const std::string& innermost) {
    std::string webhook = "{\"webhook\": ";
    AppendJsonString(innermost, &webhook);
    std::string log = "{\"log\": ";
    AppendJsonString(webhook + "}", &log);
    return "id,payload,note\r\nw1,\"" + ReplaceAll(log + "}", "\"", "\"\"") + "\",\r\n";
  };
  for (const Sample& sample : kSamples) {
    SCOPED_TRACE(sample.file);
    const std::string text = ReadDataFile(sample.file);
    ReidentifyCounts counts;
    const Result<std::string> out = ReidentifyCsv(nested(text), ',', People(), {}, &counts);
    ASSERT_TRUE(out.ok()) << out.status().message();
    EXPECT_EQ(*out, nested(ReplacedBlindly(text, ParticipantPolicy::kKeep)));
    ExpectCounts(counts, sample.counts);
  }
}

}  // namespace
}  // namespace moniker
