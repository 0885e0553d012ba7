// What a role may be: IdentityGate::Admit says so in its contract.

#include "session/role.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <tuple>

#include "support/sample_people.h"
#include "support/status_matchers.h"

namespace moniker {
namespace {

using internal::ValidateRole;
using testing::HasCode;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::kMaria;

Status Validate(std::string_view role, std::string_view name, std::string_view id = "00123456") {
  return ValidateRole(role, {.issuer = "mrn.hospital-a", .id = id, .name = name});
}

TEST(RoleTest, LettersWithBlanksAndHyphensBetweenThemAreTaken) {
  for (const std::string_view role :
       {"Patient", "P", "z", "Ab", "Care Team", "Care-Team Member", "A b-C", "A--b", "A  b",
        "PATIENT", "patient", "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLM"}) {
    EXPECT_THAT(ValidateRole(role, kMaria), IsOk()) << role;
  }
}

TEST(RoleTest, OneToFortyCharactersAreTaken) {
  EXPECT_THAT(ValidateRole("", kMaria), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(ValidateRole(std::string(1, 'q'), kMaria), IsOk());
  EXPECT_THAT(ValidateRole(std::string(40, 'q'), kMaria), IsOk());
  EXPECT_THAT(ValidateRole(std::string(41, 'q'), kMaria), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(ValidateRole(std::string(100'000, 'q'), kMaria),
              HasCode(StatusCode::kInvalidArgument));
}

TEST(RoleTest, ALetterStandsAtEitherEnd) {
  for (const std::string_view role :
       {" Patient", "Patient ", "-Patient", "Patient-", " ", "-", "- -", " P", "P-"}) {
    EXPECT_THAT(ValidateRole(role, kMaria), HasCode(StatusCode::kInvalidArgument)) << role;
  }
}

TEST(RoleTest, NoOtherByteIsTaken) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const std::string inside = std::string("Qx") + c + "Xq";
    EXPECT_EQ(ValidateRole(inside, kMaria).ok(), letter || c == ' ' || c == '-') << value;
    EXPECT_EQ(ValidateRole(std::string("Qx") + c, kMaria).ok(), letter) << value;
    EXPECT_EQ(ValidateRole(c + std::string("Qx"), kMaria).ok(), letter) << value;
  }
}

TEST(RoleTest, WhatIsNotAsciiIsRefused) {
  for (const std::string_view role : {"Ärztin", "Pacienté", "患者", "Patient\u00a0A", "P\u2010Q"}) {
    EXPECT_THAT(ValidateRole(role, kMaria), HasCode(StatusCode::kInvalidArgument)) << role;
  }
}

TEST(RoleTest, AWordOfTheNameIsRefused) {
  for (const std::string_view role :
       {"Maria", "Jensen", "Maria Jensen", "Jensen Maria", "Cousin Maria", "Maria-Patient",
        "Patient-Maria", "The Jensen Family", "A Maria B"}) {
    const Status status = ValidateRole(role, kMaria);
    EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument)) << role;
    EXPECT_THAT(status.message(), HasSubstr("taken from the person"));
  }
}

TEST(RoleTest, AWordOfTheNameIsRefusedInEitherCase) {
  for (const std::string_view role : {"maria", "MARIA", "mARiA", "patient jensen"}) {
    EXPECT_THAT(ValidateRole(role, kMaria), HasCode(StatusCode::kInvalidArgument)) << role;
  }
  EXPECT_THAT(Validate("Patient", "PATIENT ZERO"), HasCode(StatusCode::kInvalidArgument));
}

TEST(RoleTest, WordsOfTheNameEndAtWhateverIsNoLetter) {
  for (const auto& [role, name] : {std::tuple("Brien", "Siân O'Brien"),
                                   {"Dr", "Dr. Siân O'Brien"},
                                   {"Anne", "Mary-Anne Smith"},
                                   {"Smith", "Smith, Mary"},
                                   {"Bob", "Robert (Bob) Miller"},
                                   {"Smith", "王小明 Smith"},
                                   {"Lee", "Lee2"}}) {
    EXPECT_THAT(Validate(role, name), HasCode(StatusCode::kInvalidArgument)) << role;
  }
}

TEST(RoleTest, APartOfAWordIsNoReason) {
  EXPECT_THAT(Validate("Clinician", "Ian Clin"), IsOk());
  EXPECT_THAT(Validate("Patients", "Patient Zero"), IsOk());
  EXPECT_THAT(Validate("Pat", "Patricia Smith"), IsOk());
}

TEST(RoleTest, TheIdentifierIsRefusedInEitherCase) {
  for (const std::string_view role : {"jensen-m", "Jensen-M", "Patient jensen-m"}) {
    const Status status = Validate(role, "Someone Else", "jensen-m");
    EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument)) << role;
    EXPECT_THAT(status.message(), HasSubstr("taken from the person"));
  }
}

// "no word of the person's name and not the identifier": staff may have initials as identifiers.
TEST(RoleTest, AnIdentifierInsideALongerWordIsNoReason) {
  EXPECT_THAT(Validate("Clinician", "Someone Else", "ian"), IsOk());
  EXPECT_THAT(Validate("Patient", "Someone Else", "a"), IsOk());
}

// The real name in the platform's ASCII, as an application might make one that was told "letters
// only".
TEST(RoleTest, TheNameWithoutItsBlanksIsRefused) {
  for (const std::string_view role : {"MariaJensen", "mariajensen", "JensenMaria"}) {
    EXPECT_THAT(ValidateRole(role, kMaria), HasCode(StatusCode::kInvalidArgument)) << role;
  }
}

TEST(RoleTest, TheNameWithoutItsAccentsIsRefused) {
  for (const auto& [role, name] :
       {std::tuple("Jose Garcia", "José García"), {"Garcia", "José García-Núñez"}}) {
    EXPECT_THAT(Validate(role, name), HasCode(StatusCode::kInvalidArgument)) << role;
  }
}

// "José" is one word: "Jos" and the letters beside an accent are none.
TEST(RoleTest, PiecesOfANameAroundAnAccentAreNoWords) {
  EXPECT_THAT(Validate("Patient A", "José García"), IsOk());
}

TEST(RoleTest, TheSamplesRolesAreTaken) {
  EXPECT_THAT(Validate("Clinician", "Dr. Siân O'Brien", "s-0042"), IsOk());
  EXPECT_THAT(Validate("Patient", "Łukasz Żółkiewski"), IsOk());
  EXPECT_THAT(Validate("Interpreter", "王小明"), IsOk());
}

}  // namespace
}  // namespace moniker
