#include "moniker/identity_gate.h"

#include "base/bytes.h"
#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "moniker/avatar.h"
#include "session/role.h"
#include "store/mapping_store.h"

namespace moniker {
namespace {

using internal::MappingStore;
using Part = Platform::Part;

constexpr Status kVaultMoved(StatusCode::kClosed, "the vault was moved from");
constexpr Status kGateMoved(StatusCode::kClosed, "the gate was moved from");

// The UUID rendering of either text: the 122 bits that both hold.
Result<Uuid> ParseEither(std::string_view external_id) {
  if (external_id.size() == Uuid::kSize) return Uuid::Parse(external_id);
  MONIKER_ASSIGN_OR_RETURN(const ExternalId id, ExternalId::Parse(external_id));
  return UuidOf(id);
}

}  // namespace

Result<IdentityGate> IdentityGate::Create(const Vault& vault, Options options) {
  if (vault.store_ == nullptr) return kVaultMoved;
  const Platform* const platform = FindPlatform(options.platform);
  if (platform == nullptr) return Status(StatusCode::kInvalidArgument, "platform: not known");
  if (options.avatar_url_template) {
    MONIKER_RETURN_IF_ERROR(ValidateAvatarUrlTemplate(*options.avatar_url_template));
  } else {
    options.avatar_url_template = vault.avatar_url_template();
  }
  const Keyring& keyring = vault.keyring();
  const std::uint32_t epoch = keyring.NewestEpoch(KeyKind::kIdentity);
  MONIKER_ASSIGN_OR_RETURN(Anonymizer anonymizer,
                           Anonymizer::Create(keyring, options.scope, epoch));
  return IdentityGate(vault.store_, std::move(options), *platform, std::move(anonymizer), epoch);
}

Result<SessionIdentity> IdentityGate::Admit(const PersonView& person, std::string_view role) const {
  MONIKER_ASSIGN_OR_RETURN(std::vector<SessionIdentity> admitted,
                           AdmitMany({&person, 1}, {&role, 1}));
  return std::move(admitted.front());
}

Result<std::vector<SessionIdentity>> IdentityGate::AdmitMany(
    std::span<const PersonView> persons, std::span<const std::string_view> roles) const {
  if (store_ == nullptr) return kGateMoved;
  if (persons.size() != roles.size()) {
    return Status(StatusCode::kInvalidArgument, "as many roles as persons are needed");
  }
  std::vector<Identifier> identifiers;
  for (const PersonView& person : persons) identifiers.push_back(person.identifier());
  std::vector<Pseudonym> pseudonyms(persons.size(), Pseudonym(Digest{}));
  MONIKER_RETURN_IF_ERROR(anonymizer_.PseudonymizeMany(identifiers, pseudonyms));

  // Everything that can be refused is refused before anything is stored.
  std::vector<SessionIdentity> admitted;
  std::vector<MappingStore::Admission> admissions;
  for (std::size_t i = 0; i < persons.size(); ++i) {
    Result<SessionIdentity> identity = Render(pseudonyms[i], persons[i], roles[i]);
    if (!identity.ok()) return identity.status().At(static_cast<std::int64_t>(i));
    admitted.push_back(*std::move(identity));
    admissions.push_back({persons[i], options_.scope, epoch_, pseudonyms[i]});
  }
  MONIKER_RETURN_IF_ERROR(store_->AdmitMany(admissions));
  return admitted;
}

Result<SessionIdentity> IdentityGate::Render(const Pseudonym& pseudonym, const PersonView& person,
                                             std::string_view role) const {
  MONIKER_RETURN_IF_ERROR(ValidatePerson(person));
  SessionIdentity identity(pseudonym);
  switch (platform_->id_rendering) {
    case Platform::IdRendering::kExternalId:
      identity.external_id_ = pseudonym.external_id().text();
      break;
    case Platform::IdRendering::kUuid: identity.external_id_ = pseudonym.uuid().text(); break;
    case Platform::IdRendering::kNone: break;
  }
  MONIKER_ASSIGN_OR_RETURN(identity.display_name_, DisplayName(role, person, pseudonym));
  if (!platform_->avatar_url.name.empty()) {
    identity.avatar_url_ = AvatarUrl(*options_.avatar_url_template, pseudonym.avatar_index());
  }
  MONIKER_RETURN_IF_ERROR(CheckField(*platform_, Part::kExternalId, identity.external_id_));
  MONIKER_RETURN_IF_ERROR(CheckField(*platform_, Part::kDisplayName, identity.display_name_));
  MONIKER_RETURN_IF_ERROR(CheckField(*platform_, Part::kAvatarUrl, identity.avatar_url_));
  return identity;
}

Result<std::string> IdentityGate::DisplayName(std::string_view role, const PersonView& person,
                                              const Pseudonym& pseudonym) {
  MONIKER_RETURN_IF_ERROR(internal::ValidateRole(role, person));
  return std::string(role) + " " + pseudonym.label_code();
}

Status IdentityGate::Bind(std::string_view participant_id, const SessionIdentity& who) const {
  if (store_ == nullptr) return kGateMoved;
  const MappingStore::Binding binding{participant_id, who.pseudonym().uuid(), options_.scope};
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Status> statuses, store_->BindMany({&binding, 1}));
  return statuses.front();
}

Result<bool> IdentityGate::Check(const Identifier& identifier, std::string_view external_id) const {
  if (store_ == nullptr) return kGateMoved;
  return CheckExternalId(store_->keyring(), options_.scope, identifier, external_id);
}

Result<bool> CheckExternalId(const Keyring& keyring, const Scope& scope,
                             const Identifier& identifier, std::string_view external_id) {
  const bool as_uuid = external_id.size() == Uuid::kSize;
  MONIKER_ASSIGN_OR_RETURN(const Uuid given, ParseEither(external_id));
  bool match = false;
  for (const std::uint32_t epoch : keyring.Epochs(KeyKind::kIdentity)) {
    MONIKER_ASSIGN_OR_RETURN(const Anonymizer anonymizer,
                             Anonymizer::Create(keyring, scope, epoch));
    MONIKER_ASSIGN_OR_RETURN(const Pseudonym expected, anonymizer.Pseudonymize(identifier));
    match |= as_uuid ? internal::ConstantTimeEqual(expected.uuid().bytes(), given.bytes())
                     : internal::ConstantTimeEqual(
                           internal::AsBytes(expected.external_id().text()),
                           internal::AsBytes(external_id.substr(0, ExternalId::kSize)));
  }
  return match;
}

Result<std::vector<Status>> IdentityGate::BindMany(const Vault& vault,
                                                   std::span<const Binding> bindings) {
  if (vault.store_ == nullptr) return kVaultMoved;
  std::vector<MappingStore::Binding> parsed;
  for (const Binding& binding : bindings) {
    const Result<Uuid> uuid = ParseEither(binding.external_id);
    if (!uuid.ok()) return uuid.status().At(static_cast<std::int64_t>(parsed.size()));
    parsed.push_back({binding.participant_id, *uuid, binding.scope});
  }
  return vault.store_->BindMany(parsed);
}

}  // namespace moniker
