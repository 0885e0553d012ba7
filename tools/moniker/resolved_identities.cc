#include "resolved_identities.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "failure.h"

namespace moniker::tool {
namespace {

constexpr std::size_t kUnknownPlaces = std::size_t{1} << 13;
constexpr std::size_t kMostAtOnce = 4096;

BulkResolver MakeResolver(const Vault& vault, const AccessReason& reason) {
  Result<BulkResolver> resolver = BulkResolver::Create(vault, reason);
  if (resolver.ok()) return *std::move(resolver);
  if (resolver.status().code() != StatusCode::kInvalidArgument) Fail(resolver.status());
  FailUsage("--" + std::string(resolver.status().message()));
}

}  // namespace

class ResolvedIdentities::Source final : public IdentitySource {
 public:
  explicit Source(ResolvedIdentities* identities)
      : resolver_(identities->resolver_), cache_(identities->cache_), unknown_(kUnknownPlaces) {}

  Status FindMany(std::span<const std::string_view> ids,
                  std::span<std::optional<KnownIdentity>> answers) override {
    buffer_.Clear();
    parts_.assign(ids.size(), {});
    asked_.clear();
    indexes_.clear();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::size_t begin = buffer_.size();
      if (cache_.Find(ids[i], &buffer_)) {
        parts_[i] = {begin, buffer_.size() - begin};
      } else if (PlaceOfUnknown(ids[i]) != ids[i]) {
        asked_.push_back(ids[i]);
        indexes_.push_back(i);
      }
    }
    if (const Status status = Ask(); !status.ok()) return status;
    // When the buffer does not move any more.
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (parts_[i].size > 0)
        answers[i] = IdentityIn(buffer_.View(parts_[i].begin, parts_[i].size));
    }
    return Status::Ok();
  }

 private:
  // Of the buffer.
  struct Part {
    std::size_t begin = 0;
    std::size_t size = 0;
  };

  std::string& PlaceOfUnknown(std::string_view id) {
    return unknown_[std::hash<std::string_view>()(id) % kUnknownPlaces];
  }

  // Those that the cache does not have: not all at once, for what is resolved takes much memory.
  Status Ask() {
    for (std::size_t first = 0; first < asked_.size(); first += kMostAtOnce) {
      const std::size_t count = std::min(kMostAtOnce, asked_.size() - first);
      const Result<std::vector<std::optional<Resolved>>> resolved =
          resolver_.ResolveMany(std::span(asked_).subspan(first, count));
      if (!resolved.ok()) return resolved.status();
      for (std::size_t k = 0; k < count; ++k) Keep(first + k, (*resolved)[k]);
    }
    return Status::Ok();
  }

  void Keep(std::size_t asked, const std::optional<Resolved>& resolved) {
    const std::string_view id = asked_[asked];
    if (!resolved) {
      PlaceOfUnknown(id) = id;
      return;
    }
    const std::size_t begin = buffer_.size();
    Append(*resolved);
    parts_[indexes_[asked]] = {begin, buffer_.size() - begin};
    cache_.Put(id, buffer_.View(begin, buffer_.size() - begin));
  }

  void Append(const Resolved& resolved) {
    KnownIdentity identity;
    identity.kind = resolved.by_participant_id ? KnownIdentity::Kind::kParticipantId
                                               : KnownIdentity::Kind::kExternalId;
    identity.identifier = resolved.person.id.Expose();
    // No issuer has a NUL, so this is one person's alone.
    person_.assign(resolved.person.issuer).push_back('\0');
    person_.append(identity.identifier);
    identity.person = person_;
    identity.name = resolved.person.name.Expose();
    identity.label = resolved.label_code;
    identity.words = resolved.label_words;
    AppendIdentity(identity, &buffer_);
  }

  BulkResolver& resolver_;
  IdentityCache& cache_;
  std::vector<std::string> unknown_;  // IDs that nobody has, each at one place by its hash
  SecretBuffer buffer_;
  std::vector<Part> parts_;  // by ID: its identity, none if it is not known
  std::vector<std::string_view> asked_;
  std::vector<std::size_t> indexes_;  // of what was asked, among the IDs
  std::string person_;
};

ResolvedIdentities::ResolvedIdentities(const Vault& vault, const AccessReason& reason)
    : resolver_(MakeResolver(vault, reason)) {}

IdentitySourceFactory ResolvedIdentities::Sources() {
  return [this]() -> Result<std::unique_ptr<IdentitySource>> {
    return std::unique_ptr<IdentitySource>(std::make_unique<Source>(this));
  };
}

}  // namespace moniker::tool
