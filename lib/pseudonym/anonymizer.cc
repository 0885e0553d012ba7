#include "moniker/anonymizer.h"

#include <array>
#include <cstring>
#include <type_traits>

#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "moniker/keyring.h"
#include "pseudonym/rendering.h"
#include "pseudonym/scope_key.h"
#include "pseudonym/subject.h"
#include "pseudonym/subject_block.h"

namespace moniker {

using internal::SubjectBlock;

namespace {

// Enough to keep every lane of a wide unit busy, few enough to stay in the first cache.
constexpr std::size_t kManyAtATime = 128;

constexpr Status kMoved(StatusCode::kClosed, "the anonymizer was moved from");

// Memory for one subject, wiped at the end. The arena has a lock, which would cost as much as a
// third of the hash.
class StackMemory {
 public:
  // REQUIRES: size <= SubjectBlock::kMaxRoom.
  explicit StackMemory(std::size_t size) : size_(size) {}
  StackMemory(const StackMemory&) = delete;
  StackMemory& operator=(const StackMemory&) = delete;
  ~StackMemory() { internal::Wipe(bytes()); }

  internal::ByteSpan bytes() { return {bytes_, size_}; }

 private:
  std::size_t size_;
  std::uint8_t bytes_[SubjectBlock::kMaxRoom];
};

}  // namespace

Result<Anonymizer> Anonymizer::Create(const Keyring& keyring, const Scope& scope) {
  return Create(keyring, scope, keyring.NewestEpoch(KeyKind::kIdentity));
}

Result<Anonymizer> Anonymizer::Create(const Keyring& keyring, const Scope& scope,
                                      std::uint32_t identity_epoch) {
  return Create(keyring, keyring.app(), scope, identity_epoch);
}

Result<Anonymizer> Anonymizer::Create(const Keyring& keyring, std::string_view app,
                                      const Scope& scope, std::uint32_t identity_epoch) {
  if (keyring.mode() != VaultMode::kDerived) {
    return Status(StatusCode::kUnsupported,
                  "pseudonyms of an enrolled vault are not derived from identifiers");
  }
  MONIKER_ASSIGN_OR_RETURN(
      std::unique_ptr<Prf> scope_key,
      internal::ScopeKey(keyring, app, identity_epoch, internal::kScopeLabel, scope));
  return Anonymizer(std::move(scope_key));
}

Result<Anonymizer> Anonymizer::Create(const Prf& root, std::string_view app, const Scope& scope) {
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<Prf> scope_key,
                           internal::ScopeKey(root, app, internal::kScopeLabel, scope));
  return Anonymizer(std::move(scope_key));
}

template <typename Put>
Status Anonymizer::ForEach(std::span<const Identifier> identifiers, Put put) const {
  if (scope_key_ == nullptr) return kMoved;
  MONIKER_ASSIGN_OR_RETURN(SecretBytes memory,
                           SecretBytes::Allocate(SubjectBlock::RoomOf(identifiers, kManyAtATime)));
  std::array<internal::ByteView, kManyAtATime> subjects;
  std::array<Digest, kManyAtATime> digests;
  SubjectBlock block(memory.Expose(), subjects);
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
  if (scope_key_ == nullptr) return kMoved;
  StackMemory memory(SubjectBlock::RoomOf(identifier));
  internal::ByteView subject;
  SubjectBlock block(memory.bytes(), {&subject, 1});
  if (const Result<std::size_t> filled = block.Fill({&identifier, 1}); !filled.ok()) {
    // The locator of a batch is an index; here it says where in the identifier.
    internal::ByteWriter writer(memory.bytes());
    const Status status = internal::AppendSubject(identifier, &writer).status();
    return status.ok() ? filled.status() : status;
  }
  Digest digest;
  MONIKER_RETURN_IF_ERROR(scope_key_->ComputeMany({&subject, 1}, {&digest, 1}));
  return Pseudonym(digest);
}

Status Anonymizer::PseudonymizeMany(std::span<const Identifier> identifiers,
                                    std::span<Pseudonym> pseudonyms) const {
  if (identifiers.size() != pseudonyms.size()) {
    return Status(StatusCode::kInvalidArgument, "as many pseudonyms as identifiers are needed");
  }
  return ForEach(identifiers, [pseudonyms](std::size_t start, std::span<const Digest> digests) {
    // At once: one by one takes a twentieth of the time of all.
    static_assert(sizeof(Pseudonym) == sizeof(Digest));
    static_assert(std::is_trivially_copyable_v<Pseudonym>);
    std::memcpy(static_cast<void*>(&pseudonyms[start]), digests.data(), digests.size_bytes());
  });
}

Status Anonymizer::ExternalIdsOfMany(std::span<const Identifier> identifiers,
                                     std::span<ExternalId::Text> texts) const {
  if (identifiers.size() != texts.size()) {
    return Status(StatusCode::kInvalidArgument, "as many texts as identifiers are needed");
  }
  const internal::Renderer& renderer = internal::Renderers().back();
  return ForEach(identifiers,
                 [&renderer, texts](std::size_t start, std::span<const Digest> digests) {
                   renderer.render(digests, texts.subspan(start, digests.size()));
                 });
}

}  // namespace moniker
