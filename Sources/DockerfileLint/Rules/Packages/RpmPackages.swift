import DockerfileSyntax
import SourceText

/// The packages that `yum` and `dnf` install, and whether they have a version: `name-version`, `module:stream`, a file.
struct RpmPackages {
  let programs: [String]
  /// Words that mean groups of packages, which have no versions.
  let groups: [String]
  /// The same where hadolint's verdict does not count.
  let otherGroups: [String]

  /// The flags whose values are no packages; hadolint knows none of them.
  static let valueFlags: Set<Substring> = [
    "enablerepo", "disablerepo", "repo", "repoid", "installroot", "releasever", "setopt", "exclude", "x",
    "config", "c", "enableplugin", "disableplugin", "downloaddir", "destdir", "forcearch", "debuglevel", "d",
    "errorlevel", "e", "randomwait", "R", "comment",
  ]

  /// The packages of a RUN that have no version.
  func unpinned(
    in instruction: Instruction, _ variables: PackageVariables, _ context: LintContext
  ) -> [ShellCommand.Argument] {
    let isStrict = context.isStrict
    return context.packageCalls(programs, ["install"], in: instruction).flatMap { call in
      let packages = call.packages(
        without: ["install", "module"], values: [], others: Self.valueFlags, context)
      if call.command.has("module") { return packages.filter { !$0.text.utf8.contains(0x3A) } }
      let groups = isStrict ? self.groups : otherGroups
      if call.command.arguments.contains(where: { groups.contains($0.text) }) { return [] }
      return packages.filter { !isPinned($0.text, variables, isStrict: isStrict) }
    }
  }

  private func isPinned(_ package: String, _ variables: PackageVariables, isStrict: Bool) -> Bool {
    if !isStrict {
      if package.hasSuffix(".rpm") { return true }
      if package.utf8.first == 0x40, package.utf8.contains(0x3A) { return true }
    }
    let parts = package.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
    guard parts.count > 1 else { return false }
    if package.hasSuffix(".rpm") { return true }
    if package.utf8.contains(0x24) { return variables.occur(in: package) }
    return parts.dropFirst().allSatisfy { $0.allSatisfy { Self.isVersionByte($0) } }
      && parts.dropFirst().contains { $0.first?.isASCIIDigit == true }
  }

  private static func isVersionByte(_ byte: UInt8) -> Bool {
    byte.isASCIIDigit || byte.isASCIILetter || [0x2E, 0x7E, 0x5E, 0x5F, 0x3A, 0x2B].contains(byte)
  }
}
