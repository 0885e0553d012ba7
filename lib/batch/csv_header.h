// The header of CSV.
//
// Thread safety: a function without state; a CsvHeader is a value.

#ifndef MONIKER_LIB_BATCH_CSV_HEADER_H_
#define MONIKER_LIB_BATCH_CSV_HEADER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "batch/record_batch.h"
#include "moniker/result.h"

namespace moniker::internal {

struct CsvHeader {
  std::vector<std::string> names;
  std::size_t end = 0;  // behind its line end
};

// Of the record at text[begin]. Errors: kInvalidArgument.
Result<CsvHeader> ReadCsvHeader(std::string_view text, std::size_t begin,
                                const CsvQuoting& quoting);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_CSV_HEADER_H_
