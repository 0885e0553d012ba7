#include "moniker/anonymizer.h"

#include <array>

#include "base/status_macros.h"
#include "moniker/keyring.h"
#include "pseudonym/rendering.h"
#include "pseudonym/scope_key.h"
#include "pseudonym/subject_block.h"

namespace moniker {

using internal::SubjectBlock;

namespace {

// Enough to keep every lane of a wide unit busy, few enough to stay in the first cache.
constexpr std::size_t kManyAtATime = 64;

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

template <std::size_t kBlock, typename Put>
Status Anonymizer::ForEach(std::span<const Identifier> identifiers, Put put) const {
  if (scope_key_ == nullptr) {
    return Status(StatusCode::kClosed, "the anonymizer was moved from");
  }
  MONIKER_ASSIGN_OR_RETURN(SecretBytes memory, SubjectBlock::MemoryFor(identifiers, kBlock));
  std::array<internal::ByteView, kBlock> subjects;
  std::array<Digest, kBlock> digests;
  SubjectBlock block(std::move(memory), subjects);
  for (std::size_t start = 0; start < identifiers.size();) {
    const Result<std::size_t> count = block.Fill(identifiers.subspan(start));
    if (!count.ok()) {
      const Status status = count.status();
      return status.At(status.locator() + static_cast<std::int64_t>(start));
    }
    MONIKER_RETURN_IF_ERROR(
        scope_key_->ComputeMany(block.subjects(), std::span(digests).first(*count)));
    put(start, std::span<const Digest>(digests).first(*count));
    start += *count;
  }
  return Status::Ok();
}

Result<Pseudonym> Anonymizer::Pseudonymize(const Identifier& identifier) const {
  Pseudonym pseudonym{Digest{}};
  const Status status =
      ForEach<1>({&identifier, 1}, [&pseudonym](std::size_t, std::span<const Digest> digests) {
        pseudonym = Pseudonym(digests[0]);
      });
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
  return ForEach<kManyAtATime>(identifiers,
                               [pseudonyms](std::size_t start, std::span<const Digest> digests) {
                                 for (const Digest& digest : digests)
                                   pseudonyms[start++] = Pseudonym(digest);
                               });
}

Status Anonymizer::ExternalIdsOfMany(std::span<const Identifier> identifiers,
                                     std::span<ExternalId::Text> texts) const {
  if (identifiers.size() != texts.size()) {
    return Status(StatusCode::kInvalidArgument, "as many texts as identifiers are needed");
  }
  const internal::Renderer& renderer = internal::Renderers().back();
  return ForEach<kManyAtATime>(
      identifiers, [&renderer, texts](std::size_t start, std::span<const Digest> digests) {
        renderer.render(digests, texts.subspan(start, digests.size()));
      });
}

}  // namespace moniker
