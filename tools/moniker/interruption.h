// What SIGINT and SIGTERM do to a batch command.
//
// Thread safety: one at a time in a process; made and ended by the thread that main runs on.

#ifndef MONIKER_TOOLS_MONIKER_INTERRUPTION_H_
#define MONIKER_TOOLS_MONIKER_INTERRUPTION_H_

#include <csignal>
#include <string>
#include <vector>

namespace moniker::tool {

// As long as it lives a signal is only remembered, for whoever asks; a second one ends the program
// as ever.
class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  // The number of the signal that came; 0 if none did. From any thread.
  static int Signal();

 private:
  struct sigaction former_[2];
};

// As long as it lives a signal removes these files before it ends the program as ever.
class RemovalWhenKilled {
 public:
  explicit RemovalWhenKilled(std::vector<std::string> paths);
  RemovalWhenKilled(const RemovalWhenKilled&) = delete;
  RemovalWhenKilled& operator=(const RemovalWhenKilled&) = delete;
  ~RemovalWhenKilled();

 private:
  const std::vector<std::string> paths_;
  struct sigaction former_[2];
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_INTERRUPTION_H_
