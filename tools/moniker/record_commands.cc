// The commands over records: admit, bind, resolve.

#include <simdjson.h>

#include <charconv>
#include <limits>
#include <set>

#include "commands.h"
#include "ids.h"
#include "io.h"
#include "moniker/identity_gate.h"
#include "moniker/metadata.h"
#include "moniker/platform.h"
#include "moniker/resolver.h"
#include "person_record.h"
#include "records.h"

namespace moniker::tool {
namespace {

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

// Lines of IDs; or of JSON objects, whose ID is in `query`, `external_id` or `participant_id`.
std::vector<std::string> ReadQueries() {
  const std::string text = ReadInput("-");
  if (!HoldsRecords(text)) return IdLines(text);
  std::vector<std::string> queries;
  for (const Record& record : ParseRecords(text)) queries.emplace_back(IdIn(record));
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

}  // namespace

ExitStatus Admit(const AdmitOptions& options) {
  const Platform* const platform = FindPlatform(options.platform);
  if (platform == nullptr) FailUsage("--platform: not known", "moniker platforms lists them");
  const std::string default_role = options.role.empty() ? kDefaultRole : options.role;
  IdentityGate::Options gate_options{.scope = ScopeOf(options.conference),
                                     .platform = platform->key,
                                     .label_style = LabelStyleOf(options.label),
                                     .identity_epoch = options.epoch,
                                     .metadata = ParseMetadata(options.metadata),
                                     .retention_days = options.retention};
  if (options.retention && !options.conference) FailUsage("--retention: only with --conference");
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
    if (!simdjson::validate_utf8(query)) FailId(canonical.size() + 1);
    canonical.push_back(CanonicalId(query));
  }
  const std::vector<std::string_view> ids(canonical.begin(), canonical.end());
  const Resolver resolver = Resolver::Create(vault);
  const Result<std::vector<std::optional<Resolved>>> answers = resolver.ResolveMany(
      ids,
      {.actor = options.actor, .purpose = options.purpose, .break_glass = options.break_glass});
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
