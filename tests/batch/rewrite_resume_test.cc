// A run that goes on from a checkpoint writes what the run that made it wrote afterwards, and its
// summary is that of the whole.

#include <gtest/gtest.h>

#include "batch/compression.h"
#include "batch/rewrite_state.h"
#include "batch/rewriting.h"

namespace moniker {
namespace {

using namespace moniker::testing;  // NOLINT

struct Stop {
  RewriteProgress progress;
  std::size_t written;
  std::size_t rejected;
  std::size_t told;
};

struct Watched : Rewritten {
  std::vector<Stop> stops;
};

// Ends with an error after so many blocks.
Watched Watch(std::string_view text, const RewriteOptions& options, std::size_t most = 1'000'000) {
  const TextFile file(text);
  Watched result;
  RewriteSinks sinks;
  sinks.write = [&](std::string_view bytes) {
    result.text.append(bytes);
    return Status::Ok();
  };
  sinks.reject = [&](std::string_view bytes) {
    result.rejected.append(bytes);
    return Status::Ok();
  };
  sinks.tell = [&](const RecordFault& fault) { result.told.push_back(fault); };
  sinks.after_block = [&](const RewriteProgress& progress) {
    result.stops.push_back(
        {progress, result.text.size(), result.rejected.size(), result.told.size()});
    return result.stops.size() < most ? Status::Ok() : Status(StatusCode::kIo, "that will do");
  };
  Result<RewriteOutcome> outcome = Rewrite(file.fd(), options, Brackets(), sinks);
  result.status = outcome.status();
  if (outcome.ok()) result.outcome = *std::move(outcome);
  return result;
}

std::string Csv(std::size_t records) {
  std::string text =
      "\xEF\xBB\xBF"
      "a,b,c\r\n";
  for (std::size_t i = 0; i < records; ++i) {
    const std::string number = std::to_string(i);
    text += i % 7 == 3 ? number + ",bad,x\r\n" : number + ",\"v\n" + number + "\",\"\"\r\n";
  }
  return text;
}

std::string Array(std::size_t records) {
  std::string text = "[ ";
  for (std::size_t i = 0; i < records; ++i) {
    text += (i == 0 ? "" : " ,\n");
    // The first ones are left out, so that a comma goes with them.
    text +=
        i < 9 || i % 5 == 0 ? R"({"b":"bad"})" : R"({"n":)" + std::to_string(i) + R"(,"b":"]"})";
  }
  return text + " ]\n";
}

std::string Lines(std::size_t records) {
  std::string text;
  for (std::size_t i = 0; i < records; ++i) {
    text += i == 2 ? R"({"b":"early"})"
                     "\n"
                   : R"({"n":[)" + std::to_string(i) + "]}\n\n";
  }
  return text;
}

RewriteOptions Options(RecordFormat format, Compression compression = Compression::kNone) {
  RewriteOptions options = JsonOptions(format, {Replaced("b")});
  options.skip_faulty = true;
  options.checkpoints = true;
  options.block_size = 64;
  options.output_compression = compression;
  return options;
}

void ExpectSame(const RewriteSummary& got, const RewriteSummary& wanted) {
  EXPECT_EQ(got.format, wanted.format);
  EXPECT_EQ(got.records, wanted.records);
  EXPECT_EQ(got.rejected, wanted.rejected);
  EXPECT_EQ(got.bytes_in, wanted.bytes_in);
  EXPECT_EQ(got.bytes_out, wanted.bytes_out);
  EXPECT_EQ(got.passed_on, wanted.passed_on);
  ASSERT_EQ(got.columns.size(), wanted.columns.size());
  for (std::size_t i = 0; i < got.columns.size(); ++i) {
    EXPECT_EQ(got.columns[i].replaced, wanted.columns[i].replaced);
    EXPECT_EQ(got.columns[i].kept, wanted.columns[i].kept);
  }
}

// From every checkpoint, with one thread and with several.
void ExpectResumable(const std::string& text, RewriteOptions options) {
  const Watched whole = Watch(text, options);
  ASSERT_TRUE(whole.status.ok()) << whole.status.message();
  ASSERT_FALSE(whole.outcome.fault.has_value());
  ASSERT_GT(whole.stops.size(), 5U);
  for (std::size_t i = 0; i < whole.stops.size(); ++i) {
    const Stop& stop = whole.stops[i];
    EXPECT_EQ(stop.progress.bytes_out, stop.written);
    options.resume_from = stop.progress.checkpoint;
    options.threads = 1 + i % 3;
    const Watched rest = Watch(text, options);
    ASSERT_TRUE(rest.status.ok()) << i << ": " << rest.status.message();
    ASSERT_FALSE(rest.outcome.fault.has_value()) << i;
    ASSERT_EQ(rest.text, whole.text.substr(stop.written)) << i;
    ASSERT_EQ(rest.rejected, whole.rejected.substr(stop.rejected)) << i;
    ASSERT_EQ(rest.told.size(), whole.told.size() - stop.told) << i;
    if (!rest.told.empty()) {
      EXPECT_EQ(rest.told.back().record, whole.told.back().record);
    }
    ExpectSame(rest.outcome.summary, whole.outcome.summary);
    // What it tells of itself is told as before, too; an empty last block may come again.
    const std::size_t left = whole.stops.size() - i - 1;
    ASSERT_GE(rest.stops.size(), left);
    ASSERT_LE(rest.stops.size(), left + 1);
    for (std::size_t k = 0; k < left; ++k) {
      EXPECT_EQ(rest.stops[k].progress.checkpoint, whole.stops[i + 1 + k].progress.checkpoint);
    }
  }
}

TEST(RewriteResumeTest, CsvGoesOnFromEveryCheckpoint) {
  ExpectResumable(Csv(60), Options(RecordFormat::kCsv));
}

TEST(RewriteResumeTest, AnArrayGoesOnFromEveryCheckpoint) {
  ExpectResumable(Array(60), Options(RecordFormat::kJson));
}

TEST(RewriteResumeTest, DocumentsGoOnFromEveryCheckpoint) {
  ExpectResumable(Lines(60), Options(RecordFormat::kJson));
}

TEST(RewriteResumeTest, JsonLinesGoOnFromEveryCheckpoint) {
  // The path leads somewhere in the first block alone, which must not be forgotten.
  ExpectResumable(Lines(60), Options(RecordFormat::kJsonLines));
}

TEST(RewriteResumeTest, CompressedOutputGoesOnFromEveryCheckpoint) {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    ExpectResumable(Csv(60), Options(RecordFormat::kCsv, compression));
    ExpectResumable(Array(60), Options(RecordFormat::kJson, compression));
  }
}

TEST(RewriteResumeTest, CompressedInputGoesOnFromEveryCheckpoint) {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    std::string compressed;
    ASSERT_TRUE(internal::AppendCompressed(compression, Csv(60), &compressed).ok());
    ExpectResumable(compressed, Options(RecordFormat::kCsv, compression));
  }
}

TEST(RewriteResumeTest, RecordsLargerThanABlockAreCutAsBefore) {
  // How much is read at once then depends on what was read before.
  std::string text = "a,b,c\n";
  for (std::size_t i = 0; i < 40; ++i) {
    text += std::string(i * 37 % 400, 'x') + "," + std::to_string(i) + ",z\n";
  }
  ExpectResumable(text, Options(RecordFormat::kCsv, Compression::kZstd));
}

TEST(RewriteResumeTest, ALastBlockThatIsEmptySaysNothing) {
  // Where a block ends with the text, nobody knows yet that it is over.
  for (std::size_t size = 1; size < 40; ++size) {
    RewriteOptions options = Options(RecordFormat::kCsv);
    options.block_size = size;
    ExpectResumable("a,b,c\n1,2,3\n4,5,6\n7,8,9\n" + std::string(300, '\n'), options);
  }
}

TEST(RewriteResumeTest, WhatIsLeftOfARunThatEndedWithAnErrorIsTheRest) {
  const std::string text = Csv(60);
  RewriteOptions options = Options(RecordFormat::kCsv);
  const Watched whole = Watch(text, options);
  const Watched broken = Watch(text, options, 4);
  EXPECT_EQ(broken.status.code(), StatusCode::kIo);
  ASSERT_EQ(broken.stops.size(), 4U);
  options.resume_from = broken.stops.back().progress.checkpoint;
  EXPECT_EQ(broken.text + Watch(text, options).text, whole.text);
}

TEST(RewriteResumeTest, WithoutCheckpointsThereIsNone) {
  RewriteOptions options = Options(RecordFormat::kCsv);
  options.checkpoints = false;
  const Watched run = Watch(Csv(20), options);
  ASSERT_FALSE(run.stops.empty());
  for (const Stop& stop : run.stops) EXPECT_EQ(stop.progress.checkpoint, "");
  EXPECT_EQ(run.stops.back().progress.bytes_in, Csv(20).size());
}

TEST(RewriteResumeTest, ACheckpointHasNumbersAlone) {
  const Watched run = Watch(Csv(20), Options(RecordFormat::kCsv));
  for (const Stop& stop : run.stops) {
    EXPECT_EQ(stop.progress.checkpoint.find_first_not_of("0123456789 "), std::string::npos);
  }
}

TEST(RewriteResumeTest, ATextThatWasChangedIsRefused) {
  const std::string text = Csv(60);
  RewriteOptions options = Options(RecordFormat::kCsv);
  const Watched whole = Watch(text, options);
  const std::size_t half = whole.stops.size() / 2;
  options.resume_from = whole.stops[half].progress.checkpoint;
  const auto done = static_cast<std::size_t>(whole.stops[half].progress.bytes_in);
  for (std::size_t at = 10; at < done - 2 * options.block_size; at += 7) {
    std::string changed = text;
    changed[at] = changed[at] == '1' ? '2' : '1';
    const Watched run = Watch(changed, options);
    ASSERT_EQ(run.status.code(), StatusCode::kConflict) << at;
    EXPECT_EQ(run.text + run.rejected, "");
  }
  EXPECT_EQ(Watch(text.substr(0, 100), options).status.code(), StatusCode::kConflict);
  EXPECT_EQ(Watch("", options).status.code(), StatusCode::kConflict);
  EXPECT_EQ(Watch("x" + text, options).status.code(), StatusCode::kConflict);
  options.block_size = 300;
  EXPECT_EQ(Watch(text, options).status.code(), StatusCode::kConflict);
}

TEST(RewriteResumeTest, WhatComesBehindTheCheckpointMayBeAnything) {
  const std::string text = Csv(60);
  RewriteOptions options = Options(RecordFormat::kCsv);
  const Watched whole = Watch(text, options);
  options.resume_from = whole.stops[1].progress.checkpoint;
  const Watched run = Watch(text + "1,2,3\r\n", options);
  EXPECT_TRUE(run.status.ok());
  EXPECT_EQ(run.text, whole.text.substr(whole.stops[1].written) + "1,<2>,3\r\n");
}

TEST(RewriteResumeTest, WhatIsNoCheckpointIsRefused) {
  for (const char* const text :
       {"1", "x", " ", "1 2 3", "1 -1 0 0 0 0 0 0 0 0 0", "2 0 0 0 0 0 0 0 0 0 0",
        "1 0 0 0 0 0 0 0 0 0", "1 0 0 0 0 0 0 0 0 0 0 0", "1  0 0 0 0 0 0 0 0 0 0",
        "1 99999999999999999999 0 0 0 0 0 0 0 0 0"}) {
    RewriteOptions options = Options(RecordFormat::kCsv);
    options.resume_from = text;
    const Watched run = Watch(Csv(20), options);
    EXPECT_EQ(run.status.code(), StatusCode::kInvalidArgument) << text;
    EXPECT_TRUE(run.status.message().starts_with("resume_from")) << text;
    EXPECT_EQ(run.text, "");
  }
}

TEST(RewriteStateTest, WhatIsEncodedIsDecoded) {
  internal::RewriteState state;
  state.Pass(100, 7);
  state.records = 3;
  state.rejected = 2;
  state.bytes_out = 99;
  state.has_written_record = true;
  state.of_job = {1, 18446744073709551615U};
  const Result<internal::RewriteState> read = internal::RewriteState::Decode(state.Encode());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->Encode(), state.Encode());
  EXPECT_EQ(read->text_size, 100U);
  EXPECT_EQ(read->of_job, state.of_job);
  EXPECT_TRUE(read->has_written_record);
  EXPECT_FALSE(read->has_rejected_header);
}

TEST(RewriteStateTest, TheOrderOfBlocksCounts) {
  internal::RewriteState one, other;
  one.Pass(1, 7);
  one.Pass(1, 8);
  other.Pass(1, 8);
  other.Pass(1, 7);
  EXPECT_NE(one.text_check, other.text_check);
}

TEST(RewriteStateTest, TheChecksumIsThatOfGzip) {
  EXPECT_EQ(internal::ChecksumOf("123456789"), 0xCBF43926U);
  EXPECT_EQ(internal::ChecksumOf(""), 0U);
}

}  // namespace
}  // namespace moniker
