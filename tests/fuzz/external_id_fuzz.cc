// Texts that platforms give back: external IDs, typed and not, UUIDs, labels. Input: the text.

#include <string>

#include "fuzz/fuzz_target.h"
#include "moniker/label.h"
#include "moniker/pseudonym.h"

namespace moniker::testing {

void FuzzOne(std::span<const std::uint8_t> bytes) {
  const std::string_view text = FuzzInput::AsText(bytes);
  const Result<ExternalId> id = ExternalId::Parse(text);
  const Result<ExternalId> typed = ExternalId::ParseTyped(text);
  if (id.ok()) {
    Require(id->text() == text.substr(0, ExternalId::kSize), "an ID is what was read");
    Require(typed.ok() && *typed == *id, "who types an ID right is understood");
    Require(text.size() == ExternalId::kSize || text[ExternalId::kSize] == '.',
            "behind an ID is nothing but metadata");
  }
  if (typed.ok()) {
    const Result<ExternalId> again = ExternalId::Parse(typed->text());
    Require(again.ok() && *again == *typed, "what was understood is an ID");
    const Result<Uuid> uuid = Uuid::Parse(UuidOf(*typed).text());
    Require(uuid.ok() && *uuid == UuidOf(*typed), "its UUID can be read");
  }
  if (const Result<Uuid> uuid = Uuid::Parse(text); uuid.ok()) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    Require(uuid->text() == lower, "a UUID is what was read");
  }
  if (const Result<Label> label = Label::Parse(text); label.ok()) {
    Require(label->text() == text, "a label is what was read");
  }
}

}  // namespace moniker::testing
