import ArgumentParser
import Glibc
import Isolation
import JSONText

/// `slipway doctor`
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what this machine offers to builds, and what would be better.",
    discussion: """
      Everything is tried, and nothing is changed. The report belongs into a bug report.
      Exit status: 0 where a build with RUN can work; 1 where it cannot.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Option(help: "How the report is printed.")
  var format = Format.text
  @Option(help: "What builds are asked for: as --isolation of `slipway build`.")
  var isolation = IsolationMode.auto
  @OptionGroup var store: StoreOptions

  func run() throws {
    let scratch = store.existingFolder
    let probe = IsolationProbe(scratch: scratch)
    let isolation = IsolationReport(isolation, probe)
    let machine = MachineReport(probe, store: store.path, scratch: scratch)
    switch format {
    case .text: writeAll(STDOUT_FILENO, Array(text(isolation, machine).utf8))
    case .json: writeAll(STDOUT_FILENO, json(isolation, machine))
    }
    if isolation.choice == nil { throw ExitCode(Exit.failed) }
  }

  private func text(_ isolation: IsolationReport, _ machine: MachineReport) -> String {
    var text = "slipway \(Slipway.version)\n" + isolation.text + "\n"
    let width = machine.checks.map(\.name.count).max() ?? 0
    for check in machine.checks {
      let mark =
        switch check.status {
        case .works: "yes"
        case .fails: "no "
        case .note: "   "
        }
      let padding = String(repeating: " ", count: width - check.name.count)
      var line = "\(mark)  \(check.name)\(padding)   \(check.detail)"
      while line.hasSuffix(" ") { line.removeLast() }
      text += line + "\n"
      if let advice = check.advice { text += "     to do: \(advice)\n" }
    }
    return text
  }

  private func json(_ isolation: IsolationReport, _ machine: MachineReport) -> [UInt8] {
    var writer = JSONWriter(style: .pretty)
    writer.object { writer in
      writer.member("version", Slipway.version)
      writer.member("canRun", isolation.choice != nil)
      writer.member("isolation") { writer in
        writer.object { writer in
          writer.member("requested", self.isolation.rawValue)
          writer.member("mode", (isolation.choice?.mode ?? .none).rawValue)
          writer.member("users", ifPresent: isolation.choice.map(users))
          writer.member("summary", isolation.summary)
          writer.member("reasons", isolation.reasons)
          writer.member("advice", isolation.advice)
        }
      }
      writer.member("checks") { writer in
        writer.array(machine.checks) { writer, check in
          writer.object { writer in
            writer.member("name", check.name)
            writer.member("status", check.status.rawValue)
            writer.member("detail", check.detail)
            writer.member("advice", ifPresent: check.advice)
          }
        }
      }
    }
    writer.newline()
    return writer.bytes
  }

  /// Who the users of a command are.
  private func users(_ choice: IsolationMode.Choice) -> String {
    switch choice.userNamespace {
    case .none: "host"
    case .ranges(let mapping): mapping.isSubordinate ? "range" : "container"
    case .single: "one"
    }
  }
}
