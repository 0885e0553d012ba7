#include "moniker/anonymizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "moniker/keyring.h"
#include "support/child_process.h"
#include "support/hex.h"
#include "support/test_keyring.h"

namespace moniker {
namespace {

using internal::AsBytes;
using testing::Counting;
using testing::Describe;
using testing::InChild;
using testing::Secret;
using testing::ToHex;

std::unique_ptr<Prf> Root(Suite suite = Suite::kBlake2b, std::size_t first = 0) {
  Result<std::unique_ptr<Prf>> root = MakePrf(suite, Secret(Counting(32, first)));
  if (!root.ok()) throw std::runtime_error("no root");
  return *std::move(root);
}

Scope ScopeOf(std::string_view conference) {
  return conference.empty() ? Scope::App() : *Scope::Conference(conference);
}

Anonymizer Make(std::string_view app = "clinic-7", std::string_view conference = "",
                Suite suite = Suite::kBlake2b) {
  Result<Anonymizer> anonymizer = Anonymizer::Create(*Root(suite), app, ScopeOf(conference));
  if (!anonymizer.ok()) throw std::runtime_error("no anonymizer");
  return *std::move(anonymizer);
}

constexpr Identifier kPerson = {.issuer = "mrn.hospital-a", .id = "00123456"};

Digest DigestOf(const Anonymizer& anonymizer, const Identifier& identifier = kPerson) {
  const Result<Pseudonym> pseudonym = anonymizer.Pseudonymize(identifier);
  if (!pseudonym.ok()) throw std::runtime_error(std::string(pseudonym.status().message()));
  return pseudonym->digest();
}

// Persons whose values have many sizes, with the memory that they need.
struct Persons {
  explicit Persons(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(std::to_string(i) + std::string(i * 37 % 1000, 'x'));
      issuers.push_back("issuer-" + std::to_string(i % 7));
    }
    for (std::size_t i = 0; i < count; ++i) {
      identifiers.push_back({.issuer = issuers[i], .id = values[i]});
    }
  }
  std::vector<std::string> values;
  std::vector<std::string> issuers;
  std::vector<Identifier> identifiers;
};

// Derivation with another Prf's answers, counted.
class CountingPrf final : public Prf {
 public:
  struct Calls {
    int compute = 0;
    std::size_t messages = 0;
  };

  CountingPrf(std::unique_ptr<Prf> prf, Calls* calls, std::optional<Status> failure = std::nullopt)
      : prf_(std::move(prf)), calls_(calls), failure_(failure) {}

  Status ComputeMany(std::span<const std::span<const std::uint8_t>> messages,
                     std::span<Digest> digests) const override {
    ++calls_->compute;
    calls_->messages += messages.size();
    return failure_ ? *failure_ : prf_->ComputeMany(messages, digests);
  }
  Result<std::unique_ptr<Prf>> Subkey(std::string_view label,
                                      std::span<const std::uint8_t> context) const override {
    Result<std::unique_ptr<Prf>> subkey = prf_->Subkey(label, context);
    if (!subkey.ok()) return subkey.status();
    return std::unique_ptr<Prf>(
        std::make_unique<CountingPrf>(*std::move(subkey), calls_, failure_));
  }

 private:
  std::unique_ptr<Prf> prf_;
  Calls* calls_;
  std::optional<Status> failure_;
};

TEST(AnonymizerTest, DerivesTheWorkedExamplesOfTheFormat) {
  const auto id = [](Suite suite, std::string_view conference) {
    return std::string(
        Make("clinic-7", conference, suite).Pseudonymize(kPerson)->external_id().text());
  };
  EXPECT_EQ(id(Suite::kBlake2b, ""), "m32pnb88e0wgd7hc26m7ph6zyfqm3092");
  EXPECT_EQ(id(Suite::kBlake2b, "visit-42"), "masat0zm843tjq7f9421yapab7xdcp47");
  EXPECT_EQ(id(Suite::kHmacSha256, ""), "m9wrcy4v6z5knpaza4xh9epkrrcvh6m0");
  EXPECT_EQ(id(Suite::kHmacSha256, "visit-42"), "mwnk09h9kwmm8zzwy373fxgzeq3f5z0c");
}

std::string Lp(std::string_view text) {
  std::string out;
  for (int i = 0; i < 4; ++i) out += static_cast<char>(text.size() >> 8 * i & 0xFF);
  return out + std::string(text);
}

// Sections 3 to 5 of the format, written out with the Prf alone.
Digest ByHand(const Prf& root, std::string_view app, std::string_view conference,
              const Identifier& identifier) {
  std::string scope = Lp(app);
  if (conference.empty()) {
    scope += '\0';
  } else {
    scope += '\1' + Lp(conference);
  }
  const std::string label("moniker/v1/scope\0", 17);
  const Digest scope_key = *root.Compute(AsBytes(label + scope));
  return *(*MakePrf(Suite::kBlake2b, Secret(scope_key)))
              ->Compute(AsBytes(Lp(identifier.issuer) + std::string(identifier.id)));
}

TEST(AnonymizerTest, AgreesWithTheFormatWrittenOutForInputsOfAllSizes) {
  std::mt19937 random(5);
  const std::unique_ptr<Prf> root = Root();
  for (int round = 0; round < 300; ++round) {
    const std::string app(1 + random() % 64, 'a');
    const std::string conference(random() % 3 == 0 ? 0 : 1 + random() % 255, 'c');
    const std::string issuer(1 + random() % 64, 'i');
    const std::string value(1 + random() % 1024, 'v');
    const Identifier identifier = {.issuer = issuer, .id = value};
    ASSERT_EQ(DigestOf(Make(app, conference), identifier),
              ByHand(*root, app, conference, identifier));
  }
}

TEST(AnonymizerTest, ManyGiveWhatEachGivesAloneForSizes0To200) {
  const Persons persons(200);
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    const Anonymizer anonymizer = Make("clinic-7", "visit-42", suite);
    std::vector<Digest> alone;
    for (const Identifier& person : persons.identifiers) {
      alone.push_back(DigestOf(anonymizer, person));
    }
    for (std::size_t count = 0; count <= 200; ++count) {
      std::vector<Pseudonym> together(count, Pseudonym(Digest{}));
      ASSERT_TRUE(
          anonymizer.PseudonymizeMany(std::span(persons.identifiers).first(count), together).ok());
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(together[i].digest(), alone[i]) << count << " " << i;
      }
    }
  }
}

TEST(AnonymizerTest, LongestIdentifiersFitInABatch) {
  const std::string issuer(64, 'i');
  std::vector<std::string> values;
  for (std::size_t i = 0; i < 200; ++i) {
    values.push_back(std::string(1020, 'v') + std::to_string(1000 + i));
  }
  std::vector<Identifier> identifiers;
  for (const std::string& value : values) identifiers.push_back({.issuer = issuer, .id = value});
  std::vector<Pseudonym> pseudonyms(200, Pseudonym(Digest{}));
  const Anonymizer anonymizer = Make();
  ASSERT_TRUE(anonymizer.PseudonymizeMany(identifiers, pseudonyms).ok());
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(pseudonyms[i].digest(), DigestOf(anonymizer, identifiers[i]));
  }
}

TEST(AnonymizerTest, UnequalSizesAreAnInvalidArgument) {
  const Persons persons(3);
  for (const std::size_t count : {0u, 2u, 4u}) {
    std::vector<Pseudonym> pseudonyms(count, Pseudonym(Digest{}));
    EXPECT_EQ(Make().PseudonymizeMany(persons.identifiers, pseudonyms).code(),
              StatusCode::kInvalidArgument);
  }
}

TEST(AnonymizerTest, TextsAreTheExternalIdsOfThePseudonyms) {
  const Persons persons(200);
  const Anonymizer anonymizer = Make();
  for (const std::size_t count : {0u, 1u, 63u, 64u, 65u, 200u}) {
    std::vector<ExternalId::Text> texts(count);
    ASSERT_TRUE(
        anonymizer.ExternalIdsOfMany(std::span(persons.identifiers).first(count), texts).ok());
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(std::string_view(texts[i].data(), texts[i].size()),
                anonymizer.Pseudonymize(persons.identifiers[i])->external_id().text());
    }
  }
  std::vector<ExternalId::Text> texts(199);
  EXPECT_EQ(anonymizer.ExternalIdsOfMany(persons.identifiers, texts).code(),
            StatusCode::kInvalidArgument);
}

// Runs of one issuer are laid out in a shorter way, and so is printable ASCII.
TEST(AnonymizerTest, IssuersKindsAndScriptsMayAlternateInABatch) {
  const std::string issuer = "mrn.a";
  const std::string same_text_elsewhere = "mrn.a";
  std::vector<Identifier> identifiers;
  for (int i = 0; i < 30; ++i) {
    for (const std::string_view id :
         {"1", "12345678", "123456789", "a b", "\u00e9t\u00e9", "~", "0123456789abcdef"}) {
      identifiers.push_back({issuer, id});
      identifiers.push_back({same_text_elsewhere, id});
      identifiers.push_back({issuer, id, IdentifierKind::kText});
      identifiers.push_back({issuer, id, IdentifierKind::kOpaque});
      identifiers.push_back({std::string_view(issuer).substr(0, 3), id});
      if (i % 3 == 0) identifiers.push_back({"email", "Ada@example.org"});
      if (i % 4 == 0) identifiers.push_back({"phone", "+1 555 0100"});
    }
  }
  const Anonymizer anonymizer = Make();
  std::vector<Pseudonym> together(identifiers.size(), Pseudonym(Digest{}));
  ASSERT_TRUE(anonymizer.PseudonymizeMany(identifiers, together).ok());
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    ASSERT_EQ(together[i].digest(), DigestOf(anonymizer, identifiers[i])) << i;
    const bool is_ada = identifiers[i].issuer == "email";
    if (identifiers[i].kind || is_ada || identifiers[i].issuer == "phone") continue;
    ASSERT_EQ(together[i].digest(), ByHand(*Root(), "clinic-7", "", identifiers[i])) << i;
  }
}

// Behind an issuer that is valid: what the shorter way does not take is still judged.
TEST(AnonymizerTest, FaultBehindAValidIdentifierOfTheSameIssuerIsFound) {
  const std::string issuer = "mrn.a";
  for (const std::string& id :
       {std::string(), std::string(" a"), std::string("a "), std::string("a\x7f"),
        std::string("12345678\n"), std::string(1025, 'x'), std::string("\xff"),
        std::string("1234567\x1f"
                    "12345678")}) {
    const Identifier identifiers[] = {{issuer, "1"}, {issuer, id}};
    std::vector<Pseudonym> pseudonyms(2, Pseudonym(Digest{}));
    const Status status = Make().PseudonymizeMany(identifiers, pseudonyms);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << id.size();
    EXPECT_EQ(status.locator(), 1);
  }
  const Identifier wrong_kind[] = {{issuer, "1"}, {"email", "a@b.org", IdentifierKind::kOpaque}};
  std::vector<Pseudonym> pseudonyms(2, Pseudonym(Digest{}));
  EXPECT_FALSE(Make().PseudonymizeMany(wrong_kind, pseudonyms).ok());
}

TEST(AnonymizerTest, LocatorIsTheFirstIdentifierThatIsNotValid) {
  const Anonymizer anonymizer = Make();
  const Persons persons(150);
  for (std::size_t bad = 0; bad < 150; ++bad) {
    std::vector<Identifier> identifiers = persons.identifiers;
    identifiers[bad].id = "white space at the end ";
    identifiers.back().issuer = "MRN";
    std::vector<Pseudonym> pseudonyms(150, Pseudonym(Digest{}));
    const Status status = anonymizer.PseudonymizeMany(identifiers, pseudonyms);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(status.locator(), static_cast<std::int64_t>(bad));
    EXPECT_EQ(status.message().substr(0, bad == 149 ? 7 : 3), bad == 149 ? "issuer:" : "id:");
  }
}

TEST(AnonymizerTest, InvalidIdentifierGivesNoPseudonym) {
  const Result<Pseudonym> pseudonym = Make().Pseudonymize({.issuer = "mrn", .id = "a\nb"});
  ASSERT_FALSE(pseudonym.ok());
  EXPECT_EQ(pseudonym.status().message(), "id: a control character");
}

TEST(AnonymizerTest, AKeyringDerivesForAnotherAppWhatAKeyringOfThatAppWould) {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    Result<Keyring> keyring =
        Keyring::Create({.app = "clinic-7", .suite = suite, .identity_root = Secret(Counting(32))});
    ASSERT_TRUE(keyring.ok());
    for (const std::string_view conference : {"", "visit-42"}) {
      const Scope scope = ScopeOf(conference);
      for (const std::string_view app : {"clinic-7", "clinic-8"}) {
        const Result<Anonymizer> derived = Anonymizer::Create(*keyring, app, scope, 1);
        ASSERT_TRUE(derived.ok());
        EXPECT_EQ(derived->Pseudonymize(kPerson)->digest(),
                  Make(app, conference, suite).Pseudonymize(kPerson)->digest());
      }
    }
    EXPECT_EQ(Anonymizer::Create(*keyring, "Clinic", Scope::App(), 1).status().code(),
              StatusCode::kInvalidArgument);
    EXPECT_EQ(Anonymizer::Create(*keyring, "clinic-8", Scope::App(), 2).status().code(),
              StatusCode::kNotFound);
  }
}

TEST(AnonymizerTest, InvalidAppIsRefused) {
  for (const std::string& app : {std::string(), std::string(65, 'a'), std::string("Clinic")}) {
    EXPECT_EQ(Anonymizer::Create(*Root(), app, Scope::App()).status().code(),
              StatusCode::kInvalidArgument);
  }
}

TEST(AnonymizerTest, BatchAsksThePrfFor128AtATimeAndForFewerLongOnes) {
  CountingPrf::Calls calls;
  const CountingPrf root(Root(), &calls);
  const Anonymizer anonymizer = *Anonymizer::Create(root, "clinic-7", Scope::App());
  std::vector<Pseudonym> pseudonyms(300, Pseudonym(Digest{}));
  for (const auto& [size, expected] : {std::pair{13, 3}, {60, 3}, {1024, 10}}) {
    const std::string id(static_cast<std::size_t>(size), '7');
    calls = {};
    ASSERT_TRUE(
        anonymizer.PseudonymizeMany(std::vector(300, Identifier{"mrn", id}), pseudonyms).ok());
    EXPECT_EQ(calls.messages, 300u);
    EXPECT_EQ(calls.compute, expected) << size;
  }
}

TEST(AnonymizerTest, ErrorOfThePrfIsPassedOn) {
  CountingPrf::Calls calls;
  const CountingPrf root(Root(), &calls, Status(StatusCode::kIo, "the module does not answer", 5));
  const Anonymizer anonymizer = *Anonymizer::Create(root, "clinic-7", Scope::App());
  const Result<Pseudonym> pseudonym = anonymizer.Pseudonymize(kPerson);
  ASSERT_FALSE(pseudonym.ok());
  EXPECT_EQ(pseudonym.status().code(), StatusCode::kIo);
  EXPECT_EQ(pseudonym.status().message(), "the module does not answer");
}

// Everything that goes into a pseudonym changes it.
TEST(AnonymizerTest, AppsScopesSuitesEpochsIssuersAndValuesGiveDifferentPseudonyms) {
  const Keyring keyring = testing::MakeKeyring(
      {.suite = Suite::kBlake2b,
       .app = "clinic-7",
       .keys = {{KeyKind::kIdentity, 1, Counting(32)}, {KeyKind::kIdentity, 2, Counting(32, 1)}}});
  std::set<Digest> digests;
  digests.insert(DigestOf(Make()));
  digests.insert(DigestOf(Make("clinic-8")));
  digests.insert(DigestOf(Make("clinic-7", "visit-42")));
  digests.insert(DigestOf(Make("clinic-7", "visit-43")));
  digests.insert(DigestOf(Make("visit-42", "clinic-7")));
  digests.insert(DigestOf(Make("clinic-7", "", Suite::kHmacSha256)));
  digests.insert(DigestOf(*Anonymizer::Create(keyring, Scope::App(), 2)));
  digests.insert(DigestOf(Make(), {.issuer = "mrn.hospital-b", .id = "00123456"}));
  digests.insert(DigestOf(Make(), {.issuer = "mrn.hospital-a", .id = "0123456"}));
  EXPECT_EQ(digests.size(), 9u);
}

// Unrelated, not merely different: a change of one bit of any input flips half of the 256 bits. The
// mean of 2,000 distances lies within 128 +- 4 * 8 / sqrt(2000) unless there is a relation.
class UnrelatedTest : public ::testing::Test {
 protected:
  static constexpr int kRounds = 2000;

  void ExpectUnrelated(const Digest& a, const Digest& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      distance_ += std::popcount(static_cast<unsigned>(a[i] ^ b[i]));
    }
    ++pairs_;
  }
  void TearDown() override {
    EXPECT_EQ(pairs_, kRounds);
    EXPECT_NEAR(static_cast<double>(distance_) / kRounds, 128, 0.72);
  }

  int pairs_ = 0;
  int distance_ = 0;
};

TEST_F(UnrelatedTest, PseudonymsOfTwoScopes) {
  const Anonymizer a = Make("clinic-7", "visit-42");
  const Anonymizer b = Make("clinic-7", "visit-43");
  const Persons persons(kRounds);
  for (const Identifier& person : persons.identifiers) {
    ExpectUnrelated(DigestOf(a, person), DigestOf(b, person));
  }
}

TEST_F(UnrelatedTest, PseudonymsOfTheAppAndAConference) {
  const Anonymizer a = Make("clinic-7");
  const Anonymizer b = Make("clinic-7", "c");
  const Persons persons(kRounds);
  for (const Identifier& person : persons.identifiers) {
    ExpectUnrelated(DigestOf(a, person), DigestOf(b, person));
  }
}

TEST_F(UnrelatedTest, PseudonymsOfTwoEpochsWhoseKeysDifferInOneBit) {
  const Keyring keyring = testing::MakeKeyring(
      {.suite = Suite::kHmacSha256,
       .app = "clinic-7",
       .keys = {{KeyKind::kIdentity, 1, Counting(32)}, {KeyKind::kIdentity, 2, [] {
                                                          auto key = Counting(32);
                                                          key[31] ^= 1;
                                                          return key;
                                                        }()}}});
  const Anonymizer a = *Anonymizer::Create(keyring, Scope::App(), 1);
  const Anonymizer b = *Anonymizer::Create(keyring, Scope::App(), 2);
  const Persons persons(kRounds);
  for (const Identifier& person : persons.identifiers) {
    ExpectUnrelated(DigestOf(a, person), DigestOf(b, person));
  }
}

TEST_F(UnrelatedTest, PseudonymsOfTwoSuites) {
  const Anonymizer a = Make("clinic-7", "", Suite::kBlake2b);
  const Anonymizer b = Make("clinic-7", "", Suite::kHmacSha256);
  const Persons persons(kRounds);
  for (const Identifier& person : persons.identifiers) {
    ExpectUnrelated(DigestOf(a, person), DigestOf(b, person));
  }
}

TEST_F(UnrelatedTest, PseudonymsOfTwoIssuers) {
  const Anonymizer anonymizer = Make();
  for (int i = 0; i < kRounds; ++i) {
    const std::string value = std::to_string(i);
    ExpectUnrelated(DigestOf(anonymizer, {.issuer = "mrn.a", .id = value}),
                    DigestOf(anonymizer, {.issuer = "mrn.b", .id = value}));
  }
}

TEST_F(UnrelatedTest, PseudonymsOfValuesThatDifferInOneBit) {
  const Anonymizer anonymizer = Make();
  for (int i = 0; i < kRounds; ++i) {
    const std::string value = std::to_string(1'000'000 + i);
    std::string other = value;
    other.back() = static_cast<char>(other.back() ^ 1);
    ExpectUnrelated(DigestOf(anonymizer, {.issuer = "mrn", .id = value}),
                    DigestOf(anonymizer, {.issuer = "mrn", .id = other}));
  }
}

// D10: ambiguous encodings. Inputs over two letters, so that many tuples have the same
// concatenation.
TEST(AnonymizerTest, TuplesWithEqualConcatenationsGiveDifferentPseudonyms) {
  std::mt19937 random(20240502);
  using Tuple = std::tuple<std::string, std::string, std::string, std::string>;
  std::map<std::string, std::set<Tuple>> by_concatenation;
  for (const std::string& text : {std::string("aaaaaaaaaa"), std::string("abababab"),
                                  std::string("0000000000"), std::string("a1-a1-a1-a1")}) {
    for (std::size_t i = 1; i < text.size(); ++i) {
      for (std::size_t j = i; j < text.size(); ++j) {  // an empty conference is the app scope
        for (std::size_t k = j + 1; k < text.size(); ++k) {
          by_concatenation[text].insert(
              {text.substr(0, i), text.substr(i, j - i), text.substr(j, k - j), text.substr(k)});
        }
      }
    }
  }
  std::size_t tuples = 0;
  for (const auto& [text, all] : by_concatenation) {
    std::map<Digest, Tuple> digests;
    for (const Tuple& tuple : all) {
      const auto& [app, conference, issuer, value] = tuple;
      const Digest digest = DigestOf(Make(app, conference), {.issuer = issuer, .id = value});
      EXPECT_TRUE(digests.emplace(digest, tuple).second) << ::testing::PrintToString(tuple);
      ++tuples;
    }
  }
  EXPECT_GT(tuples, 300u);
}

// A value may hold what a length prefix looks like.
TEST(AnonymizerTest, ValueThatImitatesALengthPrefixDoesNotCollide) {
  const Anonymizer anonymizer = Make();
  EXPECT_NE(DigestOf(anonymizer, {.issuer = "a", .id = "b"}),
            DigestOf(anonymizer, {.issuer = "ab", .id = "b"}));
  // lp("aaaa") || "b" against lp("a") || "aaab": the same letters, another prefix.
  EXPECT_NE(DigestOf(anonymizer, {.issuer = "aaaa", .id = "b"}),
            DigestOf(anonymizer, {.issuer = "a", .id = "aaab"}));
}

TEST(AnonymizerTest, KeyringGivesWhatItsRootKeyGives) {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    const Result<Keyring> keyring =
        Keyring::Create({.app = "clinic-7", .suite = suite, .identity_root = Secret(Counting(32))});
    ASSERT_TRUE(keyring.ok());
    for (const std::string_view conference : {"", "visit-42"}) {
      EXPECT_EQ(DigestOf(*Anonymizer::Create(*keyring, ScopeOf(conference))),
                DigestOf(Make("clinic-7", conference, suite)));
    }
  }
}

TEST(AnonymizerTest, UsesTheNewestEpochUnlessToldOtherwise) {
  const Keyring keyring = testing::MakeKeyring(
      {.suite = Suite::kBlake2b,
       .app = "clinic-7",
       .keys = {{KeyKind::kIdentity, 3, Counting(32)}, {KeyKind::kIdentity, 9, Counting(32, 1)}}});
  const Digest newest = DigestOf(*Anonymizer::Create(keyring, Scope::App()));
  EXPECT_EQ(newest, DigestOf(*Anonymizer::Create(keyring, Scope::App(), 9)));
  EXPECT_EQ(newest,
            DigestOf(*Anonymizer::Create(*Root(Suite::kBlake2b, 1), "clinic-7", Scope::App())));
  EXPECT_NE(newest, DigestOf(*Anonymizer::Create(keyring, Scope::App(), 3)));
  for (const std::uint32_t epoch : {0u, 1u, 4u, 10u}) {
    EXPECT_EQ(Anonymizer::Create(keyring, Scope::App(), epoch).status().code(),
              StatusCode::kNotFound);
  }
}

TEST(AnonymizerTest, OutlivesItsKeyringAndItsRoot) {
  std::optional<Anonymizer> anonymizer;
  {
    const Result<Keyring> keyring =
        Keyring::Create({.app = "clinic-7", .identity_root = Secret(Counting(32))});
    anonymizer = *Anonymizer::Create(*keyring, Scope::App());
  }
  EXPECT_EQ(DigestOf(*anonymizer), DigestOf(Make()));
}

TEST(AnonymizerTest, ThreadsMayShareOne) {
  const Anonymizer anonymizer = Make();
  const Persons persons(100);
  std::vector<Pseudonym> expected(100, Pseudonym(Digest{}));
  ASSERT_TRUE(anonymizer.PseudonymizeMany(persons.identifiers, expected).ok());
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::vector<Pseudonym> mine(100, Pseudonym(Digest{}));
      for (int round = 0; round < 50; ++round) {
        wrong[t] += !anonymizer.PseudonymizeMany(persons.identifiers, mine).ok();
        for (std::size_t i = 0; i < 100; ++i) wrong[t] += mine[i].digest() != expected[i].digest();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, ::testing::Each(0));
}

TEST(AnonymizerTest, IsClosedInTheChildOfAFork) {
  const Anonymizer anonymizer = Make();
  EXPECT_EQ(InChild([&anonymizer] { return Describe(anonymizer.Pseudonymize(kPerson).status()); }),
            "closed");
}

TEST(AnonymizerTest, IsClosedOnceItWasMovedFrom) {
  EXPECT_EQ(InChild([] {
              Anonymizer anonymizer = Make();
              const Anonymizer taken = std::move(anonymizer);
              return Describe(anonymizer.Pseudonymize(kPerson).status());
            }),
            "closed");
}

// From here on any call of the system but those of memory and the end ends the process. The list is
// of what may be called, so no way to a file, a clock or a network is forgotten.
void AllowMemoryCallsAlone() {
  std::vector<sock_filter> filter = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
  for (const unsigned call :
       {unsigned{SYS_mmap}, unsigned{SYS_munmap}, unsigned{SYS_mprotect}, unsigned{SYS_madvise},
        unsigned{SYS_mlock}, unsigned{SYS_munlock}, unsigned{SYS_mremap}, unsigned{SYS_brk},
        unsigned{SYS_futex}, unsigned{SYS_write}, unsigned{SYS_exit_group},
        unsigned{SYS_sched_yield}, unsigned{SYS_sigaltstack}}) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    throw std::runtime_error("cannot filter the calls of the system");
  }
}

TEST(AnonymizerTest, DerivesWithoutAnyCallOfTheSystemButForMemory) {
  EXPECT_EQ(InChild([] {
              const Anonymizer anonymizer = Make();
              const Persons persons(150);
              std::vector<Pseudonym> pseudonyms(150, Pseudonym(Digest{}));
              AllowMemoryCallsAlone();
              const Status status = anonymizer.PseudonymizeMany(persons.identifiers, pseudonyms);
              return Describe(status) + " " +
                     std::string(anonymizer.Pseudonymize(kPerson)->external_id().text());
            }),
            "ok m32pnb88e0wgd7hc26m7ph6zyfqm3092");
  // The filter does end who opens a file.
  EXPECT_EQ(InChild([] {
              AllowMemoryCallsAlone();
              return std::to_string(::access("/", F_OK));
            }),
            "died of signal 31");
}

}  // namespace
}  // namespace moniker
