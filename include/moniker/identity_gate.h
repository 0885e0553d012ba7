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

#include "moniker/identifier.h"
#include "moniker/label.h"
#include "moniker/metadata.h"
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
  static constexpr std::size_t kMaxDisplayNameSize = 64;

  struct Options {
    Scope scope;                            // there is no default
    std::string_view platform = "generic";  // a key of Platforms()
    // Instead of the vault's.
    std::optional<std::string> avatar_url_template = std::nullopt;
    LabelStyle label_style = LabelStyle::kCode;
    // An older epoch of the keyring, to get the external IDs of that time again; the newest, also
    // after a rotation, if none is given.
    std::optional<std::uint32_t> identity_epoch = std::nullopt;
    // Sealed, so that whoever has the keyring can read it without a store: behind the external ID,
    // or in the platform's own field for it. An empty role stands for that of the admission.
    std::optional<Metadata> metadata = std::nullopt;
    // Of a conference scope: after how many days without an admission its pseudonyms expire; 0: as
    // the vault's policy says. None: as those have it who were admitted before.
    std::optional<std::uint16_t> retention_days = std::nullopt;
  };

  // Errors: kInvalidArgument for an unknown platform or style, a template or metadata that is not
  // valid, a retention in the app scope, and for a platform that has no room for metadata;
  // kNotFound if the keyring has no such epoch; kClosed if the vault was moved from; kAltered, kIo.
  static Result<IdentityGate> Create(const Vault& vault, Options options);

  // The session identity of a person. `role` is what the application calls its kind of participant
  // ("Patient"): 1..40 ASCII letters, blanks and hyphens, a letter at either end, no word of the
  // person's name and not the identifier. In a conference scope nobody else of the conference has
  // the same label. The person is stored, or the stored name and fields are brought up to date,
  // durably, before this returns; repeating it changes nothing.
  // Errors: kInvalidArgument (the message names the field, or what the platform does not take);
  // kConflict if the issuer's identifiers are of another kind; kNotFound if the epoch was destroyed
  // meanwhile; kAltered; kClosed; kReadOnly, kNoSpace, kIo. After an error there is nothing to
  // send.
  Result<SessionIdentity> Admit(const PersonView& person, std::string_view role) const;

  // All or none, in one durable step; as Admit for each. The locator of an error is the index.
  // REQUIRES: equal sizes.
  Result<std::vector<SessionIdentity>> AdmitMany(std::span<const PersonView> persons,
                                                 std::span<const std::string_view> roles) const;

  // What the platform shall show from now on of somebody who was admitted. What is not given stays.
  struct Change {
    std::optional<std::string_view> display_name = std::nullopt;  // 1..64 bytes of printable ASCII
    // One that the gate's template makes (with any index), or empty for none.
    std::optional<std::string_view> avatar_url = std::nullopt;
  };
  // Guarded as Admit; nothing is stored, and nobody looks whether another has this name. Errors:
  // kInvalidArgument if the name holds a part of the person (CheckOutbound), or if the platform
  // does not take name or avatar; kNotFound if `who` is not of `person`; as Admit.
  Result<SessionIdentity> Update(const SessionIdentity& who, const PersonView& person,
                                 const Change& change) const;

  // Whether a text may go to the platform beside a session identity: a conference alias, metadata,
  // a chat topic. Looks for identifiers, parts of the name, e-mail addresses, telephone numbers and
  // further fields of the person, also encoded (percent, base64, HTML and more). The name may be
  // empty. Errors: kInvalidArgument if one is found (the message says what, not where), for a text
  // that is not UTF-8, is longer than 65,536 bytes or decodes to more than 1 MiB; kConflict if the
  // issuer's identifiers are of another kind; kAltered, kClosed, kIo.
  Status CheckOutbound(const PersonView& person, std::string_view text) const;

  // The pseudonyms that Admit would give, without storing anybody: nothing for who is not enrolled
  // in an enrolled vault. The locator of an error is the index. Errors: as Admit.
  Result<std::vector<std::optional<Pseudonym>>> PseudonymizeMany(
      std::span<const Identifier> identifiers) const;

  // What the display names of pseudonyms of this scope end with, in either style: for who was
  // admitted what was allotted (in a style in which nothing was, that of the ID); nothing for others.
  // Errors: kAltered, kClosed, kIo.
  struct Labels {
    Label code;
    Label words;
  };
  Result<std::vector<std::optional<Labels>>> LabelsOf(std::span<const Pseudonym> pseudonyms) const;

  // The display name alone, for what is not admitted: role, blank, label, which nobody has seen to
  // be the only one. The person's name may be empty here. Errors: kInvalidArgument for a role that
  // Admit refuses.
  static Result<std::string> DisplayName(std::string_view role, const PersonView& person,
                                         const Label& label);

  // Remembers the participant ID that the platform gave: 1..256 bytes of UTF-8 without control
  // characters and white space. Durable when it returns; repeating it changes nothing.
  // Errors: kInvalidArgument; kNotFound if the mapping of `who` is not in this vault; kConflict if
  // the ID is bound to another person; as Admit.
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
  // in any identity epoch of the keyring; in an enrolled vault, of this person. The comparison
  // takes constant time. Errors: kInvalidArgument for the identifier, or text that is neither an
  // external ID nor a UUID; kConflict if the issuer's identifiers are of another kind; kAltered,
  // kIo.
  Result<bool> Check(const Identifier& identifier, std::string_view external_id) const;

 private:
  IdentityGate(std::shared_ptr<internal::MappingStore> store, Options options,
               const Platform& platform)
      : store_(std::move(store)), options_(std::move(options)), platform_(&platform) {}

  Result<std::vector<PersonView>> WithKinds(std::span<const PersonView> persons) const;
  Status CheckDisplayName(std::string_view role) const;
  Result<SessionIdentity> Render(const Pseudonym& pseudonym, const Label& label,
                                 std::uint32_t identity_epoch, std::string_view role) const;
  Status SealMetadataInto(SessionIdentity* identity, std::uint32_t identity_epoch,
                          std::string_view role) const;

  std::shared_ptr<internal::MappingStore> store_;
  Options options_;
  const Platform* platform_;
};

// As IdentityGate::Check, with a keyring alone: the kind of the issuer is that of the identifier,
// or built in. Errors: also kUnsupported for the keyring of an enrolled vault.
Result<bool> CheckExternalId(const Keyring& keyring, const Scope& scope,
                             const Identifier& identifier, std::string_view external_id);

}  // namespace moniker

#endif  // MONIKER_IDENTITY_GATE_H_
