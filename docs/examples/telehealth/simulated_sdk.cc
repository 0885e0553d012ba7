#include "simulated_sdk.h"

#include <algorithm>
#include <cstdio>

void SimulatedSdk::create_conference(const std::string& alias) {
  wire_ << "conference.create alias=" << alias << '\n';
}

void SimulatedSdk::send_message(const std::string& text) {
  wire_ << "message.send " << text << '\n';
}

void SimulatedSdk::end_conference() {
  wire_ << "conference.end\n";
  participants_.clear();
}

services::session::user_info SimulatedSdk::open(services::session::user_info user) {
  wire_ << "session.open name=" << user.name << " externalId=" << user.externalId
        << " avatarUrl=" << user.avatarUrl << '\n';
  std::string& id = known_[user.externalId];
  if (id.empty()) {
    char text[37];
    std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012zu", known_.size());
    id = text;
  }
  user.participant_id = id;
  participants_.push_back({id, {user.name, user.externalId, user.avatarUrl}});
  return user;
}

void SimulatedSdk::update(const services::session::user_info& user) {
  wire_ << "session.update name=" << user.name << " avatarUrl=" << user.avatarUrl << '\n';
  for (participant_info& one : participants_) {
    if (one.info.external_id != user.externalId) continue;
    one.info.name = user.name;
    one.info.avatar_url = user.avatarUrl;
  }
}

void SimulatedSdk::close(const std::string& participant_id) {
  wire_ << "session.close " << participant_id << '\n';
  std::erase_if(participants_,
                [&](const participant_info& one) { return one.user_id == participant_id; });
}
