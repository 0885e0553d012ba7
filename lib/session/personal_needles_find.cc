#include <algorithm>

#include "session/personal_needles.h"

namespace moniker::internal {
namespace {

using Kind = FoldedCharacter::Kind;

bool IsSpaced(Kind kind) { return kind == Kind::kLetter || kind == Kind::kDigit; }

}  // namespace

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
    return std::ranges::any_of(DatesAt(text_, at), [&](const Date& date) {
      return std::ranges::find(needles_.dates_, date) != needles_.dates_.end();
    });
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
