// A person as the application gives one and as the store gives one back. There is deliberately no
// way to print either.
//
// Thread safety: a view is as that of the text it points to; a Person is a value.

#ifndef MONIKER_PERSON_H_
#define MONIKER_PERSON_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/identifier.h"
#include "moniker/secret.h"
#include "moniker/status.h"

namespace moniker {

inline constexpr std::size_t kMaxNameSize = 1024;
inline constexpr std::size_t kMaxFields = 64;
inline constexpr std::size_t kMaxFieldNameSize = 64;
inline constexpr std::size_t kMaxFieldTextSize = 4096;

// Something more that the application wants back, such as an e-mail address.
struct FieldView {
  std::string_view name;  // 1..64 bytes of a-z 0-9 _
  std::string_view text;  // 0..4096 bytes of UTF-8; no control characters but tab and line feed
};

struct PersonView {
  std::string_view issuer;  // as Identifier::issuer
  std::string_view id;      // as Identifier::id
  std::string_view name;    // the real name: 1..1024 bytes of UTF-8 without control characters
  std::span<const FieldView> fields = {};             // at most 64, each name once
  std::optional<IdentifierKind> kind = std::nullopt;  // as Identifier::kind

  Identifier identifier() const { return {issuer, id, kind}; }
};

// Errors: kInvalidArgument; the message names the field. The second does not look at the
// identifier.
Status ValidatePerson(const PersonView& person);
Status ValidateNameAndFields(const PersonView& person);

struct Person {
  struct Field {
    std::string name;
    SecretText text;
  };

  std::string issuer;
  SecretText id;
  SecretText name;
  std::vector<Field> fields;  // in ascending order of names

  // In an enrolled vault: what else this person is known by.
  struct OtherIdentifier {
    std::string issuer;
    SecretText id;
  };
  std::vector<OtherIdentifier> other_identifiers;
};

}  // namespace moniker

#endif  // MONIKER_PERSON_H_
