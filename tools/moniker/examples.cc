#include "examples.h"

namespace moniker::tool {
namespace {

struct Example {
  std::string_view command;
  std::string_view line;
};

constexpr Example kExamples[] = {
    {"", "moniker init clinic.vault --app clinic-7 --key-file clinic.key"},
    {"", "moniker admit clinic.vault --platform dolbyio-cpp people.jsonl"},
    {"", "moniker resolve clinic.vault --actor dr-obrien --purpose treatment < ids.txt"},
    {"init", "moniker init clinic.vault --app clinic-7 --key-file clinic.key"},
    {"init",
     "moniker init clinic.vault --app clinic-7 --key-file clinic.key --mode enrolled "
     "--issuer mrn.hospital-a:text"},
    {"admit", "moniker admit clinic.vault people.jsonl"},
    {"admit",
     "moniker admit clinic.vault --conference visit-42 --platform livekit --role Patient "
     "people.jsonl"},
    {"check", "moniker check clinic.vault claims.jsonl"},
    {"check", "moniker check clinic.vault --outbound messages.jsonl"},
    {"bind", "moniker bind clinic.vault participants.jsonl"},
    {"resolve", "moniker resolve clinic.vault --actor dr-obrien --purpose treatment < ids.txt"},
    {"resolve",
     "moniker resolve clinic.vault --actor dr-obrien --purpose treatment "
     "m32pnb88e0wgd7hc26m7ph6zyfqm3092"},
    {"pseudonymize",
     "moniker pseudonymize clinic.vault --column mrn=mrn.hospital-a --drop note visits.csv "
     "-o visits.out.csv"},
    {"pseudonymize",
     "moniker pseudonymize clinic.vault --column mrn=mrn.hospital-a --name-column name --enroll "
     "visits.jsonl.gz -o visits.out.jsonl.gz"},
    {"reidentify",
     "moniker reidentify clinic.vault --actor records --purpose billing export.json "
     "-o export.names.json"},
    {"remap",
     "moniker remap clinic.vault --actor records --purpose rotation --to 2 --table old-new.csv "
     "export.json -o export.new.json"},
    {"remap",
     "moniker remap clinic.vault --actor records --purpose move --to-vault other.vault --enroll "
     "--dry-run export.json"},
    {"table apply", "moniker table apply old-new.csv more.jsonl.gz -o more.new.jsonl.gz"},
    {"table verify", "moniker table verify old-new.csv export.json export.new.json"},
    {"identifiers add", "moniker identifiers clinic.vault add new-numbers.jsonl"},
    {"identifiers merge", "moniker identifiers clinic.vault merge --dry-run twins.jsonl"},
    {"identifiers split", "moniker identifiers clinic.vault split not-twins.jsonl"},
    {"keys list", "moniker keys clinic.vault list"},
    {"keys rotate", "moniker keys clinic.vault rotate --identity"},
    {"keys destroy", "moniker keys clinic.vault destroy --storage 1"},
    {"keys rewrap", "moniker keys clinic.vault rewrap --new-key-file new.key"},
    {"store verify", "moniker store clinic.vault verify"},
    {"store backup", "moniker store clinic.vault backup clinic.backup"},
    {"store restore",
     "moniker store clinic.vault restore clinic.backup --force --actor ops --purpose fire"},
    {"store stats", "moniker store clinic.vault stats"},
    {"store reseal", "moniker store clinic.vault reseal"},
    {"store policy", "moniker store clinic.vault policy --budget-hour 20 --budget-day 100"},
    {"store expire", "moniker store clinic.vault expire --before 2026-01-01"},
    {"store accept", "moniker store clinic.vault accept --anchor /mnt/anchor/clinic"},
    {"audit show", "moniker audit clinic.vault show --from 2026-05-01 --to 2026-06-01"},
    {"audit show", "moniker audit clinic.vault show --alerts"},
    {"audit export", "moniker audit clinic.vault export --actor dr-obrien -o audit.jsonl"},
    {"audit verify", "moniker audit clinic.vault verify --audit-key clinic.audit-key"},
    {"erase", "moniker erase clinic.vault --actor dpo --purpose request-17 leavers.jsonl"},
    {"mark", "moniker mark clinic.vault --actor dpo nobodys-business.jsonl"},
    {"statement", "moniker statement clinic.vault"},
    {"avatars export", "moniker avatars export pictures"},
    {"platforms", "moniker platforms --json"},
    {"version", "moniker version --json"},
};

}  // namespace

std::vector<std::string_view> ExamplesOf(std::string_view command) {
  std::vector<std::string_view> lines;
  for (const Example& example : kExamples) {
    const bool is_step = !command.empty() && example.command.starts_with(command) &&
                         example.command.substr(command.size()).starts_with(' ');
    if (example.command == command || is_step) lines.push_back(example.line);
  }
  return lines;
}

}  // namespace moniker::tool
