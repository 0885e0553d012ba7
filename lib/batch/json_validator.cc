#include "batch/json_validator.h"

#include <simdjson.h>

#include <new>

namespace moniker::internal {

JsonValidator::JsonValidator() : parser_(std::make_unique<simdjson::dom::parser>()) {}

JsonValidator::~JsonValidator() = default;

Status JsonValidator::Validate(std::string_view document) {
  switch (parser_->parse(document.data(), document.size(), /*realloc_if_needed=*/true).error()) {
    case simdjson::SUCCESS: return Status::Ok();
    // It has no room for numbers beyond 64 bits or 1e308. They are JSON and stay as they are
    // spelled; the UTF-8 of the document was found good before the first number was read.
    case simdjson::NUMBER_ERROR: return Status::Ok();
    case simdjson::MEMALLOC: throw std::bad_alloc();
    case simdjson::UTF8_ERROR: return Status(StatusCode::kInvalidArgument, "JSON: not UTF-8");
    default: return Status(StatusCode::kInvalidArgument, "JSON: not a valid document");
  }
}

}  // namespace moniker::internal
