// Canonical forms for scripts: reads lines of a kind, a blank and an identifier in hexadecimal
// digits; answers each with its canonical form and digest in hexadecimal digits, or with "error", a
// locator and a message.

#include <iostream>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "moniker/anonymizer.h"
#include "moniker/keyring.h"
#include "pseudonym/canonical.h"
#include "support/hex.h"

namespace moniker {
namespace {

std::string Answer(const Anonymizer& anonymizer, const std::string& line) {
  const std::size_t blank = line.find(' ');
  const std::vector<std::uint8_t> id = testing::FromHex(line.substr(blank + 1));
  const Identifier identifier{"names", internal::AsText(id), FindKind(line.substr(0, blank))};
  const Result<SecretText> canonical = internal::Canonicalize(identifier);
  const Result<Pseudonym> pseudonym = anonymizer.Pseudonymize(identifier);
  if (canonical.ok() != pseudonym.ok()) return "error -1 one way accepts what the other refuses";
  if (!canonical.ok()) {
    return "error " + std::to_string(canonical.status().locator()) + " " +
           std::string(canonical.status().message());
  }
  return internal::EncodeHex(internal::AsBytes(canonical->Expose())) + " " +
         internal::EncodeHex(pseudonym->digest());
}

int Main() {
  const Result<std::unique_ptr<Prf>> root =
      MakePrf(Suite::kBlake2b, testing::Secret(testing::Counting(32)));
  const Result<Anonymizer> anonymizer = Anonymizer::Create(**root, "clinic-7", Scope::App());
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << Answer(*anonymizer, line) << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace moniker

int main() { return moniker::Main(); }
