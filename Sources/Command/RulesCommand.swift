import ArgumentParser
import Diagnostics
import DockerfileLint
import Glibc
import Reports

/// `slipway rules`
struct RulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "List the rules of slipway lint.")

  enum Format: String, ExpressibleByArgument, CaseIterable { case tty, json, markdown }

  @Option(name: [.customShort("f"), .long], help: "How the list is printed.")
  var format = Format.tty
  @Flag(help: "Print the table of differences from hadolint's verdicts as Markdown.")
  var differences = false
  @Option(
    help: ArgumentHelp(
      "Write a page of Markdown for each rule, and an index, into a folder.", valueName: "folder"))
  var writePages: String?
  @OptionGroup var colour: ColourOptions

  func run() throws {
    if let writePages {
      try write(to: writePages)
    } else if differences {
      writeAll(STDOUT_FILENO, hadolintDifferences(RuleRegistry.all))
    } else {
      switch format {
      case .tty:
        let style = TerminalStyle(isColoured: colour.isColoured(STDOUT_FILENO))
        writeAll(STDOUT_FILENO, rulesTable(RuleRegistry.all, style: style))
      case .json: writeAll(STDOUT_FILENO, rulesJSON(RuleRegistry.all))
      case .markdown: writeAll(STDOUT_FILENO, rulesIndex(RuleRegistry.all))
      }
    }
  }

  private func write(to folder: String) throws {
    guard unsafe mkdir(folder, 0o777) == 0 || errno == EEXIST else {
      throw Failure("\(folder): \(errorText(errno))", status: Exit.unable)
    }
    try createFile("\(folder)/index.md", rulesIndex(RuleRegistry.all))
    for rule in RuleRegistry.all { try createFile("\(folder)/\(rule.metadata.code.id).md", rulePage(rule)) }
  }
}
