#include "moniker/resolver.h"

#include <vector>

#include "base/status_macros.h"
#include "boundary/arguments.h"
#include "boundary/call.h"
#include "boundary/handles.h"
#include "boundary/structs.h"
#include "moniker/c_resolve.h"

namespace moniker::internal {

template <>
struct HandleOf<moniker_resolver> {
  using Object = Resolver;
  static constexpr HandleType kType = HandleType::kResolver;
};

struct Answer {
  explicit Answer(Resolved&& answer)
      : resolved(std::move(answer)), external_id(resolved.pseudonym.external_id()) {}

  Resolved resolved;
  ExternalId external_id;
};

template <>
struct HandleOf<moniker_resolved> {
  using Object = Answer;
  static constexpr HandleType kType = HandleType::kResolved;
};

namespace {

constexpr Status kNotSoMany(StatusCode::kNotFound, "index: there are not so many");

Status Open(const moniker_text& path, const moniker_protector* protector,
            moniker_resolver** resolver) {
  MONIKER_RETURN_IF_ERROR(RequireOutput(resolver));
  MONIKER_ASSIGN_OR_RETURN(const std::string folder, ReadPath(path));
  MONIKER_ASSIGN_OR_RETURN(const Protector read, ReadProtector(protector));
  MONIKER_ASSIGN_OR_RETURN(const Vault vault, Vault::Open(folder, read));
  *resolver = NewHandle<moniker_resolver>(Resolver::Create(vault));
  return Status::Ok();
}

Status ResolveOne(const moniker_resolver* resolver, const moniker_text& id,
                  const moniker_reason* reason, moniker_resolved** resolved) {
  MONIKER_RETURN_IF_ERROR(RequireOutput(resolved));
  MONIKER_ASSIGN_OR_RETURN(const auto used, Use(resolver));
  MONIKER_ASSIGN_OR_RETURN(const std::string_view asked, ReadText(id));
  MONIKER_ASSIGN_OR_RETURN(const AccessReason why, ReadReason(reason));
  MONIKER_ASSIGN_OR_RETURN(Resolved answer, used->Resolve(asked, why));
  *resolved = NewHandle<moniker_resolved>(Answer(std::move(answer)));
  return Status::Ok();
}

// Handles of all that were found, or none if memory ends on the way.
void HandOut(std::vector<std::optional<Resolved>> answers, moniker_resolved** resolved) {
  try {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i]) resolved[i] = NewHandle<moniker_resolved>(Answer(*std::move(answers[i])));
    }
  } catch (...) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      Close(resolved[i]);
      resolved[i] = nullptr;
    }
    throw;
  }
}

Status ResolveMany(const moniker_resolver* resolver, const moniker_text* ids, std::size_t count,
                   const moniker_reason* reason, moniker_resolved** resolved) {
  MONIKER_ASSIGN_OR_RETURN(const auto outputs, ReadArray(resolved, count));
  for (std::size_t i = 0; i < outputs.size(); ++i) resolved[i] = nullptr;
  MONIKER_ASSIGN_OR_RETURN(const auto used, Use(resolver));
  MONIKER_ASSIGN_OR_RETURN(const auto given, ReadArray(ids, count));
  std::vector<std::string_view> asked;
  for (const moniker_text& id : given) {
    MONIKER_ASSIGN_OR_RETURN(const std::string_view text, ReadText(id));
    asked.push_back(text);
  }
  MONIKER_ASSIGN_OR_RETURN(const AccessReason why, ReadReason(reason));
  MONIKER_ASSIGN_OR_RETURN(std::vector<std::optional<Resolved>> answers,
                           used->ResolveMany(asked, why));
  HandOut(std::move(answers), resolved);
  return Status::Ok();
}

Status Read(const moniker_resolved* resolved, moniker_resolved_texts* texts) {
  MONIKER_ASSIGN_OR_RETURN(const auto answer, Use(resolved));
  const Person& person = answer->resolved.person;
  moniker_resolved_texts told{};
  told.issuer = TextOf(person.issuer);
  told.id = TextOf(person.id.Expose());
  told.name = TextOf(person.name.Expose());
  told.external_id = TextOf(answer->external_id.text());
  told.conference = TextOf(answer->resolved.scope.conference());
  told.field_count = person.fields.size();
  told.other_identifier_count = person.other_identifiers.size();
  told.identity_epoch = answer->resolved.identity_epoch;
  told.by_participant_id = answer->resolved.by_participant_id ? 1 : 0;
  return WriteStruct(told, texts);
}

Status ReadField(const moniker_resolved* resolved, std::size_t index, moniker_field* field) {
  MONIKER_RETURN_IF_ERROR(RequireOutput(field));
  MONIKER_ASSIGN_OR_RETURN(const auto answer, Use(resolved));
  const std::vector<Person::Field>& fields = answer->resolved.person.fields;
  if (index >= fields.size()) return kNotSoMany;
  *field = {TextOf(fields[index].name), TextOf(fields[index].text.Expose())};
  return Status::Ok();
}

Status ReadOther(const moniker_resolved* resolved, std::size_t index,
                 moniker_identifier* identifier) {
  MONIKER_ASSIGN_OR_RETURN(const auto answer, Use(resolved));
  const std::vector<Person::OtherIdentifier>& others = answer->resolved.person.other_identifiers;
  if (index >= others.size()) return kNotSoMany;
  moniker_identifier told{};
  told.issuer = TextOf(others[index].issuer);
  told.id = TextOf(others[index].id.Expose());
  return WriteStruct(told, identifier);
}

}  // namespace
}  // namespace moniker::internal

using moniker::internal::Call;

std::uint32_t moniker_resolve_abi_version(void) { return MONIKER_ABI_VERSION; }

moniker_code moniker_resolver_open(moniker_text path, const moniker_protector* protector,
                                   moniker_resolver** resolver, moniker_error* error) {
  moniker::internal::Clear(resolver);
  return Call(error, [&] { return moniker::internal::Open(path, protector, resolver); });
}

void moniker_resolver_close(moniker_resolver* resolver) { moniker::internal::Close(resolver); }

moniker_code moniker_resolver_resolve(moniker_resolver* resolver, moniker_text id,
                                      const moniker_reason* reason, moniker_resolved** resolved,
                                      moniker_error* error) {
  moniker::internal::Clear(resolved);
  return Call(error, [&] { return moniker::internal::ResolveOne(resolver, id, reason, resolved); });
}

moniker_code moniker_resolver_resolve_many(moniker_resolver* resolver, const moniker_text* ids,
                                           std::size_t count, const moniker_reason* reason,
                                           moniker_resolved** resolved, moniker_error* error) {
  return Call(error, [&] {
    return moniker::internal::ResolveMany(resolver, ids, count, reason, resolved);
  });
}

moniker_code moniker_resolved_read(moniker_resolved* resolved, moniker_resolved_texts* texts,
                                   moniker_error* error) {
  moniker::internal::ClearStruct(texts);
  return Call(error, [&] { return moniker::internal::Read(resolved, texts); });
}

moniker_code moniker_resolved_field(moniker_resolved* resolved, std::size_t index,
                                    moniker_field* field, moniker_error* error) {
  moniker::internal::Clear(field);
  return Call(error, [&] { return moniker::internal::ReadField(resolved, index, field); });
}

moniker_code moniker_resolved_other_identifier(moniker_resolved* resolved, std::size_t index,
                                               moniker_identifier* identifier,
                                               moniker_error* error) {
  moniker::internal::ClearStruct(identifier);
  return Call(error, [&] { return moniker::internal::ReadOther(resolved, index, identifier); });
}

void moniker_resolved_close(moniker_resolved* resolved) { moniker::internal::Close(resolved); }
