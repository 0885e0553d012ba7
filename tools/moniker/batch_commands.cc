// The batch jobs over whole files: pseudonymize and reidentify.

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>

#include "commands.h"
#include "io.h"
#include "moniker/csv.h"
#include "moniker/identity_gate.h"
#include "moniker/reidentify.h"
#include "moniker/resolver.h"

namespace moniker::tool {
namespace {

enum class Format { kCsv, kTsv, kJson };

CsvDialect DialectOf(Format format) { return {.separator = format == Format::kTsv ? '\t' : ','}; }

// By name, else by the file's ending, else by how the text begins.
Format FormatOf(const std::string& name, const std::string& path, std::string_view text) {
  std::string kind = name;
  if (kind.empty()) {
    const std::size_t dot = path.find_last_of("./");
    if (dot != std::string::npos && path[dot] == '.') kind = path.substr(dot + 1);
  }
  if (kind == "csv") return Format::kCsv;
  if (kind == "tsv") return Format::kTsv;
  if (kind == "json" || kind == "jsonl" || kind == "ndjson") return Format::kJson;
  if (!name.empty()) FailUsage("--from: none of csv, tsv, json, jsonl");
  const std::size_t first = text.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  const bool json = first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
  return json ? Format::kJson : Format::kCsv;
}

struct ColumnRule {
  std::string name;
  std::string issuer;
  std::optional<IdentifierKind> kind;
  std::size_t index = 0;
};

// COL=ISSUER[:KIND]; the last = divides, since issuers have none.
ColumnRule ParseColumnRule(const std::string& text) {
  const std::size_t equals = text.find_last_of('=');
  if (equals == std::string::npos || equals == 0) {
    FailUsage("--column: not of the form COLUMN=ISSUER", "--column mrn=mrn.hospital-a");
  }
  ColumnRule rule{text.substr(0, equals), text.substr(equals + 1), std::nullopt};
  if (rule.issuer.find(':') != std::string::npos) {
    const IssuerKind declared = ParseIssuerKind("--column", rule.issuer);
    rule.issuer = declared.issuer;
    rule.kind = declared.kind;
  } else if (const Status status = ValidateIssuer(rule.issuer); !status.ok()) {
    FailOption("--column", status);
  }
  return rule;
}

std::size_t FindColumn(const CsvDocument& document, const std::string& name) {
  const Result<std::size_t> index = document.FindColumn(name);
  if (index.ok()) return *index;
  throw Failure(kFailed, index.status().code() == StatusCode::kConflict
                             ? "column \"" + name + "\": there are several"
                             : "column \"" + name + "\": there is none in the header");
}

// `record` as CsvDocument counts: 1 is the first after the header.
[[noreturn]] void FailCell(const Status& status, std::size_t record, const std::string& column) {
  const bool has_place =
      status.code() == StatusCode::kInvalidArgument && status.locator() != Status::kNowhere;
  const std::string place =
      has_place ? " (byte " + std::to_string(status.locator() + 1) + " of the value)" : "";
  Fail(status.At(Status::kNowhere),
       "record " + std::to_string(record) + ": column \"" + column + "\"" + place);
}

// Errors in the form of the text are about a record; its number is the locator.
[[noreturn]] void FailText(const Status& status, const std::string& what) {
  if (status.locator() == Status::kNowhere) Fail(status);
  const bool header = what == "record" && status.locator() == 0;
  Fail(status.At(Status::kNowhere),
       header ? "header" : what + " " + std::to_string(status.locator()));
}

// One run of `pseudonymize`: the document and the rules, found in its header.
class PseudonymizeRun {
 public:
  PseudonymizeRun(const PseudonymizeOptions& options, const CsvDocument& document,
                  std::vector<ColumnRule> rules)
      : options_(options),
        document_(document),
        rules_(std::move(rules)),
        style_(LabelStyleOf(options.label)),
        rewriter_(&document) {
    for (ColumnRule& rule : rules_) rule.index = FindColumn(document, rule.name);
    if (!options.name_column.empty()) name_index_ = FindColumn(document, options.name_column);
    for (const std::string& name : options.drop) dropped_.push_back(FindColumn(document, name));
  }

  std::string Run() {
    vault_.emplace(OpenVault(options_.vault));
    for (ColumnRule& rule : rules_) {
      if (!rule.kind) {
        rule.kind = Take(vault_->KindOf(rule.issuer), options_.vault.path);
        continue;
      }
      const Status status = vault_->DeclareIssuer(rule.issuer, *rule.kind);
      if (status.code() == StatusCode::kConflict) FailOption("--column", status);
      Require(status, options_.vault.path);
    }
    const Result<IdentityGate> gate =
        IdentityGate::Create(*vault_, {.scope = ScopeOf(options_.conference),
                                       .label_style = style_,
                                       .identity_epoch = options_.epoch});
    if (!gate.ok() && gate.status().code() == StatusCode::kNotFound) {
      FailUsage("--epoch: " + std::string(gate.status().message()), "moniker keys VAULT list");
    }
    if (!gate.ok()) Fail(gate.status());
    if (options_.enroll) {
      Enroll(*gate);
    } else {
      Derive(*gate);
    }
    for (const std::size_t column : dropped_) Require(rewriter_.DropColumn(column));
    return rewriter_.Write();
  }

  // The columns whose values leave as they came.
  std::vector<std::string> Untouched() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < document_.columns().size(); ++i) {
      const bool ruled = std::ranges::any_of(rules_, [&](const auto& r) { return r.index == i; });
      const bool dropped = std::ranges::find(dropped_, i) != dropped_.end();
      if (!ruled && !dropped && name_index_ != i) names.push_back(document_.columns()[i]);
    }
    return names;
  }

 private:
  void Derive(const IdentityGate& gate) {
    for (const ColumnRule& rule : rules_) {
      const std::size_t count = document_.record_count();
      std::vector<std::string> ids(count);
      std::vector<Identifier> identifiers;
      for (std::size_t i = 0; i < count; ++i) {
        ids[i] = document_.Value(i + 1, rule.index);
        identifiers.push_back({rule.issuer, ids[i], rule.kind});
      }
      const Result<std::vector<std::optional<Pseudonym>>> pseudonyms =
          gate.PseudonymizeMany(identifiers);
      if (!pseudonyms.ok()) FailIdentifierCell(pseudonyms.status(), identifiers, rule);
      for (std::size_t i = 0; i < count; ++i) {
        const std::optional<Pseudonym>& pseudonym = (*pseudonyms)[i];
        if (!pseudonym) {
          FailCell(Status(StatusCode::kNotFound, "the person is not enrolled"), i + 1, rule.name);
        }
        Require(rewriter_.Replace(i + 1, rule.index, RenderId(*pseudonym)));
        if (name_index_) WriteDisplayName(i + 1, identifiers[i], *pseudonym);
      }
    }
  }

  // The locator of a batch call is the record; the place in the value is looked up again.
  [[noreturn]] void FailIdentifierCell(const Status& status,
                                       std::span<const Identifier> identifiers,
                                       const ColumnRule& rule) {
    if (status.locator() < 0) Fail(status, options_.vault.path);
    const auto index = static_cast<std::size_t>(status.locator());
    if (index >= identifiers.size()) Fail(status, options_.vault.path);
    const Status own = ValidateIdentifier(identifiers[index]);
    FailCell(own.ok() ? status.At(Status::kNowhere) : own, index + 1, rule.name);
  }

  std::string RenderId(const Pseudonym& pseudonym) const {
    if (options_.as == "uuid") return pseudonym.uuid().text();
    if (options_.as == "label") return Label::Of(pseudonym.digest(), style_).text();
    return std::string(pseudonym.external_id().text());
  }

  void WriteDisplayName(std::size_t record, const Identifier& identifier,
                        const Pseudonym& pseudonym) {
    const std::string name = document_.Value(record, *name_index_);
    const Result<std::string> display_name = IdentityGate::DisplayName(
        Role(), {identifier.issuer, identifier.id, name, {}, identifier.kind},
        Label::Of(pseudonym.digest(), style_));
    if (!display_name.ok()) FailCell(display_name.status(), record, options_.name_column);
    Require(rewriter_.Replace(record, *name_index_, *display_name));
  }

  void Enroll(const IdentityGate& gate) {
    const ColumnRule& rule = rules_.front();
    const std::size_t count = document_.record_count();
    std::vector<std::string> ids(count);
    std::vector<std::string> names(count);
    std::vector<PersonView> persons;
    for (std::size_t i = 0; i < count; ++i) {
      ids[i] = document_.Value(i + 1, rule.index);
      names[i] = document_.Value(i + 1, *name_index_);
      const PersonView person{rule.issuer, ids[i], names[i], {}, rule.kind};
      Status status = ValidateIdentifier(person.identifier());
      if (!status.ok()) FailCell(status, i + 1, rule.name);
      status = ValidatePerson(person);
      if (!status.ok()) FailCell(status, i + 1, options_.name_column);
      persons.push_back(person);
    }
    const std::vector<std::string_view> roles(count, Role());
    const Result<std::vector<SessionIdentity>> admitted = gate.AdmitMany(persons, roles);
    if (!admitted.ok()) {
      const Status status = admitted.status();
      if (status.code() != StatusCode::kInvalidArgument) Fail(status, options_.vault.path);
      FailRecord(status, static_cast<std::size_t>(status.locator()));
    }
    for (std::size_t i = 0; i < count; ++i) {
      const SessionIdentity& who = (*admitted)[i];
      const std::string id =
          options_.as == "label" ? who.label().text() : RenderId(who.pseudonym());
      Require(rewriter_.Replace(i + 1, rule.index, id));
      Require(rewriter_.Replace(i + 1, *name_index_, who.display_name()));
    }
  }

  std::string_view Role() const {
    if (options_.role.empty()) return kDefaultRole;
    return options_.role;
  }

  const PseudonymizeOptions& options_;
  std::optional<Vault> vault_;
  const CsvDocument& document_;
  std::vector<ColumnRule> rules_;
  LabelStyle style_;
  std::optional<std::size_t> name_index_;
  std::vector<std::size_t> dropped_;
  CsvRewriter rewriter_;
};

std::vector<ColumnRule> RulesOf(const PseudonymizeOptions& options) {
  std::vector<ColumnRule> rules;
  for (const std::string& column : options.columns) rules.push_back(ParseColumnRule(column));
  if (options.as != "external-id" && options.as != "uuid" && options.as != "label") {
    FailUsage("--as: none of external-id, uuid, label");
  }
  if ((options.enroll || !options.name_column.empty()) && rules.size() != 1) {
    FailUsage("--enroll and --name-column speak of one person a record: give one --column");
  }
  if (options.enroll && options.name_column.empty()) {
    FailUsage("--enroll needs the column of the real names", "--name-column COLUMN");
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (rules[k].name == rules[i].name) FailUsage("--column: one column twice");
    }
    if (rules[i].name == options.name_column) {
      FailUsage("--name-column: the column of the identifiers");
    }
  }
  for (const std::string& drop : options.drop) {
    const bool used = std::ranges::any_of(rules, [&](const auto& r) { return r.name == drop; }) ||
                      drop == options.name_column;
    if (used) FailUsage("--drop: a column that another option replaces");
  }
  return rules;
}

// What was resolved, by the ID that stands in the text.
class ResolvedDirectory : public IdentityDirectory {
 public:
  void Add(const std::string& id, const Resolved& resolved) {
    const std::string_view issuer = resolved.person.issuer;
    const std::string_view identifier = resolved.person.id.Expose();
    const auto person =
        persons_.try_emplace({std::string(issuer), std::string(identifier)}, persons_.size());
    KnownIdentity identity;
    identity.kind = resolved.by_participant_id ? KnownIdentity::Kind::kParticipantId
                                               : KnownIdentity::Kind::kExternalId;
    identity.person = person.first->second;
    identity.identifier = identifier;
    identity.name = resolved.person.name.Expose();
    identity.label = resolved.label_code;
    identity.words = resolved.label_words;
    identities_.emplace(id, std::move(identity));
  }

  const KnownIdentity* Find(std::string_view id) const override {
    const auto found = identities_.find(std::string(id));
    return found == identities_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::uint64_t> persons_;
  std::unordered_map<std::string, KnownIdentity> identities_;
};

ParticipantPolicy PolicyOf(const std::string& name) {
  if (name == "keep") return ParticipantPolicy::kKeep;
  if (name == "id") return ParticipantPolicy::kId;
  if (name == "name") return ParticipantPolicy::kName;
  FailUsage("--participants: none of keep, id, name");
}

ResolvedDirectory ResolveAll(const Vault& vault, const std::set<std::string>& ids,
                             const ReidentifyOptionsOfCommand& options) {
  const std::vector<std::string_view> queries(ids.begin(), ids.end());
  Result<std::vector<std::optional<Resolved>>> answers = Resolver::Create(vault).ResolveMany(
      queries, {.actor = options.actor, .purpose = options.purpose});
  if (!answers.ok()) {
    if (answers.status().code() != StatusCode::kInvalidArgument) {
      Fail(answers.status(), options.vault.path);
    }
    FailUsage("--" + std::string(answers.status().message()));
  }
  ResolvedDirectory directory;
  std::size_t i = 0;
  for (const std::string& id : ids) {
    if (const std::optional<Resolved>& answer = (*answers)[i++]) directory.Add(id, *answer);
  }
  return directory;
}

void TellCounts(const ReidentifyCounts& counts) {
  Tell(std::to_string(counts.external_ids) + " external IDs, " +
       std::to_string(counts.participant_ids) + " participant IDs known; " +
       std::to_string(counts.names) + " names put back; " + std::to_string(counts.unknown_ids) +
       " IDs unknown, " + std::to_string(counts.ambiguous_names) + " names ambiguous");
}

}  // namespace

ExitStatus Pseudonymize(const PseudonymizeOptions& options) {
  std::vector<ColumnRule> rules = RulesOf(options);
  CheckOutput(options.output, options.input, options.vault.path);
  const std::string text = ReadInput(options.input);
  const Format format = FormatOf(options.from, options.input, text);
  if (format == Format::kJson) {
    FailUsage("pseudonymize reads CSV and TSV alone in this version");
  }
  if (!options.to.empty() && FormatOf(options.to, "", "") != format) {
    FailUsage("--to: the output has the format of the input in this version");
  }
  const Result<CsvDocument> document = CsvDocument::Parse(text, DialectOf(format));
  if (!document.ok()) FailText(document.status(), "record");
  PseudonymizeRun run(options, *document, std::move(rules));
  Output output(options.output);
  output.Write(run.Run());
  const std::vector<std::string> untouched = run.Untouched();
  if (!options.vault.quiet && !untouched.empty()) {
    std::string names;
    for (const std::string& name : untouched) names += (names.empty() ? "" : ", ") + name;
    Tell("columns passed on as they are: " + names);
  }
  return kDone;
}

ExitStatus Reidentify(const ReidentifyOptionsOfCommand& options) {
  const ReidentifyOptions rules{.participants = PolicyOf(options.participants),
                                .name_fields = options.name_columns};
  CheckOutput(options.output, options.input, options.vault.path);
  const Vault vault = OpenVault(options.vault);
  Output output(options.output);
  const std::string text = ReadInput(options.input);
  const Format format = FormatOf(options.from, options.input, text);
  const bool json = format == Format::kJson;

  std::set<std::string> ids;
  const auto collect = [&](std::string_view id) { ids.emplace(id); };
  const Status collected =
      json ? CollectJsonIds(text, collect) : CollectCsvIds(text, DialectOf(format), collect);
  if (!collected.ok()) FailText(collected, json ? "document" : "record");
  const ResolvedDirectory directory = ResolveAll(vault, ids, options);
  ReidentifyCounts counts;
  const Result<std::string> rewritten =
      json ? ReidentifyJson(text, directory, rules, &counts)
           : ReidentifyCsv(text, DialectOf(format), directory, rules, &counts);
  if (!rewritten.ok()) FailText(rewritten.status(), json ? "document" : "record");
  output.Write(*rewritten);
  if (!options.vault.quiet) TellCounts(counts);
  return counts.unknown_ids == 0 ? kDone : kSomeRejected;
}

}  // namespace moniker::tool
