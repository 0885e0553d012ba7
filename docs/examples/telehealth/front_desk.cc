// The front desk of a telehealth clinic: people come to a visit, are seen by each other under a
// neutral name, and leave.
//
// Usage: front_desk VAULT SENT [IDLE_MILLISECONDS] < EVENTS
//
// EVENTS are lines of fields between tabs (README.md lists them; day.tsv is a day of them). The
// screen is standard output; SENT gets what the SDK was given, which is all that leaves the
// machine. The keys leave memory when nothing happens for so long; the default is a quarter of an
// hour.
//
// It links moniker::core alone: nobody is resolved at the desk. That is for records_desk.cc.

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/protector.h"
#include "moniker/vault.h"
#include "simulated_sdk.h"

namespace {

using services::session::user_info;

// A person at the desk, and what was sent of them.
struct Present {
  std::string issuer, id, name;
  moniker::SessionIdentity identity;
  std::string participant_id;

  moniker::PersonView view() const { return {.issuer = issuer, .id = id, .name = name}; }
};

constexpr moniker::Status kNobody(moniker::StatusCode::kNotFound,
                                  "nobody of that identifier is here");
constexpr moniker::Status kNoVisit(moniker::StatusCode::kNotFound, "no visit has begun");
constexpr moniker::Status kNoEvent(moniker::StatusCode::kInvalidArgument,
                                   "no such event, or a field is missing");

class FrontDesk {
 public:
  FrontDesk(moniker::Vault vault, std::ostream& sent) : vault_(std::move(vault)), sdk_(sent) {}

  moniker::Status On(const std::vector<std::string>& event) {
    const std::string_view what = event[0];
    const std::size_t fields = event.size() - 1;
    if (what == "visit" && fields == 2) return Begin(event[1], event[2]);
    if (what == "lock" && fields == 0) return vault_.Lock();
    if (!gate_) return kNoVisit;
    if (what == "join" && fields == 4) return Join(event[1], event[2], event[3], event[4]);
    if (what == "rename" && fields == 2) return Rename(event[1], event[2]);
    if (what == "say" && fields == 1) return Say(event[1]);
    if (what == "leave" && fields == 1) return Leave(event[1]);
    if (what == "roster" && fields == 0) return ShowRoster();
    if (what == "end" && fields == 0) return End();
    return kNoEvent;
  }

 private:
  // `visit` is the clinic's own name for it and sent nowhere; `alias` is what the platform calls
  // it.
  moniker::Status Begin(const std::string& visit, const std::string& alias) {
    const auto scope = moniker::Scope::Conference(visit);
    if (!scope) return scope.status();
    auto gate = moniker::IdentityGate::Create(
        vault_,
        {.scope = *scope, .platform = "dolbyio-cpp", .label_style = moniker::LabelStyle::kWords});
    if (!gate) return gate.status();
    gate_ = *std::move(gate);
    sdk_.create_conference(alias);
    std::cout << "A visit begins.\n";
    return moniker::Status::Ok();
  }

  moniker::Status Join(const std::string& issuer, const std::string& id, const std::string& name,
                       const std::string& role) {
    const auto who = gate_->Admit({.issuer = issuer, .id = id, .name = name}, role);
    if (!who) return who.status();  // nothing to send
    const user_info opened = sdk_.open(who->As<user_info>());
    present_.insert_or_assign(id, Present{issuer, id, name, *who, *opened.participant_id});
    std::cout << name << " is " << who->display_name() << ".\n";
    return gate_->Bind(*opened.participant_id, *who);
  }

  // A name that somebody chose. It is refused if it gives the person away.
  moniker::Status Rename(const std::string& id, const std::string& chosen) {
    const auto found = present_.find(id);
    if (found == present_.end()) return kNobody;
    Present& one = found->second;
    auto changed = gate_->Update(one.identity, one.view(), {.display_name = chosen});
    if (!changed) return changed.status();
    sdk_.update(changed->As<user_info>());
    one.identity = *std::move(changed);
    std::cout << one.name << " is now " << chosen << ".\n";
    return moniker::Status::Ok();
  }

  // Goes to the platform only if it names nobody who is here.
  moniker::Status Say(const std::string& text) {
    for (const auto& [id, one] : present_) {
      const moniker::Status status = gate_->CheckOutbound(one.view(), text);
      if (!status.ok()) return status;
    }
    sdk_.send_message(text);
    std::cout << "Sent: " << text << '\n';
    return moniker::Status::Ok();
  }

  moniker::Status Leave(const std::string& id) {
    const auto found = present_.find(id);
    if (found == present_.end()) return kNobody;
    sdk_.close(found->second.participant_id);
    std::cout << found->second.name << " has left.\n";
    present_.erase(found);
    return moniker::Status::Ok();
  }

  moniker::Status ShowRoster() const {
    std::cout << "In the conference:\n";
    for (const participant_info& one : sdk_.participants()) {
      std::cout << "  " << one.info.name << "  " << one.info.external_id << '\n';
    }
    return moniker::Status::Ok();
  }

  moniker::Status End() {
    sdk_.end_conference();
    present_.clear();
    gate_.reset();
    std::cout << "The visit is over.\n";
    return moniker::Status::Ok();
  }

  moniker::Vault vault_;
  SimulatedSdk sdk_;
  std::optional<moniker::IdentityGate> gate_;  // of the visit that goes on
  std::map<std::string, Present> present_;     // by identifier
};

// Opens the vault with the key file that it remembers, and again from there when it has locked
// itself. A desk with a passphrase would ask for it here.
moniker::Result<moniker::Vault> OpenVault(const std::string& path, std::chrono::milliseconds idle) {
  const auto unlock = []() -> moniker::Result<moniker::Protector> {
    std::cout << "The vault was locked; its key is read again.\n";
    return moniker::Protector::Remembered();
  };
  return moniker::Vault::Open(path, moniker::Protector::Remembered(),
                              {.idle_lock = idle, .protector = unlock});
}

int Fail(const moniker::Status& status) {
  std::cerr << "front_desk: " << status.message() << '\n';  // never holds personal data
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) return 2;
  const std::chrono::milliseconds idle(argc == 4 ? std::atoi(argv[3]) : 15 * 60 * 1000);
  std::ofstream sent(argv[2]);
  auto vault = OpenVault(argv[1], idle);
  if (!vault) return Fail(vault.status());

  FrontDesk desk(*std::move(vault), sent);
  for (std::string line; std::getline(std::cin, line);) {
    std::vector<std::string> event;
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, '\t');) event.push_back(std::move(field));
    if (event.empty()) continue;
    const moniker::Status status = desk.On(event);
    // Whatever was refused was not sent, and the desk goes on.
    if (!status.ok()) std::cout << "Refused: " << status.message() << '\n';
    std::cout.flush();
  }
  sent.flush();
  return sent ? 0 : 1;
}
