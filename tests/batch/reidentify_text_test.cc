// Reidentify over whole texts: in blocks of every size and on several threads, what is left out,
// what is marked, and the names of files.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moniker/reidentify.h"
#include "reidentifying.h"
#include "test_directory.h"

namespace moniker {
namespace {

using testing::CsvOptions;
using testing::JsonOptions;
using testing::kJose;
using testing::kMaria;
using testing::kMariaParticipant;
using testing::kStranger;
using testing::kStrangerParticipant;
using testing::People;
using testing::ReadDataFile;
using testing::Reidentified;
using testing::ReplaceAll;
using testing::RunReidentify;
using testing::TestDirectory;

std::string Fill(std::string text) {
  text = ReplaceAll(text, "$maria_p", kMariaParticipant);
  text = ReplaceAll(text, "$maria", kMaria);
  text = ReplaceAll(text, "$jose", kJose);
  text = ReplaceAll(text, "$stranger_p", kStrangerParticipant);
  return ReplaceAll(text, "$stranger", kStranger);
}

Reidentified RunOnPeople(const std::string& text, const RewriteOptions& options,
                         const ReidentifyOptions& rules = {}) {
  static const TestDirectory people = People();
  return RunReidentify(Fill(text), options, rules, people.Sources());
}

// Records of one shape each, with line ends and a known person, an unknown one and none.
std::string Lines() {
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text += "{\"n\":" + std::to_string(i) + ",\"externalId\":\"" +
            (i % 3 == 0   ? "$maria"
             : i % 3 == 1 ? "$stranger"
                          : "") +
            "\",\"name\":\"Patient RCG-V3F\"}\r\n";
  }
  return text;
}

TEST(ReidentifyTextTest, BlocksAndThreadsMakeNoDifference) {
  const std::string array = "[" + ReadDataFile("live-participants.json") + ",{}]\n";
  const std::string tables = ReplaceAll(ReadDataFile("visits.csv"), "00123456", "$maria");
  for (const auto& [format, text] :
       {std::pair(RecordFormat::kJsonLines, Lines()), std::pair(RecordFormat::kJson, Lines()),
        std::pair(RecordFormat::kJson, array), std::pair(RecordFormat::kCsv, tables)}) {
    RewriteOptions options = JsonOptions(format, {});
    const Reidentified whole = RunOnPeople(text, options);
    ASSERT_TRUE(whole.status.ok());
    ASSERT_FALSE(whole.outcome.fault);
    EXPECT_NE(whole.text, Fill(text));
    for (const std::size_t block_size : {1U, 100U, 1000U}) {
      for (const std::size_t threads : {1U, 4U}) {
        options.block_size = block_size;
        options.threads = threads;
        const Reidentified run = RunOnPeople(text, options);
        ASSERT_TRUE(run.status.ok());
        EXPECT_EQ(run.text, whole.text);
        EXPECT_EQ(run.outcome.counts.external_ids, whole.outcome.counts.external_ids);
        EXPECT_EQ(run.outcome.counts.names, whole.outcome.counts.names);
        EXPECT_EQ(run.outcome.counts.unknown_ids, whole.outcome.counts.unknown_ids);
        EXPECT_EQ(run.outcome.summary.records, whole.outcome.summary.records);
      }
    }
  }
}

TEST(ReidentifyTextTest, ARunGoesOnFromEveryCheckpoint) {
  RewriteOptions options = JsonOptions(RecordFormat::kJsonLines, {});
  options.block_size = 500;
  options.checkpoints = true;
  const std::string text = Fill(Lines());
  const TestDirectory people = People();
  struct Kept {
    std::string place;
    std::size_t written;
  };
  std::vector<Kept> kept;
  std::string whole;
  const testing::TextFile file(text);
  RewriteSinks sinks;
  sinks.write = [&](std::string_view bytes) {
    whole.append(bytes);
    return Status::Ok();
  };
  sinks.after_block = [&](const RewriteProgress& now) {
    kept.push_back({now.checkpoint, whole.size()});
    return Status::Ok();
  };
  const auto first = Reidentify(file.fd(), options, {}, people.Sources(), sinks);
  ASSERT_TRUE(first.ok());
  ASSERT_GT(kept.size(), 10u);
  for (const Kept& one : kept) {
    options.resume_from = one.place;
    const Reidentified rest = RunReidentify(text, options, {}, people.Sources());
    ASSERT_TRUE(rest.status.ok());
    EXPECT_EQ(whole.substr(0, one.written) + rest.text, whole);
    EXPECT_EQ(rest.outcome.counts.external_ids, first->counts.external_ids);
    EXPECT_EQ(rest.outcome.counts.unknown_ids, first->counts.unknown_ids);
  }
}

TEST(ReidentifyTextTest, TheCountsOfAHeaderAreCountedOnceAlsoByARunThatGoesOn) {
  RewriteOptions options = CsvOptions({});
  options.block_size = 40;
  options.checkpoints = true;
  const std::string text = Fill("$maria,n\n" + ReplaceAll(std::string(30, 'x'), "x", "$jose,1\n"));
  const TestDirectory people = People();
  std::vector<std::string> places;
  const testing::TextFile file(text);
  RewriteSinks sinks;
  sinks.write = [](std::string_view) { return Status::Ok(); };
  sinks.after_block = [&](const RewriteProgress& now) {
    places.push_back(now.checkpoint);
    return Status::Ok();
  };
  ASSERT_EQ(Reidentify(file.fd(), options, {}, people.Sources(), sinks)->counts.external_ids, 31u);
  ASSERT_GT(places.size(), 3u);
  options.resume_from = places[places.size() / 2];
  EXPECT_EQ(RunReidentify(text, options, {}, people.Sources()).outcome.counts.external_ids, 31u);
}

TEST(ReidentifyTextTest, FaultyRecordsAreLeftOutWithoutBeingCounted) {
  TestDirectory people = People();
  people.Add("a", {.person = 8, .identifier = "same"});
  people.Add("b", {.person = 9, .identifier = "same"});
  RewriteOptions options = JsonOptions(RecordFormat::kJsonLines, {});
  options.skip_faulty = true;
  const std::string text = Fill(
      "{\"id\":\"$maria\"}\n{\"a\":\"$maria\",\"b\":1}\nnonsense\n{\"a\":1}\n{\"x\":\"\xFF\"}\n");
  const Reidentified run = RunReidentify(text, options, {}, people.Sources());
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(run.text, "{\"id\":\"00123456\"}\n{\"same\":1}\n");
  EXPECT_EQ(run.rejected, Fill("{\"a\":\"$maria\",\"b\":1}\nnonsense\n{\"x\":\"\xFF\"}\n"));
  EXPECT_EQ(run.outcome.summary.rejected, 3u);
  EXPECT_EQ(run.outcome.counts.external_ids, 2u);
  ASSERT_EQ(run.told.size(), 3u);
  EXPECT_EQ(run.told[0].record, 2u);
  EXPECT_EQ(run.told[0].status.code(), StatusCode::kConflict);
  EXPECT_EQ(run.told[1].record, 3u);
  EXPECT_EQ(run.told[2].record, 5u);
}

TEST(ReidentifyTextTest, FaultyRowsAreLeftOut) {
  TestDirectory people = People();
  people.Add("nul", {.person = 8, .identifier = std::string("a\0b", 3)});
  RewriteOptions options = CsvOptions({});
  options.skip_faulty = true;
  const Reidentified run = RunReidentify(Fill("id,b\n$maria,1\nnul,2\n$maria\n$jose,4\n"), options,
                                         {}, people.Sources());
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(run.text, "id,b\n00123456,1\n00123457,4\n");
  EXPECT_EQ(run.rejected, Fill("id,b\nnul,2\n$maria\n"));
  EXPECT_EQ(run.outcome.counts.external_ids, 2u);
}

TEST(ReidentifyTextTest, TheFirstElementsOfAnArrayMayBeLeftOut) {
  TestDirectory people = People();
  people.Add("a", {.person = 8, .identifier = "b"});
  RewriteOptions options = JsonOptions(RecordFormat::kJson, {});
  options.skip_faulty = true;
  const Reidentified run =
      RunReidentify(Fill("[{\"a\":1,\"b\":2}, \"$maria\"]"), options, {}, people.Sources());
  EXPECT_EQ(run.text, "[ \"00123456\"]");
}

TEST(ReidentifyTextTest, AnIdThatCannotBeWrittenWithoutQuotesIsAFault) {
  TestDirectory people;
  people.Add("x", {.person = 1, .identifier = "a,b"});
  RewriteOptions options = CsvOptions({});
  options.quote = '\0';
  const Reidentified run = RunReidentify("id,n\nx,1\n", options, {}, people.Sources());
  ASSERT_TRUE(run.outcome.fault);
  EXPECT_EQ(run.outcome.fault->record, 1u);
  EXPECT_FALSE(run.outcome.fault->column);
}

class FailingSource : public IdentitySource {
 public:
  Status FindMany(std::span<const std::string_view>,
                  std::span<std::optional<KnownIdentity>>) override {
    return Status(StatusCode::kIo, "the store cannot be read", 5);
  }
};

TEST(ReidentifyTextTest, AnErrorOfASourceEndsTheRunAndNothingOfTheBlockIsWritten) {
  const IdentitySourceFactory failing = []() -> Result<std::unique_ptr<IdentitySource>> {
    return std::unique_ptr<IdentitySource>(std::make_unique<FailingSource>());
  };
  const IdentitySourceFactory none = []() -> Result<std::unique_ptr<IdentitySource>> {
    return Status(StatusCode::kClosed, "none");
  };
  for (const RecordFormat format :
       {RecordFormat::kCsv, RecordFormat::kJson, RecordFormat::kJsonLines}) {
    const RewriteOptions options = JsonOptions(format, {});
    const Reidentified run = RunReidentify("\"a\"\n\"b\"\n", options, {}, failing);
    EXPECT_EQ(run.status.code(), StatusCode::kIo);
    EXPECT_EQ(run.text, "");
    EXPECT_EQ(RunReidentify("1\n", options, {}, none).status.code(), StatusCode::kClosed);
  }
}

// ---- marks

std::string Marked(const std::string& text, RecordFormat format) {
  const Reidentified run = RunOnPeople(text, JsonOptions(format, {}), {.unknown_mark = "unknown:"});
  return run.status.ok() && !run.outcome.fault ? run.text : "error";
}

TEST(ReidentifyTextTest, WhatIsCountedAsUnknownIsMarked) {
  EXPECT_EQ(Marked(R"({"externalId":"Mixer","userId":"$stranger_p","id":"w1","x":"$stranger_p"})",
                   RecordFormat::kJson),
            Fill(R"({"externalId":"unknown:Mixer","userId":"unknown:$stranger_p","id":"w1",)"
                 R"("x":"$stranger_p"})"));
  EXPECT_EQ(
      Marked(R"(["$stranger","/r/$stranger.mp3 $maria",{"$stranger":1}])", RecordFormat::kJson),
      Fill(R"(["unknown:$stranger","/r/unknown:$stranger.mp3 00123456",)"
           R"({"unknown:$stranger":1}])"));
  EXPECT_EQ(Marked("userId,$stranger,x\n$stranger_p,1,\n,2,$maria\n", RecordFormat::kCsv),
            Fill("userId,unknown:$stranger,x\nunknown:$stranger_p,1,\n,2,00123456\n"));
}

TEST(ReidentifyTextTest, WhatIsKnownInsideAnUnknownIdIsReplacedAllTheSame) {
  EXPECT_EQ(
      Marked(R"({"userId":"of $maria","uid":"{\"externalId\":\"$maria\"}"})", RecordFormat::kJson),
      R"({"userId":"unknown:of 00123456","uid":"unknown:{\"externalId\":\"00123456\"}"})");
}

TEST(ReidentifyTextTest, AMarkChangesNoCount) {
  const std::string text = Lines();
  const RewriteOptions options = JsonOptions(RecordFormat::kJsonLines, {});
  const Reidentified plain = RunOnPeople(text, options);
  const Reidentified marked = RunOnPeople(text, options, {.unknown_mark = "?"});
  EXPECT_GT(plain.outcome.counts.unknown_ids, 0u);
  EXPECT_EQ(marked.outcome.counts.unknown_ids, plain.outcome.counts.unknown_ids);
  EXPECT_EQ(ReplaceAll(marked.text, "?", ""), plain.text);
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(marked.text.begin(), marked.text.end(), '?')),
            plain.outcome.counts.unknown_ids);
}

// ---- names of files

std::string Renamed(const std::string& name, ParticipantPolicy policy,
                    const TestDirectory& people = People()) {
  const auto source = *people.Sources()();
  const Result<std::optional<std::string>> renamed =
      ReidentifyFileName(Fill(name), {.participants = policy, .unknown_mark = "?"}, source.get());
  return !renamed.ok() ? "error" : renamed->value_or("same");
}

TEST(ReidentifyFileNameTest, IdsInItAreReplacedAtTokenBoundaries) {
  const std::string name = "record_160_conn_$maria_p_170.json.gz";
  EXPECT_EQ(Renamed(name, ParticipantPolicy::kId), "record_160_conn_00123456_170.json.gz");
  EXPECT_EQ(Renamed(name, ParticipantPolicy::kName), "record_160_conn_Maria Jensen_170.json.gz");
  EXPECT_EQ(Renamed("$maria.csv", ParticipantPolicy::kName), "00123456.csv");
  EXPECT_EQ(Renamed(name, ParticipantPolicy::kKeep), "same");
  EXPECT_EQ(Renamed("x$maria_p.json", ParticipantPolicy::kId), "same");
  EXPECT_EQ(Renamed("$stranger.json", ParticipantPolicy::kId), "same");
}

TEST(ReidentifyFileNameTest, WhatStandsBeforeTheFullStopMayBeAnIdOfAnyShape) {
  TestDirectory people;
  people.Add("user-17", {.kind = testing::TestIdentity::Kind::kParticipantId,
                         .person = 1,
                         .identifier = "4711",
                         .name = "Seventeen"});
  EXPECT_EQ(Renamed("user-17.json", ParticipantPolicy::kId, people), "4711.json");
  EXPECT_EQ(Renamed("user-17", ParticipantPolicy::kName, people), "Seventeen");
  EXPECT_EQ(Renamed("see user-17.json", ParticipantPolicy::kId, people), "same");
}

TEST(ReidentifyFileNameTest, WhatCannotBeInTheNameOfAFileIsAnError) {
  for (const std::string& identifier :
       {std::string("a/b"), std::string("../x"), std::string("a\nb"), std::string("a\0b", 3),
        std::string("..") + "x", std::string(300, 'x')}) {
    TestDirectory people;
    people.Add(kMaria, {.person = 1, .identifier = identifier});
    EXPECT_EQ(Renamed("$maria.json", ParticipantPolicy::kId, people), "error") << identifier;
  }
}

}  // namespace
}  // namespace moniker
