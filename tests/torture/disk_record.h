// What a disk was told, in order, and what it may hold when power is cut at some point of that: all
// that was made durable, and of what was not, anything.
//
// A sync makes durable what was written to that file before, and no name; a sync of the folder the
// names in it. What was not made durable may be there or not, each write by itself and also in
// parts of 512 bytes.
//
// Thread safety: used by one thread.

#ifndef MONIKER_TESTS_TORTURE_DISK_RECORD_H_
#define MONIKER_TESTS_TORTURE_DISK_RECORD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "torture/disk_calls.h"
#include "torture/ledger.h"
#include "torture/workload.h"

namespace moniker::testing {

using FileNumber = int;

struct DiskEvent {
  enum Kind { kWrite, kTruncate, kSync, kSyncFolder, kName, kRename, kUnname, kBegin, kDone };

  Kind kind;
  FileNumber file = -1;
  std::uint64_t offset = 0;  // kTruncate: the size
  std::string bytes = {};    // kWrite
  std::string name = {};     // kName, kRename, kUnname: within the folder
  std::string from = {};     // kRename
  Step step = {};            // kBegin; kDone: external_ids alone
};

// The files of a folder: by number what they hold, by name which they are.
struct DiskImage {
  std::map<FileNumber, std::string> files;
  std::map<std::string, FileNumber> names;

  void Apply(const DiskEvent& event);
  void WriteTo(const std::string& folder) const;
};

// Records what happens to one folder, without folders in it, and the journal of a workload. A
// folder that is made beside it, as mkdtemp does, and then gets its name, is the same folder.
class DiskRecorder final : public DiskWatcher, public Journal {
 public:
  // Files whose names end so hold nothing that outlives the process.
  static constexpr std::string_view kSharedMemory = "-shm";

  // `folder` need not exist yet; its parent does.
  explicit DiskRecorder(const std::string& folder);

  void After(const DiskCall& call, std::int64_t answer) override;
  void Begin(const Step& step) override {
    events_.push_back({.kind = DiskEvent::kBegin, .step = step});
  }
  void Done(const std::vector<std::string>& ids) override {
    events_.push_back({.kind = DiskEvent::kDone, .step = {.external_ids = ids}});
  }

  const DiskImage& before() const { return before_; }
  const std::vector<DiskEvent>& events() const { return events_; }

 private:
  static constexpr FileNumber kElsewhere = -1;
  static constexpr FileNumber kFolder = -2;

  // The name within the folder, empty for the folder itself; nothing for what is elsewhere or left
  // out.
  std::optional<std::string> NameIn(std::string_view path) const;
  void Opened(const DiskCall& call, int fd);
  FileNumber FileOf(int fd) const;

  std::string folder_;
  DiskImage before_;
  std::vector<DiskEvent> events_;
  std::map<std::string, FileNumber> names_;  // as of now
  std::map<int, FileNumber> open_;
  FileNumber next_ = 0;
};

// What becomes of what was not made durable.
enum class Unsynced { kAllKept, kNoneKept, kFirstKept, kSomeKept, kTorn };
inline constexpr Unsynced kAllUnsynced[] = {Unsynced::kAllKept, Unsynced::kNoneKept,
                                            Unsynced::kFirstKept, Unsynced::kSomeKept,
                                            Unsynced::kTorn};

class DiskReplay {
 public:
  // With `sync_works` false a sync makes nothing durable.
  DiskReplay(DiskImage before, bool sync_works)
      : durable_(std::move(before)), sync_works_(sync_works) {}

  void Apply(const DiskEvent& event);

  DiskImage CutPower(Unsynced unsynced, std::mt19937_64* random) const;

 private:
  DiskImage durable_;
  bool sync_works_;
  std::vector<DiskEvent> pending_;  // in order
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TORTURE_DISK_RECORD_H_
