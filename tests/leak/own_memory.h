// Looks for markers in the memory of this process, as somebody would who can read it.

#ifndef MONIKER_TESTS_LEAK_OWN_MEMORY_H_
#define MONIKER_TESTS_LEAK_OWN_MEMORY_H_

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "leak/markers.h"

namespace moniker::testing {

struct MemoryHit {
  int marker;
  const char* form;
  std::uintptr_t address;
  std::string mapping;  // its name, such as "[heap]"
  bool secret;          // in memory that is kept out of core dumps and wiped in children
};

inline std::string Describe(const std::vector<MemoryHit>& hits) {
  std::ostringstream text;
  for (const MemoryHit& hit : hits) {
    text << "marker " << hit.marker << " (" << hit.form << ") at " << std::hex << hit.address
         << std::dec << " in " << (hit.mapping.empty() ? "anonymous memory" : hit.mapping)
         << (hit.secret ? " (secret)" : "") << "\n";
  }
  return text.str();
}

class OwnMemory {
 public:
  OwnMemory() : file_(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0) throw std::runtime_error("cannot open /proc/self/mem");
    buffer_ = static_cast<std::uint8_t*>(PlainTexts::Map(kBuffer));
    mappings_ = static_cast<Mapping*>(PlainTexts::Map(kMaxMappings * sizeof(Mapping)));
  }
  OwnMemory(const OwnMemory&) = delete;
  OwnMemory& operator=(const OwnMemory&) = delete;
  ~OwnMemory() {
    ::munmap(buffer_, kBuffer);
    ::munmap(mappings_, kMaxMappings * sizeof(Mapping));
    ::close(file_);
  }

  // Every hit in readable memory, but for `except` and what this object reads into.
  std::vector<MemoryHit> Find(const PlainTexts* except = nullptr) {
    std::vector<MemoryHit> hits;
    searched_ = 0;
    for (const Mapping& mapping : ReadMappings()) {
      const auto own = reinterpret_cast<std::uintptr_t>(buffer_);
      for (std::uintptr_t at = mapping.start; at < mapping.end; at += kBuffer - kOverlap) {
        if (at >= own && at < own + kBuffer) continue;
        std::uintptr_t end = std::min(mapping.end, at + kBuffer);
        if (at < own) end = std::min(end, own);  // neighbours may be one mapping
        const ssize_t got = ::pread(file_, buffer_, end - at, static_cast<off_t>(at));
        if (got <= 0) continue;  // [vvar] and the like
        searched_ += static_cast<std::size_t>(got);
        for (const auto& hit : search_.FindIn({buffer_, static_cast<std::size_t>(got)})) {
          const std::uintptr_t address = at + hit.at;
          if (except != nullptr && except->Holds(address)) continue;
          hits.push_back({hit.marker, hit.form, address, mapping.name, mapping.secret});
        }
      }
    }
    ::explicit_bzero(buffer_, kBuffer);
    return hits;
  }

  // Bytes that the last Find looked at.
  std::size_t searched() const { return searched_; }

 private:
  static constexpr std::size_t kBuffer = std::size_t{1} << 20;
  static constexpr std::size_t kOverlap = 64;

  struct Mapping {
    std::uintptr_t start;
    std::uintptr_t end;
    char name[64];
    bool secret;
  };
  static constexpr std::size_t kMaxMappings = 4096;

  // Parses smaps in place: whoever looks for what was freed must not write over it.
  std::span<const Mapping> ReadMappings() {
    const int smaps = ::open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
    if (smaps < 0) throw std::runtime_error("cannot open /proc/self/smaps");
    char* const text = reinterpret_cast<char*>(buffer_);
    std::size_t size = 0;
    for (ssize_t got; (got = ::read(smaps, text + size, kBuffer - 1 - size)) > 0;) {
      size += static_cast<std::size_t>(got);
    }
    ::close(smaps);
    text[size] = '\0';
    std::size_t count = 0;
    Mapping* last = nullptr;
    for (char *line = text, *end; (end = std::strchr(line, '\n')) != nullptr; line = end + 1) {
      *end = '\0';
      unsigned long start = 0;
      unsigned long stop = 0;
      char permissions[8] = "";
      int name_at = 0;
      if (std::sscanf(line, "%lx-%lx %7s %*s %*s %*s %n", &start, &stop, permissions, &name_at) ==
          3) {
        const bool readable = permissions[0] == 'r' &&
                              std::strcmp(line + name_at, "[vsyscall]") != 0 &&
                              std::strncmp(line + name_at, "[vvar", 5) != 0;
        last = nullptr;
        if (!readable || count == kMaxMappings) continue;
        last = &mappings_[count++];
        *last = {start, stop, {}, false};
        std::strncpy(last->name, line + name_at, sizeof last->name - 1);
      } else if (last != nullptr && std::strncmp(line, "VmFlags:", 8) == 0) {
        last->secret = std::strstr(line, " dd") != nullptr && std::strstr(line, " wf") != nullptr;
      }
    }
    if (count == 0 || count == kMaxMappings || size == kBuffer - 1) {
      throw std::runtime_error("too many mappings, or none");
    }
    return {mappings_, count};
  }

  int file_;
  std::uint8_t* buffer_;
  Mapping* mappings_;
  std::size_t searched_ = 0;
  MarkerSearch search_;
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_LEAK_OWN_MEMORY_H_
