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
    guard let found = RuleRegistry.rule(named: rule) else { throw unknownRule(rule) }
    let style = TerminalStyle(isColoured: colour.isColoured(STDOUT_FILENO))
    writeAll(STDOUT_FILENO, ruleExplanation(found, style: style))
  }
}
