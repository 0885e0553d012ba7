#include "moniker/person.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/status_matchers.h"

namespace moniker {
namespace {

using testing::HasCode;
using testing::IsOk;

Status ValidateName(std::string_view name) { return ValidatePerson({"mrn", "7", name}); }

Status ValidateField(std::string_view name, std::string_view text) {
  const FieldView field = {name, text};
  return ValidatePerson({"mrn", "7", "Ada", {&field, 1}});
}

// The message begins with the name of what is wrong.
void ExpectFault(const Status& status, std::string_view message) {
  EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(status.message().substr(0, message.size()), message);
}

TEST(PersonTest, NamesHave1To1024Bytes) {
  ExpectFault(ValidateName(""), "name: empty");
  EXPECT_THAT(ValidateName("A"), IsOk());
  EXPECT_THAT(ValidateName(std::string(1024, 'A')), IsOk());
  ExpectFault(ValidateName(std::string(1025, 'A')), "name: longer");
  // Bytes count, not characters.
  std::string umlauts;
  for (int i = 0; i < 512; ++i) umlauts += "\xC3\x84";
  EXPECT_THAT(ValidateName(umlauts), IsOk());
  ExpectFault(ValidateName(umlauts + "A"), "name: longer");
}

TEST(PersonTest, NamesHaveNoControlCharacters) {
  for (int c = 0; c < 0x20; ++c) {
    ExpectFault(ValidateName(std::string("A") + static_cast<char>(c)), "name: a control");
  }
  ExpectFault(ValidateName("\x7F"
                           "A"),
              "name: a control");
  ExpectFault(ValidateName("A\xC2\x80"), "name: a control");
  ExpectFault(ValidateName("A\xC2\x9F"), "name: a control");
  EXPECT_THAT(ValidateName("A\xC2\xA0"), IsOk());  // the first after them
}

TEST(PersonTest, NamesMayBeAnythingThatIsPrintable) {
  for (const std::string_view name :
       {"Zo\xC3\xAB \xC5\xBB\xC3\xB3\xC5\x82kiewska", " ", "a b", "\xE6\x9D\x8E",
        "\xF0\x9F\x98\x80", "O'Brien, \"Pat\"", "\xD9\x85\xD8\xAD\xD9\x85\xD8\xAF"}) {
    EXPECT_THAT(ValidateName(name), IsOk()) << name;
  }
}

TEST(PersonTest, NamesAreUtf8) {
  for (const std::string_view name :
       {"\xFF", "A\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"}) {
    ExpectFault(ValidateName(name), "name: not UTF-8");
  }
}

TEST(PersonTest, TheIdentifierIsValidatedToo) {
  ExpectFault(ValidatePerson({"", "7", "Ada"}), "issuer");
  ExpectFault(ValidatePerson({"MRN", "7", "Ada"}), "issuer");
  ExpectFault(ValidatePerson({"mrn", "", "Ada"}), "id");
  ExpectFault(ValidatePerson({"mrn", "7 ", "Ada"}), "id");
}

TEST(PersonTest, AtMost64FurtherFields) {
  std::vector<std::string> names;
  for (int i = 0; i < 65; ++i) names.push_back("f" + std::to_string(i));
  std::vector<FieldView> fields;
  for (const std::string& name : names) fields.push_back({name, ""});
  ExpectFault(ValidatePerson({"mrn", "7", "Ada", fields}), "further fields: more than 64");
  fields.pop_back();
  EXPECT_THAT(ValidatePerson({"mrn", "7", "Ada", fields}), IsOk());
}

TEST(PersonTest, NamesOfFieldsHave1To64BytesOfLettersDigitsAndLowLines) {
  EXPECT_THAT(ValidateField(std::string(64, 'a'), ""), IsOk());
  EXPECT_THAT(ValidateField("_", ""), IsOk());
  EXPECT_THAT(ValidateField("abcdefghijklmnopqrstuvwxyz0123456789_", ""), IsOk());
  ExpectFault(ValidateField("", ""), "name of a further field");
  ExpectFault(ValidateField(std::string(65, 'a'), ""), "name of a further field");
  int accepted = 0;
  for (int c = 0; c < 256; ++c) {
    accepted += ValidateField(std::string(1, static_cast<char>(c)), "").ok();
  }
  EXPECT_EQ(accepted, 26 + 10 + 1);
}

TEST(PersonTest, TextsOfFieldsHaveAtMost4096Bytes) {
  EXPECT_THAT(ValidateField("notes", ""), IsOk());
  EXPECT_THAT(ValidateField("notes", std::string(4096, 'x')), IsOk());
  ExpectFault(ValidateField("notes", std::string(4097, 'x')), "further field: longer");
}

TEST(PersonTest, TextsOfFieldsMayHaveTabAndLineFeedAndNoOtherControlCharacter) {
  for (int c = 0; c < 0x20; ++c) {
    const Status status = ValidateField("notes", std::string(1, static_cast<char>(c)));
    if (c == '\t' || c == '\n') {
      EXPECT_THAT(status, IsOk()) << c;
    } else {
      ExpectFault(status, "further field: a control");
    }
  }
  ExpectFault(ValidateField("notes", "\x7F"), "further field: a control");
  ExpectFault(ValidateField("notes", "\xC2\x85"), "further field: a control");
  ExpectFault(ValidateField("notes", "fine\xFF"), "further field: not UTF-8");
}

TEST(PersonTest, AFieldThatComesTwiceIsRefused) {
  const std::vector<FieldView> fields = {{"a", "1"}, {"b", "2"}, {"a", "1"}};
  ExpectFault(ValidatePerson({"mrn", "7", "Ada", fields}), "further field: twice");
}

}  // namespace
}  // namespace moniker
