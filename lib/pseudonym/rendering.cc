#include "pseudonym/rendering.h"

#include <array>
#include <bit>
#include <cstring>

namespace moniker::internal {
namespace {

// Numbers whose first byte is the top one.
std::uint64_t Big(std::uint64_t value) {
  return std::endian::native == std::endian::big ? value : __builtin_bswap64(value);
}

std::uint64_t LoadBig(const std::uint8_t* bytes) {
  std::uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  return Big(value);
}

void StoreBig(std::uint64_t value, char* text) {
  value = Big(value);
  std::memcpy(text, &value, sizeof value);
}

// GCC's and Clang's vectors of 16 bytes, which every processor of 64 bits has.
using Pair = std::uint64_t __attribute__((vector_size(16)));
using Bytes = signed char __attribute__((vector_size(16)));

// The low 40 bits of each number, 5 in each byte: halved three times.
Pair Spread(Pair bits) {
  bits = (bits & 0x000000FFFFF00000) << 12 | (bits & 0x00000000000FFFFF);
  bits = (bits & 0x000FFC00000FFC00) << 6 | (bits & 0x000003FF000003FF);
  return (bits & 0x03E003E003E003E0) << 3 | (bits & 0x001F001F001F001F);
}

// The characters of Crockford's base 32 for a value 0..31 in each byte: the alphabet is the digits
// and the letters without i, l, o and u, so the distance from the value grows at 10 and behind each
// letter that is missing. A comparison is 0 or -1.
Pair Characters(Pair values, char first_letter) {
  const Bytes v = (Bytes)values;
  const auto to_letters = static_cast<signed char>(first_letter - '0' - 10);
  return (Pair)(v + '0' + ((v > 9) & to_letters) - (v > 17) - (v > 19) - (v > 21) - (v > 26));
}

// Which of a digest's first 192 bits each bit of the check value is the parity of: the value is the
// sum of a^i * v[i] over i = 1..30, linear in every bit.
struct CheckMasks {
  std::array<std::array<std::uint64_t, 3>, 5> of_bit{};
};

constexpr CheckMasks MakeCheckMasks() {
  CheckMasks masks;
  for (std::size_t bit = 0; bit < 150; ++bit) {
    auto term = static_cast<std::uint8_t>(1u << (4 - bit % 5));
    for (std::size_t power = 0; power <= bit / 5; ++power) term = TimesA(term);
    for (std::size_t k = 0; k < 5; ++k) {
      const std::uint64_t is_set = std::uint64_t{term} >> k & 1u;
      masks.of_bit[k][bit / 64] |= is_set << (63 - bit % 64);
    }
  }
  return masks;
}

constexpr CheckMasks kCheckMasks = MakeCheckMasks();

std::uint64_t CheckValue(const Digest& digest) {
  const std::uint64_t bits[] = {LoadBig(digest.data()), LoadBig(digest.data() + 8),
                                LoadBig(digest.data() + 16)};
  std::uint64_t value = 0;
  for (std::size_t k = 0; k < 5; ++k) {
    const auto& mask = kCheckMasks.of_bit[k];
    const std::uint64_t terms = (bits[0] & mask[0]) ^ (bits[1] & mask[1]) ^ (bits[2] & mask[2]);
    value |= static_cast<std::uint64_t>(__builtin_parityll(terms)) << k;
  }
  return value;
}

void RenderOneByOne(std::span<const Digest> digests, std::span<ExternalId::Text> texts) {
  for (std::size_t i = 0; i < digests.size(); ++i) RenderExternalId(digests[i], texts[i]);
}

std::vector<Renderer> FindRenderers() {
  std::vector<Renderer> renderers = {{"scalar", &RenderOneByOne}};
#if defined(MONIKER_WITH_HIGHWAY)
  AppendLaneRenderers(&renderers);
#endif
  return renderers;
}

}  // namespace

void RenderExternalId(const Digest& digest, std::span<char, 32> text) {
  const auto forty_bits = [&digest](std::size_t byte) { return LoadBig(&digest[byte]) >> 24; };
  // Six of the last eight values are the digest's; the seventh is the check value.
  const Pair check = {0, CheckValue(digest) << 8};
  const Pair no_others = {~std::uint64_t{0}, ~std::uint64_t{0xFFFF}};
  const Pair front = Characters(Spread(Pair{forty_bits(0), forty_bits(5)}), 'a');
  const Pair back =
      Characters((Spread(Pair{forty_bits(10), forty_bits(15)}) & no_others) | check, 'a');
  text[0] = 'm';
  StoreBig(front[0], &text[1]);
  StoreBig(front[1], &text[9]);
  StoreBig(back[0], &text[17]);
  StoreBig(back[0] << 56 | back[1] >> 8, &text[24]);
}

std::span<const Renderer> Renderers() {
  static const std::vector<Renderer> renderers = FindRenderers();
  return renderers;
}

void RenderCode(std::uint32_t value, std::span<char, 7> text) {
  char characters[8];
  const Pair thirty_bits = {static_cast<std::uint64_t>(value & 0x3FFFFFFF) << 10, 0};
  StoreBig(Characters(Spread(thirty_bits), 'A')[0], characters);
  std::memcpy(&text[0], characters, 3);
  text[3] = '-';
  std::memcpy(&text[4], characters + 3, 3);
}

}  // namespace moniker::internal
