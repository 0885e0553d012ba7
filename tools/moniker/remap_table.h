// Old IDs and what takes their place: what a remap finds, checks and writes, and all that is needed
// to do it again without any vault.
//
// One to one, of people as of texts: no two IDs become one, none
// becomes two, in whatever rendering they stand, and no new ID is an old one too but its own.
//
// Thread safety: all members may be called from any thread.

#ifndef MONIKER_TOOLS_MONIKER_REMAP_TABLE_H_
#define MONIKER_TOOLS_MONIKER_REMAP_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/pseudonym.h"
#include "moniker/reidentify.h"

namespace moniker::tool {

// Equal for the IDs of one person and, but for a chance that is none, of no others.
using PersonKey = std::array<std::uint64_t, 2>;

// IDs as they stand in a file: in one of the renderings, with metadata if they have it.
struct RemapRow {
  std::string_view old_id = {};
  std::string_view new_id = {};
  bool is_participant = false;  // an ID of the platform's, which stays what it is
  PersonKey person = {};
  // What display names end with; empty for what is not known.
  std::string_view old_label = {};
  std::string_view new_label = {};
  std::string_view old_words = {};
  std::string_view new_words = {};
  // If not OK there is nothing new: such a row is never written.
  Status refusal = Status::Ok();
};

class RemapTable {
 public:
  RemapTable() = default;
  RemapTable(const RemapTable&) = delete;
  RemapTable& operator=(const RemapTable&) = delete;

  // A copy is kept; the same row again changes nothing.
  // Errors: kInvalidArgument for what is no row (the message names the column); kConflict if it and
  // another would not be one to one.
  Status Add(const RemapRow& row);

  // As a run asks it. What the answer points to stays as long as the table.
  std::optional<KnownIdentity> Find(std::string_view old_id) const;

  // External IDs, in all their renderings, that become others, and that stay.
  std::size_t changed() const;
  std::size_t unchanged() const;
  std::size_t size() const;

  // Every row, in ascending order of the bytes of the old IDs; the first number of a person is then
  // 1 for the first that comes, 2 for the next.
  void ForEach(const std::function<void(const RemapRow&)>& visit) const;

 private:
  static constexpr std::size_t kTexts = 6;

  // Its texts stand one behind the other.
  struct Row {
    const char* texts;
    std::uint16_t sizes[kTexts];
    bool is_participant;
    bool is_refused;
    std::uint32_t person;
    Uuid::Bytes old_uuid;  // of external IDs
    Uuid::Bytes new_uuid;
  };

  // Numbers of rows by something in them, which all of them have each once.
  class Index {
   public:
    // The row for which equal(number) is true.
    template <typename Equal>
    const std::uint32_t* Find(std::size_t hash, const Equal& equal) const;
    // REQUIRES: it is not there. `hash_of` tells the hash of those that are.
    template <typename HashOf>
    void Add(std::size_t hash, std::uint32_t number, const HashOf& hash_of);

   private:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;
    std::vector<std::uint32_t> places_;  // at most half full
    std::size_t used_ = 0;
  };

  static Status Read(const RemapRow& given, Row* row);
  RemapRow View(std::uint32_t number) const;
  const std::uint32_t* FindText(std::string_view old_id) const;
  const std::uint32_t* FindUuid(const Index& index, const Uuid::Bytes& uuid,
                                Uuid::Bytes Row::*member) const;
  Status CheckOneToOne(const Row& row, const RemapRow& given) const;
  void Keep(Row row, const RemapRow& given);
  std::uint32_t NumberOf(const PersonKey& person);

  mutable std::shared_mutex mutex_;
  std::deque<Row> rows_;
  std::map<std::uint32_t, Status> refusals_;  // by number of the row
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t used_ = 0;  // of the last chunk
  std::map<PersonKey, std::uint32_t> persons_;
  Index by_text_;
  Index by_new_text_;  // external IDs
  Index by_old_;       // external IDs, one row for all renderings
  Index by_new_;       // likewise
  std::size_t changed_ = 0;
  std::size_t participants_ = 0;
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_REMAP_TABLE_H_
