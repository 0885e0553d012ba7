// store: the records under a vault's keys.

#include <unistd.h>

#include <algorithm>
#include <string>

#include "commands.h"
#include "io.h"
#include "records.h"

namespace moniker::tool {

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
