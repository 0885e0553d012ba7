#include "moniker/identity_gate.h"

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "moniker/anonymizer.h"
#include "moniker/avatar.h"
#include "session/outbound_guard.h"
#include "session/role.h"
#include "store/mapping_store.h"

namespace moniker {
namespace {

using internal::MappingStore;
using Part = Platform::Part;

// Every part of the gate's metadata but the role of the admission, which comes later.
Status CheckMetadata(const IdentityGate::Options& options, const Platform& platform) {
  if (!options.metadata) return Status::Ok();
  if (platform.metadata == Platform::Metadata::kNone) {
    return Status(StatusCode::kInvalidArgument, "platform: it has no room for metadata");
  }
  Metadata metadata = *options.metadata;
  if (metadata.role && metadata.role->empty()) metadata.role = "Role";
  return ValidateMetadata(metadata);
}

constexpr Status kVaultMoved(StatusCode::kClosed, "the vault was moved from");
constexpr Status kGateMoved(StatusCode::kClosed, "the gate was moved from");

std::string NameOf(std::string_view role, const Label& label) {
  return std::string(role) + " " + label.text();
}

// A name may be as long as the platform allows, but for the longest label.
std::size_t LongestLabel(LabelStyle style) {
  return style == LabelStyle::kWords ? Label::kMaxSize : Pseudonym::kLabelCodeSize;
}

// Whether some index makes `url` of the template.
bool IsOfTemplate(std::string_view url_template, std::string_view url) {
  for (int index = 0; index < 256; ++index) {
    if (AvatarUrl(url_template, static_cast<std::uint8_t>(index)) == url) return true;
  }
  return false;
}

constexpr Status StatusOf(internal::PersonalPart part) {
  using internal::PersonalPart;
  switch (part) {
    case PersonalPart::kIdentifier:
      return Status(StatusCode::kInvalidArgument, "text: it holds the person's identifier");
    case PersonalPart::kName:
      return Status(StatusCode::kInvalidArgument, "text: it holds part of the person's name");
    case PersonalPart::kEmail:
      return Status(StatusCode::kInvalidArgument, "text: it holds the person's e-mail address");
    case PersonalPart::kPhone:
      return Status(StatusCode::kInvalidArgument, "text: it holds the person's telephone number");
    case PersonalPart::kField: break;
  }
  return Status(StatusCode::kInvalidArgument, "text: it holds a further field of the person");
}

bool HasEpoch(const Keyring& keyring, std::uint32_t epoch) {
  const std::vector<std::uint32_t> epochs = keyring.Epochs(KeyKind::kIdentity);
  return std::ranges::find(epochs, epoch) != epochs.end();
}

Status RequireEpoch(std::uint32_t epoch, MappingStore* store) {
  MONIKER_ASSIGN_OR_RETURN(std::shared_ptr<const internal::StoreKeys> keys, store->Keys());
  if (HasEpoch(keys->keyring(), epoch)) return Status::Ok();
  // Another process may have begun it meanwhile.
  MONIKER_RETURN_IF_ERROR(store->Refresh());
  MONIKER_ASSIGN_OR_RETURN(keys, store->Keys());
  if (HasEpoch(keys->keyring(), epoch)) return Status::Ok();
  return Status(StatusCode::kNotFound, "the keyring has no key of this epoch", epoch);
}

// An external ID or a UUID that somebody shows.
class GivenId {
 public:
  static Result<GivenId> Parse(std::string_view text) {
    GivenId given;
    if (text.size() == Uuid::kSize) {
      MONIKER_ASSIGN_OR_RETURN(given.uuid_, Uuid::Parse(text));
    } else {
      MONIKER_ASSIGN_OR_RETURN(given.external_id_, ExternalId::Parse(text));
    }
    return given;
  }

  // The UUID rendering of either.
  Uuid uuid() const { return uuid_ ? *uuid_ : UuidOf(*external_id_); }

  // In a time that depends on their number alone.
  bool IsAnyOf(std::span<const Pseudonym> pseudonyms) const {
    bool match = false;
    for (const Pseudonym& one : pseudonyms) {
      match |= uuid_ ? internal::ConstantTimeEqual(one.uuid().bytes(), uuid_->bytes())
                     : internal::ConstantTimeEqual(internal::AsBytes(one.external_id().text()),
                                                   internal::AsBytes(external_id_->text()));
    }
    return match;
  }

 private:
  std::optional<Uuid> uuid_;
  std::optional<ExternalId> external_id_;
};

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
  if (Label::Count(options.label_style) == 0) {
    return Status(StatusCode::kInvalidArgument, "label style: neither code nor words");
  }
  if (options.retention_days && options.scope.is_app()) {
    return Status(StatusCode::kInvalidArgument, "retention: only of a conference");
  }
  if (options.identity_epoch) {
    MONIKER_RETURN_IF_ERROR(RequireEpoch(*options.identity_epoch, vault.store_.get()));
  }
  MONIKER_RETURN_IF_ERROR(CheckMetadata(options, *platform));
  options.platform = platform->key;  // the caller's text need not live on
  return IdentityGate(vault.store_, std::move(options), *platform);
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
  MONIKER_ASSIGN_OR_RETURN(const std::vector<PersonView> of_kind, WithKinds(persons));
  // Everything that can be refused is refused before anything is stored. No platform refuses an
  // external ID, an avatar URL or metadata of ours: tests/session/platform_test.cc.
  for (std::size_t i = 0; i < persons.size(); ++i) {
    Status status = ValidateNameAndFields(persons[i]);
    if (status.ok()) status = internal::ValidateRole(roles[i], of_kind[i]);
    if (status.ok()) status = CheckDisplayName(roles[i]);
    if (!status.ok()) return status.At(static_cast<std::int64_t>(i));
  }
  // What can fail for want of memory shall do so before anybody is stored.
  std::vector<SessionIdentity> admitted;
  admitted.reserve(persons.size());
  MONIKER_ASSIGN_OR_RETURN(const std::vector<MappingStore::Admitted> stored,
                           store_->AdmitMany({persons, options_.scope, options_.identity_epoch,
                                              options_.label_style, options_.retention_days}));
  for (std::size_t i = 0; i < persons.size(); ++i) {
    MONIKER_ASSIGN_OR_RETURN(SessionIdentity identity, Render(stored[i].pseudonym, stored[i].label,
                                                              stored[i].identity_epoch, roles[i]));
    admitted.push_back(std::move(identity));
  }
  return admitted;
}

// The kind of an issuer's identifiers is the vault's matter. One that it does not know yet has what
// the person says, or what is built in.
Result<std::vector<PersonView>> IdentityGate::WithKinds(std::span<const PersonView> persons) const {
  std::vector<PersonView> of_kind(persons.begin(), persons.end());
  std::map<std::string_view, std::optional<IdentifierKind>> kinds;
  for (std::size_t i = 0; i < of_kind.size(); ++i) {
    PersonView& person = of_kind[i];
    const auto [kind, is_new] = kinds.try_emplace(person.issuer);
    if (is_new) {
      MONIKER_ASSIGN_OR_RETURN(kind->second, store_->KindOf(person.issuer));
    }
    if (!person.kind) person.kind = kind->second;
    if (kind->second && *person.kind != *kind->second) {
      return Status(StatusCode::kConflict, "issuer: its identifiers are of another kind",
                    static_cast<std::int64_t>(i));
    }
  }
  return of_kind;
}

Status IdentityGate::CheckOutbound(const PersonView& person, std::string_view text) const {
  if (store_ == nullptr) return kGateMoved;
  MONIKER_ASSIGN_OR_RETURN(const std::vector<PersonView> of_kind, WithKinds({&person, 1}));
  MONIKER_ASSIGN_OR_RETURN(const std::optional<internal::PersonalPart> part,
                           internal::FindPersonalPart(of_kind.front(), text));
  return part ? StatusOf(*part) : Status::Ok();
}

Result<SessionIdentity> IdentityGate::Update(const SessionIdentity& who, const PersonView& person,
                                             const Change& change) const {
  MONIKER_ASSIGN_OR_RETURN(const bool same,
                           Check(person.identifier(), who.pseudonym().external_id().text()));
  if (!same) return Status(StatusCode::kNotFound, "the session identity is not of this person");
  SessionIdentity changed = who;
  if (change.display_name) {
    const std::string_view name = *change.display_name;
    const bool printable = std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; });
    if (name.empty() || name.size() > kMaxDisplayNameSize || !printable) {
      return Status(StatusCode::kInvalidArgument,
                    "display name: not 1 to 64 bytes of printable ASCII");
    }
    MONIKER_RETURN_IF_ERROR(CheckOutbound(person, name));
    changed.display_name_ = name;
  }
  if (change.avatar_url) {
    if (!change.avatar_url->empty() && platform_->avatar_url.name.empty()) {
      return Status(StatusCode::kInvalidArgument, "avatar URL: the platform has no such field");
    }
    if (!change.avatar_url->empty() &&
        !IsOfTemplate(*options_.avatar_url_template, *change.avatar_url)) {
      return Status(StatusCode::kInvalidArgument, "avatar URL: not one of the template");
    }
    changed.avatar_url_ = *change.avatar_url;
  }
  MONIKER_RETURN_IF_ERROR(CheckField(*platform_, Part::kDisplayName, changed.display_name_));
  MONIKER_RETURN_IF_ERROR(CheckField(*platform_, Part::kAvatarUrl, changed.avatar_url_));
  return changed;
}

Result<std::vector<std::optional<Pseudonym>>> IdentityGate::PseudonymizeMany(
    std::span<const Identifier> identifiers) const {
  if (store_ == nullptr) return kGateMoved;
  return store_->PseudonymizeMany(identifiers, options_.scope, options_.identity_epoch);
}

Result<std::vector<std::optional<IdentityGate::Labels>>> IdentityGate::LabelsOf(
    std::span<const Pseudonym> pseudonyms) const {
  if (store_ == nullptr) return kGateMoved;
  MONIKER_ASSIGN_OR_RETURN(const std::vector<std::optional<internal::Link>> links,
                           store_->LinksOf(pseudonyms, options_.scope));
  std::vector<std::optional<Labels>> labels(links.size());
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (!links[i]) continue;
    labels[i] = {links[i]->LabelOf(LabelStyle::kCode), links[i]->LabelOf(LabelStyle::kWords)};
  }
  return labels;
}

// Whatever the label will be.
Status IdentityGate::CheckDisplayName(std::string_view role) const {
  const std::string longest =
      std::string(role) + " " + std::string(LongestLabel(options_.label_style), 'x');
  return CheckField(*platform_, Part::kDisplayName, longest);
}

Status IdentityGate::SealMetadataInto(SessionIdentity* identity, std::uint32_t identity_epoch,
                                      std::string_view role) const {
  if (!options_.metadata) return Status::Ok();
  Metadata metadata = *options_.metadata;
  if (metadata.role && metadata.role->empty()) metadata.role = role;
  MONIKER_ASSIGN_OR_RETURN(const std::shared_ptr<const internal::StoreKeys> keys, store_->Keys());
  MONIKER_ASSIGN_OR_RETURN(
      std::string text,
      SealMetadata(keys->keyring(), identity_epoch, identity->pseudonym_.external_id(), metadata));
  MONIKER_RETURN_IF_ERROR(CheckMetadataFits(*platform_, text));
  const bool own_field = platform_->metadata == Platform::Metadata::kOwnField;
  (own_field ? identity->metadata_ : identity->external_id_) = std::move(text);
  return Status::Ok();
}

// REQUIRES: a role that was validated.
Result<SessionIdentity> IdentityGate::Render(const Pseudonym& pseudonym, const Label& label,
                                             std::uint32_t identity_epoch,
                                             std::string_view role) const {
  SessionIdentity identity(pseudonym, label);
  switch (platform_->id_rendering) {
    case Platform::IdRendering::kExternalId:
      identity.external_id_ = pseudonym.external_id().text();
      break;
    case Platform::IdRendering::kUuid: identity.external_id_ = pseudonym.uuid().text(); break;
    case Platform::IdRendering::kNone: break;
  }
  identity.display_name_ = NameOf(role, label);
  if (!platform_->avatar_url.name.empty()) {
    identity.avatar_url_ = AvatarUrl(*options_.avatar_url_template, pseudonym.avatar_index());
  }
  MONIKER_RETURN_IF_ERROR(SealMetadataInto(&identity, identity_epoch, role));
  MONIKER_RETURN_IF_ERROR(CheckField(*platform_, Part::kExternalId, identity.external_id_));
  MONIKER_RETURN_IF_ERROR(CheckField(*platform_, Part::kDisplayName, identity.display_name_));
  MONIKER_RETURN_IF_ERROR(CheckField(*platform_, Part::kAvatarUrl, identity.avatar_url_));
  return identity;
}

Result<std::string> IdentityGate::DisplayName(std::string_view role, const PersonView& person,
                                              const Label& label) {
  MONIKER_RETURN_IF_ERROR(internal::ValidateRole(role, person));
  return NameOf(role, label);
}

Status IdentityGate::Bind(std::string_view participant_id, const SessionIdentity& who) const {
  if (store_ == nullptr) return kGateMoved;
  const MappingStore::Binding binding{participant_id, who.pseudonym().uuid(), options_.scope};
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Status> statuses, store_->BindMany({&binding, 1}));
  return statuses.front();
}

Result<bool> IdentityGate::Check(const Identifier& identifier, std::string_view external_id) const {
  if (store_ == nullptr) return kGateMoved;
  MONIKER_ASSIGN_OR_RETURN(const GivenId given, GivenId::Parse(external_id));
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Pseudonym> pseudonyms,
                           store_->AllPseudonymsOf(identifier, options_.scope));
  return given.IsAnyOf(pseudonyms);
}

Result<bool> CheckExternalId(const Keyring& keyring, const Scope& scope,
                             const Identifier& identifier, std::string_view external_id) {
  MONIKER_ASSIGN_OR_RETURN(const GivenId given, GivenId::Parse(external_id));
  std::vector<Pseudonym> pseudonyms;
  for (const std::uint32_t epoch : keyring.Epochs(KeyKind::kIdentity)) {
    MONIKER_ASSIGN_OR_RETURN(const Anonymizer anonymizer,
                             Anonymizer::Create(keyring, scope, epoch));
    MONIKER_ASSIGN_OR_RETURN(const Pseudonym pseudonym, anonymizer.Pseudonymize(identifier));
    pseudonyms.push_back(pseudonym);
  }
  return given.IsAnyOf(pseudonyms);
}

Result<std::vector<Status>> IdentityGate::BindMany(const Vault& vault,
                                                   std::span<const Binding> bindings) {
  if (vault.store_ == nullptr) return kVaultMoved;
  std::vector<MappingStore::Binding> parsed;
  for (const Binding& binding : bindings) {
    const Result<GivenId> given = GivenId::Parse(binding.external_id);
    if (!given.ok()) return given.status().At(static_cast<std::int64_t>(parsed.size()));
    parsed.push_back({binding.participant_id, given->uuid(), binding.scope});
  }
  return vault.store_->BindMany(parsed);
}

}  // namespace moniker
