// Claims about any document: made-up JSON and CSV, full of IDs, escapes, odd spellings and
// documents in strings.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>

#include "batch/json_index.h"
#include "moniker/json_text.h"
#include "moniker/reidentify.h"
#include "reidentifying.h"
#include "test_directory.h"

namespace moniker {
namespace {

using testing::People;
using testing::ReidentifyCsv;
using testing::ReidentifyJson;
using testing::ReplaceAll;
using testing::TestDirectory;

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  // Any number of documents; behind an array that is the first there are no others.
  std::string Documents() {
    std::string text = Chance(8) ? "\xEF\xBB\xBF" : "";
    for (std::uint32_t documents = Below(4); documents > 0; --documents) {
      const std::string space = Space();
      const std::string value = Value(0);
      text += space + value + OneOf({"\n", " ", "\r\n", "\n\n"});
      if (is_first_ && value.starts_with('[')) break;
      is_first_ = false;
    }
    return text;
  }

  std::string Csv() {
    const std::uint32_t columns = 1 + Below(4);
    std::string text = Chance(8) ? "\xEF\xBB\xBF" : "";
    for (std::uint32_t records = 1 + Below(5); records > 0; --records) {
      for (std::uint32_t column = 0; column < columns; ++column) {
        if (column > 0) text += ',';
        text += Cell();
      }
      text += OneOf({"\n", "\r\n"});
    }
    return text;
  }

 private:
  std::string Value(int nesting) {
    const std::uint32_t kind = Below(depth_ > 5 ? 6 : 12);
    if (kind < 2) {
      return OneOf({"0.1000", "123456789012345678", "-0", "1E+05", "null", "true", "false",
                    "123456789012345678901234567890"});
    }
    if (kind < 6) return String(nesting);
    ++depth_;
    const bool is_object = kind < 10;
    std::string text = is_object ? "{" : "[";
    for (std::uint32_t size = Below(5); size > 0; --size) {
      if (text.size() > 1) text += "," + Space();
      if (is_object) text += Key() + Space() + ":" + Space();
      text += Value(nesting);
    }
    --depth_;
    return text + Space() + (is_object ? "}" : "]");
  }

  std::string Key() {
    return Spelled(Chance(3) ? Text()
                             : OneOf({"userId", "externalId", "id", "name", "nickName",
                                      "externalName", "ownerId", "metadata", "x"}));
  }

  std::string String(int nesting) {
    if (nesting < 10 && Chance(6)) return Spelled(Space() + Value(nesting + 1) + Space());
    return Spelled(Text());
  }

  std::string Cell() {
    const std::string text = Chance(4) ? Value(0) : Chance(3) ? Key().substr(1, 4) : Text();
    return "\"" + ReplaceAll(text, "\"", "\"\"") + "\"";
  }

  std::string Text() {
    switch (Below(8)) {
      case 0: return OneOf({"", "a", "two words", "é", "\n", "{", "[1,", "{}", "\"", "\\", "😀"});
      case 1: return "Patient " + OneOf({"RCG-V3F", "EWK-Q39", "7NR-P9G", "JAT-3QJ"});
      case 2: return "record_160_conn_" + Id() + "_160.mp3";
      case 3: return "to " + Id() + " and " + Id() + ".";
      case 4: return "x" + Id();
      default: return Id();
    }
  }

  std::string Id() {
    return OneOf({testing::kMaria, testing::kMariaParticipant, testing::kJose,
                  testing::kJoseParticipant, testing::kSian, testing::kStranger,
                  testing::kStrangerParticipant});
  }

  // As a JSON string, some characters by escapes that they do not need.
  std::string Spelled(const std::string& text) {
    std::string plain;
    AppendJsonString(text, &plain);
    if (!Chance(4)) return plain;
    std::string spelled = "\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || c == '"' || c == '\\' || (byte < 0x80 && Chance(5))) {
        char escape[8];
        std::snprintf(escape, sizeof(escape), Chance(2) ? "\\u%04x" : "\\u%04X", byte);
        spelled += escape;
      } else {
        spelled += c == '/' ? "\\/" : std::string(1, c);
      }
    }
    return spelled + "\"";
  }

  std::string Space() { return OneOf({"", "", "", " ", "\n  ", "\t", "\r\n"}); }

  std::string OneOf(std::initializer_list<const char*> texts) {
    return texts.begin()[Below(static_cast<std::uint32_t>(texts.size()))];
  }

  std::uint32_t Below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  bool Chance(std::uint32_t one_in) { return Below(one_in) == 0; }

  std::mt19937 random_;
  int depth_ = 0;
  bool is_first_ = true;
};

TestDirectory SomePeople(std::uint32_t seed) {
  std::mt19937 random(seed);
  const TestDirectory people = People();
  TestDirectory some;
  for (const auto& [id, identity] : people.known()) {
    if (random() % 4 > 0) some.Add(id, identity);
  }
  return some;
}

Result<std::string> RewriteJson(std::string_view text, const TestDirectory& directory,
                                const ReidentifyOptions& options) {
  return ReidentifyJson(text, directory, options, nullptr);
}

Result<std::string> RewriteCsv(std::string_view text, const TestDirectory& directory,
                               const ReidentifyOptions& options) {
  return ReidentifyCsv(text, ',', directory, options, nullptr);
}

constexpr ParticipantPolicy kPolicies[] = {ParticipantPolicy::kKeep, ParticipantPolicy::kId,
                                           ParticipantPolicy::kName};

constexpr std::uint32_t kRounds = 10000;

TEST(ReidentifyPropertyTest, NobodyKnownMeansNothingChanged) {
  for (std::uint32_t seed = 0; seed < kRounds; ++seed) {
    const std::string json = Generator(seed).Documents();
    const Result<std::string> same = RewriteJson(json, TestDirectory(), {});
    ASSERT_TRUE(same.ok()) << same.status().message() << "\n" << json;
    ASSERT_EQ(*same, json);
    const std::string csv = Generator(seed).Csv();
    const Result<std::string> same_csv = RewriteCsv(csv, TestDirectory(), {});
    ASSERT_TRUE(same_csv.ok()) << same_csv.status().message() << "\n" << csv;
    ASSERT_EQ(*same_csv, csv);
  }
}

// Else the run ends with an error: what it does not know it has not asked for.
TEST(ReidentifyPropertyTest, NothingIsNeededThatWasNotCollected) {
  for (std::uint32_t seed = 0; seed < kRounds; ++seed) {
    const TestDirectory people = SomePeople(seed);
    const ReidentifyOptions options{.participants = kPolicies[seed % 3],
                                    .unknown_mark = seed % 2 == 0 ? "" : "?"};
    const std::string json = Generator(seed).Documents();
    const Status status = RewriteJson(json, people, options).status();
    ASSERT_TRUE(status.ok() || status.code() == StatusCode::kConflict) << json;
    const std::string csv = Generator(seed).Csv();
    const Status of_csv = RewriteCsv(csv, people, options).status();
    ASSERT_TRUE(of_csv.ok() || of_csv.code() == StatusCode::kConflict) << csv;
  }
}

bool TextMentions(std::string_view text, const std::string& id) {
  // "x" before an ID makes it a part of a word.
  return ReplaceAll(std::string(text), "x" + id, "").find(id) != std::string::npos;
}

// In a decoded text or key; strings that hold JSON are texts here.
bool Mentions(simdjson::dom::element element, const std::string& id) {
  if (element.is_object()) {
    for (const auto member : element.get_object()) {
      if (TextMentions(member.key, id) || Mentions(member.value, id)) return true;
    }
  } else if (element.is_array()) {
    for (const simdjson::dom::element child : element.get_array()) {
      if (Mentions(child, id)) return true;
    }
  } else if (element.is_string()) {
    return TextMentions(element.get_string(), id);
  }
  return false;
}

TEST(ReidentifyPropertyTest, NoKnownIdIsLeftAndTheOutputIsJson) {
  const TestDirectory people = People();
  int rewritten = 0;
  for (std::uint32_t seed = 0; seed < kRounds; ++seed) {
    const std::string json =
        ReplaceAll(Generator(seed).Documents(), "123456789012345678901234567890", "17");
    const Result<std::string> out =
        RewriteJson(json, people, {.participants = ParticipantPolicy::kId});
    if (!out.ok()) {
      ASSERT_EQ(out.status().code(), StatusCode::kConflict);
      continue;
    }
    ++rewritten;
    std::string_view rest = *out;
    if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
    internal::JsonIndex index;
    simdjson::dom::parser parser;
    while (!internal::SkipJsonSpace(rest).empty()) {
      const Result<std::size_t> end = index.Read(rest);
      ASSERT_TRUE(end.ok()) << *out;
      simdjson::dom::element element;
      ASSERT_EQ(parser.parse(std::string(rest.substr(0, *end))).get(element), simdjson::SUCCESS);
      for (const auto& [id, identity] : people.known()) {
        ASSERT_FALSE(Mentions(element, id)) << json << "\n" << *out;
      }
      rest.remove_prefix(*end);
    }
  }
  EXPECT_GT(rewritten, static_cast<int>(kRounds) / 2);
}

// Rewriting what was rewritten changes nothing more: no replacement makes something that a second
// pass takes for an ID or a name to replace.
TEST(ReidentifyPropertyTest, ASecondPassChangesNothing) {
  const TestDirectory people = People();
  for (std::uint32_t seed = 0; seed < kRounds; ++seed) {
    const std::string json = Generator(seed).Documents();
    const Result<std::string> once =
        RewriteJson(json, people, {.participants = ParticipantPolicy::kId});
    if (!once.ok()) continue;
    const Result<std::string> twice =
        RewriteJson(*once, people, {.participants = ParticipantPolicy::kId});
    ASSERT_TRUE(twice.ok());
    ASSERT_EQ(*twice, *once) << json;
  }
}

TEST(ReidentifyPropertyTest, DamagedDocumentsGiveAnErrorOrText) {
  const TestDirectory people = People();
  std::mt19937 random(5);
  int errors = 0;
  for (std::uint32_t seed = 0; seed < kRounds; ++seed) {
    std::string json = Generator(seed).Documents();
    if (json.empty()) continue;
    json[random() % json.size()] = static_cast<char>(random());
    const Result<std::string> out = RewriteJson(json, people, {});
    if (!out.ok()) {
      ++errors;
      ASSERT_GE(out.status().locator(), 1);
    } else {
      ASSERT_TRUE(simdjson::validate_utf8(*out));
    }
    std::string csv = Generator(seed).Csv();
    csv[random() % csv.size()] = static_cast<char>(random());
    const Result<std::string> out_csv = RewriteCsv(csv, people, {});
    if (!out_csv.ok()) {
      ASSERT_GE(out_csv.status().locator(), 0);
    }
  }
  EXPECT_GT(errors, 1000);
}

}  // namespace
}  // namespace moniker
