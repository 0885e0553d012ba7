#include "session/outbound_guard.h"

#include <algorithm>
#include <vector>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "session/encoded_text.h"
#include "session/folded_text.h"
#include "session/personal_needles.h"
#include "session/wiped_vector.h"

namespace moniker::internal {
namespace {

constexpr int kMaxLayers = 3;
constexpr std::size_t kMaxDecodedSize = 16 * kMaxOutboundTextSize;

struct Layer {
  WipedText text;
  int depth;
};

// The texts that are still to be searched, each once.
class Decodings {
 public:
  explicit Decodings(std::string_view text) { layers_.push_back({{text.begin(), text.end()}, 0}); }

  std::size_t size() const { return layers_.size(); }
  std::string_view text(std::size_t i) const { return ViewOf(layers_[i].text); }

  // Appends what text `i` decodes to. False if that is more than may be searched.
  bool Decode(std::size_t i) {
    const int depth = layers_[i].depth + 1;
    if (depth > kMaxLayers) return true;
    return Take(DecodeEscapes(text(i), Escapes::kAllButQuotedPrintable), depth) &&
           Take(DecodeEscapes(text(i), Escapes::kAll), depth) && Take(DecodeTokens(text(i)), depth);
  }

 private:
  bool Take(WipedText text, int depth) {
    const bool known =
        std::ranges::any_of(layers_, [&](const Layer& layer) { return layer.text == text; });
    if (known || text.empty()) return true;
    decoded_size_ += text.size();
    layers_.push_back({std::move(text), depth});
    return decoded_size_ <= kMaxDecodedSize;
  }

  std::vector<Layer> layers_;
  std::size_t decoded_size_ = 0;
};

}  // namespace

Result<std::optional<PersonalPart>> FindPersonalPart(const PersonView& person,
                                                     std::string_view text) {
  if (text.size() > kMaxOutboundTextSize) {
    return Status(StatusCode::kInvalidArgument, "text: longer than 65,536 bytes");
  }
  if (!IsUtf8(text)) return Status(StatusCode::kInvalidArgument, "text: not UTF-8");
  PersonView checked = person;
  if (person.name.empty()) checked.name = "-";  // who is not admitted may have none
  MONIKER_RETURN_IF_ERROR(ValidatePerson(checked));
  const PersonalNeedles needles(person);
  Decodings decodings(text);
  for (std::size_t i = 0; i < decodings.size(); ++i) {
    const std::optional<PersonalPart> found = needles.FindIn(Fold(decodings.text(i)));
    if (found) return found;
    if (!decodings.Decode(i)) {
      return Status(StatusCode::kInvalidArgument, "text: decodes to more than 1 MiB");
    }
  }
  return std::optional<PersonalPart>();
}

}  // namespace moniker::internal
