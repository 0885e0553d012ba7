#include "torture/kill_child.h"

#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include "support/records.h"
#include "torture/disk_calls.h"

namespace moniker::testing {
namespace {

// Kills the process before call number `call`, counted from 1.
class KillAtCall final : public DiskWatcher {
 public:
  explicit KillAtCall(std::uint64_t call) : left_(call) {}
  int Before(const DiskCall&) override {
    if (left_ > 0 && --left_ == 0) ::kill(::getpid(), SIGKILL);
    return kGoOn;
  }

 private:
  std::uint64_t left_;
};

// Everything until the other end is closed, by the death of the child at the latest.
std::string ReadAll(int fd) {
  std::string lines;
  char buffer[65536];
  while (true) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got > 0) lines.append(buffer, static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EINTR)) return lines;
  }
}

}  // namespace

void PipeJournal::Failed(const Status& status) {
  Write(Ledger::FailureLine(std::string(StatusCodeName(status.code())) + ", " +
                            std::string(status.message()) + " at " +
                            std::to_string(status.locator())));
}

void PipeJournal::Write(const std::string& line) {
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t wrote = ::write(fd_, line.data() + done, line.size() - done);
    if (wrote < 0) ::_exit(2);
    done += static_cast<std::size_t>(wrote);
  }
}

MomentOfDeath RandomMoment(std::mt19937_64* random, std::uint64_t calls,
                           std::chrono::microseconds time) {
  if (calls > 0 && (*random)() % 2 == 0) return {.call = 1 + (*random)() % calls};
  const auto after = (*random)() % static_cast<std::uint64_t>(time.count());
  return {.after = std::chrono::microseconds(after)};
}

std::string RunAndKill(const MomentOfDeath& moment, const std::function<void(PipeJournal*)>& use) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    ::close(ends[0]);
    PipeJournal journal(ends[1]);
    KillAtCall killer(moment.call);
    const WatchDisk watch(moment.call > 0 ? &killer : nullptr);
    use(&journal);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::jthread clock;
  if (moment.after.count() >= 0) {
    clock = std::jthread([&] {
      std::this_thread::sleep_for(moment.after);
      ::kill(child, SIGKILL);
    });
  }
  std::string lines = ReadAll(ends[0]);
  if (clock.joinable()) clock.join();  // before the child is waited for: its number is still taken
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  const bool ended = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (!killed && !ended) lines += "failed: the child crashed\n";
  return lines;
}

Protector OwnKey(const std::string& path) { return Expect(Protector::KeyFile(path)); }

}  // namespace moniker::testing
