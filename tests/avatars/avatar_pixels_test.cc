// Holds the pictures, as librsvg draws them (render_pictures.py), against what a person can tell
// apart: with ordinary and with deficient colour vision, in grey, small, and cut to a circle as
// many clients do.
//
// AVATAR_PIXELS in the environment: the folder with 24.rgb and 96.rgb.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace moniker {
namespace {

constexpr std::size_t kPictures = 256;

using Matrix = std::array<std::array<double, 3>, 3>;
using Triple = std::array<double, 3>;

struct Vision {
  const char* name;
  Matrix simulation;  // of linear RGB
  bool grey = false;
};

void PrintTo(const Vision& vision, std::ostream* out) { *out << vision.name; }

// Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
// Deficiency", IEEE TVCG 15(6), 2009: the matrices of severity 1.0.
constexpr std::array<Vision, 5> kVisions = {{
    {"normal", {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}},
    {"protanopia",
     {{{0.152286, 1.052583, -0.204868},
       {0.114503, 0.786281, 0.099216},
       {-0.003882, -0.048116, 1.051998}}}},
    {"deuteranopia",
     {{{0.367322, 0.860646, -0.227968},
       {0.280085, 0.672501, 0.047413},
       {-0.011820, 0.042940, 0.968881}}}},
    {"tritanopia",
     {{{1.255528, -0.076749, -0.178779},
       {-0.078411, 0.930809, 0.147602},
       {0.004733, 0.691367, 0.303900}}}},
    {"grey", {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, true},
}};

Triple Multiply(const Matrix& matrix, const Triple& in) {
  Triple out{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) out[row] += matrix[row][column] * in[column];
  }
  return out;
}

// IEC 61966-2-1.
double Linear(std::uint8_t value) {
  const double v = value / 255.0;
  return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}

// CIE 15: L*, a*, b* for the white of sRGB, D65.
Triple Lab(const Triple& linear) {
  constexpr Matrix kToXyz = {{{0.4124, 0.3576, 0.1805},  // IEC 61966-2-1
                              {0.2126, 0.7152, 0.0722},
                              {0.0193, 0.1192, 0.9505}}};
  constexpr Triple kWhite = {0.9505, 1.0, 1.0890};
  constexpr double kLimit = 216.0 / 24389;
  Triple f = Multiply(kToXyz, linear);
  for (std::size_t i = 0; i < 3; ++i) {
    const double t = f[i] / kWhite[i];
    f[i] = t > kLimit ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  }
  return {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}

// What somebody sees of a colour.
Triple Seen(const Vision& vision, const std::uint8_t* rgb) {
  Triple linear = Multiply(vision.simulation, {Linear(rgb[0]), Linear(rgb[1]), Linear(rgb[2])});
  for (double& value : linear) value = std::clamp(value, 0.0, 1.0);
  Triple lab = Lab(linear);
  if (vision.grey) lab[1] = lab[2] = 0;
  return lab;
}

// Pictures of one size, 3 bytes a pixel.
class Pixels {
 public:
  static Pixels Read(std::size_t size) {
    const char* const folder = std::getenv("AVATAR_PIXELS");
    if (folder == nullptr) throw std::runtime_error("AVATAR_PIXELS is not set");
    std::ifstream in(std::string(folder) + "/" + std::to_string(size) + ".rgb", std::ios::binary);
    Pixels pixels;
    pixels.size_ = size;
    pixels.bytes_.assign(std::istreambuf_iterator<char>(in), {});
    if (pixels.bytes_.size() != kPictures * size * size * 3) {
      throw std::runtime_error("not all pictures were rendered");
    }
    return pixels;
  }

  const std::uint8_t* At(std::size_t picture, std::size_t x, std::size_t y) const {
    return &bytes_[((picture * size_ + y) * size_ + x) * 3];
  }

  std::vector<std::uint8_t> Picture(std::size_t picture) const {
    const auto size = static_cast<std::ptrdiff_t>(size_ * size_ * 3);
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(picture) * size;
    return {begin, begin + size};
  }
  void Replace(std::size_t picture, const std::vector<std::uint8_t>& by) {
    std::copy(by.begin(), by.end(),
              bytes_.begin() + static_cast<std::ptrdiff_t>(picture * by.size()));
  }

  // Inside the circle that touches the four sides.
  bool InCircle(std::size_t x, std::size_t y) const {
    const double dx = static_cast<double>(2 * x + 1) - static_cast<double>(size_);
    const double dy = static_cast<double>(2 * y + 1) - static_cast<double>(size_);
    return dx * dx + dy * dy <= static_cast<double>(size_ * size_);
  }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
  std::vector<std::uint8_t> bytes_;
};

// A pixel is another one, at a glance, from this distance on (CIE 1976, in Lab; 2.3 is the least
// that can be seen side by side: Mahy, Van Eycken and Oosterlinck 1994).
constexpr float kClear = 15;

// How much two pictures differ inside the circle.
struct Difference {
  double mean = 0;        // of the distances of their pixels
  std::size_t clear = 0;  // pixels that differ by kClear or more
};

// Over all pairs.
struct Least {
  double mean = std::numeric_limits<double>::max();
  std::size_t clear = std::numeric_limits<std::size_t>::max();
  std::size_t pairs = 0;
  std::string closest;  // by mean
};

class Comparison {
 public:
  Comparison(const Pixels& pixels, const Vision& vision) {
    for (std::size_t picture = 0; picture < kPictures; ++picture) {
      for (std::size_t y = 0; y < pixels.size(); ++y) {
        for (std::size_t x = 0; x < pixels.size(); ++x) {
          if (!pixels.InCircle(x, y)) continue;
          for (const double value : Seen(vision, pixels.At(picture, x, y))) {
            lab_.push_back(static_cast<float>(value));
          }
        }
      }
    }
    of_one_ = lab_.size() / kPictures;
  }

  Difference Of(std::size_t one, std::size_t other) const {
    const float* a = &lab_[one * of_one_];
    const float* b = &lab_[other * of_one_];
    Difference difference;
    for (std::size_t i = 0; i < of_one_; i += 3) {
      const float l = a[i] - b[i];
      const float u = a[i + 1] - b[i + 1];
      const float v = a[i + 2] - b[i + 2];
      const float distance = std::sqrt(l * l + u * u + v * v);
      difference.mean += static_cast<double>(distance);
      difference.clear += distance >= kClear;
    }
    difference.mean /= static_cast<double>(of_one_ / 3);
    return difference;
  }

  Least OfAll() const {
    Least least;
    for (std::size_t one = 0; one < kPictures; ++one) {
      for (std::size_t other = 0; other < one; ++other) {
        const Difference difference = Of(one, other);
        ++least.pairs;
        least.clear = std::min(least.clear, difference.clear);
        if (difference.mean >= least.mean) continue;
        least.mean = difference.mean;
        least.closest = std::to_string(other) + " and " + std::to_string(one);
      }
    }
    return least;
  }

 private:
  std::vector<float> lab_;
  std::size_t of_one_ = 0;
};

// What every pair of pictures at 24 pixels has to have, where the circle has 448. Measured when the
// pictures were drawn (librsvg 2.54): means of 4.15 in ordinary vision, at least 4.04 in the three
// deficiencies, 3.26 in grey; 44, 40 and 28 clear pixels.
constexpr double kLeastMean = 3;
constexpr std::size_t kLeastClear = 24;

bool CanBeToldApart(const Least& least) {
  return least.mean >= kLeastMean && least.clear >= kLeastClear;
}

class AvatarVisionTest : public ::testing::TestWithParam<Vision> {};

TEST_P(AvatarVisionTest, AllPicturesCanBeToldApartAt24Pixels) {
  const Least least = Comparison(Pixels::Read(24), GetParam()).OfAll();
  EXPECT_EQ(least.pairs, 32640u);
  EXPECT_GE(least.mean, kLeastMean) << least.closest;
  EXPECT_GE(least.clear, kLeastClear);
  RecordProperty("mean", std::to_string(least.mean));
  RecordProperty("clear", std::to_string(least.clear));
}

// Positive controls: what the measure must find.

TEST_P(AvatarVisionTest, TwoEqualPicturesAreFound) {
  Pixels pixels = Pixels::Read(24);
  pixels.Replace(200, pixels.Picture(10));
  const Least least = Comparison(pixels, GetParam()).OfAll();
  EXPECT_FALSE(CanBeToldApart(least));
  EXPECT_EQ(least.closest, "10 and 200");
  EXPECT_EQ(least.mean, 0);
}

TEST_P(AvatarVisionTest, TwoPicturesThatDifferInAFewPixelsAreFound) {
  Pixels pixels = Pixels::Read(24);
  std::vector<std::uint8_t> almost = pixels.Picture(10);
  const std::size_t row = 12 * 24 * 3;
  for (std::size_t i = row + 18; i < row + 54; ++i) {
    almost[i] = static_cast<std::uint8_t>(255 - almost[i]);
  }
  pixels.Replace(200, almost);
  const Least least = Comparison(pixels, GetParam()).OfAll();
  EXPECT_FALSE(CanBeToldApart(least));
  EXPECT_GT(Comparison(pixels, GetParam()).Of(10, 200).mean, 0);
}

TEST_P(AvatarVisionTest, APictureInSlightlyOtherColoursIsFound) {
  Pixels pixels = Pixels::Read(24);
  std::vector<std::uint8_t> tinted = pixels.Picture(10);
  for (std::uint8_t& value : tinted) value = static_cast<std::uint8_t>(value ^ 4);
  pixels.Replace(200, tinted);
  EXPECT_FALSE(CanBeToldApart(Comparison(pixels, GetParam()).OfAll()));
}

INSTANTIATE_TEST_SUITE_P(Visions, AvatarVisionTest, ::testing::ValuesIn(kVisions),
                         [](const auto& test) { return std::string(test.param.name); });

// A red and a green that deficient vision takes for much the same: else the simulation does
// nothing, and the tests above are one test.
TEST(AvatarMeasureTest, TheSimulationsTakeAwayWhatTheyShould) {
  constexpr std::array<std::uint8_t, 3> kRed = {200, 80, 60};
  constexpr std::array<std::uint8_t, 3> kGreen = {110, 130, 40};
  std::array<double, kVisions.size()> distance{};
  for (std::size_t i = 0; i < kVisions.size(); ++i) {
    const Triple a = Seen(kVisions[i], kRed.data());
    const Triple b = Seen(kVisions[i], kGreen.data());
    distance[i] = std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  }
  EXPECT_GT(distance[0], 60);
  EXPECT_LT(distance[1], distance[0] / 2);  // protanopia
  EXPECT_LT(distance[2], distance[0] / 2);  // deuteranopia
  EXPECT_GT(distance[3], distance[0] / 2);  // tritanopia keeps red and green
  EXPECT_LT(distance[4], 5);                // grey
}

TEST(AvatarMeasureTest, LabIsThatOfTheReference) {
  // sRGB red is L* 53.24, a* 80.09, b* 67.20 (D65); white is 100, 0, 0.
  const Triple red = Lab({1, 0, 0});
  EXPECT_NEAR(red[0], 53.24, 0.05);
  EXPECT_NEAR(red[1], 80.09, 0.1);
  EXPECT_NEAR(red[2], 67.20, 0.1);
  EXPECT_NEAR(Lab({1, 1, 1})[0], 100, 0.01);
}

// The greatest difference of a pixel and its mirror image, 0..255.
int Asymmetry(const Pixels& pixels, std::size_t picture) {
  int greatest = 0;
  for (std::size_t y = 0; y < pixels.size(); ++y) {
    for (std::size_t x = 0; x < pixels.size() / 2; ++x) {
      const std::uint8_t* const left = pixels.At(picture, x, y);
      const std::uint8_t* const right = pixels.At(picture, pixels.size() - 1 - x, y);
      for (std::size_t i = 0; i < 3; ++i) {
        greatest = std::max(greatest, std::abs(int{left[i]} - int{right[i]}));
      }
    }
  }
  return greatest;
}

// librsvg draws with cairo, which may miss a curve by a tenth of a pixel (cairo_set_tolerance), on
// either side: a tenth of the way from black to white.
constexpr int kRounding = 25;

class AvatarSizeTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(AvatarSizeTest, EveryPictureIsMirroredAtItsMiddle) {
  const Pixels pixels = Pixels::Read(GetParam());
  int greatest = 0;
  for (std::size_t picture = 0; picture < kPictures; ++picture) {
    const int asymmetry = Asymmetry(pixels, picture);
    EXPECT_LE(asymmetry, kRounding) << picture;
    greatest = std::max(greatest, asymmetry);
  }
  RecordProperty("asymmetry", greatest);
}

TEST_P(AvatarSizeTest, APictureThatIsShiftedByAPixelIsFound) {
  Pixels pixels = Pixels::Read(GetParam());
  for (std::size_t picture = 0; picture < kPictures; ++picture) {
    std::vector<std::uint8_t> shifted = pixels.Picture(picture);
    std::rotate(shifted.begin(), shifted.begin() + 3, shifted.end());
    pixels.Replace(picture, shifted);
    EXPECT_GT(Asymmetry(pixels, picture), kRounding) << picture;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, AvatarSizeTest, ::testing::Values(24, 96));

}  // namespace
}  // namespace moniker
