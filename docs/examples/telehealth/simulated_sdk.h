// Stands for the C++ SDK of the platform, with the members of its session types spelt as they are
// there. Whatever an application hands to it is written to a file, one call a line: that is what
// leaves the machine.

#ifndef MONIKER_EXAMPLES_SIMULATED_SDK_H_
#define MONIKER_EXAMPLES_SIMULATED_SDK_H_

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace services::session {

struct user_info {
  std::string name;
  std::string externalId;
  std::string avatarUrl;
  std::optional<std::string> participant_id;  // filled by open
};

}  // namespace services::session

// A remote participant, in the SDK's other spelling.
struct participant_info {
  struct participant_details {
    std::string name;
    std::string external_id;
    std::string avatar_url;
  };
  std::string user_id;  // the participant ID
  participant_details info;
};

class SimulatedSdk {
 public:
  explicit SimulatedSdk(std::ostream& wire) : wire_(wire) {}

  void create_conference(const std::string& alias);
  void send_message(const std::string& text);
  void end_conference();

  // Gives the participant ID that the platform made: the same external ID has the same one in every
  // conference.
  services::session::user_info open(services::session::user_info user);
  void update(const services::session::user_info& user);
  void close(const std::string& participant_id);

  // As everybody in the conference sees them, in the order in which they came.
  const std::vector<participant_info>& participants() const { return participants_; }

 private:
  std::ostream& wire_;
  std::map<std::string, std::string> known_;  // participant IDs by external ID
  std::vector<participant_info> participants_;
};

#endif  // MONIKER_EXAMPLES_SIMULATED_SDK_H_
