// pseudonymize: options to rules, inputs to outputs.

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "io.h"
#include "moniker/identity_gate.h"
#include "moniker/rewrite.h"
#include "pseudonym_mapper.h"
#include "rewrite_report.h"

namespace moniker::tool {
namespace {

using Fate = RewriteColumn::Fate;
using Rendering = PseudonymRules::Rendering;
using Role = PseudonymRules::Role;

constexpr std::string_view kReject = "reject=";

// Each block is stored in one durable step, and these are the more the larger it is.
constexpr std::size_t kEnrollBlock = std::size_t{1} << 20;

bool IsStandard(const std::string& path) { return path.empty() || path == "-"; }

// NAME=VALUE; the last = divides, since what stands behind it has none.
std::pair<std::string, std::string> Divide(const std::string& text, const std::string& option,
                                           const std::string& form, const std::string& hint) {
  const std::size_t equals = text.find_last_of('=');
  if (equals == std::string::npos || equals == 0) {
    FailUsage(option + ": not of the form " + form, option + " " + hint);
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Rendering RenderingOf(const std::string& name) {
  if (name == "external-id") return Rendering::kExternalId;
  if (name == "uuid") return Rendering::kUuid;
  if (name == "label") return Rendering::kLabel;
  FailUsage("--as: none of external-id, uuid, label");
}

FormatOfName FormatNamed(const std::string& option, const std::string& name) {
  const std::optional<FormatOfName> format = FindFormat("." + name);
  const bool is_known = name == "csv" || name == "tsv" || name == "json" || name == "jsonl";
  if (!format || !is_known) FailUsage(option + ": none of csv, tsv, json, jsonl");
  return *format;
}

// What the command line says of columns: how they are rewritten, and what their values are.
class ColumnRules {
 public:
  ColumnRules(const PseudonymizeOptions& options, RewriteOptions* rewrite, PseudonymRules* rules)
      : rewrite_(*rewrite), rules_(*rules) {
    for (const std::string& text : options.columns) AddIdentifiers(text);
    if (!options.name_column.empty()) {
      AddOther(options.name_column, Role::kName, Fate::kReplace, "--name-column");
    }
    if (!options.conference_column.empty()) {
      AddOther(options.conference_column, Role::kConference, Fate::kKeep, "--conference-column");
    }
    for (const std::string& text : options.add) AddBeside(text);
    for (const std::string& name : options.drop) Drop(name);
  }

 private:
  RewriteColumn* Find(const std::string& name) {
    const auto found = std::ranges::find(rewrite_.columns, name, &RewriteColumn::name);
    return found == rewrite_.columns.end() ? nullptr : &*found;
  }

  void AddIdentifiers(const std::string& text) {
    auto [name, issuer] = Divide(text, "--column", "COLUMN=ISSUER", "mrn=mrn.hospital-a");
    if (Find(name) != nullptr) FailUsage("--column: one column twice");
    PseudonymRules::Column column{Role::kIdentifier, issuer, std::nullopt};
    if (issuer.find(':') != std::string::npos) {
      const IssuerKind declared = ParseIssuerKind("--column", issuer);
      column.issuer = declared.issuer;
      column.kind = declared.kind;
    } else if (const Status status = ValidateIssuer(issuer); !status.ok()) {
      FailOption("--column", status);
    }
    rewrite_.columns.push_back({name, Fate::kReplace, ""});
    rules_.columns.push_back(std::move(column));
  }

  void AddOther(const std::string& name, Role role, Fate fate, const std::string& option) {
    if (Find(name) != nullptr) FailUsage(option + ": a column that another option replaces");
    rewrite_.columns.push_back({name, fate, ""});
    rules_.columns.push_back({role, "", std::nullopt});
  }

  void AddBeside(const std::string& text) {
    const auto [added, name] = Divide(text, "--add", "NEW=COLUMN", "pseudonym=mrn");
    RewriteColumn* const column = Find(name);
    if (column == nullptr || rules_.columns[IndexOf(column)].role == Role::kConference) {
      FailUsage("--add: a column without --column or --name-column");
    }
    if (!column->added.empty()) FailUsage("--add: two beside one column");
    column->added = added;
    column->fate = Fate::kKeep;
  }

  // A column beside which there is a new one may go: then only the new one is left.
  void Drop(const std::string& name) {
    RewriteColumn* const column = Find(name);
    if (column == nullptr) {
      rewrite_.columns.push_back({name, Fate::kDrop, ""});
      rules_.columns.emplace_back();
    } else if (column->fate == Fate::kKeep && !column->added.empty()) {
      column->fate = Fate::kReplace;
    } else if (column->fate != Fate::kDrop) {
      FailUsage("--drop: a column that another option uses");
    }
  }

  std::size_t IndexOf(const RewriteColumn* column) const {
    return static_cast<std::size_t>(column - rewrite_.columns.data());
  }

  RewriteOptions& rewrite_;
  PseudonymRules& rules_;
};

class PseudonymizeRun {
 public:
  explicit PseudonymizeRun(const PseudonymizeOptions& options)
      : options_(options), report_(rewrite_.columns, options.vault.quiet) {
    CheckOptions();
    ColumnRules(options, &rewrite_, &rules_);
    ReadRules();
    ReadDialect();
    ReadErrorOptions();
    CheckFiles();
  }

  ExitStatus Run() {
    vault_.emplace(OpenVault(options_.vault));
    rules_.vault = &*vault_;
    ReadKinds();
    CheckGate();
    if (!reject_file_.empty()) rejected_.emplace(reject_file_);
    std::optional<Output> report;
    if (!options_.report.empty()) report.emplace(options_.report);
    for (const std::string& input : inputs_) RewriteInput(input);
    if (rejected_) Require(rejected_->Commit(), rejected_->name());
    if (report) report->Write(report_.Json());
    report_.TellTotal();
    return report_.rejected() == 0 ? kDone : kSomeRejected;
  }

 private:
  void CheckOptions() const {
    const bool has_person = options_.enroll || !options_.name_column.empty();
    if (has_person && options_.columns.size() != 1) {
      FailUsage("--enroll and --name-column speak of one person a record: give one --column");
    }
    if (options_.enroll && options_.name_column.empty()) {
      FailUsage("--enroll needs the column of the real names", "--name-column COLUMN");
    }
    if (options_.conference && !options_.conference_column.empty()) {
      FailUsage("--conference-column: not together with --conference");
    }
  }

  void ReadRules() {
    rules_.rendering = RenderingOf(options_.as);
    rules_.label_style = LabelStyleOf(options_.label);
    rules_.role = options_.role.empty() ? kDefaultRole : options_.role;
    rules_.enroll = options_.enroll;
    rules_.epoch = options_.epoch;
    if (options_.conference_column.empty()) rules_.scope = ScopeOf(options_.conference);
    rewrite_.null_values = options_.null_values;
    rewrite_.threads = options_.threads;
    rewrite_.map_in_order = options_.enroll;
    if (options_.enroll) rewrite_.block_size = kEnrollBlock;
  }

  void ReadDialect() {
    if (!options_.from.empty()) from_ = FormatNamed("--from", options_.from);
    if (!options_.to.empty()) to_ = FormatNamed("--to", options_.to);
    if (!options_.separator.empty()) {
      const std::string& separator = options_.separator;
      if (separator.size() != 1 && separator != "tab") FailUsage("--separator: not one character");
      separator_ = separator == "tab" ? '\t' : separator[0];
    }
    if (!options_.quote.empty()) {
      if (options_.quote.size() != 1 && options_.quote != "none") {
        FailUsage("--quote: neither one character nor none");
      }
      rewrite_.quote = options_.quote == "none" ? '\0' : options_.quote[0];
    }
    if (options_.ragged != "error" && options_.ragged != "pass") {
      FailUsage("--ragged: neither error nor pass");
    }
    rewrite_.pass_ragged = options_.ragged == "pass";
  }

  void ReadErrorOptions() {
    const std::string& choice = options_.on_error;
    rewrite_.skip_faulty = choice != "fail";
    rules_.enroll_beside_faults = rewrite_.skip_faulty;
    if (choice == "fail" || choice == "skip") return;
    if (!choice.starts_with(kReject) || choice.size() == kReject.size()) {
      FailUsage("--on-error: none of fail, skip, reject=FILE");
    }
    reject_file_ = choice.substr(kReject.size());
  }

  void CheckFiles() {
    inputs_ = options_.inputs.empty() ? std::vector<std::string>{"-"} : options_.inputs;
    if (!options_.out_dir.empty() && !options_.output.empty()) {
      FailUsage("--out-dir: not together with --output");
    }
    if (inputs_.size() > 1) {
      if (options_.out_dir.empty()) FailUsage("several inputs need --out-dir");
      if (!reject_file_.empty()) {
        FailUsage("--on-error: the rejected records of several inputs do not belong into one file");
      }
    }
    std::set<std::string> outputs;
    const auto add = [&](const std::string& output) {
      if (IsStandard(output)) return;
      if (!outputs.insert(output).second) FailUsage(output + ": an output twice");
      for (const std::string& input : inputs_) CheckOutput(output, input, options_.vault.path);
    };
    for (const std::string& input : inputs_) add(OutputOf(input));
    add(reject_file_);
    add(options_.report);
  }

  std::string OutputOf(const std::string& input) const {
    if (options_.out_dir.empty()) return options_.output;
    if (IsStandard(input)) FailUsage("--out-dir: standard input has no name for its output");
    const std::size_t slash = input.find_last_of('/');
    return options_.out_dir + "/" + (slash == std::string::npos ? input : input.substr(slash + 1));
  }

  void ReadKinds() {
    for (std::size_t i = 0; i < rules_.columns.size(); ++i) {
      PseudonymRules::Column& column = rules_.columns[i];
      if (column.issuer.empty()) continue;
      const std::optional<IdentifierKind> known =
          Take(vault_->KindOf(column.issuer), options_.vault.path);
      if (column.kind && known && *known != *column.kind) {
        FailUsage("--column: the identifiers of the issuer are of the kind " +
                  std::string(KindName(*known)));
      }
      if (column.kind && !known) new_issuers_.push_back({column.issuer, *column.kind});
      if (!column.kind) column.kind = known;
    }
  }

  // What only the vault knows to be wrong with the options, before anything is read.
  void CheckGate() const {
    const Result<IdentityGate> gate =
        IdentityGate::Create(*vault_, {.scope = rules_.scope.value_or(Scope::App()),
                                       .label_style = rules_.label_style,
                                       .identity_epoch = rules_.epoch});
    if (!gate.ok() && gate.status().code() == StatusCode::kNotFound) {
      FailUsage("--epoch: " + std::string(gate.status().message()), "moniker keys VAULT list");
    }
    Require(gate.status());
  }

  void SetFormat(const std::string& input) {
    std::optional<FormatOfName> format = from_;
    if (!format) format = FindFormat(input);
    const auto is_to = [&](const FormatOfName& other) {
      return to_->format == other.format && to_->separator == other.separator;
    };
    // Without a name only CSV can be meant: JSON would be found by its first character.
    if (!format && to_ && is_to(FormatOfName{})) format = to_;
    if (to_ && !(format && is_to(*format))) {
      FailUsage("--to: the output has the format of the input");
    }
    rewrite_.format.reset();
    if (format) rewrite_.format = format->format;
    rewrite_.separator = separator_.value_or(format ? format->separator : ',');
  }

  void RewriteInput(const std::string& path) {
    SetFormat(path);
    const std::string output_path = OutputOf(path);
    rewrite_.output_compression = CompressionOfName(output_path);
    const Input input(path);
    Output output(output_path);
    const std::string context = inputs_.size() > 1 ? path : "";
    report_.BeginInput(input.name(), context);
    // The sinks say whose error it is, since one of the run may be the input's or the vault's.
    std::string failed;
    const auto note = [&failed](const Status& status, const std::string& name) {
      if (!status.ok()) failed = name;
      return status;
    };
    RewriteSinks sinks;
    sinks.write = [&](std::string_view text) { return note(output.Append(text), output.name()); };
    sinks.tell = [&](const RecordFault& fault) { report_.Add(fault); };
    if (rejected_) {
      sinks.reject = [&](std::string_view text) {
        return note(rejected_->Append(text), rejected_->name());
      };
    }
    const Result<RewriteOutcome> outcome = Rewrite(input.fd(), rewrite_, Mappers(), sinks);
    if (!outcome.ok()) FailRun(outcome.status(), failed.empty() ? input.name() : failed);
    if (outcome->fault) FailFault(*outcome->fault, rewrite_.columns, context);
    DeclareIssuers();
    Require(output.Commit(), output.name());
    report_.EndInput(outcome->summary);
    TellPassedOn(outcome->summary, context);
  }

  CellMapperFactory Mappers() const {
    return [this]() -> Result<std::unique_ptr<CellMapper>> {
      auto mapper = std::make_unique<PseudonymMapper>(rules_);
      const Status status = mapper->Prepare();
      if (!status.ok()) return status;
      return std::unique_ptr<CellMapper>(std::move(mapper));
    };
  }

  [[noreturn]] void FailRun(const Status& status, const std::string& context) const {
    const std::string message(status.message());
    if (message.starts_with("separator:") || message.starts_with("quote:")) {
      FailUsage("--" + message);
    }
    if (message.starts_with("columns:")) FailUsage("--add or --drop: two columns of one name");
    Fail(status, context);
  }

  // When it is certain that there is an output: a run that fails leaves nothing in the vault.
  void DeclareIssuers() {
    for (const IssuerKind& issuer : new_issuers_) {
      const Status status = vault_->DeclareIssuer(issuer.issuer, issuer.kind);
      if (status.code() == StatusCode::kConflict) FailOption("--column", status);
      Require(status, options_.vault.path);
    }
    new_issuers_.clear();
  }

  void TellPassedOn(const RewriteSummary& summary, const std::string& context) const {
    if (options_.vault.quiet || summary.passed_on.empty()) return;
    std::string names;
    for (const std::string& name : summary.passed_on) names += (names.empty() ? "" : ", ") + name;
    Tell((context.empty() ? "" : context + ": ") + "columns passed on as they are: " + names);
  }

  const PseudonymizeOptions& options_;
  RewriteOptions rewrite_;
  PseudonymRules rules_;
  RewriteReport report_;
  std::optional<FormatOfName> from_;
  std::optional<FormatOfName> to_;
  std::optional<char> separator_;
  std::string reject_file_;
  std::vector<std::string> inputs_;
  std::optional<Vault> vault_;
  std::vector<IssuerKind> new_issuers_;
  std::optional<Output> rejected_;
};

}  // namespace

ExitStatus Pseudonymize(const PseudonymizeOptions& options) {
  return PseudonymizeRun(options).Run();
}

}  // namespace moniker::tool
