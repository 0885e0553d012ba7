// A store of fifty people, with rows in every table: every bit of every record flipped, every
// record in the place of every other, every row deleted and doubled. Each is reported, and nobody
// is answered with another person's data.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "moniker/sqlite_backend.h"
#include "store/mapping_store.h"
#include "store/record_sealer.h"
#include "store/test_store.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "tamper/altered_reader.h"

namespace moniker::internal {
namespace {

using testing::AlteredReader;
using testing::Expect;
using testing::HasCode;
using testing::TestStore;
using testing::Visit;

constexpr int kPersons = 50;
constexpr int kErased = 3;  // behind them
constexpr std::string_view kIssuer = "mrn.hospital-a";

// With a sanitizer a flip costs many times as much: then one bit of so many is flipped.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kStep = 29;
#else
constexpr std::size_t kStep = 1;
#endif

std::string IdOf(int person) { return "p-" + std::to_string(person); }
std::string NameOf(int person) { return "Quillon Vashti-" + std::to_string(person); }

struct Place {
  Table table;
  SealedRecord record;
};

class FiftyPersonsTest : public ::testing::Test, protected TestStore {
 protected:
  FiftyPersonsTest() : TestStore(VaultMode::kEnrolled) {
    for (const Scope& scope : {Scope::App(), Visit("visit-1")}) AdmitAll(scope);
    std::vector<ErasureTarget> erased;
    std::vector<std::string> ids;
    for (int i = kPersons; i < kPersons + kErased; ++i) ids.push_back(IdOf(i));
    for (const std::string& id : ids) erased.push_back(Identifier{.issuer = kIssuer, .id = id});
    Expect(store->Erase(erased, {.actor = "registrar", .purpose = "request"}).status());
    for (std::uint64_t i = 1; i <= 5; ++i) {
      AuditEntry entry;
      entry.time_ms = i;
      entry.actor = "dr-obrien";
      entry.purpose = "treatment";
      entry.asked = 1;
      Expect(store->AppendAuditEntry(entry));
    }
    for (const auto& [table, records] : content()) {
      for (const SealedRecord& record : records) places_.push_back({table, record});
    }
    reader_ = Expect(MappingStore::Open(
        LoadKeyring(), std::make_unique<AlteredReader>(backend, alteration_), Source()));
  }

  void AdmitAll(const Scope& scope) {
    std::vector<std::string> ids;
    std::vector<std::string> names;
    std::vector<PersonView> persons;
    for (int i = 0; i < kPersons + kErased; ++i) {
      ids.push_back(IdOf(i));
      names.push_back(NameOf(i));
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      persons.push_back({.issuer = kIssuer, .id = ids[i], .name = names[i]});
    }
    const std::vector<Admitted> admitted = Admit(persons, scope);
    std::vector<std::string> participants;
    for (const std::string& id : ids) participants.push_back(id + std::string(scope.conference()));
    std::vector<MappingStore::Binding> bindings;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      bindings.push_back(
          {.participant_id = participants[i], .external_id = admitted[i].pseudonym.uuid()});
      if (i >= kPersons) continue;
      persons_[testing::IdOf(admitted[i])] = static_cast<int>(i);
      persons_[participants[i]] = static_cast<int>(i);
    }
    for (const Status& status : Expect(store->BindMany(bindings))) Expect(status);
  }

  // What asking for an ID comes to. Answering another person or text fails the test.
  Status Ask(const std::string& id) const {
    const std::string_view view = id;
    auto found = reader_->FindMany({&view, 1});
    if (!found.ok()) return found.status();
    if (!found->at(0)) return Status(StatusCode::kNotFound, "unknown");
    const auto persons = reader_->ReadPersons({&found->at(0)->link, 1});
    if (!persons.ok()) return persons.status();
    if (!persons->at(0)) return Status(StatusCode::kNotFound, "gone");
    const int person = persons_.at(id);
    EXPECT_EQ(persons->at(0)->id.Expose(), IdOf(person));
    EXPECT_EQ(persons->at(0)->name.Expose(), NameOf(person));
    return Status::Ok();
  }

  // While a record lies in the place of this one.
  template <typename Work>
  void With(const Place& place, SealedBytes sealed, Work work) {
    alteration_->table = place.table;
    alteration_->record = SealedRecord{place.record.tag, std::move(sealed)};
    work();
    alteration_->record.reset();
  }

  // An ID whose answer hangs on this record, if one does.
  std::optional<std::string> ReaderOf(const Place& place) {
    std::optional<std::string> reader;
    if (place.table != Table::kPerson && place.table != Table::kExternalId &&
        place.table != Table::kParticipant) {
      return reader;
    }
    SealedBytes altered = place.record.sealed;
    altered.back() ^= 1;
    With(place, altered, [&] {
      for (const auto& [id, person] : persons_) {
        if (reader || Ask(id).ok()) continue;
        reader = id;
      }
    });
    return reader;
  }

  StoreReport Verify() {
    return Expect(MappingStore::Verify(backend.get(), Source(), nullptr, nullptr));
  }

  const std::shared_ptr<AlteredReader::Alteration> alteration_ =
      std::make_shared<AlteredReader::Alteration>();
  std::unique_ptr<MappingStore> reader_;
  std::map<std::string, int> persons_;  // by external and participant ID
  std::vector<Place> places_;
};

TEST_F(FiftyPersonsTest, EveryTableHasRowsAndEverybodyIsAnswered) {
  for (const Table table : testing::kAllTables) {
    EXPECT_GE(Count(table), 3u) << static_cast<int>(table);
  }
  EXPECT_EQ(Count(Table::kPerson), 50u);
  EXPECT_EQ(Count(Table::kTombstone), 3u);
  ASSERT_EQ(persons_.size(), 4u * kPersons);
  for (const auto& [id, person] : persons_) EXPECT_THAT(Ask(id), testing::IsOk());
  EXPECT_TRUE(Verify().intact());
}

// Of every table: a record that was altered does not open, whoever reads it.
TEST_F(FiftyPersonsTest, EveryFlippedBitOfEveryRecordKeepsItFromBeingOpened) {
  const RecordSealer sealer = Expect(RecordSealer::Create(LoadKeyring()));
  std::size_t flips = 0;
  std::size_t opened = 0;
  for (Place& place : places_) {
    SealedBytes& sealed = place.record.sealed;
    for (std::size_t bit = flips % kStep; bit < 8 * sealed.size(); bit += kStep, ++flips) {
      const auto mask = static_cast<std::uint8_t>(1 << bit % 8);
      sealed[bit / 8] ^= mask;
      const Status status = sealer.Open(place.table, place.record.tag, sealed).status();
      if (status.code() != StatusCode::kAltered) ++opened;
      sealed[bit / 8] ^= mask;
    }
  }
  EXPECT_EQ(opened, 0u);
  EXPECT_GE(flips, 400'000 / kStep);
  RecordProperty("flips", static_cast<int>(flips));
}

TEST_F(FiftyPersonsTest, EveryFlippedBitOfARecordIsAnErrorForWhoAsks) {
  std::size_t readers = 0;
  std::size_t answered = 0;
  std::size_t flips = 0;
  for (const Place& place : places_) {
    const std::optional<std::string> id = ReaderOf(place);
    if (!id) continue;
    ++readers;
    SealedBytes sealed = place.record.sealed;
    for (std::size_t bit = flips % kStep; bit < 8 * sealed.size(); bit += kStep, ++flips) {
      const auto mask = static_cast<std::uint8_t>(1 << bit % 8);
      sealed[bit / 8] ^= mask;
      With(place, sealed, [&] {
        if (Ask(*id).code() != StatusCode::kAltered) ++answered;
      });
      sealed[bit / 8] ^= mask;
    }
  }
  EXPECT_EQ(readers, static_cast<std::size_t>(kPersons + 2 * kPersons + 2 * kPersons));
  EXPECT_EQ(answered, 0u);
  RecordProperty("flips", static_cast<int>(flips));
}

// The rest is read by `verify`: a bit of each eighth byte, of each record.
TEST_F(FiftyPersonsTest, VerifyNamesTheRecordThatAFlippedBitIsOf) {
  std::size_t bit = 0;
  for (const Place& place : places_) {
    for (std::size_t at = bit % 64; at < place.record.sealed.size(); at += 64 * kStep) {
      SealedRecord altered = place.record;
      altered.sealed[at] ^= static_cast<std::uint8_t>(1 << bit++ % 8);
      testing::PutOne(*backend, place.table, altered);
      const StoreReport report = Verify();
      ASSERT_FALSE(report.records_intact());
      ASSERT_EQ(report.altered.size(), 1u);
      ASSERT_EQ(report.altered[0].table, place.table);
      ASSERT_EQ(report.altered[0].tag, place.record.tag);
    }
    testing::PutOne(*backend, place.table, place.record);
  }
  EXPECT_TRUE(Verify().intact());
}

TEST_F(FiftyPersonsTest, EveryFlippedBitOfTheManifestKeepsTheStoreClosed) {
  const auto manifest = std::ranges::find_if(
      places_, [](const Place& place) { return IsManifest(place.table, place.record.tag); });
  ASSERT_NE(manifest, places_.end());
  SealedBytes sealed = manifest->record.sealed;
  for (std::size_t bit = 0; bit < 8 * sealed.size(); bit += kStep) {
    const auto mask = static_cast<std::uint8_t>(1 << bit % 8);
    sealed[bit / 8] ^= mask;
    With(*manifest, sealed, [&] {
      EXPECT_THAT(
          MappingStore::Open(LoadKeyring(), std::make_unique<AlteredReader>(backend, alteration_),
                             Source()),
          HasCode(StatusCode::kAltered))
          << bit;
    });
    sealed[bit / 8] ^= mask;
  }
}

TEST_F(FiftyPersonsTest, EveryRecordInThePlaceOfEveryOtherDoesNotOpen) {
  const RecordSealer sealer = Expect(RecordSealer::Create(LoadKeyring()));
  std::size_t opened = 0;
  std::size_t refused = 0;
  for (std::size_t own = 0; own < places_.size(); ++own) {
    for (std::size_t other = own % kStep; other < places_.size(); other += kStep) {
      const auto result =
          sealer.Open(places_[other].table, places_[other].record.tag, places_[own].record.sealed);
      ++(result.status().code() == StatusCode::kAltered ? refused : opened);
      if (result.ok()) {
        EXPECT_EQ(own, other);
      }
    }
  }
  EXPECT_GE(refused, 100'000 / kStep);
  if (kStep == 1) {
    EXPECT_EQ(opened, places_.size());
  }
}

TEST_F(FiftyPersonsTest, WhoAsksForARecordThatAnotherLiesInThePlaceOfGetsAnError) {
  std::size_t exchanged = 0;
  for (const Place& place : places_) {
    const std::optional<std::string> id = ReaderOf(place);
    if (!id) continue;
    for (std::size_t i = exchanged % kStep; i < places_.size(); i += kStep) {
      const Place& other = places_[i];
      if (other.table == place.table && other.record.tag == place.record.tag) continue;
      With(place, other.record.sealed,
           [&] { ASSERT_THAT(Ask(*id), HasCode(StatusCode::kAltered)); });
      ++exchanged;
    }
  }
  EXPECT_GE(exchanged, 50'000 / kStep);
}

TEST_F(FiftyPersonsTest, EveryDeletedRowIsMissedAndNobodyIsAnsweredWithAnotherPerson) {
  for (const Place& place : places_) {
    if (place.table == Table::kMeta) continue;  // without one of these nothing is answered at all
    testing::EraseOne(*backend, place.table, place.record.tag);
    const StoreReport report = Verify();
    EXPECT_FALSE(report.records_intact());
    EXPECT_EQ(report.altered_count, 0u);
    for (const auto& [id, person] : persons_) static_cast<void>(Ask(id));
    testing::PutOne(*backend, place.table, place.record);
  }
  EXPECT_TRUE(Verify().intact());
}

TEST_F(FiftyPersonsTest, EveryDoubledRowIsNoticedInWhateverTable) {
  std::uint64_t number = 1'000'000;
  for (const Place& place : places_) {
    for (const Table table : testing::kAllTables) {
      if (number++ % kStep != 0) continue;
      // Under a tag of its own, and in another table under its own tag.
      const RecordTag tag = table == place.table ? testing::NumberTag(number) : place.record.tag;
      testing::PutOne(*backend, table, {tag, place.record.sealed});
      const StoreReport report = Verify();
      ASSERT_EQ(report.altered_count, 1u);
      ASSERT_FALSE(report.tables[static_cast<std::size_t>(table)].as_written);
      testing::EraseOne(*backend, table, tag);
    }
  }
  EXPECT_TRUE(Verify().intact());
}

}  // namespace
}  // namespace moniker::internal
