#include "pseudonym/email_domain.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "moniker/secret.h"

#ifdef MONIKER_WITH_IDN2
#include <idn2.h>

#include "crypto/sodium.h"
#endif

namespace moniker::internal {
namespace {

Status Refused(std::size_t offset) {
  return Status(StatusCode::kInvalidArgument, "id: not a domain after the @",
                static_cast<std::int64_t>(offset));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetterDigitHyphen(char c) {
  return (ToLowerAscii(c) >= 'a' && ToLowerAscii(c) <= 'z') || IsDigit(c) || c == '-';
}

bool IsPunycoded(std::string_view label) {
  return label.size() >= 4 && ToLowerAscii(label[0]) == 'x' && ToLowerAscii(label[1]) == 'n' &&
         label[2] == '-' && label[3] == '-';
}

// RFC 5890, section 2.3.1: letters, digits and hyphens, no hyphen at an end, and none at the third
// and fourth place but in `xn--`.
std::optional<std::size_t> FindLabelFault(std::string_view label) {
  if (label.empty()) return 0;
  if (label.size() > kMaxDomainLabelSize) return kMaxDomainLabelSize;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (!IsLetterDigitHyphen(label[i])) return i;
  }
  if (label.front() == '-') return 0;
  if (label.back() == '-') return label.size() - 1;
  if (label.size() >= 4 && label[2] == '-' && label[3] == '-' && !IsPunycoded(label)) return 2;
  return std::nullopt;
}

struct DomainFacts {
  std::optional<std::size_t> fault;
  bool is_punycoded = false;  // some label is
};

DomainFacts Inspect(std::string_view domain) {
  DomainFacts facts;
  if (domain.size() > kMaxDomainSize) return {kMaxDomainSize};
  for (std::size_t start = 0;;) {
    const std::size_t end = std::min(domain.find('.', start), domain.size());
    const std::string_view label = domain.substr(start, end - start);
    if (const auto fault = FindLabelFault(label)) return {start + *fault};
    facts.is_punycoded |= IsPunycoded(label);
    if (end == domain.size()) {
      // RFC 3696, section 2: no top-level domain is a number. So an IPv4 address is no domain.
      if (std::all_of(label.begin(), label.end(), IsDigit)) facts.fault = start;
      return facts;
    }
    start = end + 1;
  }
}

void AppendLower(std::string_view domain, ByteWriter* writer) {
  for (const char c : domain) writer->U8(static_cast<std::uint8_t>(ToLowerAscii(c)));
}

#ifdef MONIKER_WITH_IDN2

// `domain` with a NUL. U+1E9E is mapped here as UTS 46 did in Unicode 15.0: from 15.1 on it maps to
// another domain.
Result<SecretBytes> SourceOf(std::string_view domain) {
  constexpr std::string_view kCapitalSharpS = "\xE1\xBA\x9E";
  MONIKER_ASSIGN_OR_RETURN(SecretBytes source, SecretBytes::Allocate(domain.size() + 1));
  ByteWriter writer(source.Expose());
  for (;;) {
    const std::size_t found = domain.find(kCapitalSharpS);
    writer.Bytes(domain.substr(0, found));
    if (found == std::string_view::npos) return source;
    writer.Bytes("ss");
    domain.remove_prefix(found + kCapitalSharpS.size());
  }
}

// An answer of libidn2, wiped before it goes back to the heap.
class AsciiForm {
 public:
  AsciiForm(const SecretBytes& source, int flags)
      : error_(idn2_lookup_u8(source.Expose().data(), &bytes_, flags)) {}
  AsciiForm(const AsciiForm&) = delete;
  AsciiForm& operator=(const AsciiForm&) = delete;
  ~AsciiForm() {
    if (bytes_ == nullptr) return;
    Wipe({bytes_, text().size()});
    idn2_free(bytes_);
  }

  int error() const { return error_; }
  std::string_view text() const { return reinterpret_cast<const char*>(bytes_); }

 private:
  std::uint8_t* bytes_ = nullptr;
  int error_;
};

Status AppendByIdna(std::string_view domain, ByteWriter* writer) {
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes source, SourceOf(domain));
  constexpr int kFlags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  // Under the rules of STD 3 libidn2 drops what they forbid and says nothing, and without them it
  // takes U+2260: so a domain is what it makes the same of both ways.
  const AsciiForm lax(source, kFlags);
  const AsciiForm strict(source, kFlags | IDN2_USE_STD3_ASCII_RULES);
  if (lax.error() == IDN2_MALLOC || strict.error() == IDN2_MALLOC) {
    return Status(StatusCode::kExhausted, "no memory for libidn2");
  }
  if (lax.error() != IDN2_OK || strict.error() != IDN2_OK || lax.text() != strict.text() ||
      Inspect(lax.text()).fault) {
    return Refused(0);
  }
  AppendLower(lax.text(), writer);
  return Status::Ok();
}

#else

Status AppendByIdna(std::string_view, ByteWriter*) {
  return Status(StatusCode::kUnsupported,
                "id: a domain beyond ASCII needs libidn2, which this build is without");
}

#endif

}  // namespace

Status AppendDomain(std::string_view domain, ByteWriter* writer) {
  if (!IsAscii(domain)) return AppendByIdna(domain, writer);
  const DomainFacts facts = Inspect(domain);
  if (facts.fault) return Refused(*facts.fault);
  if (facts.is_punycoded) return AppendByIdna(domain, writer);
  AppendLower(domain, writer);
  return Status::Ok();
}

}  // namespace moniker::internal
