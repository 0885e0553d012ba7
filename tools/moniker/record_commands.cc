// The commands over records: admit, check, bind, resolve.

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <set>
#include <span>

#include "commands.h"
#include "io.h"
#include "moniker/identity_gate.h"
#include "moniker/metadata.h"
#include "moniker/platform.h"
#include "moniker/resolver.h"
#include "records.h"

namespace moniker::tool {
namespace {

// Members of a record that are the platform's side or the program's, not the person's. Records that
// come from elsewhere may hold them; they are not stored.
constexpr std::array<std::string_view, 6> kNotOfThePerson = {
    "role", "kind", "external_id", "participant_id", "display_name", "avatar_url"};
// Members of an answer of `resolve`, so that no further field can pretend to be one.
constexpr std::array<std::string_view, 3> kOfTheAnswer = {"query", "error", "other_identifiers"};

// A person of a record, and the views that it is handed on with. Not moved once filled.
struct PersonRecord {
  std::vector<FieldView> fields;
  PersonView person;
  std::string_view role;
};

std::optional<IdentifierKind> KindOf(const Record& record) {
  const std::optional<std::string_view> name = record.TextIfThere("kind");
  if (!name) return std::nullopt;
  const std::optional<IdentifierKind> kind = FindKind(*name);
  if (!kind) record.Fail("kind", "none of opaque, text, email, phone");
  return kind;
}

PersonRecord ReadPerson(const Record& record, std::string_view default_role,
                        std::span<const std::string_view> also_not_of_the_person = {}) {
  PersonRecord read;
  read.person.issuer = record.Text("issuer");
  read.person.id = record.Text("id");
  read.person.name = record.Text("name");
  read.person.kind = KindOf(record);
  read.role = record.TextIfThere("role").value_or(default_role);
  if (record.TextIfThere("conference")) {
    record.Fail("conference", "the scope of a run is given with --conference");
  }
  for (std::size_t i = 0; i < record.members().size(); ++i) {
    const Record::Member& member = record.members()[i];
    const auto is = [&](std::string_view name) { return member.name == name; };
    if (is("issuer") || is("id") || is("name") || std::ranges::any_of(kNotOfThePerson, is) ||
        std::ranges::any_of(also_not_of_the_person, is)) {
      continue;
    }
    const std::string place =
        "record " + std::to_string(record.index() + 1) + ": member " + std::to_string(i + 1);
    if (std::ranges::any_of(kOfTheAnswer, is)) {
      throw Failure(kFailed, place + ": a name that answers use");
    }
    if (!member.text) throw Failure(kFailed, place + ": not a string");
    read.fields.push_back({member.name, *member.text});
  }
  return read;
}

std::string_view PartOf(const SessionIdentity& identity, Platform::Part part) {
  switch (part) {
    case Platform::Part::kExternalId: return identity.external_id();
    case Platform::Part::kDisplayName: return identity.display_name();
    case Platform::Part::kAvatarUrl: break;
  }
  return identity.avatar_url();
}

void AppendIdentity(const Platform& platform, const SessionIdentity& identity, std::string* out) {
  JsonLine line;
  for (const Platform::Part part : platform.order) {
    const Platform::Field& field = platform.FieldOf(part);
    if (!field.name.empty()) line.Text(field.name, PartOf(identity, part));
  }
  if (platform.id_rendering == Platform::IdRendering::kNone) {
    // Not for the platform, which makes the ID itself, but for the binding of that ID.
    line.Text("external_id", identity.pseudonym().external_id().text());
  }
  if (!identity.metadata().empty()) line.Text(platform.metadata_field, identity.metadata());
  line.AppendTo(out);
}

std::uint64_t ParseNumber(const std::string& text, std::uint64_t max) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > max) {
    FailUsage("--metadata: not a number, or too large");
  }
  return number;
}

// role, locale=TAG, shard=N, flags=N, expiry=SECONDS.
std::optional<Metadata> ParseMetadata(const std::vector<std::string>& texts) {
  if (texts.empty()) return std::nullopt;
  constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
  Metadata metadata;
  std::set<std::string> seen;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const std::string key = text.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (!seen.insert(key).second) FailUsage("--metadata: one field twice");
    if (text == "role") {
      metadata.role.emplace();
    } else if (key == "locale") {
      metadata.locale = value;
    } else if (key == "shard") {
      metadata.shard = static_cast<std::uint32_t>(ParseNumber(value, kMax32));
    } else if (key == "flags") {
      metadata.flags = static_cast<std::uint32_t>(ParseNumber(value, kMax32));
    } else if (key == "expiry") {
      metadata.expiry = ParseNumber(value, std::numeric_limits<std::uint64_t>::max());
    } else {
      FailUsage("--metadata: none of role, locale=TAG, shard=N, flags=N, expiry=SECONDS");
    }
  }
  return metadata;
}

bool IsId(std::string_view text) { return ExternalId::Parse(text).ok() || Uuid::Parse(text).ok(); }

// Lines of IDs; or of JSON objects, whose ID is in `query`, `external_id` or `participant_id`.
std::vector<std::string> ReadQueries() {
  const std::string text = ReadInput("-");
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  std::vector<std::string> queries;
  if (first != std::string::npos && (text[first] == '{' || text[first] == '[')) {
    for (const Record& record : ParseRecords(text)) {
      std::optional<std::string_view> id = record.TextIfThere("query");
      if (!id) id = record.TextIfThere("external_id");
      queries.emplace_back(id ? *id : record.Text("participant_id"));
    }
    return queries;
  }
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string line = text.substr(start, end - start);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) queries.push_back(std::move(line));
    start = end + 1;
  }
  return queries;
}

std::string OtherIdentifiers(const Person& person) {
  std::string list;
  for (const Person::OtherIdentifier& one : person.other_identifiers) {
    if (!list.empty()) list += ',';
    JsonLine().Text("issuer", one.issuer).Text("id", one.id.Expose()).AppendTo(&list);
    list.pop_back();  // the line feed
  }
  return "[" + list + "]";
}

// What was typed, as an external ID if that can be told (ExternalId::ParseTyped), else as it is.
std::string Canonical(const std::string& query) {
  const Result<ExternalId> id = ExternalId::ParseTyped(query);
  // What stands behind the ID (metadata) stays: the whole may be a participant ID as well.
  return id.ok() ? std::string(id->text()) + query.substr(ExternalId::kSize) : query;
}

// Whether the locator is the number of a record that something is wrong with.
bool IsOfRecord(const Status& status) {
  return status.code() == StatusCode::kInvalidArgument || status.code() == StatusCode::kConflict ||
         status.code() == StatusCode::kUnsupported;
}

// What is wrong with the options of a gate.
[[noreturn]] void FailGate(const Status& status) {
  if (status.code() == StatusCode::kNotFound) {
    FailUsage("--epoch: " + std::string(status.message()), "moniker keys VAULT list");
  }
  if (status.code() == StatusCode::kInvalidArgument) {
    FailUsage("--metadata: " + std::string(status.message()));
  }
  Fail(status);
}

std::string Plural(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

ExitStatus Admit(const AdmitOptions& options) {
  const Platform* const platform = FindPlatform(options.platform);
  if (platform == nullptr) FailUsage("--platform: not known", "moniker platforms lists them");
  const std::string default_role = options.role.empty() ? kDefaultRole : options.role;
  IdentityGate::Options gate_options{.scope = ScopeOf(options.conference),
                                     .platform = platform->key,
                                     .label_style = LabelStyleOf(options.label),
                                     .identity_epoch = options.epoch,
                                     .metadata = ParseMetadata(options.metadata)};
  if (!options.avatar_url.empty()) {
    if (const Status status = ValidateAvatarUrlTemplate(options.avatar_url); !status.ok()) {
      FailOption("--avatar-url", status);
    }
    gate_options.avatar_url_template = options.avatar_url;
  }
  const Vault vault = OpenVault(options.vault);
  Result<IdentityGate> made = IdentityGate::Create(vault, std::move(gate_options));
  if (!made.ok()) FailGate(made.status());
  const IdentityGate gate = *std::move(made);

  // Everything is read and found good before the first person is stored.
  const std::string text = ReadInput(options.input);
  const std::vector<Record> records = ParseRecords(text);
  std::vector<PersonRecord> read;
  for (const Record& record : records) read.push_back(ReadPerson(record, default_role));
  std::vector<PersonView> persons;
  std::vector<std::string_view> roles;
  for (PersonRecord& one : read) {
    one.person.fields = one.fields;
    persons.push_back(one.person);
    roles.push_back(one.role);
  }
  // The memory for most answers is there before anybody is stored.
  constexpr std::size_t kUsualLine = 512;
  std::string out;
  out.reserve(persons.size() * kUsualLine);
  const Result<std::vector<SessionIdentity>> admitted = gate.AdmitMany(persons, roles);
  if (!admitted.ok()) {
    const Status status = admitted.status();
    if (!IsOfRecord(status)) Fail(status, options.vault.path);
    const auto index = static_cast<std::size_t>(status.locator());
    FailIdentifier(status, index, WithKind(vault, persons[index].identifier()));
  }
  for (const SessionIdentity& identity : *admitted) AppendIdentity(*platform, identity, &out);
  Output("-").Write(out);
  return kDone;
}

namespace {

constexpr std::array<std::string_view, 1> kTextAlone = {"text"};
constexpr std::string_view kNobodysId = "m0000000000000000000000000000000";

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
  return {record.Text("issuer"), record.Text("id"), KindOf(record)};
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

ExitStatus Bind(const RecordsOptions& options) {
  const Vault vault = OpenVault(options.vault);
  const std::string text = ReadInput(options.input);
  const std::vector<Record> records = ParseRecords(text);
  std::vector<IdentityGate::Binding> bindings;
  for (const Record& record : records) {
    IdentityGate::Binding binding{record.Text("participant_id"), record.Text("external_id")};
    if (const auto conference = record.TextIfThere("conference")) {
      Result<Scope> scope = Scope::Conference(*conference);
      if (!scope.ok()) FailRecord(scope.status(), record.index());
      binding.scope = *scope;
    }
    bindings.push_back(std::move(binding));
  }
  const Result<std::vector<Status>> bound = IdentityGate::BindMany(vault, bindings);
  if (!bound.ok()) {
    const Status status = bound.status();
    if (status.code() != StatusCode::kInvalidArgument) Fail(status, options.vault.path);
    FailRecord(status, static_cast<std::size_t>(status.locator()));
  }
  std::string out;
  std::size_t rejected = 0;
  for (std::size_t i = 0; i < bound->size(); ++i) {
    const Status& status = (*bound)[i];
    JsonLine line;
    line.Text("participant_id", bindings[i].participant_id);
    if (status.ok()) {
      line.Bool("bound", true);
    } else {
      line.Text("error", StatusCodeName(status.code()));
      ++rejected;
    }
    line.AppendTo(&out);
  }
  Output("-").Write(out);
  if (rejected == 0) return kDone;
  if (!options.vault.quiet) Tell(Plural(rejected, "record", "records") + " not bound");
  return kSomeRejected;
}

ExitStatus Resolve(const ResolveOptions& options) {
  const Vault vault = OpenVault(options.vault);
  const std::vector<std::string> queries = options.ids.empty() ? ReadQueries() : options.ids;
  if (queries.empty()) return kDone;
  std::vector<std::string> canonical;
  for (const std::string& query : queries) {
    if (!simdjson::validate_utf8(query)) {
      throw Failure(kFailed, "ID " + std::to_string(canonical.size() + 1) + ": not UTF-8");
    }
    canonical.push_back(Canonical(query));
  }
  const std::vector<std::string_view> ids(canonical.begin(), canonical.end());
  const Resolver resolver = Resolver::Create(vault);
  const Result<std::vector<std::optional<Resolved>>> answers =
      resolver.ResolveMany(ids, {.actor = options.actor, .purpose = options.purpose});
  if (!answers.ok()) {
    if (answers.status().code() != StatusCode::kInvalidArgument) {
      Fail(answers.status(), options.vault.path);
    }
    FailUsage("--" + std::string(answers.status().message()));
  }
  std::string out;
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    JsonLine line;
    line.Text("query", queries[i]);
    if (const std::optional<Resolved>& answer = (*answers)[i]) {
      line.Text("issuer", answer->person.issuer)
          .Text("id", answer->person.id.Expose())
          .Text("name", answer->person.name.Expose());
      if (!answer->person.other_identifiers.empty()) {
        line.Raw("other_identifiers", OtherIdentifiers(answer->person));
      }
      for (const Person::Field& field : answer->person.fields) {
        line.Text(field.name, field.text.Expose());
      }
    } else {
      line.Text("error", "not_found");
      ++unknown;
    }
    line.AppendTo(&out);
  }
  Output("-").Write(out);
  if (unknown == 0) return kDone;
  if (!options.vault.quiet) Tell(Plural(unknown, "ID", "IDs") + " not known here");
  return kSomeRejected;
}

}  // namespace moniker::tool
