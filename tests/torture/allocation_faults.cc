#include "torture/allocation_faults.h"

#include <sqlite3.h>

#include <cstdlib>
#include <new>
#include <stdexcept>

namespace moniker::testing {
namespace {

thread_local bool armed = false;
thread_local bool keeps_failing = false;
thread_local std::uint64_t counted = 0;
thread_local std::uint64_t fails_at = 0;

bool Fails() {
  if (!armed) return false;
  ++counted;
  if (fails_at == 0) return false;
  return keeps_failing ? counted >= fails_at : counted == fails_at;
}

sqlite3_mem_methods real;

void* Allocate(int size) { return Fails() ? nullptr : real.xMalloc(size); }
void* Reallocate(void* memory, int size) { return Fails() ? nullptr : real.xRealloc(memory, size); }

}  // namespace

void AllocationFaults::Install() {
  sqlite3_mem_methods own;
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK) {
    throw std::runtime_error("SQLite is in use already");
  }
  own = real;
  own.xMalloc = Allocate;
  own.xRealloc = Reallocate;
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &own) != SQLITE_OK) {
    throw std::runtime_error("SQLite does not take another allocator");
  }
}

void AllocationFaults::Arm(std::uint64_t fail_at, bool for_good) {
  counted = 0;
  fails_at = fail_at;
  keeps_failing = for_good;
  armed = true;
}

std::uint64_t AllocationFaults::Disarm() {
  armed = false;
  return counted;
}

}  // namespace moniker::testing

void* operator new(std::size_t size) {
  if (moniker::testing::Fails()) throw std::bad_alloc();
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return moniker::testing::Fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
