// Anonymizers, and one pseudonym.

#include "base/status_macros.h"
#include "boundary/arguments.h"
#include "boundary/call.h"
#include "boundary/structs.h"
#include "c/column.h"
#include "c/handle_types.h"
#include "c/scopes.h"
#include "moniker/label.h"

namespace moniker::internal {
namespace {

Result<Anonymizer> Create(const Keyring& keyring, const moniker_scope* scope,
                          std::uint32_t identity_epoch) {
  MONIKER_ASSIGN_OR_RETURN(const Scope of, ReadScope(scope));
  return identity_epoch == 0 ? Anonymizer::Create(keyring, of)
                             : Anonymizer::Create(keyring, of, identity_epoch);
}

Result<Anonymizer> Open(const moniker_vault* vault, const moniker_scope* scope,
                        std::uint32_t identity_epoch) {
  MONIKER_ASSIGN_OR_RETURN(const auto used, Use(vault));
  MONIKER_ASSIGN_OR_RETURN(const auto keyring, KeyringOf(*used));
  return Create(*keyring, scope, identity_epoch);
}

Result<Anonymizer> Load(const moniker_text& path, const moniker_protector* protector,
                        const moniker_scope* scope, std::uint32_t identity_epoch) {
  MONIKER_ASSIGN_OR_RETURN(const std::string folder, ReadPath(path));
  MONIKER_ASSIGN_OR_RETURN(const Protector read, ReadProtector(protector));
  MONIKER_ASSIGN_OR_RETURN(const Keyring keyring, Vault::OpenKeyring(folder, read));
  return Create(keyring, scope, identity_epoch);
}

Result<Anonymizer> FromRoot(const std::uint8_t* root, std::size_t root_size, std::int32_t suite,
                            const moniker_text& app, const moniker_scope* scope) {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes key, ReadRoot(root, root_size));
  MONIKER_ASSIGN_OR_RETURN(const Suite of, ReadSuite(suite));
  MONIKER_ASSIGN_OR_RETURN(const std::string_view name, ReadText(app));
  MONIKER_ASSIGN_OR_RETURN(const Scope read, ReadScope(scope));
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<Prf> prf, MakePrf(of, std::move(key)));
  return Anonymizer::Create(*prf, name, read);
}

// The outcome of make() as a handle.
template <typename Make>
moniker_code HandOut(moniker_anonymizer** anonymizer, moniker_error* error,
                     const Make& make) noexcept {
  Clear(anonymizer);
  return Call(error, [&]() -> Status {
    MONIKER_RETURN_IF_ERROR(RequireOutput(anonymizer));
    MONIKER_ASSIGN_OR_RETURN(Anonymizer made, make());
    *anonymizer = NewHandle<moniker_anonymizer>(std::move(made));
    return Status::Ok();
  });
}

// The text with a NUL. REQUIRES: `to` was zeroed and is longer.
template <std::size_t kSize>
void Put(std::string_view text, char (&to)[kSize]) {
  std::memcpy(to, text.data(), text.size());
}

moniker_pseudonym Render(const Pseudonym& pseudonym) {
  static_assert(sizeof(moniker_pseudonym::external_id) == ExternalId::kSize + 1);
  static_assert(sizeof(moniker_pseudonym::uuid) == Uuid::kSize + 1);
  static_assert(sizeof(moniker_pseudonym::label_code) == Pseudonym::kLabelCodeSize + 1);
  static_assert(sizeof(moniker_pseudonym::label_words) == Label::kMaxSize + 1);
  moniker_pseudonym rendered{};
  Put(pseudonym.external_id().text(), rendered.external_id);
  Put(pseudonym.uuid().text(), rendered.uuid);
  Put(pseudonym.label_code(), rendered.label_code);
  Put(Label::Of(pseudonym.digest(), LabelStyle::kWords).text(), rendered.label_words);
  rendered.avatar_index = pseudonym.avatar_index();
  return rendered;
}

Status Derive(const moniker_anonymizer* anonymizer, const moniker_identifier* identifier,
              moniker_pseudonym* pseudonym) {
  MONIKER_ASSIGN_OR_RETURN(const auto used, Use(anonymizer));
  MONIKER_ASSIGN_OR_RETURN(const Identifier read, ReadIdentifier(identifier));
  MONIKER_ASSIGN_OR_RETURN(const Pseudonym derived, used->Pseudonymize(read));
  return WriteStruct(Render(derived), pseudonym);
}

}  // namespace
}  // namespace moniker::internal

moniker_code moniker_anonymizer_open(moniker_vault* vault, const moniker_scope* scope,
                                     std::uint32_t identity_epoch, moniker_anonymizer** anonymizer,
                                     moniker_error* error) {
  return moniker::internal::HandOut(
      anonymizer, error, [&] { return moniker::internal::Open(vault, scope, identity_epoch); });
}

moniker_code moniker_anonymizer_load(moniker_text path, const moniker_protector* protector,
                                     const moniker_scope* scope, std::uint32_t identity_epoch,
                                     moniker_anonymizer** anonymizer, moniker_error* error) {
  return moniker::internal::HandOut(anonymizer, error, [&] {
    return moniker::internal::Load(path, protector, scope, identity_epoch);
  });
}

moniker_code moniker_anonymizer_from_root(const std::uint8_t* root, std::size_t root_size,
                                          std::int32_t suite, moniker_text app,
                                          const moniker_scope* scope,
                                          moniker_anonymizer** anonymizer, moniker_error* error) {
  return moniker::internal::HandOut(anonymizer, error, [&] {
    return moniker::internal::FromRoot(root, root_size, suite, app, scope);
  });
}

void moniker_anonymizer_close(moniker_anonymizer* anonymizer) {
  moniker::internal::Close(anonymizer);
}

moniker_code moniker_anonymizer_derive(moniker_anonymizer* anonymizer,
                                       const moniker_identifier* identifier,
                                       moniker_pseudonym* pseudonym, moniker_error* error) {
  moniker::internal::ClearStruct(pseudonym);
  return moniker::internal::Call(
      error, [&] { return moniker::internal::Derive(anonymizer, identifier, pseudonym); });
}

moniker_code moniker_anonymizer_derive_many(moniker_anonymizer* anonymizer,
                                            const moniker_column* column, char* external_ids,
                                            std::size_t size, moniker_error* error) {
  if (external_ids != nullptr && size <= PTRDIFF_MAX) std::memset(external_ids, 0, size);
  return moniker::internal::Call(error, [&]() -> moniker::Status {
    MONIKER_ASSIGN_OR_RETURN(const auto used, moniker::internal::Use(anonymizer));
    return moniker::internal::DeriveColumn(*used, column, external_ids, size);
  });
}
