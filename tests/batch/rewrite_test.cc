// What holds for every format: faults, counts, sinks, order, memory.

#include "moniker/rewrite.h"

#include <gtest/gtest.h>

#include <atomic>

#include "batch/byte_source.h"
#include "batch/rewriting.h"

namespace moniker {
namespace {

using namespace moniker::testing;  // NOLINT

TEST(RewriteTest, TheFirstFaultOfTheTextEndsTheRunAndNamesItsPlace) {
  const Rewritten result =
      RunRewrite("a,b\n1,2\n3,bad1\nbad2,5\n", CsvOptions({Replaced("a"), Replaced("b")}));
  ASSERT_TRUE(result.outcome.fault.has_value());
  EXPECT_EQ(result.outcome.fault->record, 2U);
  EXPECT_EQ(result.outcome.fault->column, 1U);
  EXPECT_EQ(result.outcome.fault->status.locator(), 2);
  EXPECT_EQ(result.text, "");
  EXPECT_TRUE(result.told.empty());
}

TEST(RewriteTest, RecordsAreCountedOverAllBlocksWhateverThreadSeesThem) {
  std::string text = "a\n";
  for (int i = 1; i <= 500; ++i)
    text += (i == 300 || i == 400 ? "bad\n" : std::to_string(i) + "\n");
  for (const std::size_t threads : {1U, 2U, 4U}) {
    RewriteOptions options = CsvOptions({Replaced("a")});
    options.threads = threads;
    options.block_size = 16;
    const Rewritten result = RunRewrite(text, options);
    ASSERT_TRUE(result.outcome.fault.has_value());
    EXPECT_EQ(result.outcome.fault->record, 300U);
  }
}

TEST(RewriteTest, FaultyRecordsAreLeftOutToldAndHandedOut) {
  RewriteOptions options = CsvOptions({Replaced("a"), Replaced("b")});
  options.skip_faulty = true;
  options.block_size = 8;
  const Rewritten result =
      RunRewrite("a,b\r\n1,2\r\nbad,\"x\ny\"\r\n3\r\n5,bad\r\nbad,bad\r\n7,8", options);
  EXPECT_FALSE(result.outcome.fault.has_value());
  EXPECT_EQ(result.text, "a,b\r\n<1>,<2>\r\n<7>,<8>");
  EXPECT_EQ(result.rejected, "a,b\r\nbad,\"x\ny\"\r\n3\r\n5,bad\r\nbad,bad\r\n");
  ASSERT_EQ(result.told.size(), 4U);
  std::vector<std::uint64_t> records;
  for (const RecordFault& fault : result.told) records.push_back(fault.record);
  EXPECT_EQ(records, (std::vector<std::uint64_t>{2, 3, 4, 5}));
  EXPECT_EQ(result.told[1].column, std::nullopt);
  EXPECT_EQ(result.told[2].column, 1U);
  EXPECT_EQ(result.outcome.summary.records, 6U);
  EXPECT_EQ(result.outcome.summary.rejected, 4U);
}

TEST(RewriteTest, TheMapperIsNotAskedForRecordsThatHaveAFaultAlready) {
  // A mapper may store what it is asked for.
  class Listing : public CellMapper {
   public:
    explicit Listing(std::vector<std::string>* seen) : seen_(*seen) {}
    Status Map(const CellBlock& block, std::vector<CellFault>*) override {
      for (const Cell& cell : block.cells) {
        if (!cell.is_null) seen_.emplace_back(cell.value);
      }
      return Status::Ok();
    }

   private:
    std::vector<std::string>& seen_;
  };
  std::vector<std::string> seen;
  const CellMapperFactory factory = [&]() -> Result<std::unique_ptr<CellMapper>> {
    return std::unique_ptr<CellMapper>(std::make_unique<Listing>(&seen));
  };
  RewriteOptions options = CsvOptions({LookedAt("a")});
  options.skip_faulty = true;
  RunRewrite("a,b\n1,1\n2\n3,\xFF\n4,4\n", options, factory);
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "4"}));
  seen.clear();
  options.skip_faulty = false;
  RunRewrite("a,b\n1,1\n2\n", options, factory);
  EXPECT_TRUE(seen.empty());
}

TEST(RewriteTest, AllCellsOfABlockAreAskedForInOneCall) {
  std::vector<std::size_t> calls;
  std::string text = "a,b\n";
  for (int i = 0; i < 1000; ++i) text += "1,2\n";
  RunRewrite(text, CsvOptions({Replaced("a"), Replaced("b")}), Brackets(&calls));
  EXPECT_EQ(calls, (std::vector<std::size_t>{2000}));
}

TEST(RewriteTest, CellsOfOneRecordOrElementAreOneGroup) {
  class Grouping : public CellMapper {
   public:
    explicit Grouping(std::string* seen) : seen_(*seen) {}
    Status Map(const CellBlock& block, std::vector<CellFault>*) override {
      for (const Cell& cell : block.cells) {
        seen_ += std::to_string(cell.group) + std::string(cell.value) + " ";
      }
      seen_ += "of " + std::to_string(block.groups);
      return Status::Ok();
    }

   private:
    std::string& seen_;
  };
  std::string seen;
  const CellMapperFactory factory = [&]() -> Result<std::unique_ptr<CellMapper>> {
    return std::unique_ptr<CellMapper>(std::make_unique<Grouping>(&seen));
  };
  RunRewrite("a,b\n1,2\n3,4\n", CsvOptions({LookedAt("b"), LookedAt("a")}), factory);
  EXPECT_EQ(seen, "01 02 13 14 of 2");
  seen.clear();
  RunRewrite(
      R"({"p":[{"i":"a","n":"b"},{"i":"c"}],"o":"d"})",
      JsonOptions(RecordFormat::kJson, {LookedAt("p[].i"), LookedAt("p[].n"), LookedAt("o")}),
      factory);
  EXPECT_EQ(seen, "1a 1b 2c 0d of 3");
}

TEST(RewriteTest, CountsAreTold) {
  RewriteOptions options = CsvOptions({Replaced("a"), Dropped("b"), LookedAt("c")});
  options.skip_faulty = true;
  const Rewritten result = RunRewrite("a,b,c\n1,2,3\n,5,6\nbad,8,9\n", options);
  const RewriteSummary& summary = result.outcome.summary;
  EXPECT_EQ(summary.format, RecordFormat::kCsv);
  EXPECT_EQ(summary.records, 3U);
  EXPECT_EQ(summary.rejected, 1U);
  EXPECT_EQ(summary.bytes_in, 25U);
  EXPECT_EQ(summary.bytes_out, result.text.size());
  ASSERT_EQ(summary.columns.size(), 3U);
  EXPECT_EQ(summary.columns[0].replaced, 1U);
  EXPECT_EQ(summary.columns[0].kept, 1U);
}

TEST(RewriteTest, ErrorsOfMappersAndSinksEndTheRunWithTheirStatus) {
  const RewriteOptions options = CsvOptions({Replaced("a")});
  EXPECT_EQ(RunRewrite("a\n1\nend\n", options).status.locator(), 7);
  const CellMapperFactory none = []() -> Result<std::unique_ptr<CellMapper>> {
    return Status(StatusCode::kExhausted, "no mapper");
  };
  EXPECT_EQ(RunRewrite("a\n1\n", options, none).status.code(), StatusCode::kExhausted);

  const TextFile file("a\n1\n");
  RewriteSinks sinks;
  sinks.write = [](std::string_view) { return Status(StatusCode::kNoSpace, "full", 28); };
  EXPECT_EQ(Rewrite(file.fd(), options, Brackets(), sinks).status().locator(), 28);
}

TEST(RewriteTest, AReplacementThatIsNoTextEndsTheRun) {
  class Bytes : public CellMapper {
   public:
    Status Map(const CellBlock& block, std::vector<CellFault>*) override {
      for (Cell& cell : block.cells) cell.replacement = "\xFF";
      return Status::Ok();
    }
  };
  const CellMapperFactory factory = []() -> Result<std::unique_ptr<CellMapper>> {
    return std::unique_ptr<CellMapper>(std::make_unique<Bytes>());
  };
  const Rewritten result = RunRewrite("a\n1\n", CsvOptions({Replaced("a")}), factory);
  EXPECT_EQ(result.status.message(), "a replacement that is not UTF-8");
  EXPECT_EQ(result.text, "");
}

TEST(RewriteTest, OptionsThatCannotBeAreRefused) {
  const auto message = [](const RewriteOptions& options) {
    return std::string(RunRewrite("a\n1\n", options).status.message());
  };
  RewriteOptions options = CsvOptions({Replaced("a")});
  for (const char separator : {'\0', '\n', '\r', '\xE9'}) {
    options.separator = separator;
    EXPECT_TRUE(message(options).starts_with("separator:"));
  }
  options.separator = ',';
  for (const char quote : {',', '\n', '\r', '\xE9'}) {
    options.quote = quote;
    EXPECT_TRUE(message(options).starts_with("quote:"));
  }
  EXPECT_TRUE(message(CsvOptions({Replaced("a"), Dropped("a")})).starts_with("columns:"));
  EXPECT_TRUE(message(CsvOptions({Beside("a", "x"), Beside("b", "x")})).starts_with("columns:"));
}

TEST(RewriteTest, AMapperThatNeedsOrderIsAskedInOrder) {
  class Counting : public CellMapper {
   public:
    explicit Counting(std::atomic<int>* next) : next_(*next) {}
    Status Map(const CellBlock& block, std::vector<CellFault>*) override {
      for (const Cell& cell : block.cells) {
        if (std::string(cell.value) != std::to_string(next_++)) {
          return Status(StatusCode::kConflict, "out of order");
        }
      }
      return Status::Ok();
    }

   private:
    std::atomic<int>& next_;
  };
  std::string text = "a\n";
  for (int i = 0; i < 3000; ++i) text += std::to_string(i) + "\n";
  std::atomic<int> next = 0;
  const CellMapperFactory factory = [&]() -> Result<std::unique_ptr<CellMapper>> {
    return std::unique_ptr<CellMapper>(std::make_unique<Counting>(&next));
  };
  RewriteOptions options = CsvOptions({LookedAt("a")});
  options.threads = 4;
  options.block_size = 32;
  options.map_in_order = true;
  const Rewritten result = RunRewrite(text, options, factory);
  EXPECT_TRUE(result.status.ok()) << result.status.message();
  EXPECT_EQ(next, 3000);
  EXPECT_EQ(result.text, text);
}

TEST(RewriteTest, CompressedInAndOutAreTheSameText) {
  std::string text = "a,b\n";
  std::string expected = "a,b\n";
  for (int i = 0; i < 5000; ++i) {
    text += std::to_string(i) + ",x\n";
    expected += "<" + std::to_string(i) + ">,x\n";
  }
  for (const Compression in : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
    std::string stored;
    ASSERT_TRUE(internal::AppendCompressed(in, text, &stored).ok());
    for (const Compression out : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
      RewriteOptions options = CsvOptions({Replaced("a")});
      options.output_compression = out;
      options.block_size = 4096;
      options.threads = 2;
      const Rewritten result = RunRewrite(stored, options);
      EXPECT_EQ(result.outcome.summary.bytes_in, stored.size());
      EXPECT_EQ(CompressionOfText(result.text), out);
      const TextFile file(result.text);
      internal::ByteSource source(file.fd());
      std::string plain(expected.size() + 1, '\0');
      const Result<std::size_t> got = source.Read(plain);
      ASSERT_TRUE(got.ok());
      plain.resize(*got);
      EXPECT_TRUE(plain == expected);
    }
  }
}

TEST(RewriteTest, CompressedElementsThatAreLeftOutGoWithTheirComma) {
  RewriteOptions options = JsonOptions(RecordFormat::kJson, {Replaced("a")});
  options.skip_faulty = true;
  options.block_size = 12;
  options.output_compression = Compression::kGzip;
  const Rewritten result = RunRewrite(R"([{"a":"bad"},{"a":"bad"},{"a":"1"},{"a":"2"}])", options);
  const TextFile file(result.text);
  internal::ByteSource source(file.fd());
  std::string plain(100, '\0');
  const Result<std::size_t> got = source.Read(plain);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(plain.substr(0, *got), R"([{"a":"<1>"},{"a":"<2>"}])");
}

TEST(RewriteTest, NothingCompressedIsNotAnEmptyFile) {
  RewriteOptions options = JsonOptions(RecordFormat::kJson, {Replaced("a")});
  options.output_compression = Compression::kZstd;
  EXPECT_EQ(CompressionOfText(RunRewrite("", options).text), Compression::kZstd);
}

TEST(RewriteTest, DamagedInputIsAnError) {
  std::string stored;
  ASSERT_TRUE(internal::AppendCompressed(Compression::kGzip, "a\n1\n2\n", &stored).ok());
  stored.resize(stored.size() - 3);
  const Rewritten result = RunRewrite(stored, CsvOptions({Replaced("a")}));
  EXPECT_EQ(result.status.message(), "the compressed input ends too early");
}

TEST(FindFormatTest, TheEndingOfANameSaysItsFormat) {
  EXPECT_EQ(FindFormat("x.csv")->separator, ',');
  EXPECT_EQ(FindFormat("x.tsv.gz")->separator, '\t');
  EXPECT_EQ(FindFormat("x.json.zst")->format, RecordFormat::kJson);
  EXPECT_EQ(FindFormat("x.jsonl")->format, RecordFormat::kJsonLines);
  EXPECT_EQ(FindFormat("x.ndjson")->format, RecordFormat::kJsonLines);
  EXPECT_EQ(FindFormat("x.txt"), std::nullopt);
  EXPECT_EQ(FindFormat("csv"), std::nullopt);
}

}  // namespace
}  // namespace moniker
