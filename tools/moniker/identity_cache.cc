#include "identity_cache.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <initializer_list>

#include "failure.h"

namespace moniker::tool {
namespace {

using Size = std::uint16_t;

// What stands before the texts of an identity.
struct Sizes {
  Size kind;
  Size person;
  Size identifier;
  Size name;
  Size label;
  Size words;
};

// What stands before ID and identity in a place; both 0 in one that is empty.
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

IdentityCache::IdentityCache() : places_(Take(SecretBytes::Allocate(kPlaces * kPlaceSize))) {}

std::size_t IdentityCache::PlaceOf(std::string_view id) const {
  return std::hash<std::string_view>()(id) % kPlaces;
}

char* IdentityCache::At(std::size_t place) {
  return reinterpret_cast<char*>(places_.Expose().data()) + place * kPlaceSize;
}

bool IdentityCache::Find(std::string_view id, SecretBuffer* buffer) {
  const std::size_t place = PlaceOf(id);
  const std::lock_guard lock(locks_[place % kLocks]);
  const char* const at = At(place);
  Entry entry;
  std::memcpy(&entry, at, sizeof(entry));
  if (entry.identity == 0 || std::string_view(at + sizeof(entry), entry.id) != id) return false;
  Copy({at + sizeof(entry) + entry.id, entry.identity}, buffer->Extend(entry.identity));
  return true;
}

void IdentityCache::Put(std::string_view id, std::string_view identity) {
  if (sizeof(Entry) + id.size() + identity.size() > kPlaceSize) return;
  const Entry entry = {static_cast<Size>(id.size()), static_cast<Size>(identity.size())};
  const std::size_t place = PlaceOf(id);
  const std::lock_guard lock(locks_[place % kLocks]);
  char* const at = At(place);
  std::memcpy(at, &entry, sizeof(entry));
  Copy(identity, Copy(id, at + sizeof(entry)));
}

}  // namespace moniker::tool
