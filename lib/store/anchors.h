// The anchors of a store: what was last left there, compared with what the store says of itself.
//
// Format: docs/formats/mapping-store.md, section 6.
// Thread safety: const members may be called from any thread.

#ifndef MONIKER_LIB_STORE_ANCHORS_H_
#define MONIKER_LIB_STORE_ANCHORS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "moniker/anchor.h"
#include "moniker/keyring.h"
#include "moniker/result.h"
#include "moniker/store_report.h"
#include "store/manifest.h"
#include "store/tombstone.h"

namespace moniker::internal {

struct AnchorHead {
  std::uint64_t counter = 0;
  Digest manifest{};
  std::uint64_t audit_entries = 0;
  Digest audit_head{};
};

// Errors: as IntegrityKeys.
Result<Anchor::Head> EncodeAnchorHead(const AnchorHead& head, const VaultId& vault,
                                      const IntegrityKeys& keys);
// Errors also: kAltered for what was not left by this store.
Result<AnchorHead> DecodeAnchorHead(ByteView bytes, const VaultId& vault,
                                    const IntegrityKeys& keys);

// The later one of those that are authentic, if any is. Errors: as IntegrityKeys.
Result<std::optional<AnchorHead>> NewestHead(std::span<const Anchor::Head> heads,
                                             const VaultId& vault, const IntegrityKeys& keys);

class Anchors {
 public:
  // What ReadHeads answered, of each anchor.
  using Readings = std::vector<Result<std::vector<Anchor::Head>>>;

  Anchors() = default;
  explicit Anchors(std::vector<std::shared_ptr<Anchor>> anchors) : anchors_(std::move(anchors)) {}

  // To be read before the manifest that they are compared with: then an anchor that is ahead of it
  // was so all the time.
  Readings Read() const;

  // How each anchor stands to the manifest. Errors: as IntegrityKeys.
  static Result<std::vector<AnchorReport>> Compare(const Readings& readings,
                                                   const Manifest& manifest, const VaultId& vault,
                                                   const IntegrityKeys& keys);

  // What stops a store from being opened. kRolledBack, locator: by how many changes; kAltered;
  // kNotFound, kPermission, kIo if an anchor cannot be read.
  static Status Judge(const Readings& readings, const Manifest& manifest,
                      std::span<const AnchorReport> reports);

  // Leaves word of erasures, durably, with every anchor. Errors: those of the anchors; as
  // IntegrityKeys.
  Status KeepTombstones(std::span<const Tombstone> tombstones, const VaultId& vault,
                        const IntegrityKeys& keys) const;
  // What was left of that with any anchor. Errors: those of the anchors; kAltered.
  Result<std::vector<Tombstone>> ReadTombstones(const VaultId& vault,
                                                const IntegrityKeys& keys) const;

  // Leaves word. An anchor that fails is behind until it works again, which Compare shows.
  void Keep(const Manifest& manifest, const VaultId& vault, const IntegrityKeys& keys) const;

 private:
  std::vector<std::shared_ptr<Anchor>> anchors_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_ANCHORS_H_
