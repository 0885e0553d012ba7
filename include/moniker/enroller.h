// Stores very many persons: the first of ten million as quickly as the last, in little memory. What
// comes of it is what IdentityGate::AdmitMany makes of the same persons, but in steps.
//
// Persons are made ready as they are added, sealed, in files without names in the vault's folder,
// and then stored a chunk at a time: each chunk in one durable step, while the next one is made
// ready by the caller's thread. A program that dies leaves whole chunks; to enrol the same persons
// again changes nothing but who is not stored yet. While a chunk is stored other writers wait, for
// some seconds. An enroller keeps the keys ready: the vault does not lock itself while there is one.
//
// Thread safety: used by one thread at a time; several may enrol into one vault.

#ifndef MONIKER_ENROLLER_H_
#define MONIKER_ENROLLER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "moniker/label.h"
#include "moniker/person.h"
#include "moniker/result.h"
#include "moniker/scope.h"
#include "moniker/status.h"
#include "moniker/vault.h"

namespace moniker {

class Enroller {
 public:
  struct Options {
    Scope scope = Scope::App();
    // The newest, also after a rotation, if none is given.
    std::optional<std::uint32_t> identity_epoch = std::nullopt;
    LabelStyle label_style = LabelStyle::kCode;  // which a conference allots
    // Persons of a chunk, at most; 0: as many as is best. A conference, and a vault whose index
    // keys were rotated, have smaller ones, since whoever is there has to be looked up.
    std::size_t chunk_size = 0;
  };

  // The vault need not live on. Errors: kInvalidArgument for a style that is none; kNotFound if the
  // keyring has no such epoch; kClosed if the vault was moved from; kAltered, kIo.
  static Result<Enroller> Create(const Vault& vault, const Options& options);

  Enroller(Enroller&& other) noexcept;
  Enroller& operator=(Enroller&& other) noexcept;
  // What was not stored yet is dropped.
  ~Enroller();

  // Takes a copy; the way back is durable only after Finish. What is wrong with a person
  // (kInvalidArgument; kConflict for a kind that is not the issuer's) leaves that person out, and
  // the others may follow. After any other error nothing more can be added; Finish repeats it, and
  // what is stored then is stored(). Errors: as IdentityGate::AdmitMany; kNoSpace, kPermission for the files.
  Status Add(const PersonView& person);

  // Stores what is left; once. All persons that were added are durable when it succeeds. Nothing is
  // written any more when it returns.
  // Errors: as Add.
  Status Finish();

  // Of the persons added, in their order, so many are durable by now.
  std::uint64_t stored() const;

 private:
  class Impl;
  explicit Enroller(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace moniker

#endif  // MONIKER_ENROLLER_H_
