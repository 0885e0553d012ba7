#include "moniker/output_check.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "reidentifying.h"
#include "test_directory.h"

namespace moniker {
namespace {

using testing::TestDirectory;
using testing::TextFile;

constexpr char kNewMaria[] = "masat0zm843tjq7f9421yapab7xdcp47";

TestDirectory NewMaria() {
  TestDirectory directory;
  directory.Add(testing::kMaria,
                {.identifier = kNewMaria, .label = "RCG-V3F", .new_label = "0AZ-C67"});
  return directory;
}

Result<OutputCheck> Check(std::string_view before, std::string_view after,
                          RewriteOptions options = testing::CsvOptions({})) {
  options.block_size = 64;
  const TextFile input(before);
  const TextFile output(after);
  return CheckReidentified(input.fd(), output.fd(), options, {}, NewMaria().Sources(), {});
}

std::string Table(int records) {
  std::string text = "externalId,name,note\n";
  for (int i = 0; i < records; ++i) {
    text +=
        std::string(testing::kMaria) + ",Patient RCG-V3F,\"line\nand " + std::to_string(i) + "\"\n";
  }
  return text;
}

std::string Rewritten(const std::string& text) {
  return testing::ReplaceAll(testing::ReplaceAll(text, testing::kMaria, kNewMaria), "RCG-V3F",
                             "0AZ-C67");
}

TEST(OutputCheckTest, WhatTheRunWritesIsEqual) {
  for (const int records : {0, 1, 40}) {
    const Result<OutputCheck> check = Check(Table(records), Rewritten(Table(records)));
    ASSERT_TRUE(check.ok());
    EXPECT_FALSE(check->different_record);
    EXPECT_EQ(check->run.counts.external_ids, static_cast<std::uint64_t>(records));
    EXPECT_EQ(check->run.summary.records, static_cast<std::uint64_t>(records));
  }
}

TEST(OutputCheckTest, EveryByteThatIsAnotherIsFoundWithItsRecord) {
  const std::string before = Table(5);
  const std::string good = Rewritten(before);
  const std::size_t header = good.find('\n') + 1;
  const std::size_t record = (good.size() - header) / 5;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    const Result<OutputCheck> check = Check(before, bad);
    ASSERT_TRUE(check.ok());
    const std::uint64_t expected = i < header ? 0 : 1 + (i - header) / record;
    ASSERT_EQ(check->different_record, expected) << i;
  }
}

TEST(OutputCheckTest, EveryByteThatIsMissingOrTooMuchIsFound) {
  const std::string before = Table(4);
  const std::string good = Rewritten(before);
  for (std::size_t i = 0; i < good.size(); ++i) {
    ASSERT_TRUE(Check(before, good.substr(0, i))->different_record) << i;
    ASSERT_TRUE(Check(before, std::string(good).erase(i, 1))->different_record) << i;
    ASSERT_TRUE(Check(before, std::string(good).insert(i, 1, '~'))->different_record) << i;
  }
  EXPECT_EQ(Check(before, good + "\n")->different_record, 4U);
}

TEST(OutputCheckTest, WhatWasNotReplacedIsFound) {
  const std::string before = Table(3);
  EXPECT_EQ(Check(before, before)->different_record, 1U);
  std::string bad = Rewritten(before);
  bad.replace(bad.rfind(kNewMaria), sizeof(kNewMaria) - 1, testing::kMaria);
  EXPECT_EQ(Check(before, bad)->different_record, 3U);
}

TEST(OutputCheckTest, CompressionMakesNoDifferenceAndItsDamageDoes) {
  const std::string before = Table(30);
  std::string packed;
  const TextFile input(before);
  RewriteOptions options = testing::CsvOptions({});
  options.output_compression = Compression::kGzip;
  RewriteSinks sinks;
  sinks.write = [&](std::string_view bytes) {
    packed.append(bytes);
    return Status::Ok();
  };
  ASSERT_TRUE(Reidentify(input.fd(), options, {}, NewMaria().Sources(), sinks).ok());
  EXPECT_FALSE(Check(before, packed)->different_record);
  EXPECT_TRUE(
      Check(before, std::string_view(packed).substr(0, packed.size() - 3))->different_record);
  EXPECT_TRUE(
      Check(before, std::string_view(packed).substr(0, packed.size() / 2))->different_record);
}

TEST(OutputCheckTest, FaultsAndErrorsAreThoseOfTheRun) {
  const Result<OutputCheck> check = Check("a,b\n1,2\n3\n", "a,b\n1,2\n3\n");
  ASSERT_TRUE(check.ok());
  ASSERT_TRUE(check->run.fault);
  EXPECT_EQ(check->run.fault->record, 2U);
  RewriteOptions options = testing::CsvOptions({});
  options.skip_faulty = true;
  EXPECT_FALSE(Check("a,b\n1,2\n3\n", "a,b\n1,2\n", options)->different_record);
  options.separator = '"';
  EXPECT_EQ(Check("a", "a", options).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace moniker
