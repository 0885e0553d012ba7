#include "moniker/person.h"

#include "base/utf8.h"

namespace moniker {
namespace {

using internal::CodePoint;
using internal::FindTextFault;
using internal::TextFault;

Status ValidateName(std::string_view name) {
  if (name.empty()) return Status(StatusCode::kInvalidArgument, "name: empty");
  if (name.size() > kMaxNameSize) {
    return Status(StatusCode::kInvalidArgument, "name: longer than 1024 bytes");
  }
  switch (FindTextFault(name)) {
    case TextFault::kNone: return Status::Ok();
    case TextFault::kNotUtf8: return Status(StatusCode::kInvalidArgument, "name: not UTF-8");
    case TextFault::kControl: break;
  }
  return Status(StatusCode::kInvalidArgument, "name: a control character");
}

// Notes have lines; everything else of Cc is refused as in names.
Status ValidateFieldText(std::string_view text) {
  if (text.size() > kMaxFieldTextSize) {
    return Status(StatusCode::kInvalidArgument, "further field: longer than 4096 bytes");
  }
  while (!text.empty()) {
    const std::optional<CodePoint> next = internal::FirstCodePoint(text);
    if (!next) return Status(StatusCode::kInvalidArgument, "further field: not UTF-8");
    if (internal::IsControl(next->value) && next->value != '\t' && next->value != '\n') {
      return Status(StatusCode::kInvalidArgument, "further field: a control character");
    }
    text.remove_prefix(next->size);
  }
  return Status::Ok();
}

Status ValidateFieldName(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
  if (name.empty() || name.size() > kMaxFieldNameSize) {
    return Status(StatusCode::kInvalidArgument, "name of a further field: not 1 to 64 bytes");
  }
  if (name.find_first_not_of(kAllowed) != std::string_view::npos) {
    return Status(StatusCode::kInvalidArgument,
                  "name of a further field: a character other than a-z 0-9 _");
  }
  return Status::Ok();
}

}  // namespace

Status ValidatePerson(const PersonView& person) {
  const Status status = ValidateIdentifier(person.identifier());
  return status.ok() ? ValidateNameAndFields(person) : status;
}

Status ValidateNameAndFields(const PersonView& person) {
  Status status = ValidateName(person.name);
  if (!status.ok()) return status;
  if (person.fields.size() > kMaxFields) {
    return Status(StatusCode::kInvalidArgument, "further fields: more than 64");
  }
  for (std::size_t i = 0; i < person.fields.size(); ++i) {
    status = ValidateFieldName(person.fields[i].name);
    if (status.ok()) status = ValidateFieldText(person.fields[i].text);
    if (!status.ok()) return status;
    for (std::size_t k = 0; k < i; ++k) {
      if (person.fields[k].name == person.fields[i].name) {
        return Status(StatusCode::kInvalidArgument, "further field: twice");
      }
    }
  }
  return Status::Ok();
}

}  // namespace moniker
