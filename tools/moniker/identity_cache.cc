#include "identity_cache.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <initializer_list>

#include "failure.h"

namespace moniker::tool {
namespace {

using Size = std::uint16_t;

constexpr std::size_t kUnit = 8;  // of places in a cache
constexpr int kCheckBits = 24;
constexpr std::uint64_t kCheckMask = (std::uint64_t{1} << kCheckBits) - 1;

// What stands before the texts of an identity.
struct Sizes {
  Size kind;
  Size person;
  Size identifier;
  Size name;
  Size label;
  Size words;
};

// What stands before ID and identity in a cache.
struct Entry {
  Size id;
  Size identity;
};

char* Copy(std::string_view text, char* to) {
  std::copy(text.begin(), text.end(), to);
  return to + text.size();
}

}  // namespace

char* SecretBuffer::Extend(std::size_t size) {
  if (size_ + size > bytes_.size()) {
    SecretBytes larger =
        Take(SecretBytes::Allocate(std::max({size_ + size, bytes_.size() * 2, std::size_t{4096}})));
    const auto used = bytes_.Expose().first(size_);
    std::copy(used.begin(), used.end(), larger.Expose().begin());
    bytes_ = std::move(larger);
  }
  char* const begin = reinterpret_cast<char*>(bytes_.Expose().data()) + size_;
  size_ += size;
  return begin;
}

void AppendIdentity(const KnownIdentity& identity, SecretBuffer* buffer) {
  const auto size_of = [](std::string_view text) { return static_cast<Size>(text.size()); };
  const Sizes sizes = {static_cast<Size>(identity.kind), size_of(identity.person),
                       size_of(identity.identifier),     size_of(identity.name),
                       size_of(identity.label),          size_of(identity.words)};
  char* to = buffer->Extend(sizeof(sizes) + identity.person.size() + identity.identifier.size() +
                            identity.name.size() + identity.label.size() + identity.words.size());
  std::memcpy(to, &sizes, sizeof(sizes));
  to += sizeof(sizes);
  for (const std::string_view text :
       {identity.person, identity.identifier, identity.name, identity.label, identity.words}) {
    to = Copy(text, to);
  }
}

KnownIdentity IdentityIn(std::string_view bytes) {
  Sizes sizes;
  std::memcpy(&sizes, bytes.data(), sizeof(sizes));
  bytes.remove_prefix(sizeof(sizes));
  const auto next = [&](Size size) {
    const std::string_view text = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return text;
  };
  KnownIdentity identity;
  identity.kind = static_cast<KnownIdentity::Kind>(sizes.kind);
  identity.person = next(sizes.person);
  identity.identifier = next(sizes.identifier);
  identity.name = next(sizes.name);
  identity.label = next(sizes.label);
  identity.words = next(sizes.words);
  return identity;
}

IdentityCache::IdentityCache(std::size_t size)
    : shard_size_(size / kShards / kUnit * kUnit),
      buckets_of_shard_(std::max<std::size_t>(1, shard_size_ / (kBytesOfSlot * kWays))),
      bytes_(Take(SecretBytes::Allocate(shard_size_ * kShards))),
      buckets_(buckets_of_shard_ * kShards) {}

IdentityCache::Place IdentityCache::PlaceOf(std::string_view id) {
  const std::uint64_t hash = std::hash<std::string_view>()(id);
  const std::size_t shard = hash % kShards;
  const std::size_t bucket = (hash >> 32) * buckets_of_shard_ >> 32;
  return {&shards_[shard], reinterpret_cast<char*>(bytes_.Expose().data()) + shard * shard_size_,
          &buckets_[shard * buckets_of_shard_ + bucket], hash >> 8 & kCheckMask};
}

// An entry is never written around the end of its shard's bytes.
bool IdentityCache::IsThere(const Shard& shard, Slot slot) const {
  const std::uint64_t begin = slot >> kCheckBits;
  return shard.end > begin && (shard.end - begin) * kUnit <= shard_size_;
}

bool IdentityCache::Find(std::string_view id, SecretBuffer* buffer) {
  const Place place = PlaceOf(id);
  const std::lock_guard lock(place.shard->mutex);
  for (const Slot slot : *place.bucket) {
    if ((slot & kCheckMask) != place.check || !IsThere(*place.shard, slot)) continue;
    const char* const at = place.bytes + (slot >> kCheckBits) * kUnit % shard_size_;
    Entry entry;
    std::memcpy(&entry, at, sizeof(entry));
    if (std::string_view(at + sizeof(entry), entry.id) != id) continue;
    Copy({at + sizeof(entry) + entry.id, entry.identity}, buffer->Extend(entry.identity));
    return true;
  }
  return false;
}

void IdentityCache::Put(std::string_view id, std::string_view identity) {
  const std::size_t size = sizeof(Entry) + id.size() + identity.size();
  if (size > shard_size_) return;
  const Entry entry = {static_cast<Size>(id.size()), static_cast<Size>(identity.size())};
  const Place place = PlaceOf(id);
  const std::lock_guard lock(place.shard->mutex);
  std::uint64_t& end = place.shard->end;
  const std::size_t left = shard_size_ - end * kUnit % shard_size_;
  if (left < size) end += left / kUnit;
  const std::uint64_t begin = end;
  end += (size + kUnit - 1) / kUnit;
  char* const at = place.bytes + begin * kUnit % shard_size_;
  std::memcpy(at, &entry, sizeof(entry));
  Copy(identity, Copy(id, at + sizeof(entry)));
  // The oldest, if there is one, is the least.
  *std::ranges::min_element(*place.bucket) = begin << kCheckBits | place.check;
}

}  // namespace moniker::tool
