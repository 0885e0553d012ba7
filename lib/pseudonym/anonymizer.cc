#include "moniker/anonymizer.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "moniker/keyring.h"
#include "pseudonym/scope_key.h"
#include "pseudonym/subject.h"

namespace moniker {
namespace {

using internal::ByteView;
using internal::ByteWriter;

// How many subjects are laid out at a time: enough to keep every lane of a wide unit busy, few
// enough to stay in the first cache in the usual case.
constexpr std::size_t kBlock = 64;

}  // namespace

Result<Anonymizer> Anonymizer::Create(const Keyring& keyring, const Scope& scope) {
  return Create(keyring, scope, keyring.NewestEpoch(KeyKind::kIdentity));
}

Result<Anonymizer> Anonymizer::Create(const Keyring& keyring, const Scope& scope,
                                      std::uint32_t identity_epoch) {
  if (keyring.mode() != VaultMode::kDerived) {
    return Status(StatusCode::kUnsupported,
                  "pseudonyms of an enrolled vault are not derived from identifiers");
  }
  MONIKER_ASSIGN_OR_RETURN(
      std::unique_ptr<Prf> scope_key,
      internal::ScopeKey(keyring, identity_epoch, internal::kScopeLabel, scope));
  return Anonymizer(std::move(scope_key));
}

Result<Anonymizer> Anonymizer::Create(const Prf& root, std::string_view app, const Scope& scope) {
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<Prf> scope_key,
                           internal::ScopeKey(root, app, internal::kScopeLabel, scope));
  return Anonymizer(std::move(scope_key));
}

Result<Pseudonym> Anonymizer::Pseudonymize(const Identifier& identifier) const {
  Pseudonym pseudonym{Digest{}};
  const Status status = PseudonymizeMany({&identifier, 1}, {&pseudonym, 1});
  if (status.ok()) return pseudonym;
  if (status.code() != StatusCode::kInvalidArgument) return status;
  // Here a locator says where in the identifier; that it is the first of one is no news.
  const Status of_identifier = ValidateIdentifier(identifier);
  return of_identifier.ok() ? status : of_identifier;
}

Status Anonymizer::PseudonymizeMany(std::span<const Identifier> identifiers,
                                    std::span<Pseudonym> pseudonyms) const {
  if (identifiers.size() != pseudonyms.size()) {
    return Status(StatusCode::kInvalidArgument, "as many pseudonyms as identifiers are needed");
  }
  if (scope_key_ == nullptr) {
    return Status(StatusCode::kClosed, "the anonymizer was moved from");
  }
  const std::size_t block = std::min(kBlock, identifiers.size());
  // Identifiers are personal: what they are laid out in is secret memory, wiped when released.
  MONIKER_ASSIGN_OR_RETURN(SecretBytes buffer,
                           SecretBytes::Allocate(block * internal::kMaxSubjectSize));
  std::array<ByteView, kBlock> subjects;
  std::array<Digest, kBlock> digests;
  for (std::size_t start = 0; start < identifiers.size(); start += block) {
    const std::size_t count = std::min(block, identifiers.size() - start);
    ByteWriter writer(buffer.Expose());
    for (std::size_t i = 0; i < count; ++i) {
      const Result<ByteView> subject = internal::AppendSubject(identifiers[start + i], &writer);
      if (!subject.ok()) return subject.status().At(static_cast<std::int64_t>(start + i));
      subjects[i] = *subject;
    }
    MONIKER_RETURN_IF_ERROR(
        scope_key_->ComputeMany(std::span(subjects).first(count), std::span(digests).first(count)));
    for (std::size_t i = 0; i < count; ++i) pseudonyms[start + i] = Pseudonym(digests[i]);
  }
  return Status::Ok();
}

}  // namespace moniker
