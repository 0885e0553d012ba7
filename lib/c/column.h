// Columns of texts, laid out as Arrow does.

#ifndef MONIKER_LIB_C_COLUMN_H_
#define MONIKER_LIB_C_COLUMN_H_

#include <cstddef>

#include "moniker/anonymizer.h"
#include "moniker/c_derive.h"
#include "moniker/status.h"

namespace moniker::internal {

// As moniker_anonymizer_derive_many. REQUIRES: what `external_ids` points to was zeroed; after an
// error it is so again.
Status DeriveColumn(const Anonymizer& anonymizer, const moniker_column* column, char* external_ids,
                    std::size_t size);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_C_COLUMN_H_
