#include "moniker/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "moniker/anonymizer.h"
#include "moniker/keyring.h"
#include "support/child_process.h"
#include "support/hex.h"
#include "support/status_matchers.h"
#include "support/test_keyring.h"

namespace moniker {
namespace {

using testing::Counting;
using testing::Describe;
using testing::HasCode;
using testing::InChild;
using testing::IsOk;
using testing::MakeKeyring;

Keyring ThreeEpochs(Suite suite = Suite::kBlake2b, const std::string& app = "clinic-7") {
  return MakeKeyring({.suite = suite,
                      .app = app,
                      .keys = {{KeyKind::kIdentity, 1, Counting(32)},
                               {KeyKind::kIdentity, 2, Counting(32, 100)},
                               {KeyKind::kIdentity, 7, Counting(32, 200)}}});
}

ExternalId IdOf(const Keyring& keyring, std::uint32_t epoch, const Scope& scope = Scope::App(),
                std::string_view id = "00123456") {
  const Result<Anonymizer> anonymizer = Anonymizer::Create(keyring, scope, epoch);
  return anonymizer->Pseudonymize({.issuer = "mrn.hospital-a", .id = id})->external_id();
}

Metadata Some() { return {.role = "Clinician", .locale = "en-GB", .shard = 7, .flags = 5}; }

Metadata Longest() {
  return {.role = std::string(40, 'R'),
          .locale = "abcdefgh-abcdefgh-abcdefgh-abcdefgh",
          .shard = std::numeric_limits<std::uint32_t>::max(),
          .flags = std::numeric_limits<std::uint32_t>::max(),
          .expiry = std::numeric_limits<std::uint64_t>::max()};
}

std::string Seal(const Keyring& keyring, const ExternalId& id, const Metadata& metadata = Some(),
                 std::uint32_t epoch = 1) {
  Result<std::string> text = SealMetadata(keyring, epoch, id, metadata);
  if (!text.ok()) throw std::runtime_error(std::string(text.status().message()));
  return *std::move(text);
}

// --- What goes in comes out ---

TEST(MetadataTest, EveryCombinationOfFieldsOpensToItself) {
  const Keyring keyring = ThreeEpochs();
  const ExternalId id = IdOf(keyring, 1);
  std::set<std::string> texts;
  for (int fields = 1; fields < 32; ++fields) {
    for (Metadata metadata :
         {Longest(), Metadata{.role = "a", .locale = "de", .shard = 0, .flags = 0, .expiry = 0}}) {
      if ((fields & 1) == 0) metadata.role.reset();
      if ((fields & 2) == 0) metadata.locale.reset();
      if ((fields & 4) == 0) metadata.shard.reset();
      if ((fields & 8) == 0) metadata.flags.reset();
      if ((fields & 16) == 0) metadata.expiry.reset();
      const std::string text = Seal(keyring, id, metadata);
      const Result<Metadata> opened = OpenMetadata(keyring, text);
      ASSERT_THAT(opened, IsOk()) << fields;
      EXPECT_EQ(*opened, metadata) << fields;
      texts.insert(text);
    }
  }
  EXPECT_EQ(texts.size(), 62u);
}

TEST(MetadataTest, EveryLengthOfRoleAndLocaleOpensAndTheTextHasOneOfTwoSizes) {
  const Keyring keyring = ThreeEpochs();
  const ExternalId id = IdOf(keyring, 1);
  const std::string tag = "abcdefgh-abcdefgh-abcdefgh-abcdefgh";
  int short_texts = 0;
  int long_texts = 0;
  for (std::size_t role = 1; role <= 40; ++role) {
    for (std::size_t locale = 2; locale <= 35; ++locale) {
      if (tag[locale - 1] == '-') continue;
      const Metadata metadata{.role = std::string(role, 'r'), .locale = tag.substr(0, locale)};
      const std::string text = Seal(keyring, id, metadata);
      const Result<Metadata> opened = OpenMetadata(keyring, text);
      ASSERT_THAT(opened, IsOk()) << role << " " << locale;
      EXPECT_EQ(*opened, metadata);
      const bool one_step = 1 + 2 + role + 2 + locale < 64;
      EXPECT_EQ(text.size(), one_step ? 157u : 243u) << role << " " << locale;
      ++(one_step ? short_texts : long_texts);
    }
  }
  EXPECT_GT(short_texts, 100);
  EXPECT_GT(long_texts, 100);
}

TEST(MetadataTest, TheTextIsTheIdAFullStopAndBase64Url) {
  const Keyring keyring = ThreeEpochs();
  const ExternalId id = IdOf(keyring, 1);
  const std::string text = Seal(keyring, id);
  EXPECT_EQ(text.substr(0, 33), std::string(id.text()) + ".");
  EXPECT_TRUE(internal::IsBase64Url(std::string_view(text).substr(33)));
  EXPECT_EQ(*ExternalId::Parse(text), id);
}

TEST(MetadataTest, TheLongestTextIsWithinTheLimitsOfThePlatformsThatTakeIt) {
  const Keyring keyring = ThreeEpochs();
  EXPECT_EQ(Seal(keyring, IdOf(keyring, 1), Longest()).size(), 243u);
}

// --- Deterministic, and bound to everything around it ---

TEST(MetadataTest, TheSameInputGivesTheSameBytesInEveryKeyringWithTheSameKey) {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    const Keyring a = ThreeEpochs(suite);
    const Keyring b = MakeKeyring(
        {.suite = suite, .vault_id = {1}, .keys = {{KeyKind::kIdentity, 1, Counting(32)}}});
    const std::string text = Seal(a, IdOf(a, 1));
    EXPECT_EQ(Seal(a, IdOf(a, 1)), text);
    EXPECT_EQ(Seal(b, IdOf(b, 1)), text);
    EXPECT_EQ(*OpenMetadata(b, text), Some());
  }
}

// How many of the ciphertext's and the iv's bits differ.
int DifferentBits(const std::string& a, const std::string& b) {
  const std::vector<std::uint8_t> x = internal::DecodeBase64Url(std::string_view(a).substr(33));
  const std::vector<std::uint8_t> y = internal::DecodeBase64Url(std::string_view(b).substr(33));
  int bits = 0;
  for (std::size_t i = 5; i < x.size(); ++i) bits += __builtin_popcount(x[i] ^ y[i]);
  return bits;
}

TEST(MetadataTest, AnotherPersonScopeEpochAppSuiteOrValueGivesUnrelatedBytes) {
  const Keyring keyring = ThreeEpochs();
  const Keyring other_app = ThreeEpochs(Suite::kBlake2b, "clinic-8");
  const Keyring other_suite = ThreeEpochs(Suite::kHmacSha256);
  const ExternalId id = IdOf(keyring, 1);
  const Scope conference = *Scope::Conference("visit-42");
  Metadata one_bit = Some();
  one_bit.flags = 4;
  const std::vector<std::string> texts = {Seal(keyring, id),
                                          Seal(keyring, IdOf(keyring, 1, Scope::App(), "00123457")),
                                          Seal(keyring, IdOf(keyring, 1, conference)),
                                          Seal(keyring, id, Some(), 2),
                                          Seal(keyring, id, Some(), 7),
                                          Seal(other_app, id),
                                          Seal(other_suite, id),
                                          Seal(keyring, id, one_bit)};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      // 704 bits: half of them, give or take seven standard deviations of 13.3.
      EXPECT_NEAR(DifferentBits(texts[i], texts[j]), 352, 93) << i << " " << j;
    }
  }
}

TEST(MetadataTest, DoesNotOpenForAnotherIdAppSuiteOrKey) {
  const Keyring keyring = ThreeEpochs();
  const std::string text = Seal(keyring, IdOf(keyring, 1));
  const std::string sealed = text.substr(32);
  EXPECT_THAT(OpenMetadata(keyring, text), IsOk());
  for (const ExternalId& other : {IdOf(keyring, 1, Scope::App(), "00123457"), IdOf(keyring, 2),
                                  IdOf(keyring, 1, *Scope::Conference("visit-42"))}) {
    EXPECT_THAT(OpenMetadata(keyring, std::string(other.text()) + sealed),
                HasCode(StatusCode::kAltered));
  }
  EXPECT_THAT(OpenMetadata(ThreeEpochs(Suite::kBlake2b, "clinic-8"), text),
              HasCode(StatusCode::kAltered));
  EXPECT_THAT(OpenMetadata(ThreeEpochs(Suite::kHmacSha256), text), HasCode(StatusCode::kAltered));
  EXPECT_THAT(OpenMetadata(MakeKeyring({.keys = {{KeyKind::kIdentity, 1, Counting(32, 1)}}}), text),
              HasCode(StatusCode::kAltered));
}

TEST(MetadataTest, OpensWithTheEpochOfItsHeaderAndNoOther) {
  const Keyring keyring = ThreeEpochs();
  for (const std::uint32_t epoch : {1u, 2u, 7u}) {
    const ExternalId id = IdOf(keyring, epoch);
    const std::string text = Seal(keyring, id, Some(), epoch);
    EXPECT_EQ(*OpenMetadata(keyring, text), Some());
    for (const std::uint32_t claimed : {0u, 1u, 2u, 3u, 7u, 0xFFFFFFFFu}) {
      std::vector<std::uint8_t> sealed =
          internal::DecodeBase64Url(std::string_view(text).substr(33));
      for (std::size_t i = 0; i < 4; ++i) {
        sealed[1 + i] = static_cast<std::uint8_t>(claimed >> (8 * i));
      }
      const Result<Metadata> opened =
          OpenMetadata(keyring, text.substr(0, 33) + internal::EncodeBase64Url(sealed));
      if (claimed == epoch) {
        EXPECT_THAT(opened, IsOk());
      } else {
        EXPECT_THAT(opened, HasCode(StatusCode::kAltered)) << epoch << " " << claimed;
      }
    }
  }
}

TEST(MetadataTest, IsNotSealedWithAnEpochThatTheKeyringHasNot) {
  const Keyring keyring = ThreeEpochs();
  for (const std::uint32_t epoch : {0u, 3u, 8u, 0xFFFFFFFFu}) {
    EXPECT_THAT(SealMetadata(keyring, epoch, IdOf(keyring, 1), Some()),
                HasCode(StatusCode::kNotFound));
  }
}

// --- Changed texts ---

TEST(MetadataTest, OneBitOfTheTextChangedDoesNotOpen) {
  const Keyring keyring = ThreeEpochs();
  for (const Metadata& metadata : {Some(), Longest()}) {
    const std::string text = Seal(keyring, IdOf(keyring, 1), metadata);
    for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
      std::string changed = text;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      ASSERT_THAT(OpenMetadata(keyring, changed), ::testing::Not(IsOk())) << bit;
    }
  }
}

TEST(MetadataTest, OneBitOfTheSealedBytesChangedDoesNotOpen) {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    const Keyring keyring = ThreeEpochs(suite);
    for (const Metadata& metadata : {Some(), Longest()}) {
      const std::string text = Seal(keyring, IdOf(keyring, 1), metadata);
      const std::vector<std::uint8_t> sealed =
          internal::DecodeBase64Url(std::string_view(text).substr(33));
      std::size_t newer = 0;
      for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
        std::vector<std::uint8_t> changed = sealed;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        const StatusCode code =
            OpenMetadata(keyring, text.substr(0, 33) + internal::EncodeBase64Url(changed))
                .status()
                .code();
        newer += code == StatusCode::kNewerFormat;
        EXPECT_EQ(code, bit >= 1 && bit < 8 ? StatusCode::kNewerFormat : StatusCode::kAltered)
            << bit;
      }
      EXPECT_EQ(newer, 7u);
    }
  }
}

TEST(MetadataTest, EveryCutTextIsRefused) {
  const Keyring keyring = ThreeEpochs();
  const std::string text = Seal(keyring, IdOf(keyring, 1), Longest());
  for (std::size_t size = 0; size < text.size(); ++size) {
    const StatusCode code = OpenMetadata(keyring, text.substr(0, size)).status().code();
    // 157 bytes is the size of metadata of one step.
    EXPECT_EQ(code, size == 157 ? StatusCode::kAltered : StatusCode::kInvalidArgument) << size;
  }
}

TEST(MetadataTest, WhatIsNoIdWithMetadataIsAnInvalidArgument) {
  const Keyring keyring = ThreeEpochs();
  const std::string text = Seal(keyring, IdOf(keyring, 1));
  const std::string id = text.substr(0, 32);
  for (const std::string& other :
       {std::string(), id, id + ".", id + ".mp3", text + "=", text + "\n", " " + text,
        std::string("18ad55a1-0e07-80d3-8582-350f689bfe7d"), text.substr(33), text + text,
        "M" + text.substr(1)}) {
    EXPECT_THAT(OpenMetadata(keyring, other), HasCode(StatusCode::kInvalidArgument)) << other;
  }
}

TEST(MetadataTest, MessagesHaveNothingOfTheTextOrTheValues) {
  const Keyring keyring = ThreeEpochs();
  std::string text = Seal(keyring, IdOf(keyring, 1));
  text[100] = text[100] == 'A' ? 'B' : 'A';
  EXPECT_EQ(OpenMetadata(keyring, text).status().message(),
            "metadata: not made with this keyring for this ID");
  EXPECT_EQ(SealMetadata(keyring, 1, IdOf(keyring, 1), {.role = "Maria2"}).status().message(),
            "role: not ASCII letters, with blanks and hyphens between them");
}

// --- What a field takes ---

TEST(ValidateMetadataTest, AtLeastOneFieldIsNeeded) {
  EXPECT_THAT(ValidateMetadata({}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(ValidateMetadata({.shard = 0}), IsOk());
  EXPECT_THAT(ValidateMetadata({.flags = 0}), IsOk());
  EXPECT_THAT(ValidateMetadata({.expiry = 0}), IsOk());
}

TEST(ValidateMetadataTest, ALocaleIsMadeOfSubtags) {
  for (const char* locale :
       {"de", "en-GB", "zh-Hant-TW", "sl-rozaj-biske-1994", "de-CH-1901", "es-419", "i18n-x"}) {
    const bool good = std::string_view(locale) != "i18n-x";
    EXPECT_EQ(ValidateMetadata({.locale = locale}).ok(), good) << locale;
  }
  for (const char* locale : {"", "d", "-", "--", "de-", "-de", "de--DE", "de_DE", "de.UTF-8", "1a",
                             "x-klingon", "abcdefghi", "de-abcdefghi", "de DE", "d\xC3\xA9"}) {
    EXPECT_THAT(ValidateMetadata({.locale = locale}), HasCode(StatusCode::kInvalidArgument))
        << locale;
  }
  EXPECT_THAT(ValidateMetadata({.locale = "abcdefgh-abcdefgh-abcdefgh-abcdefgh"}), IsOk());
  EXPECT_THAT(ValidateMetadata({.locale = "abcdefgh-abcdefgh-abcdefgh-abcdef-a"}), IsOk());
  EXPECT_THAT(ValidateMetadata({.locale = "abcdefgh-abcdefgh-abcdefgh-abcdef-ab"}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(ValidateMetadata({.locale = std::string("de-\0x", 5)}),
              HasCode(StatusCode::kInvalidArgument));
}

TEST(ValidateMetadataTest, NoOtherByteIsInALocale) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    EXPECT_EQ(ValidateMetadata({.locale = std::string("d") + c + "e"}).ok(), letter) << value;
    EXPECT_EQ(ValidateMetadata({.locale = std::string("de-A") + c}).ok(), letter || digit) << value;
    EXPECT_EQ(ValidateMetadata({.locale = std::string("de-A") + c + "B"}).ok(),
              letter || digit || c == '-')
        << value;
  }
}

TEST(MetadataTest, WhatDoesNotValidateIsNotSealed) {
  const Keyring keyring = ThreeEpochs();
  for (const Metadata& metadata : {Metadata{}, Metadata{.role = ""}, Metadata{.role = " x"},
                                   Metadata{.locale = "x"}, Metadata{.locale = "de_DE"}}) {
    EXPECT_THAT(SealMetadata(keyring, 1, IdOf(keyring, 1), metadata),
                HasCode(StatusCode::kInvalidArgument));
  }
}

// --- The clock, and the child of a fork ---

TEST(MetadataTest, WhatHasExpiredOpensAllTheSame) {
  const Keyring keyring = ThreeEpochs();
  const Metadata expired{.expiry = 1};
  EXPECT_EQ(*OpenMetadata(keyring, Seal(keyring, IdOf(keyring, 1), expired)), expired);
}

TEST(MetadataTest, AKeyringFromBeforeAForkIsClosed) {
  const Keyring keyring = ThreeEpochs();
  const ExternalId id = IdOf(keyring, 1);
  const std::string text = Seal(keyring, id);
  EXPECT_EQ(InChild([&] {
              return Describe(SealMetadata(keyring, 1, id, Some()).status()) + " " +
                     Describe(OpenMetadata(keyring, text).status());
            }),
            "closed closed");
}

}  // namespace
}  // namespace moniker
