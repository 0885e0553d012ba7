// What an expert's file needs to know of a vault and its method, each with the clause that it
// answers.

#include <string>

#include "commands.h"
#include "io.h"

namespace moniker::tool {
namespace {

std::string EpochsText(const Keyring& keyring, KeyKind kind) {
  std::string text;
  for (const std::uint32_t epoch : keyring.Epochs(kind)) {
    text += (text.empty() ? "" : ", ") + std::to_string(epoch);
  }
  return text;
}

std::string Origin(const Keyring& keyring) {
  if (keyring.mode() == VaultMode::kEnrolled) {
    return R"(Mode: enrolled. Every pseudonym is computed by a keyed hash from a handle: 32 random bytes,
made once for a person by the machine's random number generator and kept sealed in the
vault. No external ID, label or avatar is derived from, or related to, information about the
person.
  45 CFR 164.514(c)(1): the code is not derived from information about the individual,
  and cannot be translated without the vault.
  45 CFR 164.514(b)(2)(i)(R): allowed as a code under (c), as long as (c)(2) is kept.
)";
  }
  return R"(Mode: derived. Every pseudonym is computed by a keyed hash from issuer and identifier of the
person. Whoever has the key can compute the pseudonym of any identifier, and so test a guess.
  45 CFR 164.514(c)(1): not met; the code is derived from information about the individual.
  It is not a Safe Harbor code: (b)(2)(i)(R) does not allow it.
  45 CFR 164.514(b)(1): whether the risk is very small is for an expert to determine. For
  codes under (c)(1) make a vault of mode enrolled.
)";
}

std::string Method(const Keyring& keyring) {
  return "Method: pseudonym format 1, suite " + std::string(SuiteName(keyring.suite())) +
         R"(, keys of 256 bits. External ID 150 bits, UUID 122,
label 30 (code) or 22.6 (words), avatar 8: all of one digest of 256 bits.
App: )" + keyring.app() +
         R"(
  45 CFR 164.514(b)(1)(ii): method, to be documented with the result of the analysis.
  EDPB Guidelines 01/2025: a cryptographic one-way function under a secret key; the secret
  and the mapping are the additional information.
)";
}

std::string Custody(const Keyring& keyring, bool has_key_file) {
  return std::string("Key custody: the keyring is sealed under ") +
         (has_key_file ? "a key file of 256 random bits, readable by its owner alone.\n"
                       : "a passphrase (Argon2id).\n") +
         "Key epochs: identity " + EpochsText(keyring, KeyKind::kIdentity) + "; storage " +
         EpochsText(keyring, KeyKind::kStorage) + "; index " +
         EpochsText(keyring, KeyKind::kIndex) + R"(.
  45 CFR 164.514(c)(2): the mechanism for re-identification is not disclosed: neither keyring
  nor key may reach whoever receives pseudonyms.
  GDPR Article 4(5), EDPB 01/2025: the additional information is kept separately, under
  technical and organisational measures. Who may open the vault is for the operator to state.
)";
}

std::string Scopes(const StoreCounts& counts) {
  return "Scopes in use: " + Plural(counts.app_pseudonyms, "pseudonym", "pseudonyms") +
         " of the app scope; " + Plural(counts.conference_pseudonyms, "pseudonym", "pseudonyms") +
         " in " + Plural(counts.conferences, "conference", "conferences") + ".\n" +
         Plural(counts.persons, "person record", "person records") + ", " +
         Plural(counts.participant_ids, "participant ID", "participant IDs") + " bound, " +
         Plural(counts.audit_entries, "audit entry", "audit entries") + R"(.
App scope: the platform can link all conferences of a person. Conference scope: it cannot,
by what it gets from here.
  EDPB 01/2025: the pseudonymisation domain is the platform and its participants; a scope
  bounds what can be attributed to one person within it.
)";
}

constexpr char kRetention[] =
    R"(Retention: mappings, handles and audit entries are kept until the vault is deleted; this version
has no erasure and no expiry.
  45 CFR 164.316(b)(2), 164.528: six years for documentation and accounting. GDPR Article 5(1)(e),
  17: storage limitation and erasure are to be met by the operator.
)";

constexpr char kWhatLeaves[] =
    R"(What the platform gets from here: external ID (or UUID), display name (role and label), avatar
URL with an index of 256 pictures; sealed metadata if the application asks for it.
What still reaches it regardless: IP address and user agent (45 CFR 164.514(b)(2)(i)(O), (M)),
voice and picture ((P), (Q)), times of sessions ((C)), chat, file names and conference aliases as
the application or participants choose them, and the participant ID that the platform makes itself ((R)).
  These are not changed by any setting of this vault, and belong in the analysis.
)";

}  // namespace

ExitStatus PrintStatement(const VaultOptions& options) {
  const Vault vault = OpenVault(options);
  const std::shared_ptr<const Keyring> keyring = vault.keyring();
  const std::string remembered =
      Take(Keyring::RememberedKeyFile(Take(Vault::KeyringPath(options.path), options.path)),
           options.path);
  const StoreCounts counts = Take(vault.Count(), options.path);
  const std::string out =
      "Statement on the pseudonyms of a Moniker vault\n\n" + Origin(*keyring) + "\n" +
      Method(*keyring) + "\n" + Custody(*keyring, !remembered.empty()) + "\n" + Scopes(counts) +
      "\n" + kRetention + "\n" + kWhatLeaves +
      "\nThis describes the vault. It is no determination and no legal advice.\n";
  Output("-").Write(out);
  return kDone;
}

}  // namespace moniker::tool
