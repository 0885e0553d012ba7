// Where a pseudonym is the same: in a whole app, or in one conference of it. There is no default.
//
// Format: docs/formats/pseudonym.md, section 3.
// Thread safety: a value.

#ifndef MONIKER_SCOPE_H_
#define MONIKER_SCOPE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "moniker/result.h"

namespace moniker {

class Scope {
 public:
  static constexpr std::size_t kMaxConferenceSize = 255;

  // One external ID per person in all conferences of the app: these can be linked by who sees them.
  static Scope App() { return Scope({}); }

  // Another external ID in each conference. `conference` is the application's own name for
  // it, 1..255 bytes of UTF-8 without control characters, and is not sent anywhere. Errors:
  // kInvalidArgument.
  static Result<Scope> Conference(std::string_view conference);

  // Copied, never moved from: what is left of a conference must not become the whole app.
  Scope(const Scope&) = default;
  Scope& operator=(const Scope&) = default;

  bool is_app() const { return conference_.empty(); }

  // Empty for the app scope.
  const std::string& conference() const { return conference_; }

  friend bool operator==(const Scope&, const Scope&) = default;

 private:
  explicit Scope(std::string conference) : conference_(std::move(conference)) {}

  std::string conference_;
};

}  // namespace moniker

#endif  // MONIKER_SCOPE_H_
