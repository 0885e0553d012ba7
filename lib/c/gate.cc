// Gates and what they make.

#include <vector>

#include "base/status_macros.h"
#include "boundary/arguments.h"
#include "boundary/call.h"
#include "boundary/structs.h"
#include "c/handle_types.h"
#include "c/people.h"
#include "c/scopes.h"

namespace moniker::internal {
namespace {

static_assert(MONIKER_LABEL_CODE == static_cast<int>(LabelStyle::kCode));
static_assert(MONIKER_LABEL_WORDS == static_cast<int>(LabelStyle::kWords));

Result<LabelStyle> ReadLabelStyle(std::int32_t style) {
  switch (style) {
    case 0:
    case MONIKER_LABEL_CODE: return LabelStyle::kCode;
    case MONIKER_LABEL_WORDS: return LabelStyle::kWords;
    default: return Status(StatusCode::kInvalidArgument, "label style: neither code nor words");
  }
}

Result<IdentityGate> OpenGate(const moniker_vault* vault, const moniker_gate_options* options) {
  MONIKER_ASSIGN_OR_RETURN(const auto used, Use(vault));
  MONIKER_ASSIGN_OR_RETURN(const moniker_gate_options given, ReadStruct(options));
  MONIKER_ASSIGN_OR_RETURN(const Scope scope, ReadScope(given.scope));
  IdentityGate::Options read{.scope = scope};
  MONIKER_ASSIGN_OR_RETURN(const std::string_view platform, ReadText(given.platform));
  if (!platform.empty()) read.platform = platform;
  if (given.avatar_url_template.data != nullptr) {
    MONIKER_ASSIGN_OR_RETURN(const std::string_view url, ReadText(given.avatar_url_template));
    read.avatar_url_template = url;
  }
  MONIKER_ASSIGN_OR_RETURN(read.label_style, ReadLabelStyle(given.label_style));
  if (given.identity_epoch != 0) read.identity_epoch = given.identity_epoch;
  return IdentityGate::Create(*used, std::move(read));
}

Status Admit(const moniker_gate* gate, const moniker_person* person, const moniker_text& role,
             moniker_identity** identity) {
  MONIKER_RETURN_IF_ERROR(RequireOutput(identity));
  MONIKER_ASSIGN_OR_RETURN(const auto used, Use(gate));
  MONIKER_ASSIGN_OR_RETURN(const GivenPerson read, GivenPerson::Read(person));
  MONIKER_ASSIGN_OR_RETURN(const std::string_view called, ReadText(role));
  MONIKER_ASSIGN_OR_RETURN(SessionIdentity admitted, used->Admit(read.view(), called));
  *identity = NewHandle<moniker_identity>(std::move(admitted));
  return Status::Ok();
}

// Handles of all, or none if memory ends on the way.
void HandOut(std::vector<SessionIdentity> admitted, moniker_identity** identities) {
  std::size_t made = 0;
  try {
    for (SessionIdentity& one : admitted) {
      identities[made] = NewHandle<moniker_identity>(std::move(one));
      ++made;
    }
  } catch (...) {
    for (std::size_t i = 0; i < made; ++i) {
      Close(identities[i]);
      identities[i] = nullptr;
    }
    throw;
  }
}

Status AdmitMany(const moniker_gate* gate, const moniker_person* const* persons,
                 const moniker_text* roles, std::size_t count, moniker_identity** identities) {
  MONIKER_ASSIGN_OR_RETURN(const auto outputs, ReadArray(identities, count));
  for (std::size_t i = 0; i < outputs.size(); ++i) identities[i] = nullptr;
  MONIKER_ASSIGN_OR_RETURN(const auto used, Use(gate));
  MONIKER_ASSIGN_OR_RETURN(const auto given, ReadArray(persons, count));
  MONIKER_ASSIGN_OR_RETURN(const auto given_roles, ReadArray(roles, count));
  std::vector<GivenPerson> read;
  std::vector<PersonView> views;
  std::vector<std::string_view> called;
  for (std::size_t i = 0; i < count; ++i) {
    Result<GivenPerson> person = GivenPerson::Read(given[i]);
    const Result<std::string_view> role = ReadText(given_roles[i]);
    const Status status = person.ok() ? role.status() : person.status();
    if (!status.ok()) return status.At(static_cast<std::int64_t>(i));
    read.push_back(*std::move(person));
    called.push_back(*role);
  }
  for (const GivenPerson& person : read) views.push_back(person.view());
  MONIKER_ASSIGN_OR_RETURN(std::vector<SessionIdentity> admitted, used->AdmitMany(views, called));
  HandOut(std::move(admitted), identities);
  return Status::Ok();
}

Result<IdentityGate::Change> ReadChange(const moniker_change* change) {
  MONIKER_ASSIGN_OR_RETURN(const moniker_change given, ReadStruct(change));
  IdentityGate::Change read;
  // A length without a pointer is an error, not a wish to leave it.
  if (given.display_name.data != nullptr || given.display_name.size != 0) {
    MONIKER_ASSIGN_OR_RETURN(read.display_name, ReadText(given.display_name));
  }
  if (given.avatar_url.data != nullptr || given.avatar_url.size != 0) {
    MONIKER_ASSIGN_OR_RETURN(read.avatar_url, ReadText(given.avatar_url));
  }
  return read;
}

Status Update(const moniker_gate* gate, const moniker_identity* identity,
              const moniker_person* person, const moniker_change* change,
              moniker_identity** changed) {
  MONIKER_RETURN_IF_ERROR(RequireOutput(changed));
  MONIKER_ASSIGN_OR_RETURN(const auto used, Use(gate));
  MONIKER_ASSIGN_OR_RETURN(const auto who, Use(identity));
  MONIKER_ASSIGN_OR_RETURN(const GivenPerson read, GivenPerson::Read(person));
  MONIKER_ASSIGN_OR_RETURN(const IdentityGate::Change wanted, ReadChange(change));
  MONIKER_ASSIGN_OR_RETURN(SessionIdentity updated, used->Update(*who, read.view(), wanted));
  *changed = NewHandle<moniker_identity>(std::move(updated));
  return Status::Ok();
}

Status ReadIdentity(const moniker_identity* identity, moniker_identity_texts* texts) {
  MONIKER_ASSIGN_OR_RETURN(const auto who, Use(identity));
  moniker_identity_texts told{};
  told.external_id = TextOf(who->external_id());
  told.display_name = TextOf(who->display_name());
  told.avatar_url = TextOf(who->avatar_url());
  return WriteStruct(told, texts);
}

Status Check(const moniker_gate* gate, const moniker_identifier* identifier,
             const moniker_text& external_id, std::int32_t* match) {
  MONIKER_RETURN_IF_ERROR(RequireOutput(match));
  MONIKER_ASSIGN_OR_RETURN(const auto used, Use(gate));
  MONIKER_ASSIGN_OR_RETURN(const Identifier read, ReadIdentifier(identifier));
  MONIKER_ASSIGN_OR_RETURN(const std::string_view shown, ReadText(external_id));
  MONIKER_ASSIGN_OR_RETURN(const bool same, used->Check(read, shown));
  *match = same ? 1 : 0;
  return Status::Ok();
}

}  // namespace
}  // namespace moniker::internal

using moniker::Status;
using moniker::internal::Call;
using moniker::internal::Use;

moniker_code moniker_gate_open(moniker_vault* vault, const moniker_gate_options* options,
                               moniker_gate** gate, moniker_error* error) {
  moniker::internal::Clear(gate);
  return Call(error, [&]() -> Status {
    MONIKER_RETURN_IF_ERROR(moniker::internal::RequireOutput(gate));
    MONIKER_ASSIGN_OR_RETURN(moniker::IdentityGate opened,
                             moniker::internal::OpenGate(vault, options));
    *gate = moniker::internal::NewHandle<moniker_gate>(std::move(opened));
    return Status::Ok();
  });
}

void moniker_gate_close(moniker_gate* gate) { moniker::internal::Close(gate); }

moniker_code moniker_gate_admit(moniker_gate* gate, const moniker_person* person, moniker_text role,
                                moniker_identity** identity, moniker_error* error) {
  moniker::internal::Clear(identity);
  return Call(error, [&] { return moniker::internal::Admit(gate, person, role, identity); });
}

moniker_code moniker_gate_admit_many(moniker_gate* gate, const moniker_person* const* persons,
                                     const moniker_text* roles, std::size_t count,
                                     moniker_identity** identities, moniker_error* error) {
  return Call(
      error, [&] { return moniker::internal::AdmitMany(gate, persons, roles, count, identities); });
}

moniker_code moniker_identity_read(moniker_identity* identity, moniker_identity_texts* texts,
                                   moniker_error* error) {
  moniker::internal::ClearStruct(texts);
  return Call(error, [&] { return moniker::internal::ReadIdentity(identity, texts); });
}

void moniker_identity_close(moniker_identity* identity) { moniker::internal::Close(identity); }

moniker_code moniker_gate_update(moniker_gate* gate, moniker_identity* identity,
                                 const moniker_person* person, const moniker_change* change,
                                 moniker_identity** changed, moniker_error* error) {
  moniker::internal::Clear(changed);
  return Call(error,
              [&] { return moniker::internal::Update(gate, identity, person, change, changed); });
}

moniker_code moniker_gate_bind(moniker_gate* gate, moniker_text participant_id,
                               moniker_identity* identity, moniker_error* error) {
  return Call(error, [&]() -> Status {
    MONIKER_ASSIGN_OR_RETURN(const auto used, Use(gate));
    MONIKER_ASSIGN_OR_RETURN(const auto who, Use(identity));
    MONIKER_ASSIGN_OR_RETURN(const std::string_view id,
                             moniker::internal::ReadText(participant_id));
    return used->Bind(id, *who);
  });
}

moniker_code moniker_gate_check(moniker_gate* gate, const moniker_identifier* identifier,
                                moniker_text external_id, std::int32_t* match,
                                moniker_error* error) {
  moniker::internal::Clear(match);
  return Call(error,
              [&] { return moniker::internal::Check(gate, identifier, external_id, match); });
}

moniker_code moniker_gate_check_outbound(moniker_gate* gate, const moniker_person* person,
                                         moniker_text text, moniker_error* error) {
  return Call(error, [&]() -> Status {
    MONIKER_ASSIGN_OR_RETURN(const auto used, Use(gate));
    MONIKER_ASSIGN_OR_RETURN(const moniker::internal::GivenPerson read,
                             moniker::internal::GivenPerson::Read(person));
    MONIKER_ASSIGN_OR_RETURN(const std::string_view shown, moniker::internal::ReadText(text));
    return used->CheckOutbound(read.view(), shown);
  });
}
