// Metadata behind an external ID. Input: a byte; then the whole text that a platform gives back, or
// (odd byte) fields that are sealed, and a place and a character to change in what was sealed.

#include <string>
#include <utility>

#include "fuzz/fuzz_target.h"
#include "moniker/keyring.h"
#include "moniker/metadata.h"
#include "support/hex.h"
#include "support/test_keyring.h"

namespace moniker::testing {
namespace {

const Keyring& FixedKeyring() {
  static const Keyring keyring = MakeKeyring(
      {.keys = {{KeyKind::kIdentity, 1, Counting(32)}, {KeyKind::kIdentity, 2, Counting(32, 7)}}});
  return keyring;
}

void SealAndChange(FuzzInput* input) {
  Metadata metadata;
  const std::uint8_t fields = input->Byte();
  if (fields & 1) metadata.role = std::string(input->Text());
  if (fields & 2) metadata.locale = std::string(input->Text());
  if (fields & 4) metadata.shard = input->Number();
  if (fields & 8) metadata.flags = input->Number();
  if (fields & 16) metadata.expiry = std::uint64_t{input->Number()} << 32 | input->Number();
  Digest digest{};
  for (std::uint8_t& byte : digest) byte = input->Byte();
  const ExternalId id = Pseudonym(digest).external_id();
  const Result<std::string> sealed = SealMetadata(FixedKeyring(), 1 + fields / 128, id, metadata);
  Require(sealed.ok() == ValidateMetadata(metadata).ok(), "what is valid can be sealed");
  if (!sealed.ok()) return;
  const Result<Metadata> opened = OpenMetadata(FixedKeyring(), *sealed);
  Require(opened.ok() && *opened == metadata, "what was sealed opens as it was");
  std::string changed = *sealed;
  char& place = changed[input->Number() % changed.size()];
  const char before = std::exchange(place, static_cast<char>(input->Byte()));
  if (place != before) {
    Require(!OpenMetadata(FixedKeyring(), changed).ok(), "what was changed does not open");
  }
}

}  // namespace

void FuzzOne(std::span<const std::uint8_t> bytes) {
  FuzzInput input(bytes);
  if (input.Byte() % 2 == 1) return SealAndChange(&input);
  const Result<Metadata> opened = OpenMetadata(FixedKeyring(), FuzzInput::AsText(input.rest()));
  if (opened.ok()) Require(ValidateMetadata(*opened).ok(), "what opens is valid");
}

}  // namespace moniker::testing
