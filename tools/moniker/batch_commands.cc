// The batch job that puts persons back: reidentify.

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "commands.h"
#include "io.h"
#include "moniker/csv.h"
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

// Errors in the form of the text are about a record; its number is the locator.
[[noreturn]] void FailText(const Status& status, const std::string& what) {
  if (status.locator() == Status::kNowhere) Fail(status);
  const bool header = what == "record" && status.locator() == 0;
  Fail(status.At(Status::kNowhere),
       header ? "header" : what + " " + std::to_string(status.locator()));
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
