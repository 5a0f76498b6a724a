import ArgumentParser
import DockerfileLint
import Glibc
import Reports

/// `slipway explain`
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Tell all about a rule of slipway lint.")

  @Argument(help: "The rule's id, name, or what another tool calls it.")
  var rule: String
  @OptionGroup var colour: ColourOptions

  func run() throws {
    // A check of BuildKit's may be several rules.
    let found = RuleRegistry.rules(named: rule)
    guard !found.isEmpty else { throw unknownRule(rule) }
    let style = TerminalStyle(isColoured: colour.isColoured(STDOUT_FILENO))
    let pages = found.map { ruleExplanation($0, style: style) }
    writeAll(STDOUT_FILENO, Array(pages.joined(separator: [0x0A])))
  }
}
