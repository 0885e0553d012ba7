#include "moniker/enroller.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <string>
#include <system_error>
#include <utility>

#include "base/status_macros.h"
#include "store/mapping_store.h"

namespace moniker {
namespace {

using internal::MappingStore;
using internal::SealedPersons;

// The index of a store is written anew with nearly each chunk, so a chunk is a part of the store;
// what it costs is room in the vault's folder and in the database's log, some 1 KB a person, and
// the time that other writers wait.
constexpr std::uint64_t kPartOfStore = 4;
constexpr std::uint64_t kLeastChunk = std::uint64_t{1} << 17;
constexpr std::uint64_t kLargestChunk = std::uint64_t{1} << 21;
// Where each person has to be looked up, or nothing can be put into files.
constexpr std::size_t kSmallChunk = std::size_t{1} << 15;

constexpr Status kMoved(StatusCode::kClosed, "the enroller was moved from");
constexpr Status kEnded(StatusCode::kClosed, "the enroller has ended");

bool IsOfPerson(const Status& status) {
  return status.code() == StatusCode::kInvalidArgument || status.code() == StatusCode::kConflict;
}

}  // namespace

class Enroller::Impl {
 public:
  Impl(std::shared_ptr<MappingStore> store, const Options& options)
      : store_(std::move(store)),
        request_{options.scope, options.identity_epoch, options.label_style},
        chunk_size_(options.chunk_size) {}
  ~Impl() {
    if (storing_.valid()) storing_.wait();
  }

  // Finds out whether there is such an epoch.
  Status Prepare() { return BeginChunk(); }

  Status Add(const PersonView& person) {
    if (!status_.ok()) return status_;
    const Result<IdentifierKind> kind = KindOf(person);
    if (!kind.ok()) return Keep(kind.status());
    if (!chunk_) MONIKER_RETURN_IF_ERROR(Keep(BeginChunk()));
    MONIKER_RETURN_IF_ERROR(Keep(chunk_->Add(person, *kind)));
    if (!kinds_.contains(person.issuer)) kinds_.emplace(person.issuer, *kind);
    return chunk_->size() < limit_ ? Status::Ok() : Keep(EndChunk());
  }

  Status Finish() {
    if (!status_.ok()) {
      if (storing_.valid()) storing_.wait();
      return status_;
    }
    Status status = chunk_ ? EndChunk() : Status::Ok();
    if (status.ok()) status = Await();
    status_ = status.ok() ? kEnded : status;
    return status;
  }

  std::uint64_t stored() const { return stored_; }

 private:
  // What is wrong with one person is not the end.
  Status Keep(const Status& status) {
    if (!status.ok() && !IsOfPerson(status)) status_ = status;
    return status;
  }

  // The issuer's, or that of its first person.
  Result<IdentifierKind> KindOf(const PersonView& person) const {
    std::optional<IdentifierKind> known;
    if (const auto kind = kinds_.find(person.issuer); kind != kinds_.end()) {
      known = kind->second;
    } else {
      MONIKER_RETURN_IF_ERROR(ValidateIssuer(person.issuer));
      MONIKER_ASSIGN_OR_RETURN(known, store_->KindOf(person.issuer));
    }
    if (person.kind && KindName(*person.kind).empty()) {
      return Status(StatusCode::kInvalidArgument, "kind: none of opaque, text, email, phone");
    }
    if (person.kind && known && *person.kind != *known) {
      return Status(StatusCode::kConflict, "issuer: its identifiers are of another kind");
    }
    return known.value_or(person.kind.value_or(IdentifierKind::kOpaque));
  }

  Status BeginChunk() {
    MONIKER_ASSIGN_OR_RETURN(SealedPersons chunk, store_->NewSealedPersons(request_));
    MONIKER_ASSIGN_OR_RETURN(const std::uint64_t persons, store_->PersonsInStore());
    limit_ = chunk_size_;
    if (limit_ == 0 && (!chunk.are_whole() || !chunk.in_file())) limit_ = kSmallChunk;
    if (limit_ == 0) limit_ = std::clamp(persons / kPartOfStore, kLeastChunk, kLargestChunk);
    chunk_ = std::make_unique<SealedPersons>(std::move(chunk));
    return Status::Ok();
  }

  // Stores the chunk beside the making of the next one, or before it if there is no thread for it.
  Status EndChunk() {
    MONIKER_RETURN_IF_ERROR(chunk_->Finish());
    MONIKER_RETURN_IF_ERROR(Await());
    const auto store = [this, chunk = std::shared_ptr<SealedPersons>(std::move(chunk_))] {
      const Status status = store_->AdmitSealed(chunk.get());
      if (status.ok()) stored_ += chunk->size();
      return status;
    };
    try {
      storing_ = std::async(std::launch::async, store);
    } catch (const std::system_error&) {
      return store();
    }
    return Status::Ok();
  }

  Status Await() { return storing_.valid() ? storing_.get() : Status::Ok(); }

  const std::shared_ptr<MappingStore> store_;
  const SealedPersons::Request request_;
  const std::size_t chunk_size_;
  std::map<std::string, IdentifierKind, std::less<>> kinds_;  // of all persons so far
  std::unique_ptr<SealedPersons> chunk_;                      // that is being made ready
  std::size_t limit_ = 0;                                     // persons of chunk_
  std::future<Status> storing_;                               // the chunk before it
  std::atomic<std::uint64_t> stored_ = 0;
  Status status_;
};

Enroller::Enroller(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Enroller::Enroller(Enroller&& other) noexcept = default;
Enroller& Enroller::operator=(Enroller&& other) noexcept = default;
Enroller::~Enroller() = default;

Result<Enroller> Enroller::Create(const Vault& vault, const Options& options) {
  if (vault.store_ == nullptr) return Status(StatusCode::kClosed, "the vault was moved from");
  if (Label::Count(options.label_style) == 0) {
    return Status(StatusCode::kInvalidArgument, "label style: neither code nor words");
  }
  auto impl = std::make_unique<Impl>(vault.store_, options);
  MONIKER_RETURN_IF_ERROR(impl->Prepare());
  return Enroller(std::move(impl));
}

Status Enroller::Add(const PersonView& person) {
  return impl_ == nullptr ? kMoved : impl_->Add(person);
}

Status Enroller::Finish() { return impl_ == nullptr ? kMoved : impl_->Finish(); }

std::uint64_t Enroller::stored() const { return impl_ == nullptr ? 0 : impl_->stored(); }

}  // namespace moniker
