#include "remap_table.h"

#include <algorithm>
#include <array>
#include <functional>
#include <mutex>
#include <utility>

#include "moniker/label.h"

namespace moniker::tool {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;
constexpr std::size_t kMaxParticipantId = 256;
constexpr std::size_t kMaxRows = 0xFFFFFFFE;

using Texts = std::array<std::string_view, 6>;

Texts TextsOf(const RemapRow& row) {
  return {row.old_id, row.new_id, row.old_label, row.new_label, row.old_words, row.new_words};
}

RemapRow RowOf(const Texts& texts) {
  RemapRow row;
  row.old_id = texts[0];
  row.new_id = texts[1];
  row.old_label = texts[2];
  row.new_label = texts[3];
  row.old_words = texts[4];
  row.new_words = texts[5];
  return row;
}

std::size_t HashOf(std::string_view text) { return std::hash<std::string_view>()(text); }

std::size_t HashOf(const Uuid::Bytes& uuid) {
  return HashOf({reinterpret_cast<const char*>(uuid.data()), uuid.size()});
}

struct ParsedId {
  Uuid::Bytes uuid;
  bool is_uuid;  // as it stands
};

std::optional<ParsedId> ParseId(std::string_view text) {
  if (const Result<ExternalId> id = ExternalId::Parse(text); id.ok()) {
    return ParsedId{UuidOf(*id).bytes(), false};
  }
  if (const Result<Uuid> uuid = Uuid::Parse(text); uuid.ok()) {
    return ParsedId{uuid->bytes(), true};
  }
  return std::nullopt;
}

bool MayBeParticipantId(std::string_view text) {
  return !text.empty() && text.size() <= kMaxParticipantId &&
         std::ranges::none_of(text, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte <= 0x20 || byte == 0x7F;
         });
}

bool IsLabel(std::string_view text, LabelStyle style) {
  if (text.empty()) return true;
  const Result<Label> label = Label::Parse(text);
  return label.ok() && label->style() == style;
}

Status CheckLabels(const RemapRow& row) {
  constexpr StatusCode kCode = StatusCode::kInvalidArgument;
  if (!IsLabel(row.old_label, LabelStyle::kCode)) return Status(kCode, "old_label: no label");
  if (!IsLabel(row.new_label, LabelStyle::kCode)) return Status(kCode, "new_label: no label");
  if (!IsLabel(row.old_words, LabelStyle::kWords)) return Status(kCode, "old_words: no label");
  if (!IsLabel(row.new_words, LabelStyle::kWords)) return Status(kCode, "new_words: no label");
  return Status::Ok();
}

}  // namespace

template <typename Equal>
const std::uint32_t* RemapTable::Index::Find(std::size_t hash, const Equal& equal) const {
  if (places_.empty()) return nullptr;
  for (std::size_t at = hash % places_.size(); places_[at] != kNone;
       at = (at + 1) % places_.size()) {
    if (equal(places_[at])) return &places_[at];
  }
  return nullptr;
}

template <typename HashOf>
void RemapTable::Index::Add(std::size_t hash, std::uint32_t number, const HashOf& hash_of) {
  const auto put = [this](std::size_t h, std::uint32_t n) {
    std::size_t at = h % places_.size();
    while (places_[at] != kNone) at = (at + 1) % places_.size();
    places_[at] = n;
  };
  if (2 * (used_ + 1) > places_.size()) {
    const std::vector<std::uint32_t> former = std::exchange(
        places_, std::vector<std::uint32_t>(std::max(std::size_t{64}, 2 * places_.size()), kNone));
    for (const std::uint32_t n : former) {
      if (n != kNone) put(hash_of(n), n);
    }
  }
  put(hash, number);
  ++used_;
}

Status RemapTable::Read(const RemapRow& given, Row* row) {
  constexpr StatusCode kCode = StatusCode::kInvalidArgument;
  row->is_participant = given.is_participant;
  row->is_refused = !given.refusal.ok();
  if (given.is_participant) {
    if (!MayBeParticipantId(given.old_id)) return Status(kCode, "old: no participant ID");
    if (given.old_id != given.new_id) return Status(kCode, "new: a participant ID stays");
    return CheckLabels(given);
  }
  const std::optional<ParsedId> old_id = ParseId(given.old_id);
  if (!old_id) return Status(kCode, "old: no external ID");
  row->old_uuid = old_id->uuid;
  if (row->is_refused) return CheckLabels(given);
  const std::optional<ParsedId> new_id = ParseId(given.new_id);
  const bool is_same_form =
      new_id && new_id->is_uuid == old_id->is_uuid && given.new_id.size() == given.old_id.size();
  if (!is_same_form) return Status(kCode, "new: no external ID of the form of the old one");
  row->new_uuid = new_id->uuid;
  return CheckLabels(given);
}

Status RemapTable::Add(const RemapRow& given) {
  Row row{};
  if (const Status status = Read(given, &row); !status.ok()) return status;
  const std::unique_lock lock(mutex_);
  row.person = NumberOf(given.person);
  if (const std::uint32_t* const there = FindText(given.old_id)) {
    const RemapRow known = View(*there);
    const bool is_same = TextsOf(known) == TextsOf(given) && rows_[*there].person == row.person &&
                         known.refusal.ok() == given.refusal.ok();
    return is_same ? Status::Ok() : Status(StatusCode::kConflict, "old: it has two new ones");
  }
  if (const Status status = CheckOneToOne(row, given); !status.ok()) return status;
  if (rows_.size() == kMaxRows) return Status(StatusCode::kExhausted, "too many different IDs");
  Keep(row, given);
  return Status::Ok();
}

std::uint32_t RemapTable::NumberOf(const PersonKey& person) {
  return persons_.emplace(person, static_cast<std::uint32_t>(persons_.size())).first->second;
}

// Another rendering of an ID that is there already must say the same; all else must be new.
Status RemapTable::CheckOneToOne(const Row& row, const RemapRow& given) const {
  if (row.is_participant || row.is_refused) return Status::Ok();
  const auto is_new_text = [&](std::uint32_t n) { return View(n).new_id == given.new_id; };
  if (by_new_text_.Find(HashOf(given.new_id), is_new_text) != nullptr) {
    return Status(StatusCode::kConflict, "new: two old IDs would become this one");
  }
  if (const std::uint32_t* const same = FindUuid(by_old_, row.old_uuid, &Row::old_uuid)) {
    const RemapRow other = View(*same);
    const bool is_same = rows_[*same].new_uuid == row.new_uuid &&
                         rows_[*same].person == row.person && other.old_label == given.old_label &&
                         other.new_label == given.new_label && other.old_words == given.old_words &&
                         other.new_words == given.new_words;
    return is_same
               ? Status::Ok()
               : Status(StatusCode::kConflict, "old: other records say something else of this ID");
  }
  if (FindUuid(by_new_, row.new_uuid, &Row::new_uuid) != nullptr) {
    return Status(StatusCode::kConflict, "new: two old IDs would become this one");
  }
  if (row.new_uuid == row.old_uuid) {
    return FindUuid(by_new_, row.old_uuid, &Row::new_uuid) == nullptr
               ? Status::Ok()
               : Status(StatusCode::kConflict, "old: it is the new one of another");
  }
  if (FindUuid(by_old_, row.new_uuid, &Row::old_uuid) != nullptr) {
    return Status(StatusCode::kConflict, "new: it is an old one too");
  }
  if (FindUuid(by_new_, row.old_uuid, &Row::new_uuid) != nullptr) {
    return Status(StatusCode::kConflict, "old: it is the new one of another");
  }
  return Status::Ok();
}

void RemapTable::Keep(Row row, const RemapRow& given) {
  const Texts texts = TextsOf(given);
  std::size_t size = 0;
  for (const std::string_view text : texts) size += text.size();
  if (chunks_.empty() || kChunk - used_ < size) {
    chunks_.push_back(std::make_unique<char[]>(std::max(kChunk, size)));
    used_ = 0;
  }
  char* to = chunks_.back().get() + used_;
  row.texts = to;
  for (std::size_t i = 0; i < kTexts; ++i) {
    row.sizes[i] = static_cast<std::uint16_t>(texts[i].size());
    to = std::copy(texts[i].begin(), texts[i].end(), to);
  }
  used_ += size;
  const auto number = static_cast<std::uint32_t>(rows_.size());
  rows_.push_back(row);
  by_text_.Add(HashOf(given.old_id), number,
               [this](std::uint32_t n) { return HashOf(View(n).old_id); });
  if (row.is_refused) {
    refusals_.emplace(number, given.refusal);
    return;
  }
  if (row.is_participant) {
    ++participants_;
    return;
  }
  by_new_text_.Add(HashOf(given.new_id), number,
                   [this](std::uint32_t n) { return HashOf(View(n).new_id); });
  if (row.old_uuid != row.new_uuid) ++changed_;
  if (FindUuid(by_old_, row.old_uuid, &Row::old_uuid) != nullptr) return;
  by_old_.Add(HashOf(row.old_uuid), number,
              [this](std::uint32_t n) { return HashOf(rows_[n].old_uuid); });
  by_new_.Add(HashOf(row.new_uuid), number,
              [this](std::uint32_t n) { return HashOf(rows_[n].new_uuid); });
}

RemapRow RemapTable::View(std::uint32_t number) const {
  const Row& row = rows_[number];
  Texts texts;
  const char* from = row.texts;
  for (std::size_t i = 0; i < kTexts; ++i) {
    texts[i] = {from, row.sizes[i]};
    from += row.sizes[i];
  }
  RemapRow view = RowOf(texts);
  view.is_participant = row.is_participant;
  if (row.is_refused) view.refusal = refusals_.at(number);
  return view;
}

const std::uint32_t* RemapTable::FindText(std::string_view old_id) const {
  return by_text_.Find(HashOf(old_id), [&](std::uint32_t n) { return View(n).old_id == old_id; });
}

const std::uint32_t* RemapTable::FindUuid(const Index& index, const Uuid::Bytes& uuid,
                                          Uuid::Bytes Row::*member) const {
  return index.Find(HashOf(uuid), [&](std::uint32_t n) { return rows_[n].*member == uuid; });
}

std::optional<KnownIdentity> RemapTable::Find(std::string_view old_id) const {
  const std::shared_lock lock(mutex_);
  const std::uint32_t* const number = FindText(old_id);
  if (number == nullptr) return std::nullopt;
  const Row& row = rows_[*number];
  const RemapRow view = View(*number);
  KnownIdentity identity;
  identity.kind =
      row.is_participant ? KnownIdentity::Kind::kParticipantId : KnownIdentity::Kind::kExternalId;
  identity.person = {reinterpret_cast<const char*>(&row.person), sizeof(row.person)};
  if (!row.is_participant) identity.identifier = view.new_id;
  identity.label = view.old_label;
  identity.words = view.old_words;
  identity.new_label = view.new_label;
  identity.new_words = view.new_words;
  identity.refusal = view.refusal;
  return identity;
}

std::size_t RemapTable::changed() const {
  const std::shared_lock lock(mutex_);
  return changed_;
}

std::size_t RemapTable::unchanged() const {
  const std::shared_lock lock(mutex_);
  return rows_.size() - changed_ - participants_ - refusals_.size();
}

std::size_t RemapTable::size() const {
  const std::shared_lock lock(mutex_);
  return rows_.size() - refusals_.size();
}

void RemapTable::ForEach(const std::function<void(const RemapRow&)>& visit) const {
  const std::shared_lock lock(mutex_);
  std::vector<std::uint32_t> order;
  for (std::uint32_t n = 0; n < rows_.size(); ++n) {
    if (!rows_[n].is_refused) order.push_back(n);
  }
  std::ranges::sort(order, {}, [this](std::uint32_t n) { return View(n).old_id; });
  // Counted as they come up: the order of the run depends on its threads.
  std::map<std::uint32_t, std::uint64_t> persons;
  for (const std::uint32_t n : order) {
    RemapRow row = View(n);
    row.person = {persons.emplace(rows_[n].person, persons.size() + 1).first->second, 0};
    visit(row);
  }
}

}  // namespace moniker::tool
