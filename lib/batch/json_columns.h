// The values that paths lead to in the records of JSON.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_JSON_COLUMNS_H_
#define MONIKER_LIB_BATCH_JSON_COLUMNS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "batch/json_paths.h"
#include "batch/json_records.h"
#include "batch/null_values.h"
#include "batch/record_batch.h"
#include "moniker/rewrite.h"

namespace moniker::internal {

class JsonColumns final : public JsonRecords {
 public:
  // What is given must outlive this.
  JsonColumns(const JsonPaths* paths, const std::vector<RewriteColumn>* rules,
              const NullValues* nulls);

  // By column: how often its path led somewhere, if only to an empty list.
  const std::vector<std::uint64_t>& found() const { return found_; }

 private:
  struct Members {
    bool has_kept_one = false;
    std::size_t end_of_former = 0;
  };

  void Add(std::string_view document, std::size_t base, JsonIndex* index,
           RecordBatch* batch) override;
  void Walk(std::uint32_t value, const JsonPathNode& path, std::uint32_t group, RecordBatch* batch);
  void WalkObject(std::uint32_t object, const JsonPathNode& path, std::uint32_t group,
                  RecordBatch* batch);
  void WalkArray(std::uint32_t array, const JsonPathNode& path, RecordBatch* batch);
  void WalkMember(std::uint32_t key, const JsonPathNode& path, std::uint32_t group,
                  RecordBatch* batch);
  void DropMember(std::uint32_t key, std::uint32_t behind, const Members& members,
                  RecordBatch* batch);
  void AddValue(std::uint32_t value, std::uint16_t rule, std::uint32_t group, RecordBatch* batch);
  void MarkFound(const JsonPathNode& path);
  void CheckAdded(std::uint32_t object, const JsonPathNode& path, RecordBatch* batch);
  std::string_view KeyOf(std::uint32_t key);
  bool IsNull(const JsonNode& node) const;

  const JsonPaths& paths_;
  const std::vector<RewriteColumn>& rules_;
  const NullValues& nulls_;
  std::vector<std::string> added_names_;  // as JSON strings, by column
  std::vector<std::uint64_t> found_;
  std::string decoded_;
  const JsonIndex* index_ = nullptr;
  std::string_view document_;  // that is walked
  std::size_t base_ = 0;       // where it stands in the block
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_JSON_COLUMNS_H_
