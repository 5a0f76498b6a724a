/// The commands of which the analysis knows more than that they have arguments.
///
/// A name is looked up once; what comes after compares numbers. Comparing it with each of these names, as often as one of the
/// rules asks, took a sixth of the analysis.
enum KnownCommand: String, CaseIterable {
  case alias, builtin, busybox, caller, cd, command, compgen, complete, compopt, cp, declare, dirs, disown
  case echo, egrep, enable, eval, exec, exit, export, expr, fgrep, find, getopts, git, grep, hash, jobs
  case `let` = "let"
  case ln, local, mapfile, mkdir, mv, popd, printf, pushd, read, readarray, readonly
  case `return` = "return"
  case rm, set, shopt, source, su, sudo, suspend, test, tr, trap, type, typeset, ulimit, umask, unset, wait,
    xargs

  /// The command with a name; nil for one of which nothing is known.
  init?(name: String) {
    guard let known = Self.byName[name] else { return nil }
    self = known
  }

  private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
}
