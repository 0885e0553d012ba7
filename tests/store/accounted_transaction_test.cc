#include "store/accounted_transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/records.h"
#include "support/status_matchers.h"
#include "support/test_keyring.h"

namespace moniker::internal {
namespace {

using testing::Expect;
using testing::HasCode;
using testing::IsOk;
using testing::Record;
using testing::Tag;

class AccountedTransactionTest : public ::testing::Test {
 protected:
  AccountedTransactionTest() { EXPECT_THAT(Transaction(Expect(NewManifest()))->Commit(), IsOk()); }

  std::unique_ptr<AccountedTransaction> Transaction(Manifest manifest) {
    auto keys = std::make_shared<const IntegrityKeys>(
        Expect(IntegrityKeys::Create(keyring_, manifest)));
    return std::make_unique<AccountedTransaction>(Expect(backend_->Begin()), sealer_,
                                                  std::move(manifest), std::move(keys));
  }
  Manifest Stored() { return Expect(ReadManifest(*sealer_, backend_.get())); }

  // What a manifest would say that was made of what is there.
  Manifest::Rows Counted(Table table) {
    const auto transaction = Transaction(Copy(written_));
    Expect(transaction->AccountForAll());
    return transaction->manifest().of(table);
  }
  static Manifest Copy(const Manifest& manifest) {
    Manifest copy = Expect(NewManifest());
    copy.integrity_key = testing::Secret(manifest.integrity_key.Expose());
    return copy;
  }

  Keyring keyring_ = testing::MakeKeyring({});
  std::unique_ptr<StorageBackend> backend_ = MakeMemoryBackend();
  std::shared_ptr<const RecordSealer> sealer_ =
      std::make_shared<const RecordSealer>(Expect(RecordSealer::Create(keyring_)));
  Manifest written_ = Expect(NewManifest());
};

using Rows = std::vector<SealedRecord>;

// However the rows got there, the manifest says the same of them.
TEST_F(AccountedTransactionTest, TheDigestIsThatOfTheRowsWhateverTheWayToThem) {
  const auto change = [&](const std::function<void(AccountedTransaction*)>& how) {
    testing::EraseAll(*backend_);
    const auto transaction = Transaction(Copy(written_));
    how(transaction.get());
    Expect(transaction->Commit());
    EXPECT_EQ(Stored().of(Table::kPerson), Counted(Table::kPerson));
    return Stored().of(Table::kPerson);
  };
  const Rows a = {Record("a", "one")};
  const Rows ab = {Record("a", "one"), Record("b", "two")};
  const Manifest::Rows direct =
      change([&](auto* t) { Expect(t->PutMany(Table::kPerson, ab)); });
  EXPECT_EQ(direct.count, 2u);
  EXPECT_EQ(change([&](auto* t) {
              Expect(t->PutMany(Table::kPerson, Rows{Record("b", "first"), Record("a", "x")}));
              Expect(t->PutMany(Table::kPerson, Rows{Record("b", "two")}));
              Expect(t->PutMany(Table::kPerson, a));
            }),
            direct);
  EXPECT_EQ(change([&](auto* t) {
              // Twice in one call: the last counts.
              Expect(t->PutMany(Table::kPerson,
                                Rows{Record("a", "0"), Record("b", "two"), Record("a", "one")}));
            }),
            direct);
  EXPECT_EQ(change([&](auto* t) {
              Expect(t->PutMany(Table::kPerson, Rows{Record("c", "three")}));
              Expect(t->PutMany(Table::kPerson, ab));
              const RecordTag gone[] = {Tag("c"), Tag("never there")};
              Expect(t->EraseMany(Table::kPerson, gone));
            }),
            direct);
  std::vector<bool> added;
  EXPECT_EQ(change([&](auto* t) {
              Expect(t->AddMany(Table::kPerson, a, &added));
              // What is there counts for nothing, also what was read or written through it before.
              Expect(t->AddMany(Table::kPerson, Rows{Record("a", "x"), Record("b", "x")}, &added));
              Expect(t->PutMany(Table::kPerson, Rows{Record("b", "two")}));
              Expect(t->AddMany(Table::kPerson, Rows{Record("b", "y")}, &added));
            }),
            direct);
  EXPECT_EQ(change([&](auto* t) {
              std::vector<std::optional<SealedBytes>> found;
              const RecordTag tag = Tag("b");
              Expect(t->FindMany(Table::kPerson, {&tag, 1}, &found));
              Expect(t->AddMany(Table::kPerson, Rows{Record("b", "1"), Record("c", "2")}, &added));
              t->Forget();
              Expect(t->PutMany(Table::kPerson, ab));
              const RecordTag gone = Tag("c");
              Expect(t->EraseMany(Table::kPerson, {&gone, 1}));
            }),
            direct);
  EXPECT_NE(change([&](auto* t) { Expect(t->PutMany(Table::kPerson, a)); }), direct);
}

TEST_F(AccountedTransactionTest, RowsOfOtherTransactionsAreReplacedAndErased) {
  auto transaction = Transaction(Copy(written_));
  Expect(transaction->PutMany(Table::kRoster, Rows{Record("a", "one"), Record("b", "two")}));
  Expect(transaction->Commit());
  transaction = Transaction(Stored());
  std::vector<std::optional<SealedBytes>> found;
  const RecordTag tags[] = {Tag("a"), Tag("c")};
  Expect(transaction->FindMany(Table::kRoster, tags, &found));  // one read before, one not
  Expect(transaction->PutMany(Table::kRoster, Rows{Record("a", "1"), Record("c", "3")}));
  Expect(transaction->EraseMany(Table::kRoster, {&tags[0], 1}));
  const RecordTag other = Tag("b");
  Expect(transaction->EraseMany(Table::kRoster, {&other, 1}));
  Expect(transaction->Commit());
  written_ = Stored();
  EXPECT_EQ(Stored().of(Table::kRoster).count, 1u);
  EXPECT_EQ(Stored().of(Table::kRoster), Counted(Table::kRoster));
}

TEST_F(AccountedTransactionTest, AnEmptyTableHasADigestOfZeros) {
  auto transaction = Transaction(Copy(written_));
  Expect(transaction->PutMany(Table::kRoster, Rows{Record("a", "one")}));
  const RecordTag tag = Tag("a");
  Expect(transaction->EraseMany(Table::kRoster, {&tag, 1}));
  Expect(transaction->Commit());
  EXPECT_EQ(Stored().of(Table::kRoster), Manifest::Rows());
}

TEST_F(AccountedTransactionTest, OnlyWhatChangesSomethingCounts) {
  auto transaction = Transaction(Copy(written_));
  Expect(transaction->PutMany(Table::kRoster, Rows{Record("a", "one")}));
  Expect(transaction->Commit());
  EXPECT_EQ(Stored().counter, 1u);
  transaction = Transaction(Stored());
  Expect(transaction->Commit());
  EXPECT_EQ(Stored().counter, 1u);
  transaction = Transaction(Stored());
  transaction->CountFrom(41);
  transaction->CountFrom(7);
  Expect(transaction->PutMany(Table::kRoster, Rows{Record("a", "one")}));
  Expect(transaction->Commit());
  EXPECT_EQ(Stored().counter, 42u);
}

TEST_F(AccountedTransactionTest, ItIsToldOfACommitOnceAndOnlyOfOne) {
  int told = 0;
  auto transaction = Transaction(Copy(written_));
  Expect(transaction->PutMany(Table::kRoster, Rows{Record("a", "one")}));
  Expect(transaction->Commit([&] { ++told; }));
  EXPECT_EQ(told, 1);
  EXPECT_THAT(transaction->Commit([&] { ++told; }), HasCode(StatusCode::kClosed));
  EXPECT_EQ(told, 1);
}

TEST_F(AccountedTransactionTest, WithoutACommitTheManifestStays) {
  auto transaction = Transaction(Copy(written_));
  Expect(transaction->PutMany(Table::kRoster, Rows{Record("a", "one")}));
  Expect(transaction->Commit());
  transaction = Transaction(Stored());
  Expect(transaction->PutMany(Table::kRoster, Rows{Record("b", "two")}));
  transaction.reset();
  EXPECT_EQ(Stored().counter, 1u);
  EXPECT_EQ(Stored().of(Table::kRoster).count, 1u);
}

TEST_F(AccountedTransactionTest, AManifestThatIsGoneOrAlteredIsAltered) {
  auto transaction = Transaction(Copy(written_));
  Expect(transaction->PutMany(Table::kRoster, Rows{Record("a", "one")}));
  Expect(transaction->Commit());
  SealedBytes sealed = *testing::FindOne(*backend_, Table::kMeta, ManifestTag());
  sealed.back() ^= 1;
  testing::PutOne(*backend_, Table::kMeta, {ManifestTag(), sealed});
  EXPECT_THAT(ReadManifest(*sealer_, backend_.get()), HasCode(StatusCode::kAltered));
  testing::EraseOne(*backend_, Table::kMeta, ManifestTag());
  EXPECT_THAT(ReadManifest(*sealer_, backend_.get()), HasCode(StatusCode::kAltered));
}

}  // namespace
}  // namespace moniker::internal
