#include "session/role.h"

#include <algorithm>

#include "moniker/identity_gate.h"

namespace moniker::internal {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return Lower(x) == Lower(y); });
}

bool ContainsIgnoringCase(std::string_view text, std::string_view part) {
  return !std::ranges::search(text, part, [](char x, char y) {
            return Lower(x) == Lower(y);
          }).empty();
}

// Takes the next run of ASCII letters off the front; empty at the end.
std::string_view NextWord(std::string_view* text) {
  while (!text->empty() && !IsLetter(text->front())) text->remove_prefix(1);
  std::size_t size = 0;
  while (size < text->size() && IsLetter((*text)[size])) ++size;
  const std::string_view word = text->substr(0, size);
  text->remove_prefix(size);
  return word;
}

// Whole words alone: "Ian" is no reason against "Clinician".
bool ShareWord(std::string_view role, std::string_view name) {
  for (std::string_view word = NextWord(&role); !word.empty(); word = NextWord(&role)) {
    std::string_view rest = name;
    for (std::string_view other = NextWord(&rest); !other.empty(); other = NextWord(&rest)) {
      if (EqualIgnoringCase(word, other)) return true;
    }
  }
  return false;
}

}  // namespace

Status ValidateRole(std::string_view role, const PersonView& person) {
  if (role.empty()) return Status(StatusCode::kInvalidArgument, "role: empty");
  if (role.size() > IdentityGate::kMaxRoleSize) {
    return Status(StatusCode::kInvalidArgument, "role: longer than 40 characters");
  }
  const bool plain =
      std::ranges::all_of(role, [](char c) { return IsLetter(c) || c == ' ' || c == '-'; });
  if (!plain || !IsLetter(role.front()) || !IsLetter(role.back())) {
    return Status(StatusCode::kInvalidArgument,
                  "role: not ASCII letters, with blanks and hyphens between them");
  }
  if (ShareWord(role, person.name) || ContainsIgnoringCase(role, person.id)) {
    return Status(StatusCode::kInvalidArgument, "role: taken from the person's name or identifier");
  }
  return Status::Ok();
}

}  // namespace moniker::internal
