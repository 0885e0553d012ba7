#include "base/printable_ascii.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace moniker::internal {
namespace {

TEST(PrintableAsciiTest, CopyTellsWhetherAllIsPrintableAscii) {
  for (std::size_t size = 0; size <= 40; ++size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(0x20 + (i * 7 + size) % 95);
    std::vector<std::uint8_t> copy(size + 1, 0xEE);
    EXPECT_TRUE(CopyPrintableAscii(text, copy.data()));
    EXPECT_EQ(std::string(copy.begin(), copy.end() - 1), text);
    EXPECT_EQ(copy.back(), 0xEE);
    for (std::size_t place = 0; place < size; ++place) {
      for (int c = 0; c < 256; ++c) {
        std::string other = text;
        other[place] = static_cast<char>(c);
        ASSERT_EQ(CopyPrintableAscii(other, copy.data()), c >= 0x20 && c <= 0x7E)
            << size << " " << place << " " << c;
      }
    }
  }
}

}  // namespace
}  // namespace moniker::internal
