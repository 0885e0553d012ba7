#include "pseudonym/canonical_text.h"

#include <utf8proc.h>

#include <cstdint>
#include <cstring>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "pseudonym/unicode_15.h"

namespace moniker::internal {
namespace {

constexpr Status kTooLong(StatusCode::kInvalidArgument,
                          "id: longer than 1024 bytes in canonical form");
constexpr Status kBlank(StatusCode::kInvalidArgument, "id: white space only");

// utf8proc_map without its heap: into code points as `decompose` says, and encoded again in place
// as `encode` says.
Result<std::string_view> Pass(std::string_view text, int decompose, int encode,
                              SecretBytes* buffer) {
  auto* points = reinterpret_cast<utf8proc_int32_t*>(buffer->Expose().data());
  // The last one is for the NUL that utf8proc_reencode adds.
  const auto room = static_cast<utf8proc_ssize_t>(buffer->size() / sizeof *points) - 1;
  const utf8proc_ssize_t count =
      utf8proc_decompose(AsBytes(text).data(), static_cast<utf8proc_ssize_t>(text.size()), points,
                         room, static_cast<utf8proc_option_t>(decompose));
  if (count < 0 || count > room) return kTooLong;
  const utf8proc_ssize_t size =
      utf8proc_reencode(points, count, static_cast<utf8proc_option_t>(encode));
  if (size < 0) return kTooLong;
  return AsText(buffer->Expose().first(static_cast<std::size_t>(size)));
}

// Runs of white space become one blank, none at the ends. In place: a run is never shorter than a
// blank. REQUIRES: `text` lies in `buffer`.
std::string_view CollapseWhiteSpace(std::string_view text, SecretBytes* buffer) {
  char* const out = reinterpret_cast<char*>(buffer->Expose().data());
  std::size_t used = 0;
  bool blank = false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint next = *FirstCodePoint(text.substr(at));
    if (IsWhiteSpace(next.value)) {
      blank = used != 0;
    } else {
      if (blank) out[used++] = ' ';
      blank = false;
      std::memmove(out + used, text.data() + at, next.size);
      used += next.size;
    }
    at += next.size;
  }
  return {out, used};
}

// What the passes do to ASCII.
Status AppendAsciiText(std::string_view text, std::size_t max_size, ByteWriter* writer) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return kBlank;
  text = text.substr(first, text.find_last_not_of(' ') - first + 1);
  const auto dropped = [&text](std::size_t i) { return text[i] == ' ' && text[i - 1] == ' '; };
  std::size_t size = 1;
  for (std::size_t i = 1; i < text.size(); ++i) size += !dropped(i);
  if (size > max_size) return kTooLong;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 0 || !dropped(i)) writer->U8(static_cast<std::uint8_t>(ToLowerAscii(text[i])));
  }
  return Status::Ok();
}

}  // namespace

// Code points of 4 bytes. NFD makes at most one and a half of each byte (U+0390: two bytes, three
// code points), full case folding at most three of each code point (CaseFolding.txt), and NFD of
// the folded text is no longer than that. One more for a NUL, one for rounding.
std::size_t TextBufferSize(std::size_t size) { return (size * 9 / 2 + 2) * sizeof(char32_t); }

Result<std::string_view> ToNfc(std::string_view text, SecretBytes* buffer) {
  // Without UTF8PROC_STABLE it would compose what CompositionExclusions.txt excludes.
  constexpr int kNfc = UTF8PROC_COMPOSE | UTF8PROC_STABLE;
  return Pass(text, kNfc, kNfc, buffer);
}

Result<std::string_view> FoldCase(std::string_view text, SecretBytes* buffer) {
  return Pass(text, UTF8PROC_CASEFOLD, 0, buffer);
}

Status AppendUnicodeText(std::string_view text, std::size_t max_size, ByteWriter* writer) {
  // The library that is loaded need not be the one that was there when this was built.
  if (!KnowsUnicode15(utf8proc_unicode_version())) {
    return Status(StatusCode::kUnsupported, "utf8proc is older than Unicode 15.0");
  }
  MONIKER_ASSIGN_OR_RETURN(SecretBytes one, SecretBytes::Allocate(TextBufferSize(text.size())));
  MONIKER_ASSIGN_OR_RETURN(SecretBytes other, SecretBytes::Allocate(one.size()));
  MONIKER_ASSIGN_OR_RETURN(text, ToNfc(text, &one));
  MONIKER_ASSIGN_OR_RETURN(text, FoldCase(text, &other));
  MONIKER_ASSIGN_OR_RETURN(text, ToNfc(text, &one));
  text = CollapseWhiteSpace(text, &one);
  if (text.empty()) return kBlank;
  if (text.size() > max_size) return kTooLong;
  writer->Bytes(text);
  return Status::Ok();
}

Status AppendText(std::string_view text, std::size_t max_size, ByteWriter* writer) {
  return IsAscii(text) ? AppendAsciiText(text, max_size, writer)
                       : AppendUnicodeText(text, max_size, writer);
}

}  // namespace moniker::internal
