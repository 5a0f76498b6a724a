import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3013: a Python package without a version.
package struct UnpinnedPipPackage: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3013", "unpinned-pip-package"), .warning, visits: [.run], visitsTriggers: true,
    commands: ["pip", "python"], summary: "`pip install` of a package without a version")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let script = context.script(of: instruction) else { return }
    var packages: [ShellCommand.Argument] = []
    for command in script.commands where command.isPipInstall {
      if command.hasFlag("c", "constraint") || command.has("-r", "--requirement", ".") { continue }
      let values = context.isStrict ? Self.valueFlags : Self.allValueFlags
      packages += command.plainArguments(droppingValuesOf: values).behind("install").filter { argument in
        !Self.isPinned(argument.text) && (context.isStrict || !Self.isLocal(argument.text))
      }
    }
    guard !packages.isEmpty else { return }
    UnpinnedPackages(metadata: Self.metadata, separator: "==").report(packages, of: instruction, &findings)
  }

  private static func isPinned(_ package: String) -> Bool {
    if package.utf8.contains(0x3C) || package.utf8.contains(0x3E)
      || ["==", "!=", "~="].contains(where: { package.holds($0) })
      || package.hasSuffix(".whl") || package.hasSuffix(".tar.gz")
    {
      return true
    }
    let isRepository = repositories.contains { package.hasPrefix($0) }
    return package.utf8.contains(isRepository ? 0x40 : 0x2F)
  }

  /// Whether a word is the project in a folder (`.[test]`), or ends the options.
  private static func isLocal(_ package: String) -> Bool {
    package.utf8.first == 0x2E || package == "--"
  }

  /// The addresses of repositories, as they begin.
  private static let repositories = [
    "git", "hg+file", "hg+http", "hg+ssh", "hg+static-http", "svn", "bzr+http", "bzr+ssh", "bzr+sftp",
    "bzr+ftp", "bzr+lp",
  ]

  /// The flags whose values hadolint leaves out.
  private static let valueFlags: Set<Substring> = [
    "abi", "b", "build", "e", "editable", "extra-index-url", "f", "find-links", "i", "implementation",
    "index-url", "no-binary", "only-binary", "platform", "prefix", "progress-bar", "proxy", "python",
    "python-version", "root", "root-user-action", "src", "t", "target", "trusted-host", "upgrade-strategy",
  ]
  /// With those that it forgets.
  private static let allValueFlags = valueFlags.union([
    "C", "cache-dir", "cert", "client-cert", "config-settings", "default-timeout", "exists-action",
    "global-option", "group", "keyring-provider", "log", "report", "retries", "timeout",
    "use-deprecated", "use-feature",
  ])

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `pip install` (also `pip3`, `pipx` and `python -m pip`) of a package without `==`, `>=`, `~=` or another bound, or \
        of a repository without `@` and a commit. Files, folders and web addresses are fine, and so is everything next to \
        `-r`, `-c` or `.`.
        """,
      why: """
        Without a version pip takes the newest one. The same Dockerfile then gives another image next week, and a release \
        of somebody else breaks a build in which nothing was changed.
        """,
      instead: "Write `package==version`, or keep the versions in a file: `pip install -r requirements.txt`.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://pip.pypa.io/en/stable/topics/repeatable-installs/",
      ],
      examples: [
        .bad(
          """
          FROM python:3.13
          RUN pip install --no-cache-dir «flask» gunicorn==23.0.0 ‹requests› && \\
              python3 -m pip install --no-cache-dir ‹uwsgi›
          RUN pip install --no-cache-dir «git+https://git.example.com/team/app.git»

          """),
        .good(
          """
          FROM python:3.13
          RUN pip install --no-cache-dir -r requirements.txt && \\
              pip3 install --no-cache-dir --index-url https://pypi.example.com/simple 'flask~=3.1' ./wheels/app.whl
          RUN pipenv install flask

          """),
      ],
      differences: [
        HadolintDifference(
          "`.[test]` and `..` are projects in a folder, like `.`", "FROM a:1\nRUN pip install '.[test]' ..\n",
          ours: [], strict: [2]),
        .valueOfOption("pip install --timeout 60 --retries 5 flask==3.1.0"),
        .hidden("pip install flask"),
      ])
  }
}
