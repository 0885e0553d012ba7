// identifiers: which identifiers are one person.

#include <string>
#include <vector>

#include "commands.h"
#include "io.h"
#include "person_record.h"
#include "records.h"

namespace moniker::tool {
namespace {

using Step = IdentifiersOptions::Step;

// The members that name the second identifier of a record.
struct SecondMembers {
  const char* issuer;
  const char* id;
  const char* kind;
};

SecondMembers SecondOf(Step step) {
  return step == Step::kAdd ? SecondMembers{"new_issuer", "new_id", "new_kind"}
                            : SecondMembers{"other_issuer", "other_id", "other_kind"};
}

Identifier ReadIdentifier(const Record& record, const SecondMembers& members) {
  return {record.Text(members.issuer), record.Text(members.id), KindIn(record, members.kind)};
}

[[noreturn]] void FailStep(const Status& status, const VaultOptions& vault) {
  if (status.locator() < 0 || status.code() == StatusCode::kAltered ||
      status.code() == StatusCode::kIo || status.code() == StatusCode::kReadOnly ||
      status.code() == StatusCode::kNoSpace) {
    Fail(status, vault.path);
  }
  FailRecord(status, static_cast<std::size_t>(status.locator()));
}

}  // namespace

ExitStatus Identifiers(const IdentifiersOptions& options) {
  const Vault vault = OpenVault(options.vault);
  const std::string text = ReadInput(options.input);
  const std::vector<Record> records = ParseRecords(text);
  const SecondMembers first{"issuer", "id", "kind"};
  std::vector<IdentifierPair> pairs;
  std::vector<Identifier> singles;
  for (const Record& record : records) {
    const Identifier identifier = ReadIdentifier(record, first);
    singles.push_back(identifier);
    if (options.step == Step::kSplit) continue;
    pairs.push_back({identifier, ReadIdentifier(record, SecondOf(options.step))});
  }
  Status status;
  switch (options.step) {
    case Step::kAdd: status = vault.AddIdentifiers(pairs, options.dry_run); break;
    case Step::kMerge: status = vault.MergePersons(pairs, options.dry_run); break;
    case Step::kSplit: status = vault.SplitPersons(singles, options.dry_run); break;
  }
  if (!status.ok()) FailStep(status, options.vault);
  if (!options.vault.quiet) {
    Tell(Plural(records.size(), "record", "records") +
         (options.dry_run ? " could be carried out; nothing was changed" : " carried out"));
  }
  return kDone;
}

}  // namespace moniker::tool
