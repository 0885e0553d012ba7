// Who was that? The records office of the clinic: a program of its own, since it alone links
// moniker::resolve.
//
// Usage: records_desk VAULT ACTOR PURPOSE < IDS    (external IDs or participant IDs, one a line)
//
// Prints the persons, and then what the audit log says of this access.

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/audit_log.h"
#include "moniker/resolver.h"
#include "moniker/vault.h"

namespace {

moniker::Status ShowPersons(const std::string& path, const moniker::AccessReason& reason) {
  std::vector<std::string> lines;
  for (std::string line; std::getline(std::cin, line);) lines.push_back(line);
  const std::vector<std::string_view> ids(lines.begin(), lines.end());

  const auto vault = moniker::Vault::Open(path);
  if (!vault) return vault.status();
  const auto answers = moniker::Resolver::Create(*vault).ResolveMany(ids, reason);
  if (!answers) return answers.status();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& answer = (*answers)[i];
    std::cout << ids[i] << "  ";
    if (answer) {
      std::cout << answer->person.name.Expose() << ", " << answer->person.issuer << ' '
                << answer->person.id.Expose() << ", in " << answer->scope.conference() << '\n';
    } else {
      std::cout << "not known here\n";
    }
  }
  return moniker::Status::Ok();
}

moniker::Status ShowAccesses(const std::string& path) {
  const auto log = moniker::AuditLog::Open(path, moniker::Protector::Remembered());
  if (!log) return log.status();
  return log->Read({}, [](std::uint64_t number, const moniker::AuditEntry* entry) {
    std::cout << "entry " << number << ": ";
    if (entry == nullptr) {
      std::cout << "altered\n";
    } else {
      std::cout << moniker::AuditOperationName(entry->operation) << " by " << entry->actor
                << " for " << entry->purpose << ", asked " << entry->asked << ", answered "
                << entry->persons.size() << '\n';
    }
    return moniker::Status::Ok();
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  moniker::Status status = ShowPersons(argv[1], {.actor = argv[2], .purpose = argv[3]});
  if (status.ok()) status = ShowAccesses(argv[1]);
  if (status.ok()) return 0;
  std::cerr << "records_desk: " << status.message() << '\n';
  return 1;
}
