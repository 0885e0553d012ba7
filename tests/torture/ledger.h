// What a vault was asked to do and what it acknowledged, so that afterwards it can be held to it.
//
// Thread safety: values.

#ifndef MONIKER_TESTS_TORTURE_LEDGER_H_
#define MONIKER_TESTS_TORTURE_LEDGER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moniker::testing {

// One request. Persons have numbers, and each is admitted by exactly one request.
struct Step {
  // The letters stand in the lines that a child writes.
  enum Kind : char {
    kAdmit = 'a',
    kRename = 'n',   // admits the same persons again, with another name
    kBind = 'b',     // one participant ID for each
    kResolve = 'r',  // leaves one audit entry
    kRotate = 'k',   // `first` is the KeyKind
    kReseal = 's',
    kDestroy = 'd',  // the oldest storage epoch
    kCheckpoint = 'c',
    kErase = 'e',   // the persons of the kAdmit with the same `first`
    kExpire = 'x',  // everybody who is in no scope but a conference
    kBackup = 'u',
    kRestore = 't',
  };

  Kind kind = kAdmit;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::string conference = {};                 // empty: the app scope
  bool done = false;                           // acknowledged
  std::vector<std::string> external_ids = {};  // that a kAdmit answered

  friend bool operator==(const Step&, const Step&) = default;
};

class Ledger {
 public:
  void Begin(Step step) { steps_.push_back(std::move(step)); }
  void Done(std::vector<std::string> external_ids) {
    steps_.back().done = true;
    steps_.back().external_ids = std::move(external_ids);
  }

  // What a child wrote: whole lines alone count, the last may have been cut by its death.
  // Answers the text of a line that says that a request failed, which none may; else nothing.
  std::string Read(std::string_view lines);
  static std::string BeginLine(const Step& step);
  static std::string DoneLine(const std::vector<std::string>& external_ids);
  static std::string FailureLine(std::string_view code) {
    return "failed " + std::string(code) + "\n";
  }

  const std::vector<Step>& steps() const { return steps_; }
  std::uint64_t next_person() const;

 private:
  std::vector<Step> steps_;
};

// Person `number` of an invented population.
inline constexpr std::string_view kIssuer = "mrn.ward-9";
inline constexpr std::string_view kRole = "Patient";
inline std::string IdOfPerson(std::uint64_t number) { return "p-" + std::to_string(number); }
inline std::string NameOfPerson(std::uint64_t number, bool renamed) {
  return "Aveline Marrow-" + std::to_string(number) + (renamed ? " Thorne" : "");
}
inline std::string ParticipantOf(std::uint64_t number) { return "part-" + std::to_string(number); }

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TORTURE_LEDGER_H_
