#include "boundary/handles.h"

#include <pthread.h>

#include <array>
#include <atomic>
#include <mutex>
#include <unordered_map>

namespace moniker::internal {
namespace {

constexpr unsigned kTypeBits = 3;

// In parts, so that threads seldom wait for one another.
class HandleTable {
 public:
  // Never destroyed: threads may still be at work when the process ends.
  static HandleTable& Get() {
    static HandleTable& table = *new HandleTable;
    return table;
  }

  std::uintptr_t Add(HandleType type, std::shared_ptr<const void> object) {
    const std::uintptr_t handle = next_.fetch_add(1) << kTypeBits | static_cast<unsigned>(type);
    Part& part = PartOf(handle);
    const std::lock_guard lock(part.mutex);
    part.objects.emplace(handle, std::move(object));
    return handle;
  }

  std::shared_ptr<const void> Find(std::uintptr_t handle) {
    Part& part = PartOf(handle);
    const std::lock_guard lock(part.mutex);
    const auto found = part.objects.find(handle);
    return found == part.objects.end() ? nullptr : found->second;
  }

  // The object, to be destroyed without the lock.
  std::shared_ptr<const void> Remove(std::uintptr_t handle) {
    Part& part = PartOf(handle);
    const std::lock_guard lock(part.mutex);
    const auto found = part.objects.find(handle);
    if (found == part.objects.end()) return nullptr;
    std::shared_ptr<const void> object = std::move(found->second);
    part.objects.erase(found);
    return object;
  }

 private:
  struct Part {
    std::mutex mutex;
    std::unordered_map<std::uintptr_t, std::shared_ptr<const void>> objects;  // guarded by mutex
  };

  // A thread that forks while another has a lock must not leave it locked in the child. (Which
  // could not unlock a std::shared_mutex: that knows its writer by the ID of the thread, another
  // there.)
  HandleTable() {
    ::pthread_atfork([] { Get().LockAll(); }, [] { Get().UnlockAll(); }, [] { Get().UnlockAll(); });
  }

  Part& PartOf(std::uintptr_t handle) { return parts_[(handle >> kTypeBits) % parts_.size()]; }
  void LockAll() {
    for (Part& part : parts_) part.mutex.lock();
  }
  void UnlockAll() {
    for (Part& part : parts_) part.mutex.unlock();
  }

  std::atomic<std::uintptr_t> next_ = 1;
  std::array<Part, 16> parts_;
};

bool IsOfType(HandleType type, std::uintptr_t handle) {
  return (handle & ((std::uintptr_t{1} << kTypeBits) - 1)) == static_cast<unsigned>(type);
}

}  // namespace

std::uintptr_t AddHandle(HandleType type, std::shared_ptr<const void> object) {
  return HandleTable::Get().Add(type, std::move(object));
}

Result<std::shared_ptr<const void>> FindHandle(HandleType type, std::uintptr_t handle) {
  if (handle == 0) return Status(StatusCode::kInvalidArgument, "handle: null");
  std::shared_ptr<const void> object;
  if (IsOfType(type, handle)) object = HandleTable::Get().Find(handle);
  if (object == nullptr) {
    return Status(StatusCode::kClosed, "handle: closed, or none of this type");
  }
  return object;
}

void RemoveHandle(HandleType type, std::uintptr_t handle) {
  if (IsOfType(type, handle)) HandleTable::Get().Remove(handle);
}

}  // namespace moniker::internal
