#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "moniker/csv.h"

namespace moniker {
namespace {

struct Edit {
  std::size_t record;
  std::size_t column;
  std::string value;
};

struct Change {
  const char* before;
  std::vector<Edit> edits;
  std::vector<std::size_t> drops;
  const char* after;
};

TEST(CsvRewriterTest, ChangesOnlyWhatItIsTold) {
  const std::vector<Change> changes = {
      {"a,b\n1,2\n", {}, {}, "a,b\n1,2\n"},
      {"a,b\n1,2\n", {{1, 0, "x"}}, {}, "a,b\nx,2\n"},
      {"a,b\n1,2", {{1, 1, "x"}}, {}, "a,b\n1,x"},
      {"a,b\r\n1,2\r\n", {{1, 1, "x"}}, {}, "a,b\r\n1,x\r\n"},
      {"a,b\r\n1,2\n", {{0, 0, "x"}, {1, 1, "y"}}, {}, "x,b\r\n1,y\n"},
      {"a,b\n,\n", {{1, 0, "x"}}, {}, "a,b\nx,\n"},
      {"a,b\n,\n", {{1, 1, "x"}}, {}, "a,b\n,x\n"},
      {"a,b\n1,2\n", {{1, 0, ""}}, {}, "a,b\n,2\n"},
      // Quotes: as before, or as it must be.
      {"a,b\n\"1\",2\n", {{1, 0, "x"}}, {}, "a,b\n\"x\",2\n"},
      {"a,b\n\"1\",2\n", {{1, 0, ""}}, {}, "a,b\n\"\",2\n"},
      {"a,b\n1,2\n", {{1, 0, "x,y"}}, {}, "a,b\n\"x,y\",2\n"},
      {"a,b\n1,2\n", {{1, 0, "x\"y\""}}, {}, "a,b\n\"x\"\"y\"\"\",2\n"},
      {"a,b\n1,2\n", {{1, 0, "x\ny"}}, {}, "a,b\n\"x\ny\",2\n"},
      {"a,b\n1,2\n", {{1, 0, "x\ry"}}, {}, "a,b\n\"x\ry\",2\n"},
      {"a,b\n1,2\n", {{1, 0, " x"}}, {}, "a,b\n\" x\",2\n"},
      {"a,b\n1,2\n", {{1, 0, "x\t"}}, {}, "a,b\n\"x\t\",2\n"},
      {"a,b\n1,2\n", {{1, 0, "x y"}}, {}, "a,b\nx y,2\n"},
      {"a,b\n1,2\n", {{1, 0, "x;y'"}}, {}, "a,b\nx;y',2\n"},
      {"a,b\n1,2\n", {{1, 0, "Łukasz"}}, {}, "a,b\nŁukasz,2\n"},
      // The spelling of what is beside it.
      {" a,\"b\"\"\"\n 1 ,\"2\n\"\n", {{1, 0, "x"}}, {}, " a,\"b\"\"\"\nx,\"2\n\"\n"},
      // The last of two counts, in whatever order the fields are given.
      {"a,b\n1,2\n3,4\n", {{2, 1, "z"}, {1, 0, "x"}, {1, 0, "y"}}, {}, "a,b\ny,2\n3,z\n"},
      {"a,b\n1,2\n", {{1, 0, "x"}, {1, 0, ""}}, {}, "a,b\n,2\n"},
      // Byte order mark.
      {"\xEF\xBB\xBF"
       "a,b\n1,2",
       {{0, 0, "x"}},
       {},
       "\xEF\xBB\xBFx,b\n1,2"},
      {"\xEF\xBB\xBF"
       "a,b\n1,2",
       {},
       {0},
       "\xEF\xBB\xBF"
       "b\n2"},
      {"a\n1", {{0, 0, "\xEF\xBB\xBFx"}}, {}, "\"\xEF\xBB\xBFx\"\n1"},
      // A blank line is not a record for everyone.
      {"a\n1", {{1, 0, ""}}, {}, "a\n\"\""},
      {"a\n\n1\n", {{2, 0, "x"}}, {}, "a\n\nx\n"},
      {"a,b\n1,\n", {}, {0}, "b\n\"\"\n"},
      {"a,b\n,2\n,", {}, {1}, "a\n\"\"\n\"\""},
      {"a,b\n1,2\n", {{1, 1, ""}}, {0}, "b\n\"\"\n"},
      // Columns that go.
      {"a,b,c\n1,2,3\n", {}, {0}, "b,c\n2,3\n"},
      {"a,b,c\n1,2,3\n", {}, {1}, "a,c\n1,3\n"},
      {"a,b,c\n1,2,3\n", {}, {2}, "a,b\n1,2\n"},
      {"a,b,c\r\n1,2,3", {}, {2}, "a,b\r\n1,2"},
      {"a,b,c\r\n1,2,3\r\n", {}, {0, 2}, "b\r\n2\r\n"},
      {"a,b,c\n1,2,3\n", {}, {0, 1}, "c\n3\n"},
      {"a,b,c\n1,2,3\n", {}, {2, 1}, "a\n1\n"},
      {"a,b,c\n1,2,3\n", {}, {1, 1}, "a,c\n1,3\n"},
      {"a,b,c,d\n1,2,3,4\n", {}, {1, 2}, "a,d\n1,4\n"},
      {"a,b,c\n\"x,\n\",\"\"\"\",\n", {}, {1}, "a,c\n\"x,\n\",\n"},
      {"a,b,c\n,,\n", {}, {0}, "b,c\n,\n"},
      // Both.
      {"a,b,c\n1,2,3\n4,5,6\n", {{1, 1, "x"}, {2, 2, "y"}}, {0}, "b,c\nx,3\n5,y\n"},
      {"a,b,c\n1,2,3\n", {{1, 1, "lost"}, {1, 2, "x"}}, {1}, "a,c\n1,x\n"},
  };
  for (const Change& change : changes) {
    SCOPED_TRACE(change.after);
    const Result<CsvDocument> document = CsvDocument::Parse(change.before);
    ASSERT_TRUE(document.ok());
    CsvRewriter rewriter(&*document);
    for (const std::size_t column : change.drops) ASSERT_TRUE(rewriter.DropColumn(column).ok());
    for (const auto& [record, column, value] : change.edits) {
      ASSERT_TRUE(rewriter.Replace(record, column, value).ok());
    }
    EXPECT_EQ(rewriter.Write(), change.after);
    EXPECT_EQ(rewriter.Write(), change.after);  // writing changes nothing
  }
}

TEST(CsvRewriterTest, FollowsTheDialect) {
  const Result<CsvDocument> document =
      CsvDocument::Parse("a;b;c\n1;'2';3\n", {.separator = ';', .quote = '\''});
  ASSERT_TRUE(document.ok());
  CsvRewriter rewriter(&*document);
  ASSERT_TRUE(rewriter.Replace(1, 0, "x;y").ok());
  ASSERT_TRUE(rewriter.Replace(1, 1, "O'Brien").ok());
  ASSERT_TRUE(rewriter.Replace(1, 2, "\"x\",").ok());
  EXPECT_EQ(rewriter.Write(), "a;b;c\n'x;y';'O''Brien';\"x\",\n");
}

TEST(CsvRewriterTest, RefusesFieldsThatDoNotExist) {
  const Result<CsvDocument> document = CsvDocument::Parse("a,b\n1,2\n");
  ASSERT_TRUE(document.ok());
  CsvRewriter rewriter(&*document);
  EXPECT_EQ(rewriter.Replace(2, 0, "x").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(rewriter.Replace(0, 2, "x").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(rewriter.DropColumn(2).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(rewriter.Write(), "a,b\n1,2\n");
}

TEST(CsvRewriterTest, RefusesValuesThatItCouldNotReadBack) {
  const Result<CsvDocument> document = CsvDocument::Parse("a,b\n1,2\n");
  ASSERT_TRUE(document.ok());
  CsvRewriter rewriter(&*document);
  EXPECT_EQ(rewriter.Replace(1, 0, std::string(1, '\0')).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(rewriter.Replace(1, 0, "\xC3").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(rewriter.Write(), "a,b\n1,2\n");
}

TEST(CsvRewriterTest, DroppingAColumnTwiceIsDroppingItOnce) {
  const Result<CsvDocument> document = CsvDocument::Parse("a,b\n1,\n");
  ASSERT_TRUE(document.ok());
  CsvRewriter rewriter(&*document);
  ASSERT_TRUE(rewriter.DropColumn(0).ok());
  ASSERT_TRUE(rewriter.DropColumn(0).ok());
  EXPECT_EQ(rewriter.Write(), "b\n\"\"\n");
}

TEST(CsvRewriterTest, DoesNotDropTheLastColumn) {
  const Result<CsvDocument> document = CsvDocument::Parse("a,b\n1,2\n");
  ASSERT_TRUE(document.ok());
  CsvRewriter rewriter(&*document);
  ASSERT_TRUE(rewriter.DropColumn(0).ok());
  EXPECT_EQ(rewriter.DropColumn(1).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(rewriter.Write(), "b\n2\n");
}

// Any changes to any document: it reads back as the changed table, and the fields that were left
// alone are spelled as they were.
TEST(CsvRewriterTest, RandomChangesReadBackAsTheChangedTable) {
  static constexpr const char* kFields[] = {"",        "a",        "\"\"", "\"a\"",
                                            "\",\n\"", "\"\"\"\"", " b ",  "é"};
  static constexpr const char* kValues[] = {"",       "x", ",",     "\"", "\n",
                                            "x\r\ny", " ", "\"x\"", "ü",  "x y"};
  std::mt19937 random(2);
  for (int round = 0; round < 20000; ++round) {
    const std::size_t columns = 1 + random() % 4;
    const std::size_t records = 1 + random() % 4;
    std::string text = random() % 4 == 0 ? "\xEF\xBB\xBF" : "";
    for (std::size_t record = 0; record < records; ++record) {
      for (std::size_t column = 0; column < columns; ++column) {
        if (column > 0) text += ',';
        text += kFields[random() % std::size(kFields)];
      }
      // A last record of one empty field is only there if its line ends.
      if (record + 1 < records || columns == 1 || random() % 2 == 0) {
        text += random() % 2 == 0 ? "\n" : "\r\n";
      }
    }
    SCOPED_TRACE(text);
    const Result<CsvDocument> before = CsvDocument::Parse(text);
    ASSERT_TRUE(before.ok());
    ASSERT_EQ(before->record_count() + 1, records);
    CsvRewriter rewriter(&*before);
    std::vector<std::vector<const char*>> replaced(records, std::vector<const char*>(columns));
    for (std::size_t edits = random() % 5; edits > 0; --edits) {
      const std::size_t record = random() % records;
      const std::size_t column = random() % columns;
      replaced[record][column] = kValues[random() % std::size(kValues)];
      ASSERT_TRUE(rewriter.Replace(record, column, replaced[record][column]).ok());
    }
    std::vector<std::size_t> kept;
    for (std::size_t column = 0; column < columns; ++column) {
      if (random() % 3 > 0 || (kept.empty() && column + 1 == columns)) {
        kept.push_back(column);
      } else {
        ASSERT_TRUE(rewriter.DropColumn(column).ok());
      }
    }
    const std::string written = rewriter.Write();
    SCOPED_TRACE(written);
    const Result<CsvDocument> after = CsvDocument::Parse(written);
    ASSERT_TRUE(after.ok()) << after.status().message();
    ASSERT_EQ(after->record_count() + 1, records);
    ASSERT_EQ(after->columns().size(), kept.size());
    for (std::size_t record = 0; record < records; ++record) {
      for (std::size_t i = 0; i < kept.size(); ++i) {
        if (const char* value = replaced[record][kept[i]]; value != nullptr) {
          ASSERT_EQ(after->Value(record, i), value);
        } else if (kept.size() == 1 && before->Raw(record, kept[i]).empty()) {
          ASSERT_EQ(after->Value(record, i), "");
        } else {
          ASSERT_EQ(after->Raw(record, i), before->Raw(record, kept[i]));
        }
      }
    }
    ASSERT_EQ(written.ends_with('\n'), text.ends_with('\n'));
    ASSERT_EQ(written.ends_with("\r\n"), text.ends_with("\r\n"));
    ASSERT_EQ(written.starts_with("\xEF\xBB\xBF"), text.starts_with("\xEF\xBB\xBF"));
  }
}

}  // namespace
}  // namespace moniker
