#include "interruption.h"

#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <iterator>
#include <utility>

namespace moniker::tool {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};

static_assert(std::atomic<int>::is_always_lock_free);
std::atomic<int> came = 0;

// Set before the handler may run, and unset when it may no more.
std::atomic<const std::vector<std::string>*> removed = nullptr;

void Remember(int number) { came = number; }

void Remove(int number) {
  for (const std::string& path : *removed.load()) ::unlink(path.c_str());
  ::raise(number);  // SA_RESETHAND: as ever
}

void Handle(void (*handler)(int), struct sigaction* former) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    ::sigaction(kSignals[i], nullptr, &former[i]);
    // Who started the program without them (nohup, a shell's background) wants it so.
    if (former[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
  }
}

void Restore(const struct sigaction* former) {
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    ::sigaction(kSignals[i], &former[i], nullptr);
  }
}

}  // namespace

Interruption::Interruption() : former_{} {
  came = 0;
  Handle(Remember, former_);
}

Interruption::~Interruption() { Restore(former_); }

int Interruption::Signal() { return came; }

RemovalWhenKilled::RemovalWhenKilled(std::vector<std::string> paths)
    : paths_(std::move(paths)), former_{} {
  removed = &paths_;
  Handle(Remove, former_);
}

RemovalWhenKilled::~RemovalWhenKilled() {
  Restore(former_);
  removed = nullptr;
}

}  // namespace moniker::tool
