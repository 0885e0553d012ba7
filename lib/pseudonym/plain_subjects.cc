#include "pseudonym/plain_subjects.h"

#include <cstring>

#include "base/printable_ascii.h"

namespace moniker::internal {
namespace {

std::size_t WriteOneByOne(const PlainIssuer& issuer, std::span<const Identifier> identifiers,
                          ByteSpan memory, ByteView* subjects) {
  constexpr std::size_t kStep = 16;
  const std::size_t prefix_size = issuer.prefix_size;
  std::uint8_t* at = memory.data();
  const std::uint8_t* const end = at + memory.size();
  std::size_t count = 0;
  for (const Identifier& identifier : identifiers) {
    const std::size_t size = prefix_size + identifier.id.size();
    if (!issuer.MayBePlain(identifier) || static_cast<std::size_t>(end - at) < size) break;
    // In steps of one size, which write beyond the end of a short subject.
    std::memcpy(at, issuer.prefix.data(), 2 * kStep);
    for (std::size_t i = 2 * kStep; i < prefix_size; i += kStep) {
      std::memcpy(at + i, issuer.prefix.data() + i, kStep);
    }
    if (!CopyPrintableAscii(identifier.id, at + prefix_size)) break;
    subjects[count++] = ByteView(at, size);
    at += RoomOfSubject(size);
  }
  return count;
}

std::vector<PlainWriter> FindPlainWriters() {
  std::vector<PlainWriter> writers = {{"scalar", &WriteOneByOne}};
  AppendAvx512PlainWriter(&writers);
  return writers;
}

}  // namespace

std::span<const PlainWriter> PlainWriters() {
  static const std::vector<PlainWriter> writers = FindPlainWriters();
  return writers;
}

}  // namespace moniker::internal
