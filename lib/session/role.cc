#include "session/role.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "base/status_macros.h"
#include "moniker/identity_gate.h"
#include "pseudonym/role_text.h"
#include "session/folded_text.h"
#include "session/outbound_guard.h"
#include "session/wiped_vector.h"

namespace moniker::internal {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

using Word = WipedVector<char32_t>;

// The words of a text, folded, so that "García" is "garcia". What is no letter divides.
std::vector<Word> WordsOf(std::string_view text) {
  std::vector<Word> words;
  const FoldedText folded = Fold(text);
  for (std::size_t i = 0; i < folded.size(); ++i) {
    if (folded[i].kind == FoldedCharacter::Kind::kDigit) continue;
    const bool begins = folded[i].gap > 0 || folded[i].kind != folded[i - 1].kind;
    if (begins) words.emplace_back();
    words.back().push_back(folded[i].value);
  }
  return words;
}

// Whether a word is words of the name, one after the other ("MariaJensen").
bool IsMadeOf(std::span<const char32_t> word, const std::vector<Word>& names) {
  return std::ranges::any_of(names, [&](const Word& name) {
    return word.size() >= name.size() && std::equal(name.begin(), name.end(), word.begin()) &&
           (word.size() == name.size() || IsMadeOf(word.subspan(name.size()), names));
  });
}

// Whole words alone: "Ian" is no reason against "Clinician".
bool ShareWord(std::string_view role, std::string_view name) {
  const std::vector<Word> names = WordsOf(name);
  return std::ranges::any_of(WordsOf(role),
                             [&](const Word& word) { return IsMadeOf(word, names); });
}

// The identifier as it stands, with no letter on either side.
bool ContainsIdentifier(std::string_view role, std::string_view id) {
  const auto equal = [](char a, char b) { return Lower(a) == Lower(b); };
  for (auto from = role.begin(); from != role.end();) {
    const auto found = std::search(from, role.end(), id.begin(), id.end(), equal);
    if (found == role.end()) return false;
    const auto end = found + static_cast<std::ptrdiff_t>(id.size());
    const bool begins = found == role.begin() || !IsLetter(*(found - 1));
    if (begins && (end == role.end() || !IsLetter(*end))) return true;
    from = found + 1;
  }
  return false;
}

constexpr Status kTaken(StatusCode::kInvalidArgument,
                        "role: taken from the person's name or identifier");

}  // namespace

Status ValidateRole(std::string_view role, const PersonView& person) {
  static_assert(kMaxRoleSize == IdentityGate::kMaxRoleSize);
  MONIKER_RETURN_IF_ERROR(ValidateRoleText(role));
  if (ShareWord(role, person.name) || ContainsIdentifier(role, person.id)) return kTaken;
  MONIKER_ASSIGN_OR_RETURN(const std::optional<PersonalPart> part, FindPersonalPart(person, role));
  if (part == PersonalPart::kName || part == PersonalPart::kIdentifier) return kTaken;
  if (part) {
    return Status(StatusCode::kInvalidArgument, "role: taken from the person's further fields");
  }
  return Status::Ok();
}

}  // namespace moniker::internal
