#include "session/role.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "moniker/identity_gate.h"
#include "pseudonym/role_text.h"

namespace moniker::internal {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The ASCII letters that U+00C0..017F are written with where there are no accents; * for none.
constexpr std::string_view kBaseLetters =
    "AAAAAAACEEEEIIIIDNOOOOO*OUUUUYTsaaaaaaaceeeeiiiidnooooo*ouuuuyty"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlL"
    "lLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";
static_assert(kBaseLetters.size() == 0x180 - 0xC0);
constexpr char kOtherLetter = '*';

// The words of a text, in lower case and without accents, so that "García" is "garcia". Letters
// that have no base letter stand as *, which no role has. What is no letter divides; so does a
// combining mark, unless it follows its letter.
std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words(1);
  while (!text.empty()) {
    const std::optional<CodePoint> next = FirstCodePoint(text);
    if (!next) break;
    const char32_t c = next->value;
    text.remove_prefix(next->size);
    const bool is_mark = c >= 0x300 && c < 0x370;
    if (c < 0x80 && IsLetter(static_cast<char>(c))) {
      words.back().push_back(Lower(static_cast<char>(c)));
    } else if (c >= 0xC0 && c < 0x180) {
      words.back().push_back(Lower(kBaseLetters[c - 0xC0]));
    } else if (c >= 0x180 && !is_mark && !IsWhiteSpace(c)) {
      words.back().push_back(kOtherLetter);
    } else if (!is_mark && !words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// Whether a word is words of the name, one after the other ("MariaJensen").
bool IsMadeOf(std::string_view word, const std::vector<std::string>& names) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    return word.starts_with(name) &&
           (word.size() == name.size() || IsMadeOf(word.substr(name.size()), names));
  });
}

// Whole words alone: "Ian" is no reason against "Clinician".
bool ShareWord(std::string_view role, std::string_view name) {
  const std::vector<std::string> names = WordsOf(name);
  return std::ranges::any_of(WordsOf(role),
                             [&](const std::string& word) { return IsMadeOf(word, names); });
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

}  // namespace

Status ValidateRole(std::string_view role, const PersonView& person) {
  static_assert(kMaxRoleSize == IdentityGate::kMaxRoleSize);
  MONIKER_RETURN_IF_ERROR(ValidateRoleText(role));
  if (ShareWord(role, person.name) || ContainsIdentifier(role, person.id)) {
    return Status(StatusCode::kInvalidArgument, "role: taken from the person's name or identifier");
  }
  return Status::Ok();
}

}  // namespace moniker::internal
