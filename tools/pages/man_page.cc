// Manual pages, in the macros of man(7).

#include <algorithm>

#include "command_text.h"
#include "moniker/version.h"

namespace moniker::pages {
namespace {

// Text as roff takes it: no control line, no escape, hyphens that can be copied.
std::string Escape(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    at_start = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Title(const std::string& path) {
  std::string title = path.empty() ? "moniker" : "moniker " + path;
  std::ranges::replace(title, ' ', '-');
  return title;
}

std::string Synopsis(const OptionText& option) {
  std::string text = option.is_argument ? "\\fI" + Escape(option.names[0]) + "\\fR"
                                        : "\\fB" + Escape(option.names[0]) + "\\fR";
  if (!option.value.empty()) text += " \\fI" + Escape(option.value) + "\\fR";
  if (option.is_repeated) text += "...";
  return option.is_required ? text : "[" + text + "]";
}

// "store VAULT": what comes before the options of a step.
std::string SynopsisOf(const CommandText& command, const std::string& name) {
  std::string text = "\\fBmoniker " + Escape(name) + "\\fR";
  for (const OptionText& option : command.options) {
    const bool is_help = option.names[0] == "--help";
    if (!is_help) text += "\n" + Synopsis(option);
  }
  return text;
}

void AppendOptions(const CommandText& command, std::string* out) {
  for (const OptionText& option : command.options) {
    *out += ".TP\n";
    for (std::size_t i = 0; i < option.names.size(); ++i) {
      const char* const font = option.is_argument ? "\\fI" : "\\fB";
      *out += (i == 0 ? "" : ", ") + (font + Escape(option.names[i])) + "\\fR";
    }
    if (!option.value.empty()) *out += " \\fI" + Escape(option.value) + "\\fR";
    *out += "\n" + Escape(OneLine(option.help)) + (option.is_required ? " (required)" : "") + "\n";
  }
}

void AppendExamples(const CommandText& command, std::string* out) {
  if (command.examples.empty()) return;
  *out += ".SH EXAMPLES\n.nf\n";
  for (const std::string_view line : command.examples) *out += Escape(line) + "\n";
  *out += ".fi\n";
}

void AppendSteps(const CommandText& command, std::string* out) {
  for (const CommandText& step : command.commands) {
    *out += ".SS " + Escape(step.name()) + "\n" + Escape(OneLine(step.help)) + "\n";
    *out += ".PP\n" + SynopsisOf(step, command.name() + " VAULT " + step.name()) + "\n";
    AppendOptions(step, out);
  }
}

void AppendCommands(const CommandText& program, std::string* out) {
  for (const CommandText& command : program.commands) {
    *out += ".TP\n.BR " + Escape(Title(command.path)) + " (1)\n";
    *out += Escape(OneLine(command.help)) + "\n";
  }
}

constexpr std::string_view kExitStatus = R"(.SH EXIT STATUS
.TP
0
done
.TP
1
failed; nothing was written
.TP
2
something on the command line is wrong
.TP
3
done, but some records were rejected or unknown
.TP
4
wrong key or passphrase, or data that was altered
)";

constexpr std::string_view kEnvironment = R"(.SH ENVIRONMENT
.TP
.BR NO_COLOR ", " TERM
no colours if the first is set and not empty, or the second is not set or \(lqdumb\(rq;
without a terminal there are none anyway
)";

}  // namespace

std::string ManPage(const CommandText& program, const CommandText& command) {
  const bool is_program = command.path.empty();
  const std::string title = Title(command.path);
  std::string upper = title;
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  // Dates would make two builds of one source differ.
  std::string out = ".TH " + Escape(upper) + " 1 \"\" \"moniker " MONIKER_VERSION "\"\n";
  const std::string first_line = command.help.substr(0, command.help.find('\n'));
  out += ".SH NAME\n" + Escape(title) + " \\- " + Escape(first_line) + "\n.SH SYNOPSIS\n";
  if (is_program) {
    out += "\\fBmoniker\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIFILE\\fR...]\n";
  } else if (command.commands.empty()) {
    out += SynopsisOf(command, command.path) + "\n";
  } else {
    out += SynopsisOf(command, command.path) + "\n\\fISTEP\\fR\n";
  }
  out += ".SH DESCRIPTION\n" + Escape(OneLine(command.help)) + "\n";
  AppendExamples(command, &out);
  out += ".SH OPTIONS\n";
  AppendOptions(command, &out);
  if (is_program) {
    out += ".SH COMMANDS\n";
    AppendCommands(command, &out);
  } else if (!command.commands.empty()) {
    out += ".SH STEPS\n";
    AppendSteps(command, &out);
  }
  out += kExitStatus;
  if (is_program) out += kEnvironment;
  out += ".SH SEE ALSO\n";
  if (!is_program) return out + ".BR moniker (1)\n";
  for (const CommandText& one : program.commands) {
    out += ".BR " + Escape(Title(one.path)) + " (1)" +
           (&one == &program.commands.back() ? "" : ",") + "\n";
  }
  return out;
}

}  // namespace moniker::pages
