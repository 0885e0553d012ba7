// What is in the keys and strings of the documents of a block: each text that may be an ID is
// looked at once, however often it stands there, and the walk that replaces IDs passes by all
// others.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_DOCUMENT_TEXTS_H_
#define MONIKER_LIB_BATCH_DOCUMENT_TEXTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batch/id_questions.h"
#include "batch/identity_rewriter.h"
#include "batch/json_index.h"

namespace moniker::internal {

struct TextFacts {
  // There is nothing to replace but what the role of its place says: neither it nor anything inside
  // it is a known ID or may be counted as an unknown one.
  bool is_plain = false;
  // It was asked for, or cannot be an ID; then `known` is what is known of it as a whole.
  bool is_asked = false;
  const KnownIdentity* known = nullptr;
  FieldRole role = FieldRole::kOther;  // of a plain key
};

class DocumentTexts;

// What is known of the texts of one document, by the number of its node, until the texts are
// cleared. One that was made of nothing knows nothing.
class DocumentFacts {
 public:
  DocumentFacts() = default;
  DocumentFacts(const DocumentTexts* texts, std::size_t first) : texts_(texts), first_(first) {}

  TextFacts Of(std::size_t node) const;

 private:
  const DocumentTexts* texts_ = nullptr;
  std::size_t first_ = 0;
};

class DocumentTexts {
 public:
  // `questions` must outlive this.
  explicit DocumentTexts(IdQuestions* questions) : questions_(*questions) {}

  // With the questions.
  void Clear();

  // Adds to the questions what `collector`, which collects into them, would ask for in the
  // document. The answer may be used once the questions are asked.
  DocumentFacts Collect(std::string_view document, std::span<const JsonNode> nodes,
                        IdentityRewriter* collector);

  // Of a node, by its number among all that were collected. REQUIRES: asked.
  TextFacts FactsOf(std::size_t place) const;

 private:
  // What a node is: the number of a question, or one of these.
  static constexpr std::uint32_t kPlain = 0xFFFFFFFF;    // no ID, and none inside it
  static constexpr std::uint32_t kUnknown = 0xFFFFFFFE;  // to be looked at where it stands

  // Of a question.
  struct Traits {
    bool is_seen = false;    // what follows is known
    bool has_token = false;  // something has the shape of an ID of Moniker or of a platform
    bool may_be_document = false;
    bool is_collected_as_key = false;
    bool is_collected_as_string = false;
    FieldRole role = FieldRole::kOther;  // if it is collected as a key
  };

  std::uint32_t CollectKey(std::string_view text, std::uint32_t guess, IdentityRewriter* collector);
  std::uint32_t CollectString(std::string_view text, IdentityRewriter* collector);
  Traits& TraitsOf(std::uint32_t question, std::string_view text);

  IdQuestions& questions_;
  std::vector<std::uint32_t> codes_;  // of all nodes, document after document
  std::size_t size_of_last_ = 0;      // of the last document
  std::vector<Traits> traits_;        // by question
  std::string decoded_;
  std::string unused_;
};

inline TextFacts DocumentFacts::Of(std::size_t node) const {
  return texts_ == nullptr ? TextFacts() : texts_->FactsOf(first_ + node);
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_DOCUMENT_TEXTS_H_
