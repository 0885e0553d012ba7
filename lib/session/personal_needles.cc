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

constexpr std::uint32_t kShortNeedle = 5;   // below, a needle stands apart from letters and digits
constexpr std::uint32_t kUniqueNeedle = 8;  // from here on, it may stand inside a word
constexpr std::uint32_t kLongText = 16;     // from here on, gaps do not matter
constexpr std::uint8_t kWidestGap = 3;
constexpr std::size_t kPhoneTail = 7;
constexpr std::size_t kMostPhoneDigits = 15;  // ITU-T E.164, section 6.2
constexpr std::size_t kShortField = 64;       // bytes

bool IsAnyOf(Characters text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    return Equals(text.data(), text.data() + text.size(), word);
  });
}

bool IsSpaced(Kind kind) { return kind == Kind::kLetter || kind == Kind::kDigit; }
bool IsDigit(const FoldedCharacter& c) { return c.kind == Kind::kDigit; }

bool AreDigits(Characters text) { return std::ranges::all_of(text, IsDigit); }

// Consonants alone are written: a word is shorter, and has its article and prepositions before it.
bool IsSemitic(const FoldedCharacter& c) { return c.value >= 0x590 && c.value < 0x780; }

bool IsHexLetter(const FoldedCharacter& c) { return c.value >= U'a' && c.value <= U'f'; }

// The end of the word that begins at `at`: no gap, one kind.
std::size_t EndOfWord(Characters text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && text[end].gap == 0 && text[end].kind == text[at].kind) ++end;
  return end;
}

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

// ---- Making needles

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
    ForEachDateAt(text, i, [&](const Date& date) { dates_.push_back(date); });
  }
  return dates_.size() > before;
}

template <typename Take>
void PersonalNeedles::ForEachDateAt(const FoldedText& text, std::size_t at, Take take) {
  const Characters all = text;
  if (!IsDigit(all[at]) || (at > 0 && all[at].gap == 0 && IsDigit(all[at - 1]))) return;
  struct Group {
    std::size_t size = 0;
    std::uint32_t value = 0;
  };
  constexpr std::size_t kCompact = 8;
  const auto read = [&](std::size_t& from) {
    Group group;
    const std::size_t end = std::min(EndOfWord(all, from), from + kCompact + 1);
    for (; from < end; ++from, ++group.size) {
      group.value = group.value * 10 + static_cast<std::uint32_t>(all[from].value - U'0');
    }
    return group;
  };
  const auto offer = [&](std::uint32_t year, std::uint32_t month, std::uint32_t day) {
    const bool valid =
        year >= 1800 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
    if (valid) take(Date{year, month, day});
  };
  const auto offer_year_last = [&](std::uint32_t first, std::uint32_t second, std::uint32_t year) {
    offer(year, second, first);
    if (first != second) offer(year, first, second);
  };

  Group groups[3];
  for (Group& group : groups) {
    if (&group != groups && (at == all.size() || !IsDigit(all[at]) || all[at].gap > 2)) return;
    group = read(at);
    if (&group == groups && group.size == kCompact) {
      offer(group.value / 10'000, group.value / 100 % 100, group.value % 100);
      offer_year_last(group.value / 1'000'000, group.value / 10'000 % 100, group.value % 10'000);
      return;
    }
  }
  if (groups[1].size > 2) return;
  if (groups[0].size == 4 && groups[2].size <= 2) {
    offer(groups[0].value, groups[1].value, groups[2].value);
  } else if (groups[0].size <= 2 && groups[2].size == 4) {
    offer_year_last(groups[0].value, groups[1].value, groups[2].value);
  }
}

// ---- Finding them

class PersonalNeedles::Search {
 public:
  Search(const PersonalNeedles& needles, const FoldedText& text)
      : needles_(needles), text_(text), joined_(text.size() + 1) {}

  std::optional<PersonalPart> Run() {
    NeedleTrie::State state = NeedleTrie::kStart;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      Pass(i);
      state = needles_.trie_.Next(state, text_[i].value);
      if (const auto found = FindEndingIn(state, i + 1)) return found;
      if (!needles_.dates_.empty() && HasDateAt(i)) return PersonalPart::kField;
    }
    return std::nullopt;
  }

 private:
  // What a word is made of up to some character; bits, since there may be several ways.
  enum Joined : std::uint8_t {
    kOne = 1,       // a word of the name that is no part
    kOnePart = 2,   // a part
    kSeveral = 4,   // several words, none of which is a part
    kWithPart = 8,  // several, and one is a part
  };

  // Where the latest gaps are that the rules do not allow.
  void Pass(std::size_t i) {
    if (text_[i].gap > 0) after_gap_ = i;
    if (text_[i].gap > kWidestGap) after_wide_gap_ = i;
    if (text_[i].gap > kWidestGap || text_[i].breaks_number) after_break_ = i;
  }

  std::optional<PersonalPart> FindEndingIn(NeedleTrie::State state, std::size_t end) {
    const NeedleTrie& trie = needles_.trie_;
    for (; state != NeedleTrie::kStart; state = trie.shorter_state(state)) {
      for (std::uint32_t which = trie.first_needle(state); which != NeedleTrie::kNone;
           which = trie.next_needle(which)) {
        const Needle& needle = needles_.needles_[which];
        if (Stands(needle, end - needle.size, end)) return needle.part;
      }
    }
    return std::nullopt;
  }

  // Whether the characters from `begin` to `end`, which are the needle's, stand as its rule has it.
  bool Stands(const Needle& needle, std::size_t begin, std::size_t end) {
    switch (needle.rule) {
      case Rule::kWord: return after_gap_ <= begin && StandsAsWord(needle, begin, end);
      case Rule::kSubstring: return after_gap_ <= begin;
      case Rule::kNumber:
        return after_break_ <= begin && IsApartBeforeZeros(needle, begin) && IsApart(needle, end);
      case Rule::kTail: return after_break_ <= begin && ChangesKind(end);
      case Rule::kText:
        return after_wide_gap_ <= begin && IsApart(needle, begin) && IsApart(needle, end);
      case Rule::kLongText: return IsApart(needle, begin) && IsApart(needle, end);
    }
    return true;
  }

  bool StandsAsWord(const Needle& needle, std::size_t begin, std::size_t end) {
    if (needle.inside) return true;
    const std::size_t digits = needle.is_hex ? 2 : 1;  // "-4ada-" is part of a UUID
    const bool is_word = (EndsPiece(begin) || DigitsBefore(begin) >= digits) &&
                         (EndsPiece(end) || DigitsAfter(end) >= digits);
    if (needle.is_part && is_word) return true;
    const std::uint8_t before = joined_[begin];
    if (EndsPiece(begin) || ChangesKind(begin)) joined_[end] |= needle.is_part ? kOnePart : kOne;
    if (before & (kOne | kSeveral)) joined_[end] |= needle.is_part ? kWithPart : kSeveral;
    if (before & (kOnePart | kWithPart)) joined_[end] |= kWithPart;
    return (joined_[end] & kWithPart) != 0 && (EndsPiece(end) || ChangesKind(end));
  }

  bool IsEdge(std::size_t at) const { return at == text_.size() || text_[at].gap > 0; }

  bool ChangesKind(std::size_t at) const {
    return IsEdge(at) || text_[at].kind != text_[at - 1].kind;
  }

  // An edge, a new piece in camel case, or another script.
  bool EndsPiece(std::size_t at) const {
    return IsEdge(at) || text_[at].starts_piece || !IsSpaced(text_[at].kind) ||
           !IsSpaced(text_[at - 1].kind);
  }

  // Short needles have neither a letter nor a digit beside them, others not one of the same kind.
  bool IsApart(const Needle& needle, std::size_t at) const {
    if (needle.inside || IsEdge(at)) return true;
    const Kind before = text_[at - 1].kind;
    const Kind after = text_[at].kind;
    return !IsSpaced(before) || !IsSpaced(after) ||
           (needle.size >= kShortNeedle && before != after);
  }

  // The digits between `at` and an edge; 0 if there is something else.
  std::size_t DigitsBefore(std::size_t at) const {
    std::size_t begin = at;
    while (begin > 0 && !IsEdge(begin) && at - begin < kMostDigits && IsDigit(text_[begin - 1])) {
      --begin;
    }
    return EndsPiece(begin) ? at - begin : 0;
  }

  std::size_t DigitsAfter(std::size_t at) const {
    std::size_t end = at;
    while (!IsEdge(end) && end - at < kMostDigits && IsDigit(text_[end])) ++end;
    return EndsPiece(end) ? end - at : 0;
  }

  bool IsApartBeforeZeros(const Needle& needle, std::size_t begin) const {
    while (!IsApart(needle, begin)) {
      if (begin == after_break_ || text_[begin - 1].value != U'0') return false;
      --begin;
    }
    return true;
  }

  bool HasDateAt(std::size_t at) const {
    bool found = false;
    ForEachDateAt(text_, at, [&](const Date& date) {
      found |= std::ranges::find(needles_.dates_, date) != needles_.dates_.end();
    });
    return found;
  }

  static constexpr std::size_t kMostDigits = 16;

  const PersonalNeedles& needles_;
  const FoldedText& text_;
  WipedVector<std::uint8_t> joined_;  // for each end
  std::size_t after_gap_ = 0;
  std::size_t after_wide_gap_ = 0;
  std::size_t after_break_ = 0;
};

std::optional<PersonalPart> PersonalNeedles::FindIn(const FoldedText& text) const {
  return Search(*this, text).Run();
}

}  // namespace moniker::internal
