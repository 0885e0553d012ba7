#include "messages.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "io.h"
#include "moniker/json_text.h"

namespace moniker::tool {
namespace {

enum class Form { kPlain, kColoured, kJson };
Form form = Form::kPlain;

constexpr std::string_view kRed = "\x1B[1;31m";
constexpr std::string_view kYellow = "\x1B[1;33m";
constexpr std::string_view kReset = "\x1B[0m";

bool WantsColours() {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && (no_color == nullptr || *no_color == '\0') &&
         terminal != nullptr && std::string_view(terminal) != "dumb";
}

void Print(const std::string& text) { std::fputs(text.c_str(), stderr); }

void AppendMember(std::string_view name, std::string_view value, std::string* out) {
  out->append(out->ends_with('{') ? "\"" : ",\"").append(name).append("\":");
  AppendJsonString(value, out);
}

std::string ObjectOf(const Failure& failure) {
  std::string out = "{";
  AppendMember("code", failure.code(), &out);
  AppendMember("message", failure.what(), &out);
  if (failure.record()) out += ",\"record\":" + std::to_string(*failure.record());
  if (!failure.field().empty()) AppendMember("field", failure.field(), &out);
  if (!failure.hint().empty()) AppendMember("hint", failure.hint(), &out);
  return out + ",\"exit_status\":" + std::to_string(failure.exit_status()) + "}\n";
}

}  // namespace

void ChooseMessageForm(bool json) {
  form = json ? Form::kJson : WantsColours() ? Form::kColoured : Form::kPlain;
}

void PrintNote(std::string_view line) {
  if (form == Form::kJson) {
    std::string object = "{";
    AppendMember("note", line, &object);
    Print(object + "}\n");
    return;
  }
  std::string text = "moniker: ";
  const std::string_view kind = line.substr(0, line.find(' '));
  const std::string_view colour = kind == "error:" ? kRed : kind == "warning:" ? kYellow : "";
  if (form == Form::kColoured && !colour.empty()) {
    text.append(colour).append(kind).append(kReset);
    line.remove_prefix(kind.size());
  }
  Print(text.append(line).append("\n"));
}

void PrintFailure(const Failure& failure) {
  if (form == Form::kJson) return Print(ObjectOf(failure));
  Tell("error: " + std::string(failure.what()));
  if (!failure.hint().empty()) Tell("hint: " + failure.hint());
}

}  // namespace moniker::tool
