// pseudonymize: options to rules, inputs to outputs.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batch_job.h"
#include "commands.h"
#include "enrol_pass.h"
#include "io.h"
#include "moniker/identity_gate.h"
#include "moniker/rewrite.h"
#include "pseudonym_mapper.h"

namespace moniker::tool {
namespace {

using Fate = RewriteColumn::Fate;
using Rendering = PseudonymRules::Rendering;
using Role = PseudonymRules::Role;

// Each block is stored in one durable step, and these are the more the larger it is.
constexpr std::size_t kEnrollBlock = std::size_t{1} << 20;

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
      : options_(options), job_(options.batch, options.vault, &rewrite_) {
    CheckOptions();
    ColumnRules(options, &rewrite_, &rules_);
    ReadRules();
  }

  ExitStatus Run() {
    vault_.emplace(OpenVault(options_.vault));
    rules_.vault = &*vault_;
    ReadKinds();
    CheckGate();
    BatchWork work;
    work.pass = [this](int input, const RewriteOptions& rewrite, const RewriteSinks& sinks) {
      return Pass(input, rewrite, sinks);
    };
    work.terms = Terms();
    work.before_output = [this] { DeclareIssuers(); };
    return job_.Run(&*vault_, work);
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
    rules_.enroll_beside_faults = rewrite_.skip_faulty;
    rules_.epoch = options_.epoch;
    if (options_.conference_column.empty()) rules_.scope = ScopeOf(options_.conference);
    rewrite_.null_values = options_.null_values;
    rewrite_.map_in_order = options_.enroll;
    if (options_.enroll) rewrite_.block_size = kEnrollBlock;
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

  // What the output depends on, and the files do not say.
  std::vector<std::string> Terms() const {
    std::vector<std::string> terms = {"pseudonymize",
                                      options_.name_column,
                                      options_.role,
                                      options_.enroll ? "enroll" : "",
                                      options_.as,
                                      options_.label,
                                      options_.conference.value_or(""),
                                      options_.conference_column,
                                      options_.epoch ? std::to_string(*options_.epoch) : ""};
    for (const auto* list :
         {&options_.columns, &options_.add, &options_.drop, &options_.null_values}) {
      terms.push_back(std::to_string(list->size()));
      terms.insert(terms.end(), list->begin(), list->end());
    }
    for (const PseudonymRules::Column& column : rules_.columns) {
      const bool is_id = !column.issuer.empty();
      terms.emplace_back(is_id ? KindName(column.kind.value_or(BuiltInKind(column.issuer))) : "");
    }
    return terms;
  }

  Result<RewriteOutcome> Pass(int input, const RewriteOptions& rewrite, const RewriteSinks& sinks) {
    rules_.seen = nullptr;
    if (!CanEnrolFirst(input, rules_)) return Rewrite(input, rewrite, Mappers(), sinks);
    PersonsSeen stored;
    PersonsSeen seen;
    Result<RewriteOutcome> outcome = EnrolFirst(input, rewrite, rules_, &stored);
    if (!outcome.ok() || outcome->fault) return outcome;
    // Whoever is stored need not be looked for, unless the pseudonym is in the store alone. What has
    // left by standard output could not be taken back should the input have changed, and of a run
    // that goes on the first part is not read here.
    const std::string& output = options_.batch.output;
    const bool to_file = (!output.empty() && output != "-") || !options_.batch.out_dir.empty();
    const bool is_known = to_file && rewrite.resume_from.empty() &&
                          vault_->keyring()->mode() == VaultMode::kDerived;
    rules_.seen = is_known ? &seen : nullptr;
    RewriteOptions again = rewrite;
    again.map_in_order = !is_known;
    outcome = Rewrite(input, again, Mappers(), sinks);
    rules_.seen = nullptr;
    if (is_known && outcome.ok() && !outcome->fault && !(seen == stored)) {
      return Status(StatusCode::kIo, "the input changed while it was read");
    }
    return outcome;
  }

  CellMapperFactory Mappers() const {
    return [this]() -> Result<std::unique_ptr<CellMapper>> {
      auto mapper = std::make_unique<PseudonymMapper>(rules_);
      const Status status = mapper->Prepare();
      if (!status.ok()) return status;
      return std::unique_ptr<CellMapper>(std::move(mapper));
    };
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

  const PseudonymizeOptions& options_;
  RewriteOptions rewrite_;
  PseudonymRules rules_;
  BatchJob job_;
  std::optional<Vault> vault_;
  std::vector<IssuerKind> new_issuers_;
};

}  // namespace

ExitStatus Pseudonymize(const PseudonymizeOptions& options) {
  return PseudonymizeRun(options).Run();
}

}  // namespace moniker::tool
