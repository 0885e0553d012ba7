// Looks for a person in a text that is about to be sent.
//
// Thread safety: a function without state.

#ifndef MONIKER_LIB_SESSION_OUTBOUND_GUARD_H_
#define MONIKER_LIB_SESSION_OUTBOUND_GUARD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "moniker/person.h"
#include "moniker/result.h"

namespace moniker::internal {

// What of a person was found in a text.
enum class PersonalPart : std::uint8_t { kIdentifier, kName, kEmail, kPhone, kField };

inline constexpr std::size_t kMaxOutboundTextSize = 65'536;  // bytes

// Nothing if no part of the person is in `text`, as it stands or decoded up to three times
// (DecodeEscapes, DecodeTokens). Letters are compared folded (folded_text.h). Parts are:
//
// - the words of the name, and of fields with "name" in their names, unless they are particles or
//   titles: from three letters on as words and as pieces in camel case, from five on (four in
//   Arabic and Hebrew) inside words too, and several of them joined; two adjacent characters of
//   Han and Hangul; whole words of kana, Thai, Lao, Khmer and Myanmar. Not initials;
// - the identifier from three characters on, with separators between its characters or not, and
//   its run of six digits or more; without leading zeros if five digits remain;
// - e-mail addresses, and what stands before the @ unless it names a mailbox, not a person;
// - the last seven digits of telephone numbers, whatever stands before them;
// - other fields as a whole, if they have three letters or four digits, and dates in them of up to
//   64 bytes in all orders of day, month and year.
//
// If several are in the text, any of them is the answer.
// Errors: kInvalidArgument if `text` is not UTF-8, longer than kMaxOutboundTextSize, or decodes to
// more than 1 MiB in total; and as ValidatePerson, but the name may be empty. Then nothing is known
// of the text.
Result<std::optional<PersonalPart>> FindPersonalPart(const PersonView& person,
                                                     std::string_view text);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SESSION_OUTBOUND_GUARD_H_
