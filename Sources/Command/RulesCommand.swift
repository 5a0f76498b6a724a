import ArgumentParser
import DockerfileLint
import Glibc
import Reports

/// `slipway rules`
struct RulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "List the rules of slipway lint.")

  enum Format: String, ExpressibleByArgument, CaseIterable { case tty, json }

  @Option(name: [.customShort("f"), .long], help: "How the list is printed.")
  var format = Format.tty
  @OptionGroup var colour: ColourOptions

  func run() throws {
    switch format {
    case .tty:
      let style = TerminalStyle(isColoured: colour.isColoured(STDOUT_FILENO))
      writeAll(STDOUT_FILENO, rulesTable(RuleRegistry.all, style: style))
    case .json: writeAll(STDOUT_FILENO, rulesJSON(RuleRegistry.all))
    }
  }
}
