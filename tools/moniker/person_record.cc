#include "person_record.h"

#include <algorithm>
#include <array>
#include <string>

#include "failure.h"

namespace moniker::tool {
namespace {

// Members of a record that are the platform's side or the program's, not the person's. Records that
// come from elsewhere may hold them; they are not stored.
constexpr std::array<std::string_view, 6> kNotOfThePerson = {
    "role", "kind", "external_id", "participant_id", "display_name", "avatar_url"};
// Members of an answer of `resolve`, so that no further field can pretend to be one.
constexpr std::array<std::string_view, 3> kOfTheAnswer = {"query", "error", "other_identifiers"};

}  // namespace

std::optional<IdentifierKind> KindIn(const Record& record, std::string_view member) {
  const std::optional<std::string_view> name = record.TextIfThere(member);
  if (!name) return std::nullopt;
  const std::optional<IdentifierKind> kind = FindKind(*name);
  if (!kind) record.Fail(member, "none of opaque, text, email, phone");
  return kind;
}

PersonRecord ReadPerson(const Record& record, std::string_view default_role,
                        std::span<const std::string_view> also_not_of_the_person) {
  PersonRecord read;
  read.person.issuer = record.Text("issuer");
  read.person.id = record.Text("id");
  read.person.name = record.Text("name");
  read.person.kind = KindIn(record, "kind");
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
    const bool is_of_the_answer = std::ranges::any_of(kOfTheAnswer, is);
    if (is_of_the_answer || !member.text) {
      // The name is the input's own, so its place is told instead.
      throw Failure(kFailed,
                    "record " + std::to_string(record.index() + 1) + ": member " +
                        std::to_string(i + 1) +
                        (is_of_the_answer ? ": a name that answers use" : ": not a string"))
          .Because(StatusCode::kInvalidArgument)
          .At(record.index() + 1);
    }
    read.fields.push_back({member.name, *member.text});
  }
  return read;
}

}  // namespace moniker::tool
