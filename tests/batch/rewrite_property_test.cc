// Texts made beside what they have to become: the same for every size of blocks and number of
// threads.

#include <gtest/gtest.h>

#include <random>

#include "batch/rewriting.h"

namespace moniker {
namespace {

using namespace moniker::testing;  // NOLINT

class Chance {
 public:
  explicit Chance(std::uint32_t seed) : random_(seed) {}
  std::size_t Below(std::size_t bound) { return random_() % bound; }
  template <typename T, std::size_t kSize>
  const T& Of(const T (&choices)[kSize]) {
    return choices[Below(kSize)];
  }

 private:
  std::mt19937 random_;
};

struct Made {
  std::string text;
  std::string expected;
  std::string expected_rejected;

  void Both(std::string_view part) {
    text += part;
    expected += part;
  }
};

std::string Quoted(std::string_view value, char quote) {
  std::string field(1, quote);
  for (const char c : value) field.append(c == quote ? 2 : 1, c);
  return field + quote;
}

// A field of CSV as it is written, and as it is written with brackets around its value.
std::pair<std::string, std::string> MakeField(Chance* chance) {
  static constexpr const char* kPlain[] = {"1", "x y", "\xC3\xA9", "a'b", "5-", "0.10"};
  static constexpr const char* kQuoted[] = {"a,b", "a\"b", "\n", "\r\n", "\"", "\"\"", "x", " x "};
  const std::size_t kind = chance->Below(10);
  if (kind == 0) return {"", ""};
  if (kind == 1) return {"\"\"", "\"\""};
  if (kind < 6) {
    const std::string value = chance->Of(kPlain);
    return {value, "<" + value + ">"};
  }
  const std::string value = chance->Of(kQuoted);
  return {Quoted(value, '"'), Quoted("<" + value + ">", '"')};
}

// Columns a, b (replaced), c (dropped), d (replaced), and faulty records if wanted.
Made MakeCsv(std::uint32_t seed, bool with_faults) {
  static constexpr const char* kLineEnds[] = {"\n", "\r\n"};
  Chance chance(seed);
  Made made;
  if (chance.Below(2) == 0) made.Both("\xEF\xBB\xBF");
  const std::string end = chance.Of(kLineEnds);
  made.text += "a,\"b\",c,d" + end;
  made.expected += "a,\"b\",d" + end;
  const std::size_t records = chance.Below(40);
  for (std::size_t i = 0; i < records; ++i) {
    const auto a = MakeField(&chance);
    const auto b = MakeField(&chance);
    const auto c = MakeField(&chance);
    const auto d = MakeField(&chance);
    const std::string line_end =
        i + 1 == records && chance.Below(2) == 0 ? "" : chance.Of(kLineEnds);
    if (with_faults && chance.Below(5) == 0) {
      static constexpr const char* kFaulty[] = {"1,bad,2,3", "1,2", "1,2,3,4,5",
                                                "\"\n\",x,y,\"bad\""};
      const std::string record = chance.Of(kFaulty) + line_end;
      if (made.expected_rejected.empty()) made.expected_rejected = "a,\"b\",c,d" + end;
      made.text += record;
      made.expected_rejected += record;
      continue;
    }
    made.text += a.first + "," + b.first + "," + c.first + "," + d.first + line_end;
    made.expected += a.first + "," + b.second + "," + d.second + line_end;
  }
  return made;
}

std::string Space(Chance* chance) {
  static constexpr const char* kSpaces[] = {"", "", " ", "\t", "  "};
  return chance->Of(kSpaces);
}

// {"k": ..., "id": ..., "p": {"id": ...}} with all kinds of values around.
void AppendDocument(Chance* chance, Made* made) {
  static constexpr const char* kValues[] = {"1",
                                            "-0.1000",
                                            "12345678901234567890123",
                                            "true",
                                            "null",
                                            "\"},{\"",
                                            "\"\\\"\\\\\"",
                                            "[1,[]]",
                                            "{\"id\":\"no\"}",
                                            "[\"a\",\"]\"]",
                                            "\"\\u00e9\xC3\xA9\""};
  static constexpr const char* kIds[][2] = {{"\"1\"", "\"<1>\""},
                                            {"7", "\"<7>\""},
                                            {"null", "null"},
                                            {"\"\"", "\"\""},
                                            {"\"a\\\"b\"", "\"<a\\\"b>\""},
                                            {"\"\\u0041,]\"", "\"<A,]>\""}};
  const auto space = [&] { made->Both(Space(chance)); };
  const auto id = [&] {
    const auto& choice = chance->Of(kIds);
    made->text += choice[0];
    made->expected += choice[1];
  };
  made->Both("{");
  space();
  made->Both("\"k\"" + Space(chance) + ":" + Space(chance) + chance->Of(kValues));
  space();
  made->Both(",\"id\":");
  space();
  id();
  space();
  made->Both(",\"p\":{\"id\":");
  id();
  made->Both("}");
  space();
  made->Both("}");
}

Made MakeJson(std::uint32_t seed, RecordFormat format, bool as_array) {
  Chance chance(seed);
  Made made;
  if (chance.Below(3) == 0) made.Both("\xEF\xBB\xBF");
  if (as_array) made.Both(Space(&chance) + "[" + Space(&chance));
  const std::size_t records = chance.Below(30);
  for (std::size_t i = 0; i < records; ++i) {
    if (i > 0 && as_array) made.Both(Space(&chance) + "," + Space(&chance));
    AppendDocument(&chance, &made);
    if (!as_array) made.Both(format == RecordFormat::kJsonLines ? "\n" : " \n");
  }
  if (as_array) made.Both("]\n");
  return made;
}

// The same with blocks of any size and any number of threads.
void ExpectRewritten(const Made& made, RewriteOptions options, const std::string& about) {
  for (const std::size_t block : {1U, 2U, 7U, 32U, 100U, 100'000U}) {
    for (const std::size_t threads : {1U, 3U}) {
      options.block_size = block;
      options.threads = threads;
      const Rewritten result = RunRewrite(made.text, options);
      ASSERT_TRUE(result.status.ok()) << about << ": " << result.status.message();
      ASSERT_FALSE(result.outcome.fault.has_value())
          << about << ": " << result.outcome.fault->status.message();
      ASSERT_EQ(result.text, made.expected) << about << ", blocks of " << block;
      ASSERT_EQ(result.rejected, made.expected_rejected) << about << ", blocks of " << block;
    }
  }
}

TEST(RewritePropertyTest, CsvBecomesWhatItWasMadeToBecome) {
  const RewriteOptions options = CsvOptions({Replaced("d"), Dropped("c"), Replaced("b")});
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    ExpectRewritten(MakeCsv(seed, false), options, "seed " + std::to_string(seed));
  }
}

TEST(RewritePropertyTest, CsvWithFaultyRecordsLosesThemAlone) {
  RewriteOptions options = CsvOptions({Replaced("d"), Dropped("c"), Replaced("b")});
  options.skip_faulty = true;
  for (std::uint32_t seed = 100; seed < 160; ++seed) {
    ExpectRewritten(MakeCsv(seed, true), options, "seed " + std::to_string(seed));
  }
}

TEST(RewritePropertyTest, JsonLinesBecomeWhatTheyWereMadeToBecome) {
  const RewriteOptions options =
      JsonOptions(RecordFormat::kJsonLines, {Replaced("id"), Replaced("p.id")});
  for (std::uint32_t seed = 200; seed < 240; ++seed) {
    ExpectRewritten(MakeJson(seed, RecordFormat::kJsonLines, false), options,
                    "seed " + std::to_string(seed));
  }
}

TEST(RewritePropertyTest, DocumentsBecomeWhatTheyWereMadeToBecome) {
  const RewriteOptions options =
      JsonOptions(RecordFormat::kJson, {Replaced("id"), Replaced("p.id")});
  for (std::uint32_t seed = 300; seed < 340; ++seed) {
    ExpectRewritten(MakeJson(seed, RecordFormat::kJson, false), options,
                    "seed " + std::to_string(seed));
  }
}

TEST(RewritePropertyTest, AnArrayBecomesWhatItWasMadeToBecome) {
  const RewriteOptions options =
      JsonOptions(RecordFormat::kJson, {Replaced("id"), Replaced("p.id")});
  for (std::uint32_t seed = 400; seed < 440; ++seed) {
    ExpectRewritten(MakeJson(seed, RecordFormat::kJson, true), options,
                    "seed " + std::to_string(seed));
  }
}

TEST(RewritePropertyTest, AnyBytesEndWithAnOutcome) {
  // No crash and no endless loop, whatever the bytes are.
  static constexpr const char* kParts[] = {"\"", ",", "\n", "\r",   "{",     "}",
                                           "[",  "]", ":",  "a",    "\"a\"", "\"id\"",
                                           "1",  " ", "\\", "\xFF", "null",  "\xEF\xBB\xBF"};
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    Chance chance(seed);
    std::string text = chance.Below(2) == 0 ? "a,b\n" : "";
    for (std::size_t i = chance.Below(30); i > 0; --i) text += chance.Of(kParts);
    RewriteOptions options = CsvOptions({Replaced("a")});
    options.skip_faulty = chance.Below(2) == 0;
    options.pass_ragged = chance.Below(2) == 0;
    options.block_size = 1 + chance.Below(20);
    static constexpr RecordFormat kFormats[] = {RecordFormat::kCsv, RecordFormat::kJsonLines,
                                                RecordFormat::kJson};
    options.format = chance.Of(kFormats);
    const Rewritten small = RunRewrite(text, options);
    options.block_size = 1000;
    const Rewritten large = RunRewrite(text, options);
    ASSERT_TRUE(small.status.ok() && large.status.ok()) << seed;
    ASSERT_EQ(small.outcome.fault.has_value(), large.outcome.fault.has_value()) << seed;
    if (small.outcome.fault) continue;
    ASSERT_EQ(small.text, large.text) << seed;
  }
}

}  // namespace
}  // namespace moniker
