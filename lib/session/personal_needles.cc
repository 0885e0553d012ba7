#include "session/personal_needles.h"

#include <algorithm>

namespace moniker::internal {
namespace {

using Kind = FoldedCharacter::Kind;
using Characters = std::span<const FoldedCharacter>;

// Parts of names that many people share: titles, and what joins names.
constexpr std::string_view kParticles[] = {"dr",  "prof", "mr",  "mrs", "ms",  "van",
                                           "von", "der",  "den", "del", "bin", "ibn",
                                           "al",  "el",   "da",  "de",  "the", "and"};

// A name may be one of these, and then stands in texts that are not about the person ("Patients"):
// only the word itself is found. As the whole of a field they say nothing.
constexpr std::string_view kRoles[] = {
    "patient",   "doctor",    "nurse",       "guest",      "client", "clinician",
    "visitor",   "therapist", "physician",   "consultant", "family", "interpreter",
    "caregiver", "professor", "participant", "relative",   "staff"};

constexpr std::string_view kValues[] = {"true", "false", "yes", "none", "null", "unknown"};

// Mailboxes of organisations: RFC 2142, and what is common beside.
constexpr std::string_view kMailboxes[] = {
    "info",       "marketing",  "sales",     "support",      "abuse",      "noc",     "security",
    "postmaster", "hostmaster", "webmaster", "www",          "admin",      "contact", "office",
    "mail",       "email",      "hello",     "noreply",      "donotreply", "help",    "helpdesk",
    "service",    "reception",  "secretary", "appointments", "billing",    "clinic",  "praxis"};

constexpr std::uint32_t kUniqueNeedle = 8;  // from here on, it may stand inside a word
constexpr std::uint32_t kLongText = 16;     // from here on, gaps do not matter
constexpr std::size_t kPhoneTail = 7;
constexpr std::size_t kMostPhoneDigits = 15;  // ITU-T E.164, section 6.2
constexpr std::size_t kShortField = 64;       // bytes

bool IsAnyOf(Characters text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    return Equals(text.data(), text.data() + text.size(), word);
  });
}

bool AreDigits(Characters text) { return std::ranges::all_of(text, IsDigit); }

// Consonants alone are written: a word is shorter, and has its article and prepositions before it.
bool IsSemitic(const FoldedCharacter& c) { return c.value >= 0x590 && c.value < 0x780; }

bool IsHexLetter(const FoldedCharacter& c) { return c.value >= U'a' && c.value <= U'f'; }

bool Contains(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

bool IsPhoneField(std::string_view name) {
  constexpr std::string_view kWords[] = {"phone", "mobile", "fax", "tel"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return Contains(name, word); });
}

bool IsPhone(Characters text) {
  return AreDigits(text) && text.size() >= kPhoneTail && text.size() <= kMostPhoneDigits &&
         std::ranges::none_of(text, &FoldedCharacter::breaks_number);
}

// Three letters (two of Han or Hangul) or four digits, and not what many people's fields say.
bool SaysSomething(Characters text) {
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(text, IsDigit));
  const bool has_syllables =
      std::ranges::any_of(text, [](const FoldedCharacter& c) { return c.kind == Kind::kSyllable; });
  const bool is_long = text.size() - digits >= (has_syllables ? 2 : 3) || digits >= 4;
  return is_long && !IsAnyOf(text, kValues) && !IsAnyOf(text, kRoles);
}

}  // namespace

PersonalNeedles::PersonalNeedles(const PersonView& person) {
  AddName(person.name);
  AddIdentifier(person.id);
  for (const FieldView& field : person.fields) AddField(field);
  trie_.Finish();
}

void PersonalNeedles::Add(Characters characters, Needle needle) {
  WipedVector<char32_t> values;
  values.reserve(characters.size());
  for (const FoldedCharacter& c : characters) values.push_back(c.value);
  trie_.Add(values);
  needle.size = static_cast<std::uint32_t>(values.size());
  needles_.push_back(needle);
}

void PersonalNeedles::AddName(std::string_view name) {
  AddNameIn(Spelling::kBaseLetters, name);
  AddNameIn(Spelling::kDigraphs, name);
}

void PersonalNeedles::AddNameIn(Spelling spelling, std::string_view name) {
  const FoldedText text = Fold(name, spelling);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = EndOfWord(text, at);
    AddWord(Characters(text).subspan(at, end - at));
    // O'Brien is "obrien" too.
    if (end < text.size() && text[end].after_apostrophe) {
      AddWord(Characters(text).subspan(at, EndOfWord(text, end) - at));
    }
    at = end;
  }
  AddWholeName(text);
}

void PersonalNeedles::AddWord(Characters word) {
  if (word.size() < 2 || IsDigit(word[0])) return;
  Needle needle{.part = PersonalPart::kName, .rule = Rule::kSubstring};
  if (word[0].kind == Kind::kSyllable) {
    for (std::size_t i = 0; i + 2 <= word.size(); ++i) Add(word.subspan(i, 2), needle);
    return;
  }
  if (word[0].kind == Kind::kUnspaced) return Add(word, needle);
  needle.rule = Rule::kWord;
  needle.is_part = word.size() >= 3 && !IsAnyOf(word, kParticles);
  const std::size_t shortest_inside = std::ranges::all_of(word, IsSemitic) ? 4 : 5;
  needle.inside = needle.is_part && word.size() >= shortest_inside && !IsAnyOf(word, kRoles);
  needle.is_hex = std::ranges::all_of(word, IsHexLetter);
  Add(word, needle);
}

// For names of short words ("Li Wu") and such with digits; also with the last word first.
void PersonalNeedles::AddWholeName(const FoldedText& name) {
  std::size_t last = 0;
  bool is_word = true;
  bool has_syllables = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i].gap != 0) last = i;
    is_word &= i == 0 || (name[i].gap == 0 && name[i].kind == name[0].kind);
    has_syllables |= name[i].kind == Kind::kSyllable;
  }
  if (is_word || name.size() < (has_syllables ? 2 : 4)) return;
  AddText(name, PersonalPart::kName);
  if (last == 0) return;
  FoldedText turned(name.begin() + static_cast<std::ptrdiff_t>(last), name.end());
  turned.insert(turned.end(), name.begin(), name.begin() + static_cast<std::ptrdiff_t>(last));
  AddText(turned, PersonalPart::kName);
}

void PersonalNeedles::AddIdentifier(std::string_view id) {
  constexpr std::size_t kShortestRun = 6;
  AddAddresses(id, PersonalPart::kIdentifier);
  const FoldedText text = Fold(id);
  if (id.starts_with('+')) AddPhones(text, PersonalPart::kIdentifier);
  if (text.size() < 3) return;
  AddNumber(text, PersonalPart::kIdentifier);
  if (AreDigits(text)) return;
  AddText(text, PersonalPart::kIdentifier);  // "Quux, Zaphod": what breaks numbers may stand in it
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = EndOfWord(text, at);
    if (IsDigit(text[at]) && end - at >= kShortestRun) {
      AddNumber(Characters(text).subspan(at, end - at), PersonalPart::kIdentifier);
    }
    at = end;
  }
}

void PersonalNeedles::AddText(Characters text, PersonalPart part) {
  const bool is_long = part == PersonalPart::kField && text.size() >= kLongText;
  Add(text, {.part = part,
             .rule = is_long ? Rule::kLongText : Rule::kText,
             .inside = text.size() >= kUniqueNeedle && !AreDigits(text)});
}

void PersonalNeedles::AddNumber(Characters number, PersonalPart part) {
  const bool digits = AreDigits(number);
  if (digits) {
    std::size_t zeros = 0;
    while (zeros < number.size() && number[zeros].value == U'0') ++zeros;
    if (number.size() - zeros >= kShortNeedle) number = number.subspan(zeros);
  }
  Add(number,
      {.part = part, .rule = Rule::kNumber, .inside = number.size() >= kUniqueNeedle && !digits});
}

void PersonalNeedles::AddAddresses(std::string_view text, PersonalPart part) {
  constexpr std::string_view kBetween = " \t\n,;:<>()[]\"'";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(kBetween), text.size());
    if (Contains(text.substr(0, end), "@")) AddAddress(text.substr(0, end), part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void PersonalNeedles::AddAddress(std::string_view address, PersonalPart part) {
  const FoldedText whole = Fold(address);
  if (whole.size() >= 3) AddText(whole, part);
  // What follows a plus is the person's own remark (RFC 5233).
  const FoldedText mailbox = Fold(address.substr(0, address.find_first_of("+@")));
  if (mailbox.size() >= 3 && !IsAnyOf(mailbox, kMailboxes)) AddNumber(mailbox, part);
}

void PersonalNeedles::AddPhones(const FoldedText& text, PersonalPart part) {
  const auto add = [&](Characters digits) {
    if (digits.size() >= kPhoneTail) {
      Add(digits.last(kPhoneTail), {.part = part, .rule = Rule::kTail});
    } else if (digits.size() >= 4) {
      AddNumber(digits, part);
    }
  };
  const Characters all = text;
  for (std::size_t at = 0; at < all.size();) {
    std::size_t end = EndOfWord(all, at);
    const std::size_t begin = at;
    at = end;
    if (!IsDigit(all[begin])) continue;
    if (end - begin >= kPhoneTail) add(all.subspan(begin, end - begin));
    // On to the end of the number: groups of digits.
    if (begin > 0 && IsDigit(all[begin - 1]) && !all[begin].breaks_number) continue;
    while (end < all.size() && IsDigit(all[end]) && !all[end].breaks_number &&
           all[end].gap <= kWidestGap) {
      ++end;
    }
    add(all.subspan(begin, end - begin));
  }
}

void PersonalNeedles::AddField(const FieldView& field) {
  const FoldedText text = Fold(field.text);
  if (Contains(field.name, "name")) AddName(field.text);
  const bool is_date = AddDates(field, text);
  PersonalPart part = PersonalPart::kField;
  if (Contains(field.name, "mail") || std::ranges::count(field.text, '@') == 1) {
    part = PersonalPart::kEmail;
    AddAddresses(field.text, part);
  } else if (IsPhoneField(field.name) || (!is_date && IsPhone(text))) {
    part = PersonalPart::kPhone;
    AddPhones(text, part);
  }
  if (SaysSomething(text)) AddText(text, part);
}

bool PersonalNeedles::AddDates(const FieldView& field, const FoldedText& text) {
  if (field.text.size() > kShortField) return false;
  const std::size_t before = dates_.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const Date& date : DatesAt(text, i)) dates_.push_back(date);
  }
  return dates_.size() > before;
}

}  // namespace moniker::internal
