// What a person is recognised by, folded and ready to be searched for.
//
// Thread safety: const members may be called from several threads.

#ifndef MONIKER_LIB_SESSION_PERSONAL_NEEDLES_H_
#define MONIKER_LIB_SESSION_PERSONAL_NEEDLES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "moniker/person.h"
#include "session/dates.h"
#include "session/folded_text.h"
#include "session/needle_trie.h"
#include "session/outbound_guard.h"
#include "session/wiped_vector.h"

namespace moniker::internal {

class PersonalNeedles {
 public:
  // REQUIRES: ValidatePerson(person).ok(). Keeps nothing that points into `person`.
  explicit PersonalNeedles(const PersonView& person);

  // What is in `text` as it stands, without decoding. Time: that of the text, and of what is found.
  std::optional<PersonalPart> FindIn(const FoldedText& text) const;

 private:
  // Where a needle may stand.
  enum class Rule : std::uint8_t {
    kWord,       // the letters of a name, as a word or in one
    kSubstring,  // adjacent characters, wherever
    kNumber,     // separators between its characters; leading zeros before it
    kTail,       // as kNumber, and more digits may stand before it
    kText,       // short gaps of any kind between its characters
    kLongText,   // gaps of any size
  };

  struct Needle {
    PersonalPart part = PersonalPart::kField;
    Rule rule = Rule::kText;
    bool is_part = true;  // false: counts only beside another one ("van" in "vandijk")
    bool inside = false;  // also inside a longer word
    bool is_hex = false;  // might be found in hexadecimal texts
    std::uint32_t size = 0;
  };

  class Search;

  static constexpr std::uint32_t kShortNeedle = 5;  // below: apart from letters and digits
  static constexpr std::uint8_t kWidestGap = 3;

  void Add(std::span<const FoldedCharacter> characters, Needle needle);
  void AddName(std::string_view name);
  void AddNameIn(Spelling spelling, std::string_view name);
  void AddWord(std::span<const FoldedCharacter> word);
  void AddWholeName(const FoldedText& name);
  void AddIdentifier(std::string_view id);
  void AddText(std::span<const FoldedCharacter> text, PersonalPart part);
  void AddNumber(std::span<const FoldedCharacter> number, PersonalPart part);
  void AddAddresses(std::string_view text, PersonalPart part);
  void AddAddress(std::string_view address, PersonalPart part);
  void AddPhones(const FoldedText& text, PersonalPart part);
  void AddField(const FieldView& field);
  // Whether there is a date in it.
  bool AddDates(const FieldView& field, const FoldedText& text);

  NeedleTrie trie_;
  WipedVector<Needle> needles_;
  WipedVector<Date> dates_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SESSION_PERSONAL_NEEDLES_H_
