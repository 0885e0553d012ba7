// Which keys a store works under, from request to request.

#include "base/status_macros.h"
#include "store/mapping_store.h"
#include "store/settings.h"

namespace moniker::internal {
namespace {

bool IsAhead(const KeyEpochs& a, const KeyEpochs& b) {
  return a.identity > b.identity || a.storage > b.storage || a.index > b.index;
}

}  // namespace

std::shared_ptr<const StoreKeys> MappingStore::keys() const {
  const std::lock_guard lock(mutex_);
  return state_.keys;
}

Result<std::shared_ptr<const StoreKeys>> MappingStore::Keys() {
  if (std::shared_ptr<const StoreKeys> known = keys(); known != nullptr) return known;
  const IdleLock::Use use(idle_lock_.get());
  MONIKER_ASSIGN_OR_RETURN(const State state, StateForReading());
  return state.keys;
}

Status MappingStore::LockWhenIdle(std::chrono::milliseconds after, std::function<void()> lock) {
  MONIKER_ASSIGN_OR_RETURN(idle_lock_, IdleLock::Start(after, std::move(lock)));
  const IdleLock::Use opening(idle_lock_.get());
  return Status::Ok();
}

void MappingStore::Lock() {
  const std::lock_guard lock(mutex_);
  state_.keys.reset();
  state_.mark.reset();
  integrity_keys_.reset();
  ++locks_;
}

Result<StoreSettings> MappingStore::OpenSettings(const StoreKeys& keys, ByteView sealed) const {
  Result<RecordSealer::Opened> opened = keys.sealer().Open(Table::kMeta, SettingsTag(), sealed);
  if (!opened.ok()) {
    return opened.status().code() == StatusCode::kAltered ? ForeignStore() : opened.status();
  }
  return DecodeSettings(opened->payload.Expose());
}

Result<std::shared_ptr<const StoreKeys>> MappingStore::Reload() const {
  if (!source_) {
    return Status(StatusCode::kClosed, "the vault's keys were rotated: it must be opened again");
  }
  MONIKER_ASSIGN_OR_RETURN(Keyring keyring, source_());
  if (keyring.vault_id() != vault_id_) return ForeignStore();
  return StoreKeys::Create(std::move(keyring));
}

// Whether the keys are those that the store is written under is looked up with every request: to
// write under older ones would hide records from those who have the newer. As long as nobody has
// committed anything, the answer is the last one.
Result<MappingStore::State> MappingStore::StateForReading() {
  // Asked for first: what is committed while the settings are read shows with the next request.
  const std::optional<ChangeMark> mark = backend_->Mark();
  if (mark) {
    const std::lock_guard lock(mutex_);
    if (state_.mark == mark) return state_;
  }
  MONIKER_ASSIGN_OR_RETURN(State state, CurrentState(backend_.get()));
  const std::lock_guard lock(mutex_);
  if (state_.keys != nullptr && state_.settings == state.settings) state_.mark = mark;
  return state;
}

Result<MappingStore::State> MappingStore::CurrentState(StorageReader* reader) {
  std::vector<std::optional<SealedBytes>> found;
  const RecordTag tag = SettingsTag();
  MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kMeta, {&tag, 1}, &found));
  if (!found[0]) return ForeignStore();
  {
    const std::lock_guard lock(mutex_);
    if (state_.keys != nullptr && state_.settings == *found[0]) return state_;
  }
  // One thread reads the keyring anew, which may take a passphrase's time and memory, for all.
  const std::lock_guard refreshing(refresh_mutex_);
  State state;
  bool is_rotation = false;  // rather than the first request
  std::uint64_t locks = 0;
  {
    const std::lock_guard lock(mutex_);
    if (state_.keys != nullptr && state_.settings == *found[0]) return state_;
    locks = locks_;
    state.keys = state_.keys;
    is_rotation = !state_.settings.empty();
  }
  state.settings = *std::move(found[0]);
  // Without a source of keyrings there is none but these, which may still be the newest.
  const bool has_key = state.keys != nullptr && state.keys->sealer().HasKeyOf(state.settings);
  if (source_ ? is_rotation || !has_key : is_rotation && !has_key) {
    MONIKER_ASSIGN_OR_RETURN(state.keys, Reload());
  }
  MONIKER_ASSIGN_OR_RETURN(StoreSettings settings, OpenSettings(*state.keys, state.settings));
  if (IsAhead(settings.epochs, state.keys->epochs())) {
    // A rotation after the keyring was read; or the keyring is an old one.
    MONIKER_ASSIGN_OR_RETURN(state.keys, Reload());
    if (IsAhead(settings.epochs, state.keys->epochs())) return ForeignStore();
  }
  state.policy = settings.policy;
  state.settings_are_behind = IsAhead(state.keys->epochs(), settings.epochs);
  Keep(state, locks);
  return state;
}

// What was locked meanwhile stays locked: this request alone goes on with the keys that it has.
void MappingStore::Keep(const State& state, std::uint64_t locks) {
  const std::lock_guard lock(mutex_);
  if (locks_ == locks) state_ = state;
}

// After this store has written settings: they are compared anew with the next request.
void MappingStore::ForgetSettings() {
  const std::lock_guard lock(mutex_);
  state_.settings.clear();
  state_.mark.reset();
}

Status MappingStore::Refresh() { return StateForReading().status(); }

Result<std::shared_ptr<const IntegrityKeys>> MappingStore::IntegrityKeysOf(const Manifest& manifest,
                                                                           const Keyring& keyring) {
  std::uint64_t locks = 0;
  {
    const std::lock_guard lock(mutex_);
    if (integrity_keys_ != nullptr && integrity_keys_->AreOf(manifest)) return integrity_keys_;
    locks = locks_;
  }
  MONIKER_ASSIGN_OR_RETURN(IntegrityKeys made, IntegrityKeys::Create(keyring, manifest));
  auto keys = std::make_shared<const IntegrityKeys>(std::move(made));
  const std::lock_guard lock(mutex_);
  if (locks_ == locks) integrity_keys_ = keys;
  return std::shared_ptr<const IntegrityKeys>(std::move(keys));
}

// With the keyring as its file has it: another process may have written one and died before it
// came to the settings.
Result<MappingStore::State> MappingStore::ReloadedState(const State& state) const {
  State reloaded = state;
  if (!source_) return reloaded;
  MONIKER_ASSIGN_OR_RETURN(reloaded.keys, Reload());
  // An older file in its place: what is made from it would take numbers that are in use.
  if (IsAhead(state.keys->epochs(), reloaded.keys->epochs())) return ForeignStore();
  return reloaded;
}

}  // namespace moniker::internal
