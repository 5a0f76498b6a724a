import ArgumentParser

@main
struct Slipway: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "slipway", subcommands: [ASTCommand.self])
}
