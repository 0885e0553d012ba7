// How every fallible call of Moniker reports what went wrong.
//
// A Status cannot carry data: its message is a string literal (checked at compile time) and its
// only variable part is one number that says where, never what.
//
// Thread safety: a Status is a value; distinct objects are independent.

#ifndef MONIKER_STATUS_H_
#define MONIKER_STATUS_H_

#include <cstdint>
#include <string_view>

namespace moniker {

enum class StatusCode : std::uint8_t {
  kOk = 0,
  kInvalidArgument,  // a value that the call does not accept; the message names the field
  kNotFound,         // nothing is stored under that identifier or ID, or no such file
  kConflict,         // it exists already, and differently
  kWrongKey,         // key file or passphrase is not the one that the keyring was made with
  kAltered,          // data fails authentication, is damaged, or is not of this format at all
  kNewerFormat,      // written by a newer version of Moniker
  kPermission,       // the system refuses access, or a secret file is open to others
  kReadOnly,         // the file system or file cannot be written
  kNoSpace,          // no space left on the device, or a quota is used up
  kIo,               // any other failure of the system; the locator is errno or an SQLite code
  kExhausted,        // secret memory is used up
  kClosed,           // object was moved from, has failed for good, or has crossed a fork
  kUnsupported,      // known, and not available in this build or on this kind of file system
  kRolledBack,       // the store is older than what is known of it elsewhere
  kOverBudget,       // the actor has asked for as many IDs as the vault allows
};

// The name of a code in lower snake case ("invalid_argument"); a static string.
std::string_view StatusCodeName(StatusCode code);

// A message that can only be a string literal: the constructor is evaluated at compile time, so a
// string made at run time (which might hold a name) does not compile.
class LiteralMessage {
 public:
  consteval LiteralMessage(const char* text)
      : text_(text) {}  // NOLINT(google-explicit-constructor)
  constexpr const char* text() const { return text_; }

 private:
  const char* text_;
};

class [[nodiscard]] Status {
 public:
  // Stands for "no locator".
  static constexpr std::int64_t kNowhere = -1;
  // Added to an SQLite code, so that it is not taken for an errno.
  static constexpr std::int64_t kSqliteCode = 1'000'000;

  constexpr Status() = default;  // success
  constexpr Status(StatusCode code, LiteralMessage message, std::int64_t locator = kNowhere)
      : locator_(locator), message_(message.text()), code_(code) {}

  static constexpr Status Ok() { return {}; }

  constexpr bool ok() const { return code_ == StatusCode::kOk; }
  constexpr StatusCode code() const { return code_; }

  // A static string without personal data; empty on success.
  constexpr std::string_view message() const { return message_; }

  // The record (counted from 0), byte offset, errno, or kSqliteCode plus an SQLite code, that the
  // message speaks of; or kNowhere.
  constexpr std::int64_t locator() const { return locator_; }

  // The same error seen from the record that it happened in.
  constexpr Status At(std::int64_t locator) const {
    Status moved = *this;
    moved.locator_ = locator;
    return moved;
  }

 private:
  std::int64_t locator_ = kNowhere;
  const char* message_ = "";
  StatusCode code_ = StatusCode::kOk;
};

}  // namespace moniker

#endif  // MONIKER_STATUS_H_
