// check: whether external IDs are those of identifiers, and whether texts are free of what is
// personal.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands.h"
#include "io.h"
#include "moniker/identity_gate.h"
#include "moniker/pseudonym.h"
#include "person_record.h"
#include "records.h"

namespace moniker::tool {
namespace {

constexpr std::array<std::string_view, 1> kTextAlone = {"text"};
constexpr std::string_view kNobodysId = "m0000000000000000000000000000000";

bool IsId(std::string_view text) { return ExternalId::Parse(text).ok() || Uuid::Parse(text).ok(); }

// Gates of the scopes that records name, made when they are first asked for.
class Gates {
 public:
  explicit Gates(const Vault& vault) : vault_(vault) {}

  const IdentityGate& Of(const Record& record) {
    const std::optional<std::string_view> conference = record.TextIfThere("conference");
    const auto found = gates_.find(conference);
    if (found != gates_.end()) return found->second;
    Result<Scope> scope = Scope::App();
    if (conference) scope = Scope::Conference(*conference);
    if (!scope.ok()) FailRecord(scope.status(), record.index());
    return gates_.emplace(conference, Take(IdentityGate::Create(vault_, {.scope = *scope})))
        .first->second;
  }

 private:
  const Vault& vault_;
  // By conference, nothing for the app: an empty conference is not the app. The records outlive it.
  std::map<std::optional<std::string_view>, IdentityGate> gates_;
};

Identifier IdentifierOf(const Record& record) {
  return {record.Text("issuer"), record.Text("id"), KindIn(record, "kind")};
}

ExitStatus CheckMatches(const CheckOptions& options, const std::vector<Record>& records) {
  const Vault vault = OpenVault(options.vault);
  Gates gates(vault);
  std::string out;
  for (const Record& record : records) {
    const IdentityGate& gate = gates.Of(record);
    const Identifier identifier = WithKind(vault, IdentifierOf(record));
    const std::string& external_id = record.Text("external_id");
    // What is no ID at all is nobody's; the identifier is looked at even so.
    const Result<bool> match = gate.Check(identifier, IsId(external_id) ? external_id : kNobodysId);
    if (!match.ok()) {
      if (!IsOfRecord(match.status())) Fail(match.status(), options.vault.path);
      FailIdentifier(match.status(), record.index(), identifier);
    }
    JsonLine().Bool("match", *match && IsId(external_id)).AppendTo(&out);
  }
  Output("-").Write(out);
  return kDone;
}

ExitStatus CheckOutbound(const CheckOptions& options, const std::vector<Record>& records) {
  const Vault vault = OpenVault(options.vault);
  const IdentityGate gate = Take(IdentityGate::Create(vault, {.scope = Scope::App()}));
  std::string out;
  std::size_t refused = 0;
  for (const Record& record : records) {
    PersonRecord read = ReadPerson(record, kDefaultRole, kTextAlone);
    read.person.fields = read.fields;
    const std::string& text = record.Text("text");
    const Identifier identifier = WithKind(vault, read.person.identifier());
    Status status = ValidateIdentifier(identifier);
    if (!status.ok()) FailIdentifier(status, record.index(), identifier);
    status = gate.CheckOutbound(read.person, text);
    JsonLine line;
    line.Bool("refused", !status.ok());
    if (!status.ok()) {
      if (status.code() != StatusCode::kInvalidArgument) Fail(status);
      line.Text("reason", status.message());
      ++refused;
    }
    line.AppendTo(&out);
  }
  Output("-").Write(out);
  if (refused == 0) return kDone;
  if (!options.vault.quiet) Tell(Plural(refused, "text", "texts") + " refused");
  return kSomeRejected;
}

}  // namespace

ExitStatus Check(const CheckOptions& options) {
  const std::string text = ReadInput(options.input);
  const std::vector<Record> records = ParseRecords(text);
  return options.outbound ? CheckOutbound(options, records) : CheckMatches(options, records);
}

}  // namespace moniker::tool
