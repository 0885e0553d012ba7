// The gate that every session identity passes: it derives the pseudonym, makes the way back durable
// and only then hands out what the platform may see.
//
// Thread safety: const members may be called from any thread; several gates may share a vault.

#ifndef MONIKER_IDENTITY_GATE_H_
#define MONIKER_IDENTITY_GATE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/anonymizer.h"
#include "moniker/identifier.h"
#include "moniker/person.h"
#include "moniker/platform.h"
#include "moniker/result.h"
#include "moniker/scope.h"
#include "moniker/session_identity.h"
#include "moniker/vault.h"

namespace moniker {

class IdentityGate {
 public:
  static constexpr std::size_t kMaxRoleSize = 40;

  struct Options {
    Scope scope;                            // there is no default
    std::string_view platform = "generic";  // a key of Platforms()
    // Instead of the vault's.
    std::optional<std::string> avatar_url_template = std::nullopt;
  };

  // Errors: kInvalidArgument for an unknown platform or a template that is not valid; those of
  // Anonymizer::Create.
  static Result<IdentityGate> Create(const Vault& vault, Options options);

  // The session identity of a person. `role` is what the application calls its kind of participant
  // ("Patient"): 1..40 ASCII letters, blanks and hyphens, a letter at either end, no word of the
  // person's name and not the identifier. The person is stored, or the stored name and fields are
  // brought up to date, durably, before this returns; repeating it changes nothing.
  // Errors: kInvalidArgument (the message names the field, or what the platform does not take);
  // kAltered; kClosed; kReadOnly, kNoSpace, kIo. After an error there is nothing to send.
  Result<SessionIdentity> Admit(const PersonView& person, std::string_view role) const;

  // All or none, in one durable step; as Admit for each. The locator of an error is the index.
  // REQUIRES: equal sizes.
  Result<std::vector<SessionIdentity>> AdmitMany(std::span<const PersonView> persons,
                                                 std::span<const std::string_view> roles) const;

  // The display name alone, for what is not admitted: role, blank, label code. The person's name
  // may be empty here. Errors: kInvalidArgument for a role that Admit refuses.
  static Result<std::string> DisplayName(std::string_view role, const PersonView& person,
                                         const Pseudonym& pseudonym);

  // Remembers the participant ID that the platform gave: 1..256 bytes of UTF-8 without control
  // characters and white space. Durable when it returns; repeating it changes nothing.
  // Errors: kInvalidArgument; kConflict if the ID is bound to another person; as Admit.
  Status Bind(std::string_view participant_id, const SessionIdentity& who) const;

  // Likewise for records that come in after the session, whatever gate admitted them. One status
  // for each; a failure of the store fails all, and then nothing is bound. Errors of the whole:
  // kInvalidArgument for a malformed ID (locator: index; nothing is bound); as Admit. Each:
  // kNotFound if the external ID was never admitted (in that scope); kConflict as Bind.
  struct Binding {
    std::string_view participant_id;
    std::string_view external_id;               // or its UUID rendering; metadata is ignored
    std::optional<Scope> scope = std::nullopt;  // if given, the external ID must be of this scope
  };
  static Result<std::vector<Status>> BindMany(const Vault& vault,
                                              std::span<const Binding> bindings);

  // Whether an external ID (or its UUID rendering) is that of this identifier in this gate's scope,
  // in any identity epoch of the keyring. Needs no store; the comparison takes constant time.
  // Errors: kInvalidArgument for the identifier, or text that is neither an external ID nor a UUID.
  Result<bool> Check(const Identifier& identifier, std::string_view external_id) const;

 private:
  IdentityGate(std::shared_ptr<internal::MappingStore> store, Options options,
               const Platform& platform, Anonymizer anonymizer, std::uint32_t epoch)
      : store_(std::move(store)),
        options_(std::move(options)),
        platform_(&platform),
        anonymizer_(std::move(anonymizer)),
        epoch_(epoch) {}

  Result<SessionIdentity> Render(const Pseudonym& pseudonym, const PersonView& person,
                                 std::string_view role) const;

  std::shared_ptr<internal::MappingStore> store_;
  Options options_;
  const Platform* platform_;
  Anonymizer anonymizer_;  // of the newest epoch
  std::uint32_t epoch_;
};

// As IdentityGate::Check, with a keyring alone.
Result<bool> CheckExternalId(const Keyring& keyring, const Scope& scope,
                             const Identifier& identifier, std::string_view external_id);

}  // namespace moniker

#endif  // MONIKER_IDENTITY_GATE_H_
