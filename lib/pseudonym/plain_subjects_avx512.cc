// Plain subjects by AVX-512, which loads the bytes of a mask and touches no others: an identifier
// comes from memory at its place behind the prefix.

#include "pseudonym/plain_subjects.h"

#if defined(__x86_64__)

// GCC 12 warns of what its own header leaves undefined; Clang has no such warning.
#pragma GCC diagnostic push
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop

#include <algorithm>

namespace moniker::internal {
namespace {

#define MONIKER_AVX512 __attribute__((target("avx512f,avx512bw,bmi2")))

constexpr std::uint64_t FirstBits(std::size_t count) {
  return count < 64 ? (std::uint64_t{1} << count) - 1 : ~std::uint64_t{0};
}

// Those of at most one step each. If not all characters are printable ASCII, none is to be used.
struct Written {
  std::size_t count;
  bool is_printable;
};

MONIKER_AVX512 Written WriteShort(const PlainIssuer& issuer,
                                  std::span<const Identifier> identifiers, std::uint8_t* out,
                                  ByteView* subjects) {
  const std::size_t prefix_size = issuer.prefix_size;
  if (prefix_size >= kSubjectStep) return {0, true};
  const std::size_t longest = kSubjectStep - prefix_size;
  const std::uint64_t is_prefix = FirstBits(prefix_size);
  const __m512i prefix = _mm512_maskz_loadu_epi8(is_prefix, issuer.prefix.data());
  const __m512i first_printable = _mm512_set1_epi8(0x20);
  __m512i farthest = _mm512_setzero_si512();  // of all characters, from the first printable one
  std::size_t count = 0;
  for (const Identifier& identifier : identifiers) {
    const std::size_t id_size = identifier.id.size();
    if (id_size - 1 >= longest || !issuer.MayBePlain(identifier)) break;
    const __mmask64 is_id = FirstBits(prefix_size + id_size) & ~is_prefix;
    const auto start = reinterpret_cast<std::uintptr_t>(identifier.id.data()) - prefix_size;
    const __m512i id = _mm512_maskz_loadu_epi8(is_id, reinterpret_cast<const void*>(start));
    _mm512_store_si512(out, _mm512_or_si512(prefix, id));
    farthest = _mm512_max_epu8(farthest, _mm512_maskz_sub_epi8(is_id, id, first_printable));
    subjects[count++] = ByteView(out, prefix_size + id_size);
    out += kSubjectStep;
  }
  return {count, _mm512_cmpgt_epu8_mask(farthest, _mm512_set1_epi8(0x7E - 0x20)) == 0};
}

std::size_t Write(const PlainIssuer& issuer, std::span<const Identifier> identifiers,
                  ByteSpan memory, ByteView* subjects) {
  const auto write_one_by_one = PlainWriters().front().write;
  std::size_t count = 0;
  while (count < identifiers.size()) {
    const auto rest = identifiers.subspan(count);
    const Written written =
        WriteShort(issuer, rest.first(std::min(rest.size(), memory.size() / kSubjectStep)),
                   memory.data(), subjects + count);
    if (!written.is_printable) {
      return count + write_one_by_one(issuer, rest, memory, subjects + count);
    }
    count += written.count;
    memory = memory.subspan(written.count * kSubjectStep);
    // One that is longer, or not plain.
    if (count == identifiers.size() ||
        write_one_by_one(issuer, identifiers.subspan(count, 1), memory, subjects + count) == 0) {
      break;
    }
    memory = memory.subspan(RoomOfSubject(subjects[count++].size()));
  }
  return count;
}

}  // namespace

void AppendAvx512PlainWriter(std::vector<PlainWriter>* writers) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("bmi2")) {
    writers->push_back({"avx512", &Write});
  }
}

}  // namespace moniker::internal

#else

namespace moniker::internal {

void AppendAvx512PlainWriter(std::vector<PlainWriter>*) {}

}  // namespace moniker::internal

#endif
