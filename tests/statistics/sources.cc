#include "statistics/sources.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "moniker/anonymizer.h"
#include "pseudonym/handle_anonymizer.h"
#include "support/test_keyring.h"

namespace moniker::testing {
namespace {

constexpr std::size_t kDigits = 8;

class IdentifierSource final : public Source {
 public:
  explicit IdentifierSource(Anonymizer anonymizer) : anonymizer_(std::move(anonymizer)) {}

  void Derive(std::size_t first, std::span<Pseudonym> pseudonyms) const override {
    std::vector<std::array<char, kDigits>> ids(pseudonyms.size());
    std::vector<Identifier> identifiers(pseudonyms.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      std::size_t rest = first + i;
      for (std::size_t place = kDigits; place-- > 0; rest /= 10) {
        ids[i][place] = static_cast<char>('0' + rest % 10);
      }
      identifiers[i] = {"mrn.hospital-a", std::string_view(ids[i].data(), kDigits)};
    }
    if (!anonymizer_.PseudonymizeMany(identifiers, pseudonyms).ok()) {
      throw std::runtime_error("cannot derive");
    }
  }

 private:
  Anonymizer anonymizer_;
};

class HandleSource final : public Source {
 public:
  explicit HandleSource(internal::HandleAnonymizer anonymizer)
      : anonymizer_(std::move(anonymizer)) {}

  void Derive(std::size_t first, std::span<Pseudonym> pseudonyms) const override {
    std::vector<std::array<std::uint8_t, internal::kHandleSize>> handles(pseudonyms.size());
    const std::vector<internal::ByteView> views(handles.begin(), handles.end());
    for (std::size_t i = 0; i < handles.size(); ++i) {
      internal::ByteWriter(handles[i]).U64(first + i);
    }
    const auto derived = anonymizer_.PseudonymizeMany(views);
    if (!derived.ok()) throw std::runtime_error("cannot derive");
    std::ranges::copy(*derived, pseudonyms.begin());
  }

 private:
  internal::HandleAnonymizer anonymizer_;
};

}  // namespace

std::unique_ptr<Prf> RootKey(Suite suite, std::uint8_t number) {
  Result<SecretBytes> key = SecretBytes::Allocate(kKeySize);
  if (!key.ok()) throw std::runtime_error("no secret memory");
  std::ranges::fill(key->Expose(), number);
  return *MakePrf(suite, *std::move(key));
}

std::unique_ptr<Source> Identifiers(const Prf& root, const Scope& scope) {
  return std::make_unique<IdentifierSource>(*Anonymizer::Create(root, "clinic-7", scope));
}

std::unique_ptr<Source> Handles(Suite suite, std::uint8_t root_number) {
  const Keyring keyring = MakeKeyring(
      {.suite = suite,
       .keys = {{KeyKind::kIdentity, 1, std::vector<std::uint8_t>(kKeySize, root_number)}}});
  return std::make_unique<HandleSource>(
      *internal::HandleAnonymizer::Create(keyring, Scope::App(), 1));
}

Derived DeriveBlock(const Source& source, std::size_t first, std::size_t count) {
  std::vector<Pseudonym> pseudonyms(count, Pseudonym(Digest{}));
  source.Derive(first, pseudonyms);
  Derived derived;
  for (const Pseudonym& pseudonym : pseudonyms) {
    derived.digests.push_back(pseudonym.digest());
    derived.parts.emplace_back(pseudonym);
  }
  return derived;
}

}  // namespace moniker::testing
