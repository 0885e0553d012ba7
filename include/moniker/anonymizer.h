// Identifiers to pseudonyms, for one scope and one identity epoch. Pure: no storage, clock or I/O;
// the same input gives the same bytes on every machine that has the key.
//
// Format: docs/formats/pseudonym.md.
// Thread safety: const members may be called from any thread.

#ifndef MONIKER_ANONYMIZER_H_
#define MONIKER_ANONYMIZER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "moniker/identifier.h"
#include "moniker/prf.h"
#include "moniker/pseudonym.h"
#include "moniker/result.h"
#include "moniker/scope.h"

namespace moniker {

class Keyring;

class Anonymizer {
 public:
  // With the newest identity epoch of the keyring, or the given one. The keyring need not live on.
  // Errors: kNotFound if the keyring has no such epoch; kUnsupported if it is that of an enrolled
  // vault, whose pseudonyms only an IdentityGate can tell; kExhausted, kClosed.
  static Result<Anonymizer> Create(const Keyring& keyring, const Scope& scope);
  static Result<Anonymizer> Create(const Keyring& keyring, const Scope& scope,
                                   std::uint32_t identity_epoch);

  // For another app under the same root key, as in a vault of that app with the same root.
  // Errors: likewise; kInvalidArgument for `app`.
  static Result<Anonymizer> Create(const Keyring& keyring, std::string_view app, const Scope& scope,
                                   std::uint32_t identity_epoch);

  // With a root key that lives elsewhere. Errors: kInvalidArgument for `app`; those of `root`.
  static Result<Anonymizer> Create(const Prf& root, std::string_view app, const Scope& scope);

  // Errors: those of ValidateIdentifier (the message names the field, the locator the place in it);
  // those of the key's Prf.
  Result<Pseudonym> Pseudonymize(const Identifier& identifier) const;

  // pseudonyms[i] of identifiers[i], at most 128 in one call of the Prf. On error none is to be
  // used, and the locator is the index of the first identifier that is not valid. REQUIRES: equal
  // sizes. Errors: as Pseudonymize.
  Status PseudonymizeMany(std::span<const Identifier> identifiers,
                          std::span<Pseudonym> pseudonyms) const;

  // The same, as external IDs written into the caller's memory: texts[i] of identifiers[i].
  // REQUIRES, Errors: as PseudonymizeMany.
  Status ExternalIdsOfMany(std::span<const Identifier> identifiers,
                           std::span<ExternalId::Text> texts) const;

 private:
  // put(start, digests) for each few identifiers from `start`, of one call of the Prf.
  template <typename Put>
  Status ForEach(std::span<const Identifier> identifiers, Put put) const;

  explicit Anonymizer(std::unique_ptr<Prf> scope_key) : scope_key_(std::move(scope_key)) {}

  std::unique_ptr<Prf> scope_key_;  // K_scope
};

}  // namespace moniker

#endif  // MONIKER_ANONYMIZER_H_
