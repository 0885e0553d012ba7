// Characters of pseudonyms, without a branch or a table look-up for each: a batch spends most of
// its time on digests, and rendering shall not change that.
//
// Format: docs/formats/pseudonym.md, section 5.
// Thread safety: functions without state.

#ifndef MONIKER_LIB_PSEUDONYM_RENDERING_H_
#define MONIKER_LIB_PSEUDONYM_RENDERING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "moniker/prf.h"
#include "moniker/pseudonym.h"

namespace moniker::internal {

// a * v in GF(32) with the polynomial x^5 + x^2 + 1, where a = 2.
constexpr std::uint8_t TimesA(std::uint8_t v) {
  const auto shifted = static_cast<std::uint8_t>(v << 1);
  return shifted < 32 ? shifted : static_cast<std::uint8_t>(shifted ^ 0b100101);
}

// 'm', the 30 characters of the digest's first 150 bits, the check character.
void RenderExternalId(const Digest& digest, std::span<char, 32> text);

// RenderExternalId of many. All renderers give the same characters; which one is used is a matter
// of speed alone.
struct Renderer {
  std::string_view name;  // "scalar", "avx2", "avx512"

  // texts[i] of digests[i]. REQUIRES: equal sizes.
  void (*render)(std::span<const Digest> digests, std::span<ExternalId::Text> texts);
};

// Those that this machine can run: the scalar one first, the fastest last. Static storage.
std::span<const Renderer> Renderers();

// Appended from the slowest to the fastest, if any.
void AppendLaneRenderers(std::vector<Renderer>* renderers);

// Six upper-case characters of the low 30 bits of `value`, a hyphen between the third and fourth.
void RenderCode(std::uint32_t value, std::span<char, 7> text);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_RENDERING_H_
