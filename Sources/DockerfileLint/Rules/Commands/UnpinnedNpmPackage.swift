import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3016: an npm package without a version.
package struct UnpinnedNpmPackage: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3016", "unpinned-npm-package"), .warning, visits: [.run], visitsTriggers: true,
    commands: ["npm"], summary: "`npm install` of a package without a version")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let script = context.script(of: instruction) else { return }
    var packages: [ShellCommand.Argument] = []
    for command in script.commands where command.is("npm", "install") {
      let words = command.plainArguments(
        droppingValuesOf: context.isStrict ? Self.valueFlags : Self.allValueFlags)
      guard words.first?.text == "install" else { continue }
      let values = context.isStrict ? [] : Self.valuesOfSwitches(command)
      packages += words.behind("install").filter { argument in
        !Self.isPinned(argument.text)
          && (context.isStrict || !Self.isLocal(argument.text) && !values.contains(argument.range.lower))
      }
    }
    guard !packages.isEmpty else { return }
    UnpinnedPackages(metadata: Self.metadata, separator: "@").report(packages, of: instruction, &findings)
  }

  private static func isPinned(_ package: String) -> Bool {
    if ["git://", "git+ssh://", "git+http://", "git+https://"].contains(where: { package.hasPrefix($0) }) {
      return package.utf8.contains(0x23)
    }
    if [".tar", ".tar.gz", ".tgz"].contains(where: { package.hasSuffix($0) })
      || ["/", "./", "../", "~/"].contains(where: { package.hasPrefix($0) })
    {
      return true
    }
    // The first sign of `@scope/name` is no version.
    return package.utf8.dropFirst(package.utf8.first == 0x40 ? 1 : 0).contains(0x40)
  }

  /// Whether a word is a folder, or the commit of a repository.
  private static func isLocal(_ text: String) -> Bool {
    text == "." || text == ".." || text == "--" || text.hasPrefix("file:")
      || text.utf8.contains(0x23) && text.utf8.contains(0x2F)
  }

  /// Where a `true` or `false` stands that belongs to the switch before it.
  private static func valuesOfSwitches(_ command: ShellCommand) -> Set<UInt32> {
    Set(
      zip(command.arguments, command.arguments.dropFirst()).filter { option, value in
        (value.text == "true" || value.text == "false") && option.text.hasPrefix("--")
      }.map { $0.1.range.lower })
  }

  /// The flags whose values hadolint leaves out.
  private static let valueFlags: Set<Substring> = ["loglevel", "registry"]
  /// With those that it forgets.
  private static let allValueFlags = valueFlags.union([
    "also", "before", "cache", "fetch-retries", "fetch-retry-maxtimeout", "fetch-retry-mintimeout",
    "fetch-timeout", "https-proxy", "include", "install-strategy", "maxsockets", "noproxy", "omit", "only",
    "prefix", "proxy", "save-prefix", "script-shell", "tag", "userconfig", "w", "workspace",
  ])

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `npm install` of a package without `@version`, or of a git address without `#commit`. Folders and tar files are \
        fine, and so is `npm install` alone, which takes what the lock file says.
        """,
      why: """
        Without a version npm takes what is called `latest` at the time of the build. The same Dockerfile then gives \
        another image next week, and a release of somebody else breaks a build in which nothing was changed.
        """,
      instead: "Write `package@version`, or list the package in `package.json` and run `npm ci`.",
      sources: ["https://github.com/hadolint/hadolint", "https://docs.npmjs.com/cli/commands/npm-install"],
      examples: [
        .bad(
          """
          FROM node:22
          RUN npm install -g «typescript» @types/node@22.10.0 ‹@team/tool›
          RUN npm install «git+https://git.example.com/team/app.git»

          """),
        .good(
          """
          FROM node:22
          RUN npm install --registry https://npm.example.com typescript@5.7.2 ./packages/app
          RUN npm install

          """),
      ],
      differences: [
        HadolintDifference(
          "`.` and `file:` are folders, and `user/name#commit` says which commit",
          "FROM a:1\nRUN npm install . file:lib team/app#3f2a1c0\n", ours: [], strict: [2]),
        .valueOfOption("npm install --omit dev --unsafe-perm true"),
        .hidden("npm install -g typescript"),
      ])
  }
}
