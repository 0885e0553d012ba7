// Which identifiers are one person, the keys behind all of them, and the records under those keys:
// identifiers, keys, store.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "commands.h"
#include "io.h"
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

std::optional<IdentifierKind> KindOf(const Record& record, const char* member) {
  const std::optional<std::string_view> name = record.TextIfThere(member);
  if (!name) return std::nullopt;
  const std::optional<IdentifierKind> kind = FindKind(*name);
  if (!kind) record.Fail(member, "none of opaque, text, email, phone");
  return kind;
}

Identifier ReadIdentifier(const Record& record, const SecondMembers& members) {
  return {record.Text(members.issuer), record.Text(members.id), KindOf(record, members.kind)};
}

[[noreturn]] void FailStep(const Status& status, const VaultOptions& vault) {
  if (status.locator() < 0 || status.code() == StatusCode::kAltered ||
      status.code() == StatusCode::kIo || status.code() == StatusCode::kReadOnly ||
      status.code() == StatusCode::kNoSpace) {
    Fail(status, vault.path);
  }
  FailRecord(status, static_cast<std::size_t>(status.locator()));
}

std::string_view NameOf(KeyKind kind) {
  switch (kind) {
    case KeyKind::kIdentity: return "identity";
    case KeyKind::kStorage: return "storage";
    case KeyKind::kIndex: break;
  }
  return "index";
}

// "2026-11-22T14:03:00Z" (RFC 3339).
std::string TimeText(std::uint64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  std::array<char, 40> text{};
  if (::gmtime_r(&time, &parts) == nullptr ||
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
    return "";
  }
  return text.data();
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
    Tell(std::to_string(records.size()) + (records.size() == 1 ? " record" : " records") +
         (options.dry_run ? " could be carried out; nothing was changed" : " carried out"));
  }
  return kDone;
}

ExitStatus ListKeys(const VaultOptions& options) {
  const Vault vault = OpenVault(options);
  const std::shared_ptr<const Keyring> keyring = vault.keyring();
  std::string out;
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex}) {
    for (const std::uint32_t epoch : keyring->Epochs(kind)) {
      JsonLine()
          .Text("kind", NameOf(kind))
          .Number("epoch", epoch)
          .Text("created", TimeText(keyring->CreatedAt(kind, epoch)))
          .Bool("newest", epoch == keyring->NewestEpoch(kind))
          .AppendTo(&out);
    }
  }
  Output("-").Write(out);
  return kDone;
}

ExitStatus RotateKeys(const KeysOptions& options) {
  const Vault vault = OpenVault(options.vault);
  Require(vault.RotateKeys(options.kind), options.vault.path);
  const std::uint32_t epoch = vault.keyring()->NewestEpoch(options.kind);
  if (!options.vault.quiet) {
    Tell("new " + std::string(NameOf(options.kind)) + " epoch " + std::to_string(epoch));
    Tell("keep a copy of the vault's keyring: older copies cannot read what is made from now on");
  }
  return kDone;
}

ExitStatus DestroyKeys(const KeysOptions& options) {
  const Vault vault = OpenVault(options.vault);
  const std::string epoch =
      std::string(NameOf(options.kind)) + " epoch " + std::to_string(options.epoch);
  const Status status = vault.DestroyEpoch(options.kind, options.epoch);
  if (status.code() == StatusCode::kConflict) {
    throw Failure(kFailed, epoch + ": " + std::string(status.message()),
                  "moniker store VAULT reseal");
  }
  if (status.code() == StatusCode::kNotFound || status.code() == StatusCode::kInvalidArgument) {
    throw Failure(kFailed, epoch + ": " + std::string(status.message()), "moniker keys VAULT list");
  }
  Require(status, options.vault.path);
  if (!options.vault.quiet) {
    Tell("destroyed " + epoch + " of this vault; copies of its keyring still have it");
  }
  return kDone;
}

ExitStatus RewrapKeys(const KeysOptions& options) {
  const Vault vault = OpenVault(options.vault);
  if (!options.new_passphrase_file.empty()) {
    const Protector protector =
        Take(Protector::PassphraseFile(options.new_passphrase_file), options.new_passphrase_file);
    Require(vault.Rewrap(protector), options.vault.path);
  } else {
    KeyFileForVault key_file(options.new_key_file);
    Require(vault.Rewrap(key_file.Make()), options.vault.path);
    key_file.Keep();
  }
  if (!options.vault.quiet) {
    Tell("the keyring has a new protector; older copies of it still open with the old one");
  }
  return kDone;
}

ExitStatus ResealStore(const VaultOptions& options) {
  const Vault vault = OpenVault(options);
  const bool shows_progress = !options.quiet && ::isatty(STDERR_FILENO) == 1;
  std::uint64_t shown = 0;
  const auto progress = [&](std::uint64_t done, std::uint64_t total) {
    const std::uint64_t percent =
        total == 0 ? 100 : std::min<std::uint64_t>(done * 100 / total, 100);
    if (!shows_progress || percent == shown) return;
    shown = percent;
    Tell("resealed " + std::to_string(percent) + " %");
  };
  Require(vault.Reseal(progress), options.path);
  if (!options.quiet) Tell("every record stands under the newest storage epoch");
  return kDone;
}

ExitStatus PrintStoreStats(const VaultOptions& options) {
  const Vault vault = OpenVault(options);
  const StoreCounts counts = Take(vault.Count(), options.path);
  std::string out;
  const auto number = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
  JsonLine()
      .Number("persons", number(counts.persons))
      .Number("app_pseudonyms", number(counts.app_pseudonyms))
      .Number("conference_pseudonyms", number(counts.conference_pseudonyms))
      .Number("conferences", number(counts.conferences))
      .Number("participant_ids", number(counts.participant_ids))
      .Number("audit_entries", number(counts.audit_entries))
      .AppendTo(&out);
  Output("-").Write(out);
  return kDone;
}

}  // namespace moniker::tool
