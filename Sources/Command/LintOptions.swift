import ArgumentParser
import Diagnostics
import DockerfileLint
import LintConfiguration
import Reports

extension LintFormat: ExpressibleByArgument {}
extension FailureThreshold: ExpressibleByArgument {}

/// A label with the type of its values: `name:type`.
struct RequiredLabelArgument: ExpressibleByArgument {
  let name: String
  let type: LintSettings.LabelType

  init?(argument: String) {
    guard let (name, type) = RequiredLabel.parse(argument) else { return nil }
    self.name = name
    self.type = type
  }
}

/// The options of `slipway lint` that say what counts and how it is printed; names and short names are hadolint's.
struct LintOptions: ParsableArguments {
  /// Which of its names a finding is printed with.
  enum Names: String, ExpressibleByArgument, CaseIterable {
    case hadolint, buildkit

    var setting: LintSettings.Names {
      switch self {
      case .hadolint: .hadolint
      case .buildkit: .buildkit
      }
    }
  }

  @Option(
    name: [.customShort("c"), .long],
    help: ArgumentHelp(
      "Read this configuration file in place of those that would be found.", valueName: "file"))
  var config: String?
  @Flag(help: "Read no configuration file.")
  var noConfig = false
  @Option(
    name: [.customShort("f"), .long], parsing: .singleValue,
    help: ArgumentHelp(
      "How findings are printed (default: full). May be repeated; each goes to the --output in the same place.",
      valueName: "format"))
  var format: [LintFormat] = []
  @Option(
    name: [.customShort("o"), .long], parsing: .singleValue,
    help: ArgumentHelp(
      "Where the findings are written: a file, or - for standard output. May be repeated.", valueName: "file")
  )
  var output: [String] = []
  @Option(
    help: ArgumentHelp(
      "The path that checkstyle, codeclimate, gitlab_codeclimate, sonarqube and junit name in place of the file's.",
      valueName: "path"))
  var filePathInReport: String?
  @Flag(help: "Exit with 0 whatever is found.")
  var noFail = false
  @Flag(name: [.customShort("V"), .long], help: "Say on standard error which configuration holds.")
  var verbose = false
  @Option(
    name: .customLong("error"), parsing: .singleValue,
    help: ArgumentHelp("Make a rule an error. May be repeated, as the three below.", valueName: "rule"))
  var errors: [String] = []
  @Option(
    name: .customLong("warning"), parsing: .singleValue,
    help: ArgumentHelp("Make a rule a warning.", valueName: "rule"))
  var warnings: [String] = []
  @Option(
    name: .customLong("info"), parsing: .singleValue,
    help: ArgumentHelp("Make a rule an information.", valueName: "rule"))
  var infos: [String] = []
  @Option(
    name: .customLong("style"), parsing: .singleValue,
    help: ArgumentHelp("Make a rule a matter of style.", valueName: "rule"))
  var styles: [String] = []
  @Option(
    name: [.customShort("i"), .long], parsing: .singleValue,
    help: ArgumentHelp(
      "Leave out a rule: its id, name or alias. May be repeated, or name several with commas.",
      valueName: "rule"))
  var ignore: [String] = []
  @Option(
    name: .customLong("trusted-registry"), parsing: .singleValue,
    help: ArgumentHelp(
      "A registry that images may come from; * at either end stands for anything. May be repeated.",
      valueName: "registry"))
  var trustedRegistries: [String] = []
  @Option(
    name: .customLong("require-label"), parsing: .singleValue,
    help: ArgumentHelp(
      "A label that images must have and the type of its value: text, url, semver, hash, rfc3339, spdx or email. "
        + "May be repeated.", valueName: "name:type"))
  var requiredLabels: [RequiredLabelArgument] = []
  @Flag(help: "Flag labels that are not required.")
  var strictLabels = false
  @Flag(help: "Let no comment in a file silence findings.")
  var disableIgnorePragma = false
  @Option(
    name: [.customShort("t"), .long],
    help: "The least severity that makes the exit status 1 (default: info).")
  var failureThreshold: FailureThreshold?
  @Flag(help: "Give hadolint's verdict also where it is held to be wrong.")
  var hadolintStrict = false
  @Option(help: "Which of its names a finding is printed with (default: hadolint).")
  var ids: Names?

  func validate() throws {
    if config != nil, noConfig { throw ValidationError("--config and --no-config exclude each other") }
  }
}

extension LintOptions {
  /// What the command line says, as a layer over everything else.
  func layer() throws(Failure) -> LintConfigurationLayer {
    var layer = LintConfigurationLayer()
    layer.formats = format
    layer.noFail = noFail ? true : nil
    layer.verbose = verbose ? true : nil
    layer.strictLabels = strictLabels ? true : nil
    layer.disableIgnorePragma = disableIgnorePragma ? true : nil
    layer.isStrict = hadolintStrict ? true : nil
    layer.failureThreshold = failureThreshold
    layer.names = ids?.setting
    layer.trustedRegistries = trustedRegistries
    for label in requiredLabels { layer.labelSchema[label.name] = label.type }
    layer.ignored = try ruleIDs(ignore)
    for (names, severity) in [
      (errors, Severity.error), (warnings, .warning), (infos, .info), (styles, .style),
    ] {
      for id in try ruleIDs(names) { layer.override(id, severity) }
    }
    return layer
  }

  /// The ids of rules. hadolint's and ShellCheck's ids are taken even where there is no such rule here yet, so that a
  /// call made for hadolint goes on working; anything else that names no rule is a mistake.
  private func ruleIDs(_ names: [String]) throws(Failure) -> [String] {
    var ids: [String] = []
    for name in names.flatMap({ $0.split(separator: ",").map(String.init) }) {
      let found = RuleRegistry.canonicalIDs(for: name)
      guard !found.isEmpty else { throw unknownRule(name) }
      ids += found
    }
    return ids
  }
}

/// Says that there is no such rule, and which one comes near.
func unknownRule(_ name: String) -> Failure {
  let hint =
    RuleRegistry.suggestion(for: name).map { "; did you mean \($0)?" } ?? "; `slipway rules` lists all"
  return Failure("there is no rule `\(name)`\(hint)", status: Exit.unable)
}
