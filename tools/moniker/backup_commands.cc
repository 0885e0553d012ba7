// store backup and store restore.

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <span>
#include <string>

#include "commands.h"
#include "io.h"
#include "moniker/output_file.h"

namespace moniker::tool {
namespace {

Result<std::size_t> ReadSome(const Input& input, std::span<std::uint8_t> bytes) {
  while (true) {
    const ssize_t got = ::read(input.fd(), bytes.data(), bytes.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return Status(StatusCode::kIo, "cannot read the backup", errno);
  }
}

}  // namespace

ExitStatus BackUpStore(const BackupOptions& options) {
  CheckOutput(options.file, "", options.vault.path);
  const Vault vault = OpenVault(options.vault);
  OutputFile output = Take(OutputFile::Create(options.file), options.file);
  const auto write = [&](std::span<const std::uint8_t> bytes) {
    return output.Write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  };
  Require(vault.Backup(write), options.vault.path);
  Require(output.Commit(), options.file);
  if (!options.vault.quiet) {
    Tell("the backup is of no use without the vault's keyring: keep copies of both, apart");
  }
  return kDone;
}

ExitStatus RestoreStore(const RestoreOptions& options) {
  const Input input(options.file);
  const Status status = Vault::Restore(
      options.vault.path, ProtectorOf(options.vault),
      [&](std::span<std::uint8_t> bytes) { return ReadSome(input, bytes); },
      {.replace = options.force,
       .drop_anchor = options.drop_anchor,
       .reason = {.actor = options.actor, .purpose = options.purpose}});
  if (status.code() == StatusCode::kInvalidArgument) {
    FailUsage("--" + std::string(status.message()));
  }
  if (status.code() == StatusCode::kConflict && !options.force) {
    throw Failure(kFailed, options.vault.path + ": " + std::string(status.message()),
                  "--force puts the backup in its place; what was written since is lost");
  }
  Require(status, options.vault.path);
  if (!options.vault.quiet) Tell("the store is that of the backup");
  return kDone;
}

}  // namespace moniker::tool
