import ShellSyntax
import SourceText

extension ShellAnalyzer {
  /// Variables that bash sets and a POSIX shell need not.
  private static let bashVariables: Set<String> = [
    "RANDOM", "SECONDS", "UID", "EUID", "HOSTNAME", "HOSTTYPE", "MACHTYPE", "OSTYPE", "SHLVL", "DIRSTACK",
    "BASHPID",
    "FUNCNAME", "PIPESTATUS", "EPOCHSECONDS", "EPOCHREALTIME", "GROUPS", "_",
  ]
  /// What a POSIX shell takes behind `set -o`.
  private static let portableOptions: Set<String> = [
    "allexport", "errexit", "ignoreeof", "monitor", "noclobber", "noexec", "noglob", "nolog", "notify",
    "nounset",
    "verbose", "vi", "xtrace",
  ]

  /// Expansions that a POSIX shell need not know.
  mutating func parameterBashisms(_ parameter: ShellParameter, _ range: ByteRange) {
    guard isPortable, silence == 0 else { return }
    if parameter.index != nil { report(3054, range) }
    if parameter.prefix == "!" { report(3053, range) }
    switch parameter.operator {
    case ":": report(3057, range)
    case "/", "//", "/#", "/%": report(3060, range)
    case "^", "^^", ",", ",,": report(3059, range)
    default: break
    }
    if Self.bashVariables.contains(parameter.name), !uses.declares(parameter.name),
      !known.contains(parameter.name)
    {
      if !(isDash && ["HOSTNAME"].contains(parameter.name)) { report(3028, range, parameter.name) }
    }
  }

  /// Commands and options that a POSIX shell need not know.
  mutating func builtinBashisms(
    _ name: KnownCommand, _ arguments: [ShellSimpleCommand.Argument], _ node: ShellCommandNode
  ) {
    if name == .source {
      reportBashism(3046, node.wordsRange)
      return
    }
    if !isPortable {
      if name == .let { report(2219, node.wordsRange) }
      return
    }
    switch name {
    case .echo:
      guard let first = arguments.first, let text = first.literalText, text.hasPrefix("-"),
        text.utf8.count > 1,
        text.utf8.dropFirst().allSatisfy({ $0 == 0x6E || $0 == 0x65 || $0 == 0x45 })
      else { return }
      if isDash {
        if text != "-n" { report(3036, first.range, text) }
      } else {
        report(3037, first.range, text)
      }
    case .local: if !isDash { report(3043, node.wordsRange) }
    case .let: report(3039, node.wordsRange)
    case .declare, .typeset, .shopt, .mapfile, .readarray, .pushd, .popd, .dirs, .disown, .enable,
      .compgen,
      .complete, .compopt, .caller, .suspend:
      report(3044, node.wordsRange, name.rawValue)
    case .exec:
      if let first = arguments.first, first.startsWithDash, first.literalText != "--" {
        report(3038, first.range)
      }
    case .set: setOptions(arguments)
    case .trap: signals(arguments)
    case .test:
      break
    default: options(name, arguments)
    }
  }

  private mutating func setOptions(_ arguments: [ShellSimpleCommand.Argument]) {
    var isName = false
    for argument in arguments {
      guard let text = argument.literalText else { return }
      if isName {
        isName = false
        if !Self.portableOptions.contains(text), !(isDash && text == "pipefail") {
          report(3040, argument.range, text)
        }
        continue
      }
      guard text.hasPrefix("-") || text.hasPrefix("+"), text.utf8.count > 1, text != "--" else { return }
      let letters = text.utf8.dropFirst()
      if let other = letters.first(where: { !"abCefhmnouvx".utf8.contains($0) }) {
        if !isDash { report(3041, argument.range, String(decoding: [other], as: UTF8.self)) }
      }
      isName = letters.last == 0x6F
    }
  }

  private mutating func signals(_ arguments: [ShellSimpleCommand.Argument]) {
    for argument in arguments.dropFirst() {
      guard let text = argument.literalText, !text.isEmpty else { continue }
      if ["ERR", "DEBUG", "RETURN"].contains(text.uppercased()) {
        report(3047, argument.range, text)
      } else if text.uppercased().hasPrefix("SIG") {
        report(3048, argument.range)
      } else if text.uppercased() != text, !isDash {
        report(3049, argument.range)
      }
    }
  }

  /// Options of builtins.
  private mutating func options(_ name: KnownCommand, _ arguments: [ShellSimpleCommand.Argument]) {
    let allowed: String
    switch name {
    case .read: allowed = isDash ? "rp" : "r"
    case .export, .readonly: allowed = "p"
    case .ulimit: allowed = isDash ? "HSacdfilmnpqrstuvw" : "f"
    case .type, .wait: allowed = ""
    case .unset: allowed = "vf"
    case .umask: allowed = "S"
    case .printf: allowed = ""
    case .cd: allowed = "LP"
    case .hash: allowed = isDash ? "rv" : "r"
    case .jobs: allowed = "lp"
    default: return
    }
    for argument in arguments {
      guard let text = argument.literalText, text.hasPrefix("-"), text.utf8.count > 1, text != "--" else {
        return
      }
      if let option = text.utf8.dropFirst().first(where: { !allowed.utf8.contains($0) }) {
        report(3045, argument.range, name.rawValue + " -" + String(decoding: [option], as: UTF8.self))
        return
      }
      // What follows an option may be its value.
      if name == .printf { return }
    }
  }
}
