import ArgumentParser
import Glibc

/// How a transfer is shown while it goes on.
struct TransferOptions: ParsableArguments {
  enum Progress: String, ExpressibleByArgument, CaseIterable { case auto, plain, tty, quiet, json }

  @Option(
    help: ArgumentHelp(
      "How it is shown on standard error: bars (tty), a line for each layer (plain), nothing (quiet), or a JSON object for "
        + "each event (json). auto is tty on a terminal, else plain."))
  var progress = Progress.auto

  /// - Parameter isQuiet: whether `-q` was given.
  func mode(isQuiet: Bool) -> TransferView.Mode {
    switch progress {
    // Who asks for objects gets them, also with short results.
    case .json: .json
    case .quiet: .quiet
    case _ where isQuiet: .quiet
    case .plain: .plain
    case .auto, .tty: Self.automatic
    }
  }

  /// Bars where there is a terminal that can draw them.
  static var automatic: TransferView.Mode {
    isatty(STDERR_FILENO) == 1 && environment("TERM") != Array("dumb".utf8) ? .terminal : .plain
  }
}
