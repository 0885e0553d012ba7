#include "batch/id_tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace moniker::internal {
namespace {

constexpr char kExternal[] = "m32pnb88e0wgd7hc26m7ph6zyfqm3092";
constexpr char kUuid[] = "bdd640fb-0667-4ad1-9c80-317fa3b1799d";

std::vector<std::string> Tokens(const std::string& text) {
  std::vector<std::string> tokens;
  for (auto token = FindIdToken(text, 0); token.has_value();
       token = FindIdToken(text, token->end)) {
    tokens.push_back(text.substr(token->begin, token->end - token->begin));
    EXPECT_EQ(token->is_external, tokens.back()[0] == 'm');
  }
  return tokens;
}

using Strings = std::vector<std::string>;

TEST(FindIdTokenTest, FindsIdsBetweenAnythingButLettersAndDigits) {
  const std::string external = kExternal;
  const std::string uuid = kUuid;
  EXPECT_EQ(Tokens(external), Strings{external});
  EXPECT_EQ(Tokens(uuid), Strings{uuid});
  EXPECT_EQ(Tokens("record_1602086897206_conn_" + uuid + "_160.mp3"), Strings{uuid});
  EXPECT_EQ(Tokens("https://x/" + external + "/" + uuid + "?a=" + external),
            (Strings{external, uuid, external}));
  EXPECT_EQ(Tokens("é" + external + "王" + uuid + "é"), (Strings{external, uuid}));
  EXPECT_EQ(Tokens("-" + uuid + "-"), Strings{uuid});
  EXPECT_EQ(Tokens("12345678-" + uuid), Strings{uuid});
  EXPECT_EQ(Tokens(uuid + "-" + uuid), (Strings{uuid, uuid}));
  EXPECT_EQ(Tokens(uuid + "_" + external + " " + external), (Strings{uuid, external, external}));
  EXPECT_EQ(Tokens("{\"a\":\"" + external + "\"}"), Strings{external});
}

TEST(FindIdTokenTest, FindsUuidsOfEitherCase) {
  EXPECT_EQ(Tokens("x BDD640FB-0667-4AD1-9C80-317FA3B1799D"),
            Strings{"BDD640FB-0667-4AD1-9C80-317FA3B1799D"});
  EXPECT_EQ(Tokens("x Bdd640fB-0667-4aD1-9C80-317fa3b1799D"),
            Strings{"Bdd640fB-0667-4aD1-9C80-317fa3b1799D"});
}

TEST(FindIdTokenTest, FindsNothingInsideAWord) {
  const std::string external = kExternal;
  const std::string uuid = kUuid;
  EXPECT_EQ(Tokens(""), Strings{});
  EXPECT_EQ(Tokens("x" + external), Strings{});
  EXPECT_EQ(Tokens(external + "0"), Strings{});
  EXPECT_EQ(Tokens(external + external), Strings{});
  EXPECT_EQ(Tokens("0" + uuid), Strings{});
  EXPECT_EQ(Tokens("Z" + uuid), Strings{});
  EXPECT_EQ(Tokens(uuid + "e"), Strings{});
  EXPECT_EQ(Tokens(uuid + uuid), Strings{});
}

TEST(FindIdTokenTest, FindsNothingOfAnotherShape) {
  const std::string external = kExternal;
  const std::string uuid = kUuid;
  EXPECT_EQ(Tokens("n" + external.substr(1)), Strings{});
  EXPECT_EQ(Tokens("M" + external.substr(1)), Strings{});
  for (const char* letter : {"i", "l", "o", "u", "A", "é"}) {
    EXPECT_EQ(Tokens(external.substr(0, 31) + letter), Strings{}) << letter;
  }
  EXPECT_EQ(Tokens(external.substr(0, 31)), Strings{});
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    std::string other = uuid;
    other[i] = other[i] == '-' ? '_' : 'g';
    EXPECT_EQ(Tokens(other), Strings{}) << other;
    other[i] = '-';
    if (uuid[i] != '-') {
      EXPECT_EQ(Tokens(other), Strings{}) << other;
    }
    EXPECT_EQ(Tokens(uuid.substr(0, i)), Strings{});
  }
}

TEST(FindIdTokenTest, AnExternalIdWithMetadataIsOneToken) {
  const std::string external = kExternal;
  for (const std::size_t size : {124u, 210u, 4050u}) {
    const std::string sealed = external + "." + std::string(size, 'A');
    EXPECT_EQ(Tokens(sealed), Strings{sealed});
    EXPECT_EQ(Tokens(sealed + ".mp3"), Strings{sealed});
    EXPECT_EQ(Tokens("https://x/" + sealed + "/" + kUuid + "?a=" + sealed),
              (Strings{sealed, kUuid, sealed}));
    EXPECT_EQ(Tokens("rec_" + sealed + "_" + external + ".wav"), (Strings{sealed, external}));
    EXPECT_EQ(Tokens(sealed + "-" + sealed), (Strings{sealed, sealed}));
    EXPECT_EQ(Tokens(sealed + "." + sealed), (Strings{sealed, sealed}));
    EXPECT_EQ(Tokens(sealed + "é" + external), (Strings{sealed, external}));
  }
}

TEST(FindIdTokenTest, AnyOtherFullStopEndsAnExternalId) {
  const std::string external = kExternal;
  for (const std::string& behind :
       {std::string("."), std::string(".mp3"), std::string(".tar.gz"), std::string(".."),
        "." + std::string(123, 'A'), "." + std::string(125, 'A'), "." + std::string(211, 'A'),
        "." + std::string(123, 'A') + "+", ".=" + std::string(123, 'A'),
        "." + std::string(209, 'A') + "B", "/." + std::string(124, 'A')}) {
    EXPECT_EQ(Tokens(external + behind), Strings{external}) << behind;
  }
  EXPECT_EQ(Tokens(external + "." + external), (Strings{external, external}));
  EXPECT_EQ(Tokens(external + "." + kUuid + ".mp3"), (Strings{external, kUuid}));
}

TEST(FindIdTokenTest, MetadataBehindWhatIsNoExternalIdIsNone) {
  const std::string part = "." + std::string(124, 'A');
  EXPECT_EQ(Tokens("x" + std::string(kExternal) + part), Strings{});
  EXPECT_EQ(Tokens(std::string(kExternal).substr(0, 31) + part), Strings{});
  EXPECT_EQ(Tokens(kUuid + part), Strings{kUuid});
}

TEST(MayBeIdTest, AnExternalIdWithMetadataMayBeLonger) {
  const std::string external = kExternal;
  EXPECT_TRUE(MayBeId(external + "." + std::string(295, 'A')));
  EXPECT_TRUE(MayBeId(external + "." + std::string(4050, 'A')));
  EXPECT_FALSE(MayBeId(external + "." + std::string(294, 'A')));
  EXPECT_FALSE(MayBeId(external + "." + std::string(296, 'A')));
  EXPECT_FALSE(MayBeId(external + "." + std::string(295, 'A') + ".mp3"));
  EXPECT_FALSE(MayBeId("x" + external.substr(1) + "." + std::string(295, 'A')));
}

TEST(MayBeIdTest, IsAboutLengthAndCharactersOnly) {
  EXPECT_FALSE(MayBeId(""));
  EXPECT_TRUE(MayBeId("x"));
  EXPECT_TRUE(MayBeId("{\"any\":thing}/é王"));
  EXPECT_TRUE(MayBeId(std::string(256, 'x')));
  EXPECT_FALSE(MayBeId(std::string(257, 'x')));
  for (const char c : {' ', '\t', '\n', '\r', '\0', '\x1F', '\x7F'}) {
    EXPECT_FALSE(MayBeId(std::string("x") + c));
    EXPECT_FALSE(MayBeId(std::string(1, c) + "x"));
  }
}

TEST(MayBeIdTest, EveryByteIsJudgedAlikeAtEveryPlace) {
  for (std::size_t size = 1; size < 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, at % 2 == 0 ? 'x' : '\xC3');
        text[at] = static_cast<char>(byte);
        EXPECT_EQ(MayBeId(text), byte > 0x20 && byte != 0x7F) << size << ' ' << at << ' ' << byte;
      }
    }
  }
}

TEST(FindIdTokenTest, FindsAnIdAtEveryDistanceFromBothEnds) {
  for (const std::string& id : Strings{kExternal, kUuid}) {
    for (std::size_t before = 0; before < 70; ++before) {
      const std::string space = before == 0 ? "" : std::string(before - 1, 'a') + " ";
      EXPECT_EQ(Tokens(space + id), Strings{id}) << before;
      EXPECT_EQ(Tokens(id + "," + space), Strings{id}) << before;
      EXPECT_EQ(Tokens(space + id.substr(1)), Strings{}) << before;
    }
  }
}

TEST(EndsWithLabelTest, NeedsAWordBoundary) {
  EXPECT_TRUE(EndsWithLabel("Patient RCG-V3F", "RCG-V3F"));
  EXPECT_TRUE(EndsWithLabel("RCG-V3F", "RCG-V3F"));
  EXPECT_TRUE(EndsWithLabel("(RCG-V3F", "RCG-V3F"));
  EXPECT_TRUE(EndsWithLabel("患者RCG-V3F", "RCG-V3F"));
  EXPECT_FALSE(EndsWithLabel("PatientRCG-V3F", "RCG-V3F"));
  EXPECT_FALSE(EndsWithLabel("9RCG-V3F", "RCG-V3F"));
  EXPECT_FALSE(EndsWithLabel("Patient RCG-V3F ", "RCG-V3F"));
  EXPECT_FALSE(EndsWithLabel("Patient rcg-v3f", "RCG-V3F"));
  EXPECT_FALSE(EndsWithLabel("V3F", "RCG-V3F"));
  EXPECT_FALSE(EndsWithLabel("Patient", ""));
  EXPECT_FALSE(EndsWithLabel("", ""));
}

}  // namespace
}  // namespace moniker::internal
