#include "batch/id_questions.h"

#include <algorithm>
#include <cstring>

#include "batch/text_hash.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::size_t kFewest = 256;

}  // namespace

void IdQuestions::Clear() {
  places_.assign(std::max(kFewest, places_.size()), {});
  ids_.clear();
  answers_.clear();
  chunk_ = used_ = 0;
  has_missed_ = false;
}

std::size_t IdQuestions::PlaceOf(std::string_view id, std::uint32_t* hash) const {
  const std::uint64_t whole = HashOf(id, reinterpret_cast<std::uintptr_t>(this));
  *hash = static_cast<std::uint32_t>(whole >> 32);
  const std::size_t mask = places_.size() - 1;
  std::size_t place = whole & mask;
  while (places_[place].index != kNone &&
         (places_[place].hash != *hash || ids_[places_[place].index] != id)) {
    place = (place + 1) & mask;
  }
  return place;
}

std::uint32_t IdQuestions::Add(std::string_view id) {
  if (ids_.size() * 2 >= places_.size()) Grow();
  std::uint32_t hash = 0;
  Place& place = places_[PlaceOf(id, &hash)];
  if (place.index != kNone) return place.index;
  place = {static_cast<std::uint32_t>(ids_.size()), hash};
  ids_.push_back(Keep(id));
  return place.index;
}

void IdQuestions::Grow() {
  places_.assign(std::max(kFewest, places_.size() * 2), {});
  for (std::uint32_t i = 0; i < ids_.size(); ++i) {
    std::uint32_t hash = 0;
    Place& place = places_[PlaceOf(ids_[i], &hash)];
    place = {i, hash};
  }
}

// What an ID points to may be a buffer that is used again.
std::string_view IdQuestions::Keep(std::string_view id) {
  if (id.size() > kChunk) __builtin_trap();  // MayBeId lets none of this size pass
  if (!chunks_.empty() && used_ + id.size() > kChunk) ++chunk_, used_ = 0;
  if (chunk_ == chunks_.size()) chunks_.push_back(std::make_unique<char[]>(kChunk));
  char* const kept = chunks_[chunk_].get() + used_;
  std::memcpy(kept, id.data(), id.size());
  used_ += id.size();
  return {kept, id.size()};
}

Status IdQuestions::Ask(IdentitySource* source) {
  answers_.assign(ids_.size(), std::nullopt);
  return ids_.empty() ? Status::Ok() : source->FindMany(ids_, answers_);
}

const KnownIdentity* IdQuestions::Find(std::string_view id) const {
  std::uint32_t hash = 0;
  const std::uint32_t index = places_.empty() ? kNone : places_[PlaceOf(id, &hash)].index;
  if (index == kNone) {
    has_missed_ = true;
    return nullptr;
  }
  return Answer(index);
}

}  // namespace moniker::internal
