// A second opinion on JSON documents, by a parser that is not ours: what is rewritten must be what
// every other reader sees.
//
// Thread safety: one thread at a time.

#ifndef MONIKER_LIB_BATCH_JSON_VALIDATOR_H_
#define MONIKER_LIB_BATCH_JSON_VALIDATOR_H_

#include <memory>
#include <string_view>

#include "moniker/status.h"

namespace simdjson::dom {
class parser;
}  // namespace simdjson::dom

namespace moniker::internal {

class JsonValidator {
 public:
  JsonValidator();
  ~JsonValidator();

  // REQUIRES: a JsonIndex has accepted `document`.
  // Errors: kInvalidArgument if it is not UTF-8, or not JSON nevertheless.
  Status Validate(std::string_view document);

 private:
  std::unique_ptr<simdjson::dom::parser> parser_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_JSON_VALIDATOR_H_
