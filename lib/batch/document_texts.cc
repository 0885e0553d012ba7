#include "batch/document_texts.h"

#include "batch/id_tokens.h"

namespace moniker::internal {
namespace {

bool MayBeDocument(std::string_view text) {
  const std::string_view trimmed = SkipJsonSpace(text);
  return trimmed.starts_with('{') || trimmed.starts_with('[');
}

}  // namespace

void DocumentTexts::Clear() {
  questions_.Clear();
  codes_.clear();
  traits_.clear();
  size_of_last_ = 0;
}

DocumentFacts DocumentTexts::Collect(std::string_view document, std::span<const JsonNode> nodes,
                                     IdentityRewriter* collector) {
  const std::size_t first = codes_.size();
  const std::size_t before = first - size_of_last_;
  size_of_last_ = nodes.size();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const JsonNode& node = nodes[i];
    std::uint32_t code = kPlain;
    if (node.kind == JsonNode::Kind::kKey) {
      const std::uint32_t guess = before + i < first ? codes_[before + i] : kUnknown;
      code = CollectKey(JsonStringValue(document, node, &decoded_), guess, collector);
    } else if (node.kind == JsonNode::Kind::kString) {
      code = CollectString(JsonStringValue(document, node, &decoded_), collector);
    }
    codes_.push_back(code);
  }
  return {this, first};
}

// The collector knows nobody, so nothing that it is given can go wrong.
std::uint32_t DocumentTexts::CollectKey(std::string_view text, std::uint32_t guess,
                                        IdentityRewriter* collector) {
  // Most documents have the keys of the one before at the same places.
  if (guess < traits_.size() && traits_[guess].is_collected_as_key &&
      questions_.Id(guess) == text) {
    return guess;
  }
  if (!MayBeId(text)) {
    static_cast<void>(collector->RewriteKey(text, nullptr, &unused_));
    return kUnknown;
  }
  const std::uint32_t question = questions_.Add(text);
  Traits& traits = TraitsOf(question, text);
  if (traits.is_collected_as_key) return question;
  traits.is_collected_as_key = true;
  traits.role = collector->RoleOf(text);
  if (traits.has_token) static_cast<void>(collector->RewriteKey(text, nullptr, &unused_));
  return question;
}

std::uint32_t DocumentTexts::CollectString(std::string_view text, IdentityRewriter* collector) {
  const Subject nobody;
  if (!MayBeId(text)) {
    if (!MayBeDocument(text) && !FindIdToken(text, 0)) return kPlain;
    static_cast<void>(collector->RewriteText(text, FieldRole::kOther, nobody, 0, &unused_));
    return kUnknown;
  }
  const std::uint32_t question = questions_.Add(text);
  Traits& traits = TraitsOf(question, text);
  const bool is_plain = !traits.has_token && !traits.may_be_document;
  if (is_plain || traits.is_collected_as_string) return question;
  traits.is_collected_as_string = true;
  static_cast<void>(collector->RewriteText(text, FieldRole::kOther, nobody, 0, &unused_));
  return question;
}

DocumentTexts::Traits& DocumentTexts::TraitsOf(std::uint32_t question, std::string_view text) {
  // Some may have been asked from inside others.
  if (traits_.size() <= question) traits_.resize(questions_.size());
  Traits& traits = traits_[question];
  if (traits.is_seen) return traits;
  traits.is_seen = true;
  traits.has_token = FindIdToken(text, 0).has_value();
  traits.may_be_document = MayBeDocument(text);
  return traits;
}

TextFacts DocumentTexts::FactsOf(std::size_t place) const {
  const std::uint32_t code = codes_[place];
  if (code == kPlain) return {.is_plain = true, .is_asked = true};
  if (code == kUnknown) return {};
  const Traits& traits = traits_[code];
  const KnownIdentity* const known = questions_.Answer(code);
  const bool is_plain = known == nullptr && !traits.has_token && !traits.may_be_document;
  return {is_plain, true, known, traits.role};
}

}  // namespace moniker::internal
