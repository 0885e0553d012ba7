// The keyed tags under which records are found.
//
// Format: docs/formats/mapping-store.md, section 2.
// Thread safety: const members may be called from any thread.

#ifndef MONIKER_LIB_STORE_INDEX_TAGS_H_
#define MONIKER_LIB_STORE_INDEX_TAGS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "moniker/identifier.h"
#include "moniker/keyring.h"
#include "moniker/label.h"
#include "moniker/prf.h"
#include "moniker/pseudonym.h"
#include "moniker/result.h"
#include "moniker/storage_backend.h"

namespace moniker::internal {

inline constexpr std::size_t kMaxParticipantIdSize = 256;

// 1..256 bytes of UTF-8 without control characters and white space. Errors: kInvalidArgument.
Status ValidateParticipantId(std::string_view participant_id);

// The tags that a record may stand under: that of the newest index epoch first, under which it is
// made, then those of older epochs.
using TagSet = std::vector<RecordTag>;

class IndexTags {
 public:
  static constexpr std::size_t kSize = 16;

  // Errors: kExhausted, kClosed.
  static Result<IndexTags> Create(const Keyring& keyring);

  // Errors: kInvalidArgument if the identifier or ID is not valid; kClosed after a fork.
  Result<TagSet> OfIdentifier(const Identifier& identifier) const;
  Result<TagSet> OfExternalId(const Uuid& uuid) const;  // external IDs by UuidOf()

  // The tags under the newest index epoch alone: tags[i] of what stands at i. REQUIRES: equal
  // sizes. Errors: as those of one.
  Status OfIdentifiers(std::span<const Identifier> identifiers, std::span<RecordTag> tags) const;
  Status OfExternalIds(std::span<const Pseudonym> pseudonyms, std::span<RecordTag> tags) const;
  // Whether records may stand under older epochs.
  bool has_older_epochs() const { return person_.size() > 1; }

  Result<TagSet> OfParticipant(std::string_view participant_id) const;
  Result<TagSet> OfLabel(std::string_view conference, const Label& label) const;

 private:
  using Prfs = std::vector<std::unique_ptr<Prf>>;  // of each index epoch, newest first

  Prfs person_;
  Prfs external_id_;
  Prfs participant_;
  Prfs roster_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_INDEX_TAGS_H_
