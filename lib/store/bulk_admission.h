// Enters sealed persons into the tables, in the order of tags; whoever is there already is admitted
// again, one by one and in the order in which they came.
//
// Format: docs/formats/mapping-store.md, sections 4.1, 4.2 and 4.6.
// Thread safety: used by one thread.

#ifndef MONIKER_LIB_STORE_BULK_ADMISSION_H_
#define MONIKER_LIB_STORE_BULK_ADMISSION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "moniker/status.h"
#include "store/accounted_transaction.h"
#include "store/sealed_persons.h"
#include "store/sealed_runs.h"
#include "store/working_set.h"

namespace moniker::internal {

class BulkAdmission {
 public:
  // `keys` are those that the transaction began with. REQUIRES: persons on which Finish was called;
  // all outlive it.
  BulkAdmission(SealedPersons* persons, std::shared_ptr<const StoreKeys> keys,
                AccountedTransaction* transaction, SealedRuns known)
      : persons_(*persons),
        keys_(std::move(keys)),
        transaction_(*transaction),
        known_(std::move(known)) {}

  // Once. Errors: as MappingStore::AdmitMany, with the number of the person as the locator.
  Status Run();

 private:
  using Rows = SealedRuns::Rows;

  Status DeclareIssuers();
  Status AddIdentifiers();
  Status AddPersons();
  Status AddLinks();
  // Takes out the rows of persons who were known before.
  void DropKnown(Rows* rows) const;
  Status AdmitLater(const SealedRecord& record, std::uint32_t number);
  // Is told the index of a row and the payloads.
  using Comparer = std::function<Status(std::size_t, ByteView, ByteView)>;
  Status CompareKnown(Table table, const Rows& rows, const std::vector<bool>& added,
                      const Comparer& compare);
  Status CompareLinks(const Rows& rows, const std::vector<bool>& added);
  Status ComparePersons(const Rows& rows, const std::vector<bool>& added);
  Status AdmitKnown();

  SealedPersons& persons_;
  std::shared_ptr<const StoreKeys> keys_;
  AccountedTransaction& transaction_;
  SealedRuns known_;            // persons to be admitted one by one, by their numbers
  std::vector<bool> is_known_;  // by number, in an enrolled vault
  std::uint32_t known_count_ = 0;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_BULK_ADMISSION_H_
