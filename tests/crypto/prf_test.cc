#include "moniker/prf.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/sodium.h"
#include "support/hex.h"

namespace moniker {
namespace {

using internal::AsBytes;
using testing::Counting;
using testing::FromHex;
using testing::Secret;
using testing::ToHex;

std::unique_ptr<Prf> MakeOrThrow(Suite suite, std::span<const std::uint8_t> key) {
  Result<std::unique_ptr<Prf>> prf = MakePrf(suite, Secret(key));
  if (!prf.ok()) throw std::runtime_error("no PRF");
  return *std::move(prf);
}

std::string Hash(const Prf& prf, std::span<const std::uint8_t> message) {
  const Result<Digest> digest = prf.Compute(message);
  return digest.ok() ? ToHex(*digest) : std::string(StatusCodeName(digest.status().code()));
}

struct Known {
  std::size_t message_size;  // of the message 00 01 02 ..
  std::string_view digest;
};

// Key 00 01 .. 1f. Sizes around the ends of blocks (128 and 64 bytes). Made by
//   python3 -c 'import hashlib
//   for n in
//   [0,1,2,3,7,8,31,32,55,56,63,64,65,111,112,119,120,127,128,129,191,192,255,256,257,300]:
//     m = bytes(i % 256 for i in range(n))
//     print(n, hashlib.blake2b(m, key=bytes(range(32)), digest_size=32).hexdigest())'
constexpr std::array kBlake2b = {
    Known{0, "4e51e7a913fc80137da52880fecca175bf81e117d5c68126dc2774033517ea0d"},
    Known{1, "41ff93a4eaeebd3b78a93438a6f62a92ab5959c859e682b72c7def406197ca4d"},
    Known{2, "cd90ca0a86a1092151ec1153ac95de9484549f0da478d7381b28b48658b7eb0b"},
    Known{3, "e14fc9161564dd081204f2dd6146a9ffbef66f95d5dc80e0a225e213c09dad7b"},
    Known{7, "343c855170bf8fd0358b2d68592b478f1c1dd6987a598cab71880c056b165eab"},
    Known{8, "04b80510e5e9ad383d1a354f2d7cfb7ada56caefa6de9e17989316701975b384"},
    Known{31, "a9f51bb7f6a3e9cdb96ce652c07d177962a348a9cced1b92f948187e59b44463"},
    Known{32, "9ea4a7c5f78b4c5b7775841e2a07db514c510b14f5006d27aee5e20f8406bdd8"},
    Known{55, "bccbc09193cdb3e38b6c35258195632e604f487e29a4d954b08d5658e5d2e027"},
    Known{56, "60dba40d74eb45b31a9061591b623e83583c4a6666b8f93bdf4a6d81d80546c3"},
    Known{63, "2f3d96ae02f0a33fa3334ed73a04491abc99362d1e99c19fcc85946f4107c528"},
    Known{64, "7f46f043d63dfb3c9b1102c8824b632cae1fce453e3c0e9dc9e7113f3c1acc36"},
    Known{65, "22111bcd342824a749da73e21ca988495214710c81bb4a05ebf3c443e17be8c5"},
    Known{111, "2fe1d7248bed2c210f6691f30df9868117e40d671aa4f290e5a9ef94ad78d83e"},
    Known{112, "311bd6cfff4d3a8edcf23ae93d894d53859dd9896e61969a5a134baed3e84437"},
    Known{119, "ad4430604ecacc726f04f6c48e9314e5872292a0bd216eae75e4cc9729cee7bc"},
    Known{120, "6a18d3e91ffc4a86c4f36a921ee76dfb4a4449a639ca58234e77a2f723a5ce7c"},
    Known{127, "12879e69734944f25f9ed95cbfdbb3659a307e485ed8ec118ce7c60f107357f1"},
    Known{128, "138893f1631ef3165629515d6ed800da3771b7926dced294205c7507351deebc"},
    Known{129, "ca60f75cbb714330c046d8f28b4ed351a3ee81776bb02a96abb646fe573e3d5c"},
    Known{191, "8856417913d8bb5033ace3e105cf48ea4f72a5e8d37318c40a415a0ad4a96e30"},
    Known{192, "6f4bb236d592a5c55550f71eb1380ce87e087cd3152d8966c385e39903c63324"},
    Known{255, "f60f5c4a575c43db6c93608515866ea998e04b35792f5a92b27aa5880cd6721e"},
    Known{256, "b42be36ea26392f67d1d3706ffa72b6c61c2ff38e1fabd9a49e154d54b967d83"},
    Known{257, "ef25ff378b8fd2009994d6e9a66470a059ca66aeac707b3742be5fe9bc578e58"},
    Known{300, "7e42c40d4ed1328eab4986dcbd53deb451f389334764d719d8049e870d1dfb2d"},
};

// The same with hmac.new(bytes(range(32)), m, "sha256").
constexpr std::array kHmacSha256 = {
    Known{0, "d38b42096d80f45f826b44a9d5607de72496a415d3f4a1a8c88e3bb9da8dc1cb"},
    Known{1, "e711546e3faad4c7c4aa756bc26cad6abea8241984a0f6b0839c70ca61c4ef88"},
    Known{2, "bbdd6a74282be29f399194e113d8eaf6dc33c2b0470b5b5621a1cafcc8e2be5c"},
    Known{3, "bf76611b6b1bcb37147401a745a954811257202eff22ba8a0acf3cc08a7b0504"},
    Known{7, "2dd0110b5ca0d617bed9ead088f581975dea9ea4279b026284601beb216b1b6a"},
    Known{8, "97c6323b0c0ee26c6a637ad3f16be38dd3cff2dbcef3fdf0a61d01110cdc3b17"},
    Known{31, "3df5adf2a33c959e4f31daa7177c487f8273f22655033c58d343be6921fea4ed"},
    Known{32, "e8499be4f1980d68f13222a418df5cbd97d53fddf590c2108e22d40005b70713"},
    Known{55, "b478e4cbd63871759702a8a4c9828359869bc9e20d3df429ecd08f5a5d3d9340"},
    Known{56, "e5d1f65e9e9359d05c577b6890044f08c9a1f7969b683f1237ef07db70e5f862"},
    Known{63, "d37a8dadb82b15310342ceabf0de8cb8991ee9bd55dd3e4813e952081cb24bf1"},
    Known{64, "173206781c3b828a0dc2a716fe0ddb5e6e56ec171170952ff6b3f4de44fa18d7"},
    Known{65, "22084084cc171f63dfdd6ca4bcb0c29be8d4ff1cc6b1d0d21e10e2a2a0bfce9c"},
    Known{111, "c6444ec06bd670e5154dada043d34bcf99b4b91dd64cb0ecc22f3e3988745e34"},
    Known{112, "a9cc05f642506d8389c1fc42706e7c99c0b0713f0739757481b30fd4bcec70bc"},
    Known{119, "18888e3d5df93c2bdf6a4ef993bb87d7a1bb3b87c3121316415dfe8681ba19d1"},
    Known{120, "07791361a9c545a97712580e8876d5bddd64a810141df9d041266eeb6b669fe3"},
    Known{127, "84d01da05d2b1865db6eff0cfa90a1120df0c5627e57681b5200b00a881ec230"},
    Known{128, "554663090ed09c789d3a10680ac0602215088ef4482d9149dd86d5e5d6dbf52a"},
    Known{129, "52cc48f5d76260a9df98c5e171fea39acc0aad5f5833899b5313a47965e71fad"},
    Known{191, "93a1433490f8dddc91b90c2b050f72e4d3599276ffb5126fd2fd5f0f27e0174e"},
    Known{192, "937b9ba506d79774420b8091e85d3481581d561431ca254ed285b28732a35844"},
    Known{255, "f23ad1189be88a6d1461925e346baf8550737d2bf7c2103e6696502c343b685b"},
    Known{256, "42bf6fcd2ae46e32b29ce8bcbfd1f43896ea948aa9df2744eb4a47d28a8386c8"},
    Known{257, "4c44eae92df0ae90076ea13d77a98dc7751e29e6f3ce017d929f6429e88246ea"},
    Known{300, "c8bb63e833c7d9a00377ed1e39b7e14a190d68b668ad8ca198e0b290766a5210"},
};

TEST(PrfTest, Blake2bAgreesWithHashlib) {
  const std::unique_ptr<Prf> prf = MakeOrThrow(Suite::kBlake2b, Counting(32));
  for (const Known& known : kBlake2b) {
    EXPECT_EQ(Hash(*prf, Counting(known.message_size)), known.digest) << known.message_size;
  }
}

TEST(PrfTest, HmacSha256AgreesWithPythonsHmac) {
  const std::unique_ptr<Prf> prf = MakeOrThrow(Suite::kHmacSha256, Counting(32));
  for (const Known& known : kHmacSha256) {
    EXPECT_EQ(Hash(*prf, Counting(known.message_size)), known.digest) << known.message_size;
  }
}

// PRF(key, PRF(key, messages of 0, 1, .. 300 bytes one behind the other)):
//   python3 -c 'import hashlib, hmac
//   def b(m): return hashlib.blake2b(m, key=bytes(range(32)), digest_size=32).digest()
//   def h(m): return hmac.digest(bytes(range(32)), m, "sha256")
//   for f in b, h: print(f(b"".join(f(bytes(i % 256 for i in range(n)))
//                                   for n in range(301))).hex())'
TEST(PrfTest, EveryMessageSizeUpTo300Agrees) {
  struct Case {
    Suite suite;
    std::string_view digest;
  };
  for (const Case& c :
       {Case{Suite::kBlake2b, "9896324bd11305e789dbe55b3a82db883ccdfbbad966663e60b0e20665939224"},
        Case{Suite::kHmacSha256,
             "9cff217d01da5027b64a0219312231c27f40e91b53d87fc9f13d2b7a70f501fa"}}) {
    const std::unique_ptr<Prf> prf = MakeOrThrow(c.suite, Counting(32));
    std::vector<std::uint8_t> digests;
    for (std::size_t size = 0; size <= 300; ++size) {
      const Result<Digest> digest = prf->Compute(Counting(size));
      ASSERT_TRUE(digest.ok());
      digests.insert(digests.end(), digest->begin(), digest->end());
    }
    EXPECT_EQ(Hash(*prf, digests), c.digest);
  }
}

// HMAC pads a key that is shorter than a block with zeros (RFC 2104, section 2), so the keys of
// cases 1 to 4 may be padded to 32 bytes here; and it hashes one that is longer, so those of cases
// 6 and 7 (131 bytes 0xaa) are given as their SHA-256 (printf '\xaa%.0s' $(seq 131) | sha256sum).
TEST(PrfTest, HmacSha256AgreesWithRfc4231) {
  struct Case {
    std::string key;
    std::string message;
    std::string_view digest;
  };
  const std::string hashed = "45ad4b37c6e2fc0a2cfcc1b5da524132ec707615c2cae1dbbc43c97aa521db81";
  const auto text = [](std::string_view ascii) { return ToHex(AsBytes(ascii)); };
  const auto repeat = [](std::string_view byte, int count) {
    std::string digits;
    for (int i = 0; i < count; ++i) digits += byte;
    return digits;
  };
  const std::vector<Case> cases = {
      {repeat("0b", 20), text("Hi There"),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {text("Jefe"), text("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {repeat("aa", 20), repeat("dd", 50),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {"0102030405060708090a0b0c0d0e0f10111213141516171819", repeat("cd", 50),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {repeat("0c", 20), text("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"},
      {hashed, text("Test Using Larger Than Block-Size Key - Hash Key First"),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {hashed,
       text("This is a test using a larger than block-size key and a larger than block-size data. "
            "The key needs to be hashed before being used by the HMAC algorithm."),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const Case& c : cases) {
    std::vector<std::uint8_t> key = FromHex(c.key);
    key.resize(32);
    const std::unique_ptr<Prf> prf = MakeOrThrow(Suite::kHmacSha256, key);
    EXPECT_EQ(Hash(*prf, FromHex(c.message)).substr(0, c.digest.size()), c.digest);
  }
}

class PrfOfEachSuiteTest : public ::testing::TestWithParam<Suite> {};

TEST_P(PrfOfEachSuiteTest, ManyAtOnceGiveWhatEachGivesAlone) {
  const std::unique_ptr<Prf> prf = MakeOrThrow(GetParam(), Counting(32, 9));
  std::vector<std::vector<std::uint8_t>> messages;
  std::vector<std::span<const std::uint8_t>> views;
  for (std::size_t i = 0; i < 200; ++i) messages.push_back(Counting(i * 37 % 301, i));
  for (const auto& message : messages) views.emplace_back(message);
  for (std::size_t count = 0; count <= views.size(); ++count) {
    std::vector<Digest> digests(count);
    ASSERT_TRUE(prf->ComputeMany(std::span(views).first(count), digests).ok());
    if (count % 20 != 0) continue;
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(digests[i], *prf->Compute(views[i])) << count << " " << i;
    }
  }
}

TEST_P(PrfOfEachSuiteTest, UnequalSizesAreAnErrorAndWriteNothing) {
  const std::unique_ptr<Prf> prf = MakeOrThrow(GetParam(), Counting(32));
  const std::vector<std::span<const std::uint8_t>> messages(3);
  for (const std::size_t count : {0u, 2u, 4u}) {
    std::vector<Digest> digests(count);
    EXPECT_EQ(prf->ComputeMany(messages, digests).code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(digests, std::vector<Digest>(count));
  }
}

TEST_P(PrfOfEachSuiteTest, KeyOfAnotherSizeIsRefused) {
  for (std::size_t size = 0; size <= 65; ++size) {
    const Result<std::unique_ptr<Prf>> prf = MakePrf(GetParam(), Secret(Counting(size)));
    EXPECT_EQ(prf.ok(), size == 32) << size;
    if (!prf.ok()) {
      EXPECT_EQ(prf.status().code(), StatusCode::kInvalidArgument);
    }
  }
}

// Subkey(root, label, context) = PRF(root, "moniker/v1/" || label || 0x00 || context)
TEST_P(PrfOfEachSuiteTest, SubkeyIsThePrfOfLabelAndContext) {
  const std::vector<std::uint8_t> root_key = Counting(32, 77);
  const std::unique_ptr<Prf> root = MakeOrThrow(GetParam(), root_key);
  for (const std::string_view label : {"scope", "tag-person", "x", ""}) {
    for (const std::size_t context_size : {0u, 1u, 16u, 300u}) {
      std::string message = "moniker/v1/";
      message += label;
      message += '\0';
      const std::vector<std::uint8_t> context = Counting(context_size);
      message.append(context.begin(), context.end());
      const Result<Digest> by_hand = root->Compute(AsBytes(message));
      ASSERT_TRUE(by_hand.ok());

      const Result<SecretBytes> key =
          internal::DeriveSubkey(GetParam(), Secret(root_key), label, context);
      ASSERT_TRUE(key.ok());
      EXPECT_EQ(ToHex(key->Expose()), ToHex(*by_hand));
      const Result<std::unique_ptr<Prf>> prf = root->Subkey(label, context);
      ASSERT_TRUE(prf.ok());
      EXPECT_EQ(Hash(**prf, Counting(10)), Hash(*MakeOrThrow(GetParam(), *by_hand), Counting(10)));
    }
  }
}

TEST_P(PrfOfEachSuiteTest, LabelAndContextAreNotInterchangeable) {
  const std::unique_ptr<Prf> root = MakeOrThrow(GetParam(), Counting(32));
  const auto derive = [&root](std::string_view label, std::string_view context) {
    return Hash(**root->Subkey(label, AsBytes(context)), {});
  };
  EXPECT_NE(derive("ab", ""), derive("a", "b"));
  EXPECT_NE(derive("a", ""), derive("a", std::string_view("\0", 1)));
  EXPECT_NE(derive("scope", "x"), derive("handle-scope", "x"));
}

INSTANTIATE_TEST_SUITE_P(Suites, PrfOfEachSuiteTest,
                         ::testing::Values(Suite::kBlake2b, Suite::kHmacSha256),
                         [](const auto& parameter) {
                           return parameter.param == Suite::kBlake2b ? "Blake2b" : "HmacSha256";
                         });

TEST(PrfTest, SuitesHaveTheNamesOfTheFormat) {
  EXPECT_EQ(SuiteName(Suite::kBlake2b), "blake2b");
  EXPECT_EQ(SuiteName(Suite::kHmacSha256), "hmac-sha256");
}

TEST(PrfTest, SuitesAndKeysGiveUnrelatedDigests) {
  const auto hash = [](Suite suite, std::size_t first) {
    return Hash(*MakeOrThrow(suite, Counting(32, first)), Counting(3));
  };
  EXPECT_NE(hash(Suite::kBlake2b, 0), hash(Suite::kHmacSha256, 0));
  EXPECT_NE(hash(Suite::kBlake2b, 0), hash(Suite::kBlake2b, 1));
}

// The seam: what fails in somebody's own Prf is an error of Compute, not a digest.
TEST(PrfTest, ComputePassesOnTheErrorOfTheImplementation) {
  class Broken final : public Prf {
   public:
    Status ComputeMany(std::span<const std::span<const std::uint8_t>> /*messages*/,
                       std::span<Digest> /*digests*/) const override {
      return Status(StatusCode::kIo, "the module does not answer", 5);
    }
    Result<std::unique_ptr<Prf>> Subkey(std::string_view /*label*/,
                                        std::span<const std::uint8_t> /*context*/) const override {
      return Status(StatusCode::kIo, "the module does not answer", 5);
    }
  };
  const Result<Digest> digest = Broken().Compute({});
  ASSERT_FALSE(digest.ok());
  EXPECT_EQ(digest.status().locator(), 5);
}

}  // namespace
}  // namespace moniker
