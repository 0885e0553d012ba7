// The texts of a block that may be IDs, each once, and what they stand for. First they are
// collected, then a source is asked for all of them, then they are known.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_ID_QUESTIONS_H_
#define MONIKER_LIB_BATCH_ID_QUESTIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "batch/identity_rewriter.h"

namespace moniker::internal {

class IdQuestions {
 public:
  void Clear();

  // Its number: they count from 0.
  std::uint32_t Add(std::string_view id);
  std::size_t size() const { return ids_.size(); }
  std::string_view Id(std::uint32_t number) const { return ids_[number]; }

  // Errors: those of the source.
  Status Ask(IdentitySource* source);

  // REQUIRES for both: asked since the last Add.
  const KnownIdentity* Find(std::string_view id) const;
  const KnownIdentity* Answer(std::uint32_t number) const {
    return answers_[number] ? &*answers_[number] : nullptr;
  }

  // One was looked for that had not been collected, so nobody knows whether it is known.
  bool has_missed() const { return has_missed_; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // A part of the hash says of most others that they are not it, without a look at them.
  struct Place {
    std::uint32_t index = kNone;  // into ids_
    std::uint32_t hash = 0;
  };

  // Where it is, or belongs; *hash is the part to put there.
  std::size_t PlaceOf(std::string_view id, std::uint32_t* hash) const;
  void Grow();
  std::string_view Keep(std::string_view id);

  std::vector<Place> places_;  // by hash, at most half full
  std::vector<std::string_view> ids_;
  std::vector<std::optional<KnownIdentity>> answers_;
  std::vector<std::unique_ptr<char[]>> chunks_;  // what ids_ point to
  std::size_t chunk_ = 0;                        // that is filled
  std::size_t used_ = 0;                         // of it
  mutable bool has_missed_ = false;
};

// Collects, and knows nobody.
class CollectingDirectory final : public IdentityDirectory {
 public:
  explicit CollectingDirectory(IdQuestions* questions) : questions_(*questions) {}

  const KnownIdentity* Find(std::string_view id) override {
    questions_.Add(id);
    return nullptr;
  }

 private:
  IdQuestions& questions_;
};

class AnsweringDirectory final : public IdentityDirectory {
 public:
  explicit AnsweringDirectory(const IdQuestions* questions) : questions_(*questions) {}

  const KnownIdentity* Find(std::string_view id) override { return questions_.Find(id); }

 private:
  const IdQuestions& questions_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_ID_QUESTIONS_H_
