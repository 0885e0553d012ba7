#include "failure.h"

#include <cstring>

namespace moniker::tool {
namespace {

ExitStatus ExitStatusOf(StatusCode code) {
  if (code == StatusCode::kOverBudget) return kRefused;
  return code == StatusCode::kWrongKey || code == StatusCode::kAltered ||
                 code == StatusCode::kRolledBack
             ? kKeyOrAltered
             : kFailed;
}

std::string HintFor(StatusCode code) {
  switch (code) {
    case StatusCode::kWrongKey:
      return "give the vault's own key with --key-file or --passphrase-file";
    case StatusCode::kAltered: return "restore the file from a backup, and find out who changed it";
    case StatusCode::kRolledBack:
      return "find out who put it back; if it was you, take it for the right one: moniker store "
             "VAULT accept";
    case StatusCode::kNewerFormat:
      return "use the version of moniker that wrote it, or a newer one";
    case StatusCode::kNoSpace: return "make room and run it again";
    case StatusCode::kExhausted: return "more memory is needed";
    case StatusCode::kOverBudget:
      return "ask for fewer IDs, or later; in an emergency --break-glass, which the audit log "
             "tells "
             "of";
    default: return "";
  }
}

// The codes whose locator is an errno; there the system's word helps more than its number.
bool HasErrno(StatusCode code) {
  return code == StatusCode::kIo || code == StatusCode::kNotFound ||
         code == StatusCode::kPermission || code == StatusCode::kReadOnly ||
         code == StatusCode::kNoSpace || code == StatusCode::kConflict;
}

std::string_view CodeOf(ExitStatus exit_status) {
  switch (exit_status) {
    case kUsage: return "usage";
    case kKeyOrAltered: return "altered";
    default: return "failed";
  }
}

Failure FailureOf(const Status& status, const std::string& context) {
  std::string message = context.empty() ? "" : context + ": ";
  message += status.message();
  if (status.locator() > 0 && HasErrno(status.code())) {
    const std::int64_t locator = status.locator();
    message += locator >= Status::kSqliteCode
                   ? " (SQLite code " + std::to_string(locator - Status::kSqliteCode) + ")"
                   : std::string(" (") + std::strerror(static_cast<int>(locator)) + ")";
  }
  return Failure(ExitStatusOf(status.code()), message, HintFor(status.code()))
      .Because(status.code());
}

}  // namespace

Failure::Failure(ExitStatus exit_status, const std::string& message, std::string hint)
    : std::runtime_error(message),
      exit_status_(exit_status),
      hint_(std::move(hint)),
      code_(CodeOf(exit_status)) {}

Failure& Failure::Because(StatusCode code) {
  code_ = StatusCodeName(code);
  return *this;
}

Failure& Failure::At(std::uint64_t record, std::string_view field) {
  if (record > 0) record_ = record;
  field_ = field;
  return *this;
}

std::string_view FieldOf(std::string_view message) {
  const std::size_t end = message.find(": ");
  if (end == std::string_view::npos) return "";
  const std::string_view field = message.substr(0, end);
  return field.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == field.npos ? field
                                                                                        : "";
}

void Fail(const Status& status, const std::string& context) { throw FailureOf(status, context); }

void FailUsage(const std::string& message, const std::string& hint) {
  throw Failure(kUsage, message, hint);
}

bool IsOfRecord(const Status& status) {
  return status.code() == StatusCode::kInvalidArgument || status.code() == StatusCode::kConflict ||
         status.code() == StatusCode::kUnsupported;
}

void FailRecord(const Status& status, std::size_t index) {
  throw FailureOf(status.At(Status::kNowhere), "record " + std::to_string(index + 1))
      .At(index + 1, FieldOf(status.message()));
}

void FailRecordAt(const Status& status, const std::string& context, std::uint64_t record,
                  std::string_view field) {
  throw FailureOf(status.At(Status::kNowhere), context).At(record, field);
}

void FailId(std::size_t number) {
  throw Failure(kFailed, "ID " + std::to_string(number) + ": not UTF-8")
      .Because(StatusCode::kInvalidArgument)
      .At(number);
}

void FailIdentifier(const Status& status, std::size_t index, const Identifier& identifier) {
  // Batch calls have the record's number as locator, so the place is looked up again.
  const Status own = ValidateIdentifier(identifier);
  const std::string place = own.message() == status.message() && own.locator() != Status::kNowhere
                                ? " (byte " + std::to_string(own.locator() + 1) + ")"
                                : "";
  throw Failure(ExitStatusOf(status.code()), "record " + std::to_string(index + 1) + ": " +
                                                 std::string(status.message()) + place)
      .Because(status.code())
      .At(index + 1, FieldOf(status.message()));
}

}  // namespace moniker::tool
