// Parts of the command line that several commands have.

#ifndef MONIKER_TOOLS_MONIKER_COMMAND_LINE_PARTS_H_
#define MONIKER_TOOLS_MONIKER_COMMAND_LINE_PARTS_H_

#include <string>

#include "command_line.h"
#include "commands.h"

namespace moniker::tool {

// Looked for before the command line is parsed: moniker.cc.
void AddJson(CLI::App* command);

// VAULT and the options that every command on a vault has.
void AddVault(CLI::App* command, VaultOptions* vault);

void AddReason(CLI::App* command, std::string* actor, std::string* purpose);
// Of those who resolve.
void AddReasonOfLookup(CLI::App* command, std::string* actor, std::string* purpose,
                       bool* break_glass);

// How records are read, and what becomes of those that cannot be rewritten.
void AddDialect(CLI::App* command, BatchOptions* options);
// These, the files, report and checkpoints of a run.
void AddRun(CLI::App* command, BatchOptions* options);
// These and --to, the format.
void AddBatch(CLI::App* command, BatchOptions* options);

// The commands of remap.
void AddRemap(CLI::App* app, Command* chosen);
void AddTable(CLI::App* app, Command* chosen);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_COMMAND_LINE_PARTS_H_
