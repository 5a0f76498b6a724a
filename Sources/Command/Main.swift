import ArgumentParser
import Glibc

/// The command `slipway`.
struct Slipway: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Lint, mend and build Dockerfiles without a daemon and without root.",
    discussion: """
      Exit status: 0 done and clean; 1 the input has findings, does not parse, or the build failed; 2 wrong usage, or \
      slipway itself could not work. Results go to standard output, messages to standard error.
      """,
    version: "slipway \(version)",
    subcommands: commands)

  static let name = "slipway"
  /// The version; CHANGELOG.md says what is in it.
  static let version = "0.1.0"

  private static let commands: [any ParsableCommand.Type] = [
    LintCommand.self, RulesCommand.self, ExplainCommand.self, ASTCommand.self, BuildCommand.self,
    PruneCommand.self, DiskUsageCommand.self, VerifyCommand.self, ImagesCommand.self, InspectCommand.self,
    HistoryCommand.self,
    TagCommand.self, RemoveImageCommand.self, LoadCommand.self, SaveCommand.self,
    PullCommand.self, PushCommand.self, CopyCommand.self, LoginCommand.self, LogoutCommand.self,
    DoctorCommand.self,
  ]
}

@main
enum Main {
  static func main() {
    // A reader that closes early is no reason to die with a signal: writes then fail and are noticed.
    signal(SIGPIPE, SIG_IGN)
    do {
      let arguments = OperandBundle.bundled(Array(CommandLine.arguments.dropFirst()))
      var command = try Self.command(arguments)
      try command.run()
    } catch {
      exit(Exit.status(reporting: error))
    }
  }

  /// The command that some arguments call.
  private static func command(_ arguments: [String]) throws -> any ParsableCommand {
    // ArgumentParser reads arguments anew at each level of commands, and that is most of what a small file takes. Where `lint`
    // alone cannot read them, what is wrong is said by the way from the root, which knows the full name of the command.
    if arguments.first == LintCommand.configuration.commandName,
      let command = try? LintCommand.parse(Array(arguments.dropFirst()))
    {
      return command
    }
    return try Slipway.parseAsRoot(arguments)
  }
}
